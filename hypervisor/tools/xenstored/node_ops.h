/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What requests do to nodes, in the store or inside a transaction. All paths are absolute and valid; all
 * errors are positive errno values that the protocol has names for.
 */
#ifndef XENSTORED_NODE_OPS_H
#define XENSTORED_NODE_OPS_H

#include "store.h"

/* Who works on what. */
struct operation {
	struct store *store;
	struct client *client;
	struct transaction *transaction; /* NULL: on the store itself */
};

/* ENOENT, EACCES. The node stays valid until the next change. */
int node_for_reading(const struct operation *op, const char *path, const struct node **node);

/* EACCES; ENOSPC (quota). Makes missing parents. */
int node_write(const struct operation *op, const char *path, const char *value, size_t length);

/* The same, but leaves a node that is there as it is. */
int node_mkdir(const struct operation *op, const char *path);

/* EINVAL (the root), ENOENT (no parent either), EACCES. */
int node_remove(const struct operation *op, const char *path);

/* Takes over the reference of @p. EACCES, EPERM (a new owner), ENOSPC (quota), ENOENT. */
int node_set_permissions(const struct operation *op, const char *path, struct permissions *p);

/* Everything that @domid owns goes, with all below. */
void node_remove_owned(struct store *s, uint16_t domid);

/* Puts a node of a snapshot in its place, whose parent is there. Takes over both references. */
void node_restore(struct store *s, const char *path, struct blob *value, struct permissions *p);

#endif
