// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole store as records, and back. Transactions that are open keep their changes, but not what they relied on: such a one
 * is good only if nothing at all changes until its end (otherwise its client tries again, as it must be ready to).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "memory.h"
#include "node_ops.h"
#include "path.h"
#include "transaction.h"
#include "watch.h"

struct node_record {
	uint32_t path_size; /* with its end */
	uint32_t permission_count;
	uint32_t value_length;
};

struct domain_record {
	uint64_t gfn;
	uint32_t remote_port;
	uint32_t is_shut_down;
};

struct client_record {
	uint32_t last_transaction;
	uint32_t next_event;
	int32_t target;
	uint32_t is_ignored;
};

struct watch_record {
	int32_t depth;
	uint32_t path_prefix;
	uint32_t path_size;
};

struct change_record {
	uint32_t transaction;
	uint32_t kind;
	uint32_t path_size;
	uint32_t permission_count;
	uint32_t value_length;
};

/* Where records go to. */
struct out {
	snapshot_sink *sink;
	void *data;
	char path[PATH_SIZE];
	size_t path_length;
};

static void put(const struct out *o, const struct record *head, const void *const parts[],
		const size_t lengths[], unsigned int count)
{
	o->sink(o->data, head, parts, lengths, count);
}

static bool put_node(const struct node *node, void *data)
{
	struct out *o = data;
	size_t above = o->path_length;
	struct node_record n = {
		.permission_count = node->permissions->count,
		.value_length = node->value->length,
	};
	const void *const parts[] = { &n, o->path, node->permissions->entry, node->value->data };
	size_t lengths[] = { sizeof(n), 0, node->permissions->count * sizeof(struct permission),
			     node->value->length };

	if (node->name_length) {
		o->path[above] = '/';
		memcpy(o->path + above + 1, node->name, node->name_length);
		o->path_length = above + 1 + node->name_length;
		o->path[o->path_length] = '\0';
		lengths[1] = o->path_length + 1;
	} else {
		strcpy(o->path, "/");
		lengths[1] = 2;
	}
	n.path_size = (uint32_t)lengths[1];
	put(o, &(struct record){ .kind = RECORD_NODE }, parts, lengths, 4);
	tree_each_child(node, put_node, o);
	o->path_length = above;
	return true;
}

static void put_special(const struct out *o, uint32_t which, const struct permissions *p)
{
	const void *const parts[] = { p->entry };
	const size_t lengths[] = { p->count * sizeof(p->entry[0]) };

	put(o, &(struct record){ .kind = RECORD_SPECIAL, .extra = which }, parts, lengths, 1);
}

static void put_domain(const struct out *o, const struct store_domain *d)
{
	const struct domain_record dr = { d->gfn, d->remote_port, d->is_shut_down };
	const void *const parts[] = { &dr };
	const size_t lengths[] = { sizeof(dr) };

	put(o, &(struct record){ .kind = RECORD_DOMAIN, .slot = d->client, .extra = d->domid },
	    parts, lengths, 1);
}

static void put_watch(const struct out *o, const struct watch *w)
{
	const struct watch_record wr = { w->depth, w->path_prefix, (uint32_t)strlen(w->path) + 1 };
	const void *const parts[] = { &wr, w->path, w->token };
	const size_t lengths[] = { sizeof(wr), wr.path_size, strlen(w->token) + 1 };

	put(o, &(struct record){ .kind = RECORD_WATCH, .slot = w->client->id }, parts, lengths, 3);
}

static void put_change(const struct out *o, const struct client *c, const struct transaction *t,
		       const struct change *ch)
{
	const struct change_record cr = {
		.transaction = t->id,
		.kind = ch->kind,
		.path_size = (uint32_t)strlen(ch->path) + 1,
		.permission_count = ch->permissions ? ch->permissions->count : 0,
		.value_length = ch->value ? ch->value->length : 0,
	};
	const void *const parts[] = { &cr, ch->path,
				      ch->permissions ? ch->permissions->entry : NULL,
				      ch->value ? ch->value->data : NULL };
	const size_t lengths[] = { sizeof(cr), cr.path_size,
				   cr.permission_count * sizeof(struct permission),
				   cr.value_length };

	put(o, &(struct record){ .kind = RECORD_CHANGE, .slot = c->id }, parts, lengths, 4);
}

static void put_client(const struct out *o, const struct store *s, const struct client *c)
{
	const struct client_record cr = { c->last_transaction,
					  c->first_event ? c->first_event->index : c->next_event,
					  c->target, c->is_ignored };
	const void *parts[] = { &cr };
	size_t lengths[] = { sizeof(cr) };

	put(o,
	    &(struct record){ .kind = RECORD_CLIENT,
			      .slot = c->id,
			      .extra = c->is_socket ? OPEN_SOCKET : c->domid },
	    parts, lengths, 1);
	for (const struct watch *w = c->watches; w; w = w->next_of_client)
		put_watch(o, w);
	for (const struct event *e = c->first_event; e; e = e->next) {
		parts[0] = e->payload;
		lengths[0] = e->length;
		put(o,
		    &(struct record){ .kind = RECORD_EVENT, .slot = c->id, .sequence = e->index },
		    parts, lengths, 1);
	}
	parts[0] = &c->next_event;
	lengths[0] = sizeof(c->next_event);
	put(o, &(struct record){ .kind = RECORD_EVENT, .slot = c->id, .extra = 1 }, parts, lengths,
	    1);
	for (const struct transaction *t = c->transactions; t; t = t->next) {
		put(o,
		    &(struct record){ .kind = RECORD_TRANSACTION,
				      .slot = c->id,
				      .sequence = t->id,
				      .extra = s->generation != t->base_generation },
		    NULL, NULL, 0);
		for (size_t i = 0; i < t->change_count; i++)
			put_change(o, c, t, &t->changes[i]);
	}
}

void snapshot_write(struct store *s, snapshot_sink *sink, void *data)
{
	struct out o = { .sink = sink, .data = data };
	const void *const parts[] = { &s->quota };
	const size_t lengths[] = { sizeof(s->quota) };

	put(&o, &(struct record){ .kind = RECORD_QUOTA }, parts, lengths, 1);
	put_node(s->root, &o);
	put_special(&o, 0, s->introduce_permissions);
	put_special(&o, 1, s->release_permissions);
	for (const struct store_domain *d = s->domains; d; d = d->next)
		put_domain(&o, d);
	for (size_t i = 0; i < s->client_limit; i++)
		if (s->clients[i])
			put_client(&o, s, s->clients[i]);
}

/* A string of @size bytes that ends where it says; NULL: it does not. */
static const char *string_of(const char *at, uint32_t size)
{
	return size && !at[size - 1] && strlen(at) == size - 1 ? at : NULL;
}

static struct permissions *permissions_of(const void *entries, uint32_t count)
{
	struct permissions *p = permissions_new(count);

	memcpy(p->entry, entries, count * sizeof(p->entry[0]));
	return p;
}

static int restore_node(struct store *s, const struct record *r)
{
	struct node_record n;
	const char *path;
	size_t permissions_size;

	if (r->length < sizeof(n))
		return -EINVAL;
	memcpy(&n, r->payload, sizeof(n));
	permissions_size = (size_t)n.permission_count * sizeof(struct permission);
	if (!n.permission_count ||
	    sizeof(n) + n.path_size + permissions_size + n.value_length != r->length)
		return -EINVAL;
	path = string_of(r->payload + sizeof(n), n.path_size);
	if (!path || path[0] != '/' || n.path_size > PATH_SIZE)
		return -EINVAL;
	if (path[1]) {
		char parent[PATH_SIZE];

		path_parent(parent, path);
		if (!tree_find(s->root, parent) || tree_find(s->root, path))
			return -EINVAL;
	}
	node_restore(s, path, blob_new(path + n.path_size + permissions_size, n.value_length),
		     permissions_of(path + n.path_size, n.permission_count));
	return 0;
}

static int restore_special(struct store *s, const struct record *r)
{
	struct permissions **p = r->extra ? &s->release_permissions : &s->introduce_permissions;

	if (r->length < sizeof(struct permission) || r->length % sizeof(struct permission))
		return -EINVAL;
	permissions_put(*p);
	*p = permissions_of(r->payload, r->length / (uint32_t)sizeof(struct permission));
	return 0;
}

static int restore_domain(struct store *s, const struct record *r)
{
	struct domain_record dr;
	struct store_domain *d;

	if (r->length != sizeof(dr) || r->extra >= DOMID_LIMIT)
		return -EINVAL;
	memcpy(&dr, r->payload, sizeof(dr));
	d = xs_alloc(sizeof(*d));
	*d = (struct store_domain){
		.domid = (uint16_t)r->extra,
		.is_shut_down = dr.is_shut_down,
		.client = r->slot,
		.gfn = dr.gfn,
		.remote_port = dr.remote_port,
		.next = s->domains,
	};
	s->domains = d;
	return 0;
}

static int restore_client(struct store *s, const struct record *r)
{
	struct client_record cr;
	struct client *c;

	if (r->length != sizeof(cr) || client_by_slot(s, r->slot))
		return -EINVAL;
	memcpy(&cr, r->payload, sizeof(cr));
	c = client_open(s, r->slot, r->extra == OPEN_SOCKET ? 0 : (uint16_t)r->extra,
			r->extra == OPEN_SOCKET);
	c->last_transaction = cr.last_transaction;
	c->next_event = cr.next_event;
	c->target = cr.target;
	c->is_ignored = cr.is_ignored;
	return 0;
}

static int restore_watch(struct store *s, struct client *c, const struct record *r)
{
	struct watch_record wr;
	const char *path, *token;

	if (r->length < sizeof(wr))
		return -EINVAL;
	memcpy(&wr, r->payload, sizeof(wr));
	if (wr.path_size >= r->length - sizeof(wr))
		return -EINVAL;
	path = string_of(r->payload + sizeof(wr), wr.path_size);
	token = string_of(r->payload + sizeof(wr) + wr.path_size,
			  r->length - (uint32_t)sizeof(wr) - wr.path_size);
	if (!path || !token || wr.path_prefix > wr.path_size)
		return -EINVAL;
	return -watch_add(s, c, path, wr.path_prefix, token, wr.depth);
}

static int restore_event(struct store *s, struct client *c, const struct record *r)
{
	const char *path = r->payload, *token;

	if (r->extra) {
		if (r->length != sizeof(c->next_event))
			return -EINVAL;
		memcpy(&c->next_event, r->payload, sizeof(c->next_event));
		return 0;
	}
	token = memchr(path, '\0', r->length);
	if (!token || !string_of(token + 1, (uint32_t)(r->payload + r->length - token) - 1))
		return -EINVAL;
	c->next_event = r->sequence;
	client_queue_event(s, c, path, token + 1);
	return 0;
}

static int restore_change(struct store *s, struct client *c, const struct record *r)
{
	struct operation op = { .store = s, .client = c };
	struct change_record cr;
	size_t permissions_size;
	const char *path;
	int rc = EINVAL;

	if (r->length < sizeof(cr))
		return -EINVAL;
	memcpy(&cr, r->payload, sizeof(cr));
	permissions_size = (size_t)cr.permission_count * sizeof(struct permission);
	if (sizeof(cr) + cr.path_size + permissions_size + cr.value_length != r->length)
		return -EINVAL;
	path = string_of(r->payload + sizeof(cr), cr.path_size);
	op.transaction = transaction_find(c, cr.transaction);
	if (!path || path[0] != '/' || cr.path_size > PATH_SIZE || !op.transaction)
		return -EINVAL;

	switch (cr.kind) {
	case CHANGE_WRITE:
		rc = node_write(&op, path, path + cr.path_size, cr.value_length);
		break;
	case CHANGE_MKDIR:
		rc = node_mkdir(&op, path);
		break;
	case CHANGE_REMOVE:
		rc = node_remove(&op, path);
		break;
	case CHANGE_PERMISSIONS:
		if (cr.permission_count)
			rc = node_set_permissions(
				&op, path,
				permissions_of(path + cr.path_size, cr.permission_count));
		break;
	}
	/* What it was made on may have changed: then it cannot be committed, and need not be right. */
	if (rc)
		op.transaction->base_generation = 0;
	return 0;
}

int snapshot_restore(struct store *s, const struct record *r)
{
	struct client *c = client_by_slot(s, r->slot);

	switch (r->kind) {
	case RECORD_QUOTA:
		if (r->length != sizeof(s->quota))
			return -EINVAL;
		memcpy(&s->quota, r->payload, sizeof(s->quota));
		return 0;
	case RECORD_NODE:
		return restore_node(s, r);
	case RECORD_SPECIAL:
		return restore_special(s, r);
	case RECORD_DOMAIN:
		return restore_domain(s, r);
	case RECORD_CLIENT:
		return restore_client(s, r);
	}
	if (!c)
		return -EINVAL;
	switch (r->kind) {
	case RECORD_WATCH:
		return restore_watch(s, c, r);
	case RECORD_EVENT:
		return restore_event(s, c, r);
	case RECORD_TRANSACTION:
		transaction_restore(s, c, r->sequence, r->extra);
		return 0;
	case RECORD_CHANGE:
		return restore_change(s, c, r);
	default:
		return -EINVAL;
	}
}
