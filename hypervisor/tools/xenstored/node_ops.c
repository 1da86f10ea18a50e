// SPDX-License-Identifier: GPL-2.0-or-later
/* What requests do to nodes, see node_ops.h. Each checks everything, then acts. */
#include "node_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "path.h"
#include "transaction.h"
#include "watch.h"

static struct node **root_of(const struct operation *op)
{
	return op->transaction ? &op->transaction->root : &op->store->root;
}

static uint64_t next_generation(const struct operation *op)
{
	return op->transaction ? ++op->transaction->generation : ++op->store->generation;
}

static void note(const struct operation *op, const char *path, bool has_content)
{
	if (op->transaction)
		transaction_note(op->store, op->client, op->transaction, path, has_content);
}

static void account(const struct operation *op, uint16_t domid, int32_t nodes)
{
	if (!domid)
		return;
	if (op->transaction)
		transaction_account(op->transaction, domid, nodes);
	else
		usage_of(op->store, domid)->nodes += (uint32_t)nodes;
}

/* May @op's client make @count nodes that @owner is to own? Only what a domain does to itself is held against it. */
static bool quota_allows(const struct operation *op, uint16_t owner, uint32_t count)
{
	uint32_t nodes = usage_of(op->store, owner)->nodes;

	if (client_is_privileged(op->client) || !op->store->quota.nodes)
		return true;
	if (op->transaction)
		nodes += (uint32_t)transaction_delta(op->transaction, owner);
	return nodes + count <= op->store->quota.nodes;
}

/* The nearest node above @path that is there; its path goes to @found. Notes all that is missing. */
static const struct node *nearest_ancestor(const struct operation *op, const char *path,
					   char found[static PATH_SIZE])
{
	const struct node *node;
	char below[PATH_SIZE];

	strcpy(below, path);
	for (;;) {
		path_parent(found, below);
		note(op, found, false);
		node = tree_find(*root_of(op), found);
		if (node)
			return node;
		strcpy(below, found);
	}
}

/* What to say of a node that is not there: only who may read above it learns that it is missing. */
static int error_for_missing(const struct operation *op, const char *path)
{
	char ancestor[PATH_SIZE];
	const struct node *node = nearest_ancestor(op, path, ancestor);

	return permissions_allow(node->permissions, op->client, ACCESS_READ) ? ENOENT : EACCES;
}

int node_for_reading(const struct operation *op, const char *path, const struct node **out)
{
	const struct node *node = tree_find(*root_of(op), path);

	note(op, path, true);
	if (!node)
		return error_for_missing(op, path);
	if (!permissions_allow(node->permissions, op->client, ACCESS_READ))
		return EACCES;
	*out = node;
	return 0;
}

/* The change is visible: now to the watchers, or in a transaction at its end. */
static void changed(const struct operation *op, enum change_kind kind, const char *path,
		    struct blob *value, const struct permissions *p)
{
	if (op->transaction)
		transaction_record(op->transaction, kind, path, value ? blob_get(value) : NULL,
				   NULL);
	else
		watch_fire(op->store, path, p);
}

/* The permissions of a new node below one that has @above: a domain owns what it makes. */
static struct permissions *inherit(const struct operation *op, struct permissions *above)
{
	struct permissions *p;

	if (client_is_privileged(op->client) || above->entry[0].domid == op->client->domid)
		return permissions_get(above);
	p = permissions_new(above->count);
	memcpy(p->entry, above->entry, above->count * sizeof(above->entry[0]));
	p->entry[0].domid = op->client->domid;
	return p;
}

/* Makes @path and all parents that are missing. Takes over the reference of @value when it succeeds. */
static int create(const struct operation *op, const char *path, struct blob *value)
{
	char ancestor[PATH_SIZE], parent[PATH_SIZE], name[PATH_SIZE];
	const struct node *above = nearest_ancestor(op, path, ancestor);
	size_t at = ancestor[1] ? strlen(ancestor) + 1 : 1;
	struct permissions *p;
	uint32_t count = 1;

	if (!permissions_allow(above->permissions, op->client, ACCESS_WRITE))
		return EACCES;
	for (const char *c = path + at; *c; c++)
		count += *c == '/';
	p = inherit(op, above->permissions);
	if (!quota_allows(op, p->entry[0].domid, count)) {
		permissions_put(p);
		return ENOSPC;
	}

	strcpy(parent, ancestor);
	while (path[at]) {
		size_t length = strcspn(path + at, "/");
		bool is_last = !path[at + length];

		memcpy(name, path + at, length);
		name[length] = '\0';
		tree_insert(root_of(op), parent, name, is_last ? value : blob_new("", 0),
			    permissions_get(p), next_generation(op));
		memcpy(parent, path, at + length);
		parent[at + length] = '\0';
		at += length + !is_last;
	}
	account(op, p->entry[0].domid, (int32_t)count);
	permissions_put(p);
	return 0;
}

int node_write(const struct operation *op, const char *path, const char *data, size_t length)
{
	const struct node *found = tree_find(*root_of(op), path);
	struct blob *value;
	struct node *node;

	if (!client_is_privileged(op->client) && op->store->quota.node_size &&
	    length > op->store->quota.node_size)
		return ENOSPC;
	note(op, path, false);

	if (!found) {
		int rc;

		value = blob_new(data, length);
		rc = create(op, path, value);
		if (rc) {
			blob_put(value);
			return rc;
		}
		found = tree_find(*root_of(op), path);
		changed(op, CHANGE_WRITE, path, value, found->permissions);
		return 0;
	}

	if (!permissions_allow(found->permissions, op->client, ACCESS_WRITE))
		return EACCES;
	node = tree_edit(root_of(op), path);
	blob_put(node->value);
	node->value = blob_new(data, length);
	node->generation = next_generation(op);
	changed(op, CHANGE_WRITE, path, node->value, node->permissions);
	return 0;
}

int node_mkdir(const struct operation *op, const char *path)
{
	const struct node *node = tree_find(*root_of(op), path);
	struct blob *value;
	int rc;

	note(op, path, false);
	if (node)
		return permissions_allow(node->permissions, op->client, ACCESS_WRITE) ? 0 : EACCES;

	value = blob_new("", 0);
	rc = create(op, path, value);
	if (rc) {
		blob_put(value);
		return rc;
	}
	node = tree_find(*root_of(op), path);
	changed(op, CHANGE_MKDIR, path, NULL, node->permissions);
	return 0;
}

/* A node that goes away with one of its parents. */
struct removal {
	const struct operation *op;
	char path[PATH_SIZE];
	size_t length;
};

static bool account_removed(const struct node *child, void *data)
{
	struct removal *r = data;
	size_t length = r->length;

	account(r->op, child->permissions->entry[0].domid, -1);
	r->path[length] = '/';
	memcpy(r->path + length + 1, child->name, child->name_length);
	r->length = length + 1 + child->name_length;
	r->path[r->length] = '\0';
	if (!r->op->transaction)
		watch_fire_exact(r->op->store, r->path, child->permissions);
	tree_each_child(child, account_removed, r);
	r->length = length;
	return true;
}

/* Without any check. */
static void remove_tree(const struct operation *op, const char *path)
{
	struct removal r = { .op = op, .length = strlen(path) };
	struct node *node = node_get(tree_edit(root_of(op), path));

	strcpy(r.path, path);
	tree_remove(root_of(op), path, next_generation(op));
	account(op, node->permissions->entry[0].domid, -1);
	changed(op, CHANGE_REMOVE, path, NULL, node->permissions);
	tree_each_child(node, account_removed, &r);
	node_put(node);
}

int node_remove(const struct operation *op, const char *path)
{
	char parent[PATH_SIZE];
	const struct node *node;

	if (!path[1])
		return EINVAL;
	path_parent(parent, path);
	note(op, parent, false);
	note(op, path, true);
	node = tree_find(*root_of(op), path);
	if (!node) {
		if (!tree_find(*root_of(op), parent))
			return error_for_missing(op, path);
		return 0;
	}
	if (!permissions_allow(node->permissions, op->client, ACCESS_WRITE))
		return EACCES;
	remove_tree(op, path);
	return 0;
}

static int may_set_permissions(const struct operation *op, const struct node *node,
			       const struct permissions *p)
{
	uint16_t owner = node->permissions->entry[0].domid;

	if (client_is_privileged(op->client))
		return 0;
	if (owner != op->client->domid && owner != op->client->target)
		return EACCES;
	if (p->entry[0].domid != owner)
		return EPERM;
	if (op->store->quota.permissions && p->count > op->store->quota.permissions)
		return ENOSPC;
	return 0;
}

int node_set_permissions(const struct operation *op, const char *path, struct permissions *p)
{
	const struct node *found = tree_find(*root_of(op), path);
	struct permissions *old;
	struct node *node;
	int rc;

	note(op, path, false);
	rc = found ? may_set_permissions(op, found, p) : error_for_missing(op, path);
	if (rc) {
		permissions_put(p);
		return rc;
	}

	node = tree_edit(root_of(op), path);
	old = node->permissions;
	account(op, old->entry[0].domid, -1);
	account(op, p->entry[0].domid, 1);
	node->permissions = p;
	node->generation = next_generation(op);
	if (op->transaction) {
		transaction_record(op->transaction, CHANGE_PERMISSIONS, path, NULL,
				   permissions_get(p));
	} else {
		/* Who could read it, or can now, is told. */
		watch_fire(op->store, path, p);
	}
	permissions_put(old);
	return 0;
}

/* Paths of nodes that a domain owns, none below another. */
struct owned {
	uint16_t domid;
	char path[PATH_SIZE];
	size_t length;
	char **paths;
	size_t count;
};

static bool collect_owned(const struct node *child, void *data)
{
	struct owned *o = data;
	size_t length = o->length;

	o->path[length] = '/';
	memcpy(o->path + length + 1, child->name, child->name_length);
	o->length = length + 1 + child->name_length;
	o->path[o->length] = '\0';
	if (child->permissions->entry[0].domid == o->domid) {
		o->paths = xs_realloc(o->paths, (o->count + 1) * sizeof(char *));
		o->paths[o->count++] = xs_strndup(o->path, o->length);
	} else {
		tree_each_child(child, collect_owned, o);
	}
	o->length = length;
	return true;
}

void node_remove_owned(struct store *s, uint16_t domid)
{
	struct operation op = { .store = s };
	struct owned o = { .domid = domid };

	if (!usage_of(s, domid)->nodes)
		return;
	tree_each_child(s->root, collect_owned, &o);
	for (size_t i = 0; i < o.count; i++) {
		remove_tree(&op, o.paths[i]);
		free(o.paths[i]);
	}
	free(o.paths);
}

void node_restore(struct store *s, const char *path, struct blob *value, struct permissions *p)
{
	struct operation op = { .store = s };
	char parent[PATH_SIZE];

	account(&op, p->entry[0].domid, 1);
	if (path[1]) {
		path_parent(parent, path);
		tree_insert(&s->root, parent, path_leaf(path), value, p, s->generation);
		return;
	}
	blob_put(s->root->value);
	permissions_put(s->root->permissions);
	s->root->value = value;
	s->root->permissions = p;
}
