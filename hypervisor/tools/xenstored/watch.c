// SPDX-License-Identifier: GPL-2.0-or-later
/* Watches and the events they cause, see watch.h. */
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "path.h"

#define HASH_START 0xcbf29ce484222325ull
#define HASH_PRIME 0x100000001b3ull

static uint64_t hash_step(uint64_t hash, char c)
{
	return (hash ^ (unsigned char)c) * HASH_PRIME;
}

static uint64_t hash_of(const char *path)
{
	uint64_t hash = HASH_START;

	while (*path)
		hash = hash_step(hash, *path++);
	return hash;
}

static struct watch **bucket_of(struct store *s, uint64_t hash)
{
	return &s->watch_buckets[(hash ^ hash >> 32) & (s->watch_bucket_count - 1)];
}

static void table_grow(struct store *s)
{
	struct watch **old = s->watch_buckets;
	size_t old_count = s->watch_bucket_count;

	s->watch_bucket_count = old_count ? old_count * 2 : 64;
	s->watch_buckets = xs_zalloc(s->watch_bucket_count * sizeof(struct watch *));
	for (size_t i = 0; i < old_count; i++) {
		while (old[i]) {
			struct watch *w = old[i];
			struct watch **bucket = bucket_of(s, w->hash);

			old[i] = w->next_in_bucket;
			w->next_in_bucket = *bucket;
			*bucket = w;
		}
	}
	free(old);
}

static void watch_free(struct store *s, struct watch *w)
{
	struct watch **slot = bucket_of(s, w->hash);

	while (*slot != w)
		slot = &(*slot)->next_in_bucket;
	*slot = w->next_in_bucket;

	for (slot = &w->client->watches; *slot != w; slot = &(*slot)->next_of_client)
		;
	*slot = w->next_of_client;

	s->watch_count--;
	if (!client_is_privileged(w->client))
		usage_of(s, w->client->domid)->watches--;
	free(w->token);
	free(w);
}

static struct watch *watch_find(struct client *c, const char *path, const char *token)
{
	struct watch *w;

	for (w = c->watches; w; w = w->next_of_client)
		if (!strcmp(w->path, path) && !strcmp(w->token, token))
			break;
	return w;
}

int watch_add(struct store *s, struct client *c, const char *path, uint32_t path_prefix,
	      const char *token, int depth)
{
	size_t length = strlen(path);
	struct watch *w, **bucket;

	if (strlen(token) > WATCH_TOKEN_MAX)
		return EINVAL;
	if (watch_find(c, path, token))
		return EEXIST;
	if (!client_is_privileged(c)) {
		struct usage *u = usage_of(s, c->domid);

		if (s->quota.watches && u->watches >= s->quota.watches)
			return E2BIG;
		u->watches++;
	}

	if (s->watch_count >= s->watch_bucket_count)
		table_grow(s);
	w = xs_alloc(sizeof(*w) + length + 1);
	*w = (struct watch){
		.client = c,
		.hash = hash_of(path),
		.depth = depth,
		.path_prefix = path_prefix,
		.token = xs_strndup(token, strlen(token)),
		.next_of_client = c->watches,
	};
	memcpy(w->path, path, length + 1);
	c->watches = w;
	bucket = bucket_of(s, w->hash);
	w->next_in_bucket = *bucket;
	*bucket = w;
	s->watch_count++;
	return 0;
}

int watch_remove(struct store *s, struct client *c, const char *path, const char *token)
{
	struct watch *w = watch_find(c, path, token);

	if (!w)
		return ENOENT;
	watch_free(s, w);
	return 0;
}

void watch_remove_all(struct store *s, struct client *c)
{
	while (c->watches)
		watch_free(s, c->watches);
}

/* @depth: levels between the watched and the changed path. */
static void fire_at(struct store *s, uint64_t hash, const char *watched, size_t length,
		    const char *changed, int depth, const struct permissions *p)
{
	struct watch *w;

	if (!s->watch_bucket_count)
		return;
	for (w = *bucket_of(s, hash); w; w = w->next_in_bucket) {
		if (w->hash != hash || strncmp(w->path, watched, length) || w->path[length])
			continue;
		if (w->depth != WATCH_ANY_DEPTH && depth > w->depth)
			continue;
		if (!permissions_allow(p, w->client, ACCESS_READ))
			continue;
		client_queue_event(s, w->client, changed + w->path_prefix, w->token);
	}
}

static int levels_in(const char *path)
{
	int levels = 0;

	if (path[1])
		for (; *path; path++)
			levels += *path == '/';
	return levels;
}

void watch_fire(struct store *s, const char *path, const struct permissions *p)
{
	int depth = levels_in(path);
	uint64_t hash = hash_step(HASH_START, '/');
	size_t i;

	fire_at(s, hash, "/", 1, path, depth, p);
	if (!path[1])
		return;
	for (i = 1; path[i]; i++) {
		if (path[i] == '/')
			fire_at(s, hash, path, i, path, --depth, p);
		hash = hash_step(hash, path[i]);
	}
	fire_at(s, hash, path, i, path, 0, p);
}

void watch_fire_exact(struct store *s, const char *path, const struct permissions *p)
{
	fire_at(s, hash_of(path), path, strlen(path), path, 0, p);
}

void watch_fire_special(struct store *s, const char *name, uint16_t domid,
			const struct permissions *p)
{
	char numbered[64];
	uint64_t hash = hash_of(name);
	struct watch *w;

	if (!s->watch_bucket_count)
		return;
	snprintf(numbered, sizeof(numbered), "%s/%u", name, domid);
	for (w = *bucket_of(s, hash); w; w = w->next_in_bucket)
		if (w->hash == hash && !strcmp(w->path, name) &&
		    permissions_allow(p, w->client, ACCESS_READ))
			client_queue_event(s, w->client, w->depth == 1 ? numbered : name, w->token);
	fire_at(s, hash_of(numbered), numbered, strlen(numbered), numbered, 0, p);
}
