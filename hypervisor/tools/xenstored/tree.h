/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of nodes. Nodes are counted and shared between snapshots: whoever wants to change a node first
 * makes it his own (tree_edit), which copies what another snapshot still holds, so taking a snapshot of
 * the whole store costs one reference. The children of a node are a treap ordered by name.
 */
#ifndef XENSTORED_TREE_H
#define XENSTORED_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that several nodes may share. */
struct blob {
	uint32_t refs;
	uint32_t length;
	char data[];
};

enum access {
	ACCESS_NONE = 0,
	ACCESS_READ = 1,
	ACCESS_WRITE = 2,
};

struct permission {
	uint16_t domid;
	uint8_t access; /* bits of enum access */
	uint8_t zero; /* snapshots hold these as they are */
};

/* The first entry names the owner; its access is everybody else's. */
struct permissions {
	uint32_t refs;
	uint32_t count;
	struct permission entry[];
};

struct node {
	uint32_t refs;
	uint32_t priority;
	uint64_t generation; /* of the last change of value, permissions or list of children */
	struct node *left, *right; /* siblings */
	struct node *children;
	struct blob *value;
	struct permissions *permissions;
	uint16_t name_length;
	char name[];
};

struct blob *blob_new(const void *data, size_t length);
struct blob *blob_get(struct blob *b);
void blob_put(struct blob *b);

struct permissions *permissions_new(unsigned int count);
struct permissions *permissions_get(struct permissions *p);
void permissions_put(struct permissions *p);

/* A root with one owner: domain 0, readable by nobody else. */
struct node *tree_new_root(void);
struct node *node_get(struct node *node);
void node_put(struct node *node);

/* The node at the absolute @path, or NULL. The root is "/". */
const struct node *tree_find(const struct node *root, const char *path);

/* The same, owned by *@root alone: may be changed in place. */
struct node *tree_edit(struct node **root, const char *path);

/*
 * A new child @name of the node at @parent, which must exist; it takes over one reference of @value and of
 * @permissions. The parent's generation becomes @generation, too.
 */
struct node *tree_insert(struct node **root, const char *parent, const char *name,
			 struct blob *value, struct permissions *permissions, uint64_t generation);

/* Takes the node at @path (which must exist and not be the root) and all below it out of the tree. */
void tree_remove(struct node **root, const char *path, uint64_t generation);

/* Calls @visit for each child of @node in the order of names, until it returns false. */
bool tree_each_child(const struct node *node, bool (*visit)(const struct node *child, void *data),
		     void *data);

#endif
