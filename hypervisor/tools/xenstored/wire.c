// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests as they come over the wire: what each is called, who may send it, and where it is carried out. */
#include "wire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "path.h"
#include "transaction.h"
#include "watch.h"

static wire_operation wire_directory, wire_directory_part, wire_read, wire_write, wire_mkdir,
	wire_rm, wire_get_perms, wire_set_perms, wire_watch, wire_unwatch, wire_reset_watches,
	wire_transaction_start, wire_transaction_end;

enum {
	PRIVILEGED = 1, /* from domain 0 alone */
	CHANGES = 2, /* the store, when it succeeds */
	ALWAYS = 4, /* ... and when it fails */
	NO_TRANSACTION = 8, /* its tx_id means nothing */
};

static const struct {
	wire_operation *carry_out;
	unsigned int flags;
} operations[XS_TYPE_COUNT] = {
	[XS_CONTROL] = { wire_control, PRIVILEGED | CHANGES | NO_TRANSACTION },
	[XS_DIRECTORY] = { wire_directory, 0 },
	[XS_DIRECTORY_PART] = { wire_directory_part, 0 },
	[XS_READ] = { wire_read, 0 },
	[XS_GET_PERMS] = { wire_get_perms, 0 },
	[XS_WATCH] = { wire_watch, CHANGES | NO_TRANSACTION },
	[XS_UNWATCH] = { wire_unwatch, CHANGES | NO_TRANSACTION },
	[XS_RESET_WATCHES] = { wire_reset_watches, CHANGES | NO_TRANSACTION },
	[XS_TRANSACTION_START] = { wire_transaction_start, CHANGES | NO_TRANSACTION },
	[XS_TRANSACTION_END] = { wire_transaction_end, ALWAYS },
	[XS_INTRODUCE] = { wire_introduce, PRIVILEGED | CHANGES | NO_TRANSACTION },
	[XS_RELEASE] = { wire_release, PRIVILEGED | CHANGES | NO_TRANSACTION },
	[XS_RESUME] = { wire_resume, PRIVILEGED | CHANGES | NO_TRANSACTION },
	[XS_SET_TARGET] = { wire_set_target, PRIVILEGED | CHANGES | NO_TRANSACTION },
	[XS_GET_DOMAIN_PATH] = { wire_domain_path, NO_TRANSACTION },
	[XS_IS_DOMAIN_INTRODUCED] = { wire_is_introduced, NO_TRANSACTION },
	[XS_WRITE] = { wire_write, CHANGES },
	[XS_MKDIR] = { wire_mkdir, CHANGES },
	[XS_RM] = { wire_rm, CHANGES },
	[XS_SET_PERMS] = { wire_set_perms, CHANGES },
};

const char *argument_string(struct arguments *a)
{
	const char *text = a->at;
	const char *end = a->at < a->end ? memchr(a->at, '\0', (size_t)(a->end - a->at)) : NULL;

	if (!end)
		return NULL;
	a->at = end + 1;
	return text;
}

bool argument_is_last(const struct arguments *a)
{
	return a->at == a->end;
}

bool argument_number(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;

	if (!text || !*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || n > (max - (uint64_t)(*text - '0')) / 10)
			return false;
		n = n * 10 + (uint64_t)(*text - '0');
	}
	*value = n;
	return n <= max;
}

bool argument_path(const struct client *c, struct arguments *a, char *path)
{
	const char *given = argument_string(a);

	return given && path_absolute(path, given, c->domid) >= 0;
}

/* One path, and nothing behind it. */
static bool only_path(const struct client *c, struct arguments *a, char *path)
{
	return argument_path(c, a, path) && argument_is_last(a);
}

void reply_string(struct reply *r, const char *text)
{
	size_t size = strlen(text) + 1;

	if (size > sizeof(r->data))
		size = sizeof(r->data);
	memcpy(r->data, text, size);
	r->data[size - 1] = '\0';
	r->length = (uint32_t)size;
}

/* Names of children, from byte @skip of their list on. */
struct listing {
	struct reply *reply;
	size_t skip, limit;
	size_t total; /* bytes of the whole list */
	bool is_full;
};

static bool list_child(const struct node *child, void *data)
{
	struct listing *l = data;
	struct reply *r = l->reply;
	size_t size = child->name_length + 1u;

	l->total += size;
	if (l->total <= l->skip)
		return true;
	if (r->length + size > l->limit) {
		l->is_full = true;
		return false;
	}
	memcpy(r->data + r->length, child->name, child->name_length);
	r->data[r->length + child->name_length] = '\0';
	r->length += (uint32_t)size;
	return true;
}

static int wire_directory(struct operation *op, struct arguments *a, struct reply *r)
{
	struct listing l = { .reply = r, .limit = XENSTORE_PAYLOAD_MAX };
	const struct node *node;
	char path[PATH_SIZE];
	int rc;

	if (!only_path(op->client, a, path))
		return EINVAL;
	rc = node_for_reading(op, path, &node);
	if (rc)
		return rc;
	r->type = XS_DIRECTORY;
	tree_each_child(node, list_child, &l);
	return l.is_full ? E2BIG : 0;
}

/* The end of the whole list is an empty name. */
static int wire_directory_part(struct operation *op, struct arguments *a, struct reply *r)
{
	struct listing l = { .reply = r, .limit = XENSTORE_PAYLOAD_MAX - 1 };
	const struct node *node;
	char path[PATH_SIZE];
	uint64_t skip;
	int rc;

	if (!argument_path(op->client, a, path) ||
	    !argument_number(argument_string(a), UINT32_MAX, &skip) || !argument_is_last(a))
		return EINVAL;
	rc = node_for_reading(op, path, &node);
	if (rc)
		return rc;

	l.skip = skip;
	r->length = (uint32_t)snprintf(r->data, sizeof(r->data), "%" PRIu64, node->generation) + 1;
	tree_each_child(node, list_child, &l);
	if (!l.is_full) {
		if (skip > l.total)
			return EINVAL;
		r->data[r->length++] = '\0';
	}
	return 0;
}

static int wire_read(struct operation *op, struct arguments *a, struct reply *r)
{
	const struct node *node;
	char path[PATH_SIZE];
	int rc;

	if (!only_path(op->client, a, path))
		return EINVAL;
	rc = node_for_reading(op, path, &node);
	if (rc)
		return rc;
	memcpy(r->data, node->value->data, node->value->length);
	r->length = node->value->length;
	return 0;
}

static int wire_write(struct operation *op, struct arguments *a, struct reply *r)
{
	char path[PATH_SIZE];

	(void)r;
	if (!argument_path(op->client, a, path))
		return EINVAL;
	return node_write(op, path, a->at, (size_t)(a->end - a->at));
}

static int wire_mkdir(struct operation *op, struct arguments *a, struct reply *r)
{
	char path[PATH_SIZE];

	(void)r;
	return only_path(op->client, a, path) ? node_mkdir(op, path) : EINVAL;
}

static int wire_rm(struct operation *op, struct arguments *a, struct reply *r)
{
	char path[PATH_SIZE];

	(void)r;
	return only_path(op->client, a, path) ? node_remove(op, path) : EINVAL;
}

/* The permissions of a special watch; NULL: there is none of that name. */
static struct permissions **special_permissions(struct store *s, const char *name)
{
	if (!strcmp(name, "@introduceDomain"))
		return &s->introduce_permissions;
	if (!strcmp(name, "@releaseDomain"))
		return &s->release_permissions;
	return NULL;
}

static int wire_get_perms(struct operation *op, struct arguments *a, struct reply *r)
{
	static const char letters[] = { 'n', 'r', 'w', 'b' };
	const struct permissions *p;
	const struct node *node;
	char path[PATH_SIZE];
	int rc;

	if (a->at < a->end && *a->at == '@') {
		const char *name = argument_string(a);
		struct permissions **special = name ? special_permissions(op->store, name) : NULL;

		if (!special || !argument_is_last(a))
			return EINVAL;
		if (!client_is_privileged(op->client))
			return EACCES;
		p = *special;
	} else {
		if (!only_path(op->client, a, path))
			return EINVAL;
		rc = node_for_reading(op, path, &node);
		if (rc)
			return rc;
		p = node->permissions;
	}

	for (uint32_t i = 0; i < p->count; i++) {
		if (r->length + 8 > sizeof(r->data))
			return E2BIG;
		r->length += (uint32_t)snprintf(r->data + r->length, 8, "%c%u",
						letters[p->entry[i].access], p->entry[i].domid) +
			     1;
	}
	return 0;
}

static bool parse_permission(const char *text, struct permission *p)
{
	uint64_t domid;

	p->zero = 0;
	switch (text[0]) {
	case 'n':
		p->access = ACCESS_NONE;
		break;
	case 'r':
		p->access = ACCESS_READ;
		break;
	case 'w':
		p->access = ACCESS_WRITE;
		break;
	case 'b':
		p->access = ACCESS_READ | ACCESS_WRITE;
		break;
	default:
		return false;
	}
	if (!argument_number(text + 1, UINT16_MAX, &domid))
		return false;
	p->domid = (uint16_t)domid;
	return true;
}

/* NULL: there is none, or one is wrong. */
static struct permissions *parse_permissions(struct arguments *a)
{
	struct permission entry[XENSTORE_PAYLOAD_MAX / 3];
	struct permissions *p;
	unsigned int count = 0;
	const char *text;

	while ((text = argument_string(a))) {
		if (!parse_permission(text, &entry[count]))
			return NULL;
		count++;
	}
	if (!count || !argument_is_last(a))
		return NULL;
	p = permissions_new(count);
	memcpy(p->entry, entry, count * sizeof(entry[0]));
	return p;
}

static int wire_set_perms(struct operation *op, struct arguments *a, struct reply *r)
{
	struct permissions **special, *p;
	const char *name = argument_string(a);
	char path[PATH_SIZE];

	(void)r;
	if (!name)
		return EINVAL;
	special = special_permissions(op->store, name);
	if (special && !client_is_privileged(op->client))
		return EACCES;
	if (!special && path_absolute(path, name, op->client->domid) < 0)
		return EINVAL;
	p = parse_permissions(a);
	if (!p)
		return EINVAL;
	if (!special)
		return node_set_permissions(op, path, p);
	permissions_put(*special);
	*special = p;
	return 0;
}

/* A path, or the name of a special watch, for a watch; false: neither, or not for @c. */
static bool watched_path(struct operation *op, struct arguments *a, char path[static PATH_SIZE],
			 uint32_t *prefix)
{
	const char *given = argument_string(a);
	int rc;

	if (!given)
		return false;
	if (given[0] == '@') {
		if (!path_is_special(given))
			return false;
		strcpy(path, given);
		*prefix = 0;
		return true;
	}
	rc = path_absolute(path, given, op->client->domid);
	*prefix = (uint32_t)rc;
	return rc >= 0;
}

static int wire_watch(struct operation *op, struct arguments *a, struct reply *r)
{
	uint64_t depth;
	char path[PATH_SIZE];
	const char *token;
	uint32_t prefix;
	int levels = WATCH_ANY_DEPTH, rc;

	(void)r;
	if (!watched_path(op, a, path, &prefix))
		return EINVAL;
	token = argument_string(a);
	if (!token)
		return EINVAL;
	if (!argument_is_last(a)) {
		if (!argument_number(argument_string(a), INT32_MAX, &depth) || !argument_is_last(a))
			return EINVAL;
		levels = (int)depth;
	}
	rc = watch_add(op->store, op->client, path, prefix, token, levels);
	if (!rc)
		client_queue_event(op->store, op->client, path + prefix, token);
	return rc;
}

static int wire_unwatch(struct operation *op, struct arguments *a, struct reply *r)
{
	char path[PATH_SIZE];
	const char *token;
	uint32_t prefix;

	(void)r;
	if (!watched_path(op, a, path, &prefix))
		return EINVAL;
	token = argument_string(a);
	return token ? watch_remove(op->store, op->client, path, token) : EINVAL;
}

static int wire_reset_watches(struct operation *op, struct arguments *a, struct reply *r)
{
	(void)a;
	(void)r;
	watch_remove_all(op->store, op->client);
	transaction_end_all(op->store, op->client);
	return 0;
}

static int wire_transaction_start(struct operation *op, struct arguments *a, struct reply *r)
{
	uint32_t id;
	int rc;

	(void)a;
	rc = transaction_start(op->store, op->client, &id);
	if (!rc)
		r->length = (uint32_t)snprintf(r->data, sizeof(r->data), "%" PRIu32, id) + 1;
	return rc;
}

static int wire_transaction_end(struct operation *op, struct arguments *a, struct reply *r)
{
	const char *verdict = argument_string(a);

	(void)r;
	if (!verdict || (strcmp(verdict, "T") && strcmp(verdict, "F")))
		return EINVAL;
	if (!op->transaction)
		return ENOENT;
	if (!strcmp(verdict, "T"))
		return transaction_commit(op->store, op->client, op->transaction);
	transaction_abort(op->store, op->client, op->transaction);
	return 0;
}

const char *wire_error_name(int error)
{
	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		if (xsd_errors[i].errnum == error)
			return xsd_errors[i].errstring;
	return "EINVAL";
}

/* Replies that may be empty; the others then say "OK". */
static bool has_own_reply(uint32_t type)
{
	return type == XS_READ || type == XS_DIRECTORY || type == XS_DIRECTORY_PART ||
	       type == XS_GET_PERMS;
}

bool wire_request(struct store *s, struct client *c, const struct xsd_sockmsg *head,
		  const char *body, struct reply *r)
{
	struct operation op = { .store = s, .client = c };
	struct arguments a = { body, body + head->len };
	unsigned int flags;
	int rc;

	r->type = head->type;
	r->length = 0;
	if (head->type >= XS_TYPE_COUNT || !operations[head->type].carry_out) {
		r->type = XS_ERROR;
		reply_string(r, "ENOSYS");
		return false;
	}

	flags = operations[head->type].flags;
	if (head->tx_id && !(flags & NO_TRANSACTION))
		op.transaction = transaction_find(c, head->tx_id);
	if ((flags & PRIVILEGED) && !client_is_privileged(c))
		rc = EACCES;
	else if (head->tx_id && !(flags & NO_TRANSACTION) && !op.transaction)
		rc = ENOENT;
	else
		rc = operations[head->type].carry_out(&op, &a, r);

	if (rc) {
		r->type = XS_ERROR;
		reply_string(r, wire_error_name(rc));
	} else if (!r->length && !has_own_reply(head->type)) {
		reply_string(r, "OK");
	}
	return op.transaction || (flags & ALWAYS) || (!rc && (flags & CHANGES));
}
