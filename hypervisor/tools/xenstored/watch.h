/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watches. They are found by the path they are set on: a change at a path costs one look for each of its
 * ancestors, however many watches there are elsewhere.
 */
#ifndef XENSTORED_WATCH_H
#define XENSTORED_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

#define WATCH_TOKEN_MAX 1024
#define WATCH_ANY_DEPTH (-1)

struct watch {
	struct watch *next_in_bucket;
	struct watch *next_of_client;
	struct client *client;
	uint64_t hash;
	int depth; /* levels below the path that count, or WATCH_ANY_DEPTH */
	uint32_t path_prefix; /* bytes of the path that the client did not name */
	char *token;
	char path[];
};

/* Both positive errno; 0 done. EEXIST, E2BIG (quota), EINVAL. */
int watch_add(struct store *s, struct client *c, const char *path, uint32_t path_prefix,
	      const char *token, int depth);
int watch_remove(struct store *s, struct client *c, const char *path, const char *token);
void watch_remove_all(struct store *s, struct client *c);

/* The node at @path, which @p guards (or did), has changed: tells the watches on it and above it. */
void watch_fire(struct store *s, const char *path, const struct permissions *p);

/* It went away with one of its parents: tells the watches on exactly @path. */
void watch_fire_exact(struct store *s, const char *path, const struct permissions *p);

/* "@introduceDomain" or "@releaseDomain" for @domid. */
void watch_fire_special(struct store *s, const char *name, uint16_t domid,
			const struct permissions *p);

#endif
