// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tree of nodes, see tree.h. A treap (a binary tree by name that is at the same time a heap by a random
 * priority) keeps the children of a node: all of insert, find and remove touch about log2(n) of them, and
 * that is also what a snapshot has to copy.
 */
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "memory.h"

struct blob *blob_new(const void *data, size_t length)
{
	struct blob *b = xs_alloc(sizeof(*b) + length);

	b->refs = 1;
	b->length = (uint32_t)length;
	if (length)
		memcpy(b->data, data, length);
	return b;
}

struct blob *blob_get(struct blob *b)
{
	b->refs++;
	return b;
}

void blob_put(struct blob *b)
{
	if (!--b->refs)
		free(b);
}

struct permissions *permissions_new(unsigned int count)
{
	struct permissions *p = xs_alloc(sizeof(*p) + count * sizeof(p->entry[0]));

	p->refs = 1;
	p->count = count;
	memset(p->entry, 0, count * sizeof(p->entry[0]));
	return p;
}

struct permissions *permissions_get(struct permissions *p)
{
	p->refs++;
	return p;
}

void permissions_put(struct permissions *p)
{
	if (!--p->refs)
		free(p);
}

/*
 * A guest that could foresee priorities could make its siblings a list: they depend on a secret of
 * this process.
 */
static uint32_t name_priority(const char *name, size_t length)
{
	static uint64_t secret;
	uint64_t hash;

	while (!secret)
		if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret))
			secret = 0;

	hash = secret;
	for (size_t i = 0; i < length; i++) {
		hash = (hash ^ (unsigned char)name[i]) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash >> 32);
}

static struct node *node_new(const char *name, size_t length, struct blob *value,
			     struct permissions *permissions, uint64_t generation)
{
	struct node *node = xs_alloc(sizeof(*node) + length);

	*node = (struct node){
		.refs = 1,
		.priority = name_priority(name, length),
		.generation = generation,
		.value = value,
		.permissions = permissions,
		.name_length = (uint16_t)length,
	};
	memcpy(node->name, name, length);
	return node;
}

struct node *tree_new_root(void)
{
	return node_new("", 0, blob_new("", 0), permissions_new(1), 1);
}

struct node *node_get(struct node *node)
{
	if (node)
		node->refs++;
	return node;
}

void node_put(struct node *node)
{
	while (node && !--node->refs) {
		struct node *right = node->right;

		node_put(node->left);
		node_put(node->children);
		blob_put(node->value);
		permissions_put(node->permissions);
		free(node);
		node = right;
	}
}

/* Makes *@slot a node that nobody else refers to. */
static struct node *node_own(struct node **slot)
{
	struct node *old = *slot, *copy;

	if (old->refs == 1)
		return old;

	copy = xs_alloc(sizeof(*copy) + old->name_length);
	memcpy(copy, old, sizeof(*copy) + old->name_length);
	copy->refs = 1;
	node_get(copy->left);
	node_get(copy->right);
	node_get(copy->children);
	blob_get(copy->value);
	permissions_get(copy->permissions);
	old->refs--;
	*slot = copy;
	return copy;
}

static int name_compare(const char *name, size_t length, const struct node *node)
{
	size_t common = length < node->name_length ? length : node->name_length;
	int order = memcmp(name, node->name, common);

	if (order)
		return order;
	return length < node->name_length ? -1 : length > node->name_length;
}

/* The first component of *@path, which is moved behind it; its length, 0 at the end. */
static size_t next_component(const char **path, const char **name)
{
	const char *p = *path;

	while (*p == '/')
		p++;
	*name = p;
	while (*p && *p != '/')
		p++;
	*path = p;
	return (size_t)(p - *name);
}

const struct node *tree_find(const struct node *root, const char *path)
{
	const struct node *node = root;
	const char *name;
	size_t length;

	while (node && (length = next_component(&path, &name))) {
		int order;

		node = node->children;
		while (node && (order = name_compare(name, length, node)))
			node = order < 0 ? node->left : node->right;
	}
	return node;
}

struct node *tree_edit(struct node **root, const char *path)
{
	struct node **slot = root;
	const char *name;
	size_t length;

	while ((length = next_component(&path, &name))) {
		slot = &node_own(slot)->children;
		while (*slot) {
			int order = name_compare(name, length, *slot);

			if (!order)
				break;
			slot = order < 0 ? &node_own(slot)->left : &node_own(slot)->right;
		}
		if (!*slot)
			return NULL;
	}
	return node_own(slot);
}

/* Splits @tree into the names before and after @name (which is not in it). */
static void treap_split(struct node *tree, const char *name, size_t length, struct node **before,
			struct node **after)
{
	while (tree) {
		struct node *top = node_own(&tree);

		if (name_compare(name, length, top) < 0) {
			*after = top;
			after = &top->left;
			tree = top->left;
		} else {
			*before = top;
			before = &top->right;
			tree = top->right;
		}
	}
	*before = NULL;
	*after = NULL;
}

/* One treap of two, all names of @before being smaller. */
static struct node *treap_join(struct node *before, struct node *after)
{
	struct node *tree, **slot = &tree;

	while (before && after) {
		if (before->priority > after->priority) {
			*slot = node_own(&before);
			slot = &before->right;
			before = before->right;
		} else {
			*slot = node_own(&after);
			slot = &after->left;
			after = after->left;
		}
	}
	*slot = before ? before : after;
	return tree;
}

struct node *tree_insert(struct node **root, const char *parent_path, const char *name,
			 struct blob *value, struct permissions *permissions, uint64_t generation)
{
	struct node *parent = tree_edit(root, parent_path);
	size_t length = strlen(name);
	struct node *node = node_new(name, length, value, permissions, generation);
	struct node **slot = &parent->children;

	parent->generation = generation;
	while (*slot && (*slot)->priority >= node->priority) {
		struct node *sibling = node_own(slot);

		slot = name_compare(name, length, sibling) < 0 ? &sibling->left : &sibling->right;
	}
	treap_split(*slot, name, length, &node->left, &node->right);
	*slot = node;
	return node;
}

void tree_remove(struct node **root, const char *path, uint64_t generation)
{
	const char *leaf = strrchr(path, '/') + 1;
	size_t length = strlen(leaf);
	char *parent_path = xs_strndup(path, (size_t)(leaf - path));
	struct node *parent = tree_edit(root, parent_path);
	struct node **slot = &parent->children;
	struct node *node;
	int order;

	free(parent_path);
	parent->generation = generation;
	while ((order = name_compare(leaf, length, *slot))) {
		struct node *sibling = node_own(slot);

		slot = order < 0 ? &sibling->left : &sibling->right;
	}

	node = node_own(slot);
	*slot = treap_join(node->left, node->right);
	node->left = NULL;
	node->right = NULL;
	node_put(node);
}

static bool each_sibling(const struct node *node,
			 bool (*visit)(const struct node *child, void *data), void *data)
{
	for (; node; node = node->right)
		if (!each_sibling(node->left, visit, data) || !visit(node, data))
			return false;
	return true;
}

bool tree_each_child(const struct node *node, bool (*visit)(const struct node *child, void *data),
		     void *data)
{
	return each_sibling(node->children, visit, data);
}
