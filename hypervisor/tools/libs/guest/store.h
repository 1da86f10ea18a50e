// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store, above libxenstore: single nodes by formatted paths, and batches, in which many nodes are written and removed in one
 * transaction, all or none.
 */
#ifndef GUEST_STORE_H
#define GUEST_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"

#define STORE_PATH __attribute__((format(printf, 2, 3)))

/* To be freed; NULL: there is no such node. */
char *store_read(struct guest_host *host, const char *path, ...) STORE_PATH;
/* -1: there is none, or no number. */
long store_read_number(struct guest_host *host, const char *path, ...) STORE_PATH;
bool store_write(struct guest_host *host, const char *path, const char *value);
/* NULL and 0: there are none. To be freed in one piece. */
char **store_list(struct guest_host *host, unsigned int *count, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/* Who may do what with a node, and with those below that are made later. */
enum store_rights {
	STORE_AS_PARENT,
	STORE_PRIVATE,	     /* dom0 alone */
	STORE_GUEST_READS,   /* dom0's, the guest may read */
	STORE_GUEST_OWNS,    /* the guest's own */
	STORE_FRONTEND,	     /* the guest's, dom0 may read */
};

struct store_entry;

struct store_batch {
	unsigned int domid; /* the guest of store_rights */
	struct store_entry *entries;
	size_t count;
};

void batch_init(struct store_batch *b, unsigned int domid);
void batch_free(struct store_batch *b);
/* The folder @path. */
void batch_folder(struct store_batch *b, enum store_rights rights, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
/* "@folder/@name" with a value. */
void batch_write(struct store_batch *b, const char *folder, const char *name, const char *value,
		 ...) __attribute__((format(printf, 4, 5)));
void batch_rights(struct store_batch *b, const char *folder, const char *name,
		  enum store_rights rights);
/* @path and all below; that it is not there is no error. */
void batch_remove(struct store_batch *b, const char *path, ...)
	__attribute__((format(printf, 2, 3)));
/* False: errno says why, and nothing was changed. */
bool batch_commit(struct store_batch *b, struct guest_host *host);

#endif
