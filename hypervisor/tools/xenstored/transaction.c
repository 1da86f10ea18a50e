// SPDX-License-Identifier: GPL-2.0-or-later
/* Transactions, see transaction.h. */
#include "transaction.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "node_ops.h"

static struct transaction *transaction_new(struct store *s, struct client *c, uint32_t id)
{
	struct transaction *t = xs_zalloc(sizeof(*t));

	t->id = id;
	t->root = node_get(s->root);
	t->base_generation = s->generation;
	t->generation = s->generation;
	t->next = c->transactions;
	c->transactions = t;
	s->open_transactions++;
	if (!client_is_privileged(c))
		usage_of(s, c->domid)->transactions++;
	return t;
}

int transaction_start(struct store *s, struct client *c, uint32_t *id)
{
	if (!client_is_privileged(c) && s->quota.transactions &&
	    usage_of(s, c->domid)->transactions >= s->quota.transactions)
		return ENOSPC;

	do {
		c->last_transaction++;
	} while (!c->last_transaction || transaction_find(c, c->last_transaction));
	*id = c->last_transaction;
	transaction_new(s, c, *id);
	return 0;
}

struct transaction *transaction_restore(struct store *s, struct client *c, uint32_t id,
					bool is_stale)
{
	struct transaction *t = transaction_new(s, c, id);

	t->has_lost_notes = true;
	if (is_stale)
		t->base_generation = 0;
	return t;
}

struct transaction *transaction_find(struct client *c, uint32_t id)
{
	struct transaction *t;

	for (t = c->transactions; t; t = t->next)
		if (t->id == id)
			break;
	return t;
}

static void note_free(struct note *n)
{
	if (n->permissions)
		permissions_put(n->permissions);
	free(n->path);
}

static void change_free(struct change *ch)
{
	if (ch->value)
		blob_put(ch->value);
	if (ch->permissions)
		permissions_put(ch->permissions);
	free(ch->path);
}

void transaction_abort(struct store *s, struct client *c, struct transaction *t)
{
	struct transaction **slot = &c->transactions;

	while (*slot != t)
		slot = &(*slot)->next;
	*slot = t->next;
	s->open_transactions--;
	if (!client_is_privileged(c))
		usage_of(s, c->domid)->transactions--;

	for (size_t i = 0; i < t->note_count; i++)
		note_free(&t->notes[i]);
	for (size_t i = 0; i < t->change_count; i++)
		change_free(&t->changes[i]);
	node_put(t->root);
	free(t->notes);
	free(t->note_index);
	free(t->changes);
	free(t->deltas);
	free(t);
}

void transaction_end_all(struct store *s, struct client *c)
{
	while (c->transactions)
		transaction_abort(s, c, c->transactions);
}

static bool note_holds(const struct store *s, const struct note *n)
{
	const struct node *node = tree_find(s->root, n->path);

	if (!node || !n->permissions)
		return !node && !n->permissions;
	return node->permissions == n->permissions &&
	       (!n->has_content || node->generation == n->generation);
}

static bool has_conflict(const struct store *s, const struct transaction *t)
{
	if (s->generation == t->base_generation)
		return false;
	if (t->has_lost_notes)
		return true;
	for (size_t i = 0; i < t->note_count; i++)
		if (!note_holds(s, &t->notes[i]))
			return true;
	return false;
}

/* Others may have made nodes for the same domain meanwhile. */
static bool exceeds_quota(struct store *s, const struct client *c, const struct transaction *t)
{
	if (client_is_privileged(c) || !s->quota.nodes)
		return false;
	for (size_t i = 0; i < t->delta_count; i++) {
		const struct owner_delta *d = &t->deltas[i];

		if (d->nodes > 0 && d->domid == c->domid &&
		    usage_of(s, d->domid)->nodes + (uint32_t)d->nodes > s->quota.nodes)
			return true;
	}
	return false;
}

static int commit_check(struct store *s, const struct client *c, const struct transaction *t)
{
	if (s->is_replaying)
		return s->replayed_answer == COMMIT_DONE ? 0 : EAGAIN;
	if (t->is_over_quota || exceeds_quota(s, c, t))
		return ENOSPC;
	return has_conflict(s, t) ? EAGAIN : 0;
}

int transaction_commit(struct store *s, struct client *c, struct transaction *t)
{
	struct operation op = { .store = s, .client = c };
	int rc = commit_check(s, c, t);

	s->answer = rc ? COMMIT_FAILED : COMMIT_DONE;
	for (size_t i = 0; !rc && i < t->change_count; i++) {
		struct change *ch = &t->changes[i];

		switch (ch->kind) {
		case CHANGE_WRITE:
			rc = node_write(&op, ch->path, ch->value->data, ch->value->length);
			break;
		case CHANGE_MKDIR:
			rc = node_mkdir(&op, ch->path);
			break;
		case CHANGE_REMOVE:
			rc = node_remove(&op, ch->path);
			break;
		case CHANGE_PERMISSIONS:
			rc = node_set_permissions(&op, ch->path, permissions_get(ch->permissions));
			break;
		}
	}
	transaction_abort(s, c, t);
	return rc;
}

static size_t path_hash(const char *path)
{
	size_t hash = 5381;

	while (*path)
		hash = hash * 33 + (unsigned char)*path++;
	return hash ^ hash >> 17;
}

/* The place in the index of @path's note, or where it belongs. */
static size_t *note_place(struct transaction *t, const char *path)
{
	size_t i = path_hash(path);

	for (;; i++) {
		size_t *place = &t->note_index[i & (t->note_index_size - 1)];

		if (!*place || !strcmp(t->notes[*place - 1].path, path))
			return place;
	}
}

static void notes_grow(struct transaction *t)
{
	t->note_limit = t->note_limit ? t->note_limit * 2 : 8;
	t->notes = xs_realloc(t->notes, t->note_limit * sizeof(t->notes[0]));
	free(t->note_index);
	t->note_index_size = t->note_limit * 2;
	t->note_index = xs_zalloc(t->note_index_size * sizeof(t->note_index[0]));
	for (size_t i = 0; i < t->note_count; i++)
		*note_place(t, t->notes[i].path) = i + 1;
}

/*
 * Is this the transaction's own doing? What it changes it has noted before; what remains is what it made, or
 * took away, below something that it removed, and there it relies on nothing any more.
 */
static bool is_own_doing(const struct transaction *t, const char *path, const struct node *node)
{
	if (node)
		return node->generation > t->base_generation;
	for (size_t i = 0; i < t->change_count; i++) {
		const char *removed = t->changes[i].path;
		size_t length = strlen(removed);

		if (t->changes[i].kind == CHANGE_REMOVE && !strncmp(path, removed, length) &&
		    (path[length] == '/' || !path[length]))
			return true;
	}
	return false;
}

void transaction_note(struct store *s, struct client *c, struct transaction *t, const char *path,
		      bool has_content)
{
	const struct node *node;
	size_t *place;
	struct note *n;

	if (t->has_lost_notes)
		return;
	if (t->note_count == t->note_limit)
		notes_grow(t);
	place = note_place(t, path);
	if (*place) {
		t->notes[*place - 1].has_content |= has_content;
		return;
	}
	if (!client_is_privileged(c) && s->quota.transaction_nodes &&
	    t->note_count >= s->quota.transaction_nodes) {
		t->is_over_quota = true;
		return;
	}

	node = tree_find(t->root, path);
	if (is_own_doing(t, path, node))
		return;
	n = &t->notes[t->note_count++];
	*n = (struct note){
		.has_content = has_content,
		.generation = node ? node->generation : 0,
		.permissions = node ? permissions_get(node->permissions) : NULL,
		.path = xs_strndup(path, strlen(path)),
	};
	*place = t->note_count;
}

void transaction_record(struct transaction *t, enum change_kind kind, const char *path,
			struct blob *value, struct permissions *permissions)
{
	if (t->change_count == t->change_limit) {
		t->change_limit = t->change_limit ? t->change_limit * 2 : 8;
		t->changes = xs_realloc(t->changes, t->change_limit * sizeof(t->changes[0]));
	}
	t->changes[t->change_count++] = (struct change){
		.kind = kind,
		.path = xs_strndup(path, strlen(path)),
		.value = value,
		.permissions = permissions,
	};
}

void transaction_account(struct transaction *t, uint16_t domid, int32_t nodes)
{
	for (size_t i = 0; i < t->delta_count; i++) {
		if (t->deltas[i].domid == domid) {
			t->deltas[i].nodes += nodes;
			return;
		}
	}
	t->deltas = xs_realloc(t->deltas, (t->delta_count + 1) * sizeof(t->deltas[0]));
	t->deltas[t->delta_count++] = (struct owner_delta){ domid, nodes };
}

int32_t transaction_delta(const struct transaction *t, uint16_t domid)
{
	for (size_t i = 0; i < t->delta_count; i++)
		if (t->deltas[i].domid == domid)
			return t->deltas[i].nodes;
	return 0;
}
