/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store for tests: its clients, and requests as one line each. */
#ifndef STORE_WORLD_H
#define STORE_WORLD_H

#include "store.h"
#include "wire.h"

/* Slots of the clients that store_world_init() makes: a socket, and domains 1 and 2. */
enum {
	SOCKET,
	DOMAIN_1,
	DOMAIN_2,
};

struct store_world {
	struct store store;
	struct reply reply; /* to the last request */
	int next_slot; /* of the next domain that is introduced; negative: an error */
	unsigned int released;
};

void store_world_init(struct store_world *w);
void store_world_destroy(struct store_world *w);

/*
 * Carries out a request of @type with the @size bytes at @body. Returns "" when it succeeds, else the error's name; the
 * reply is in w->reply, its end marked by a zero byte.
 */
const char *ask(struct store_world *w, uint32_t slot, uint32_t type, uint32_t tx, const void *body,
		size_t size);

/* The same for strings: each ends with its zero byte. */
#define ASK(w, slot, type, tx, text) ask(w, slot, type, tx, text, sizeof(text))

/* Takes the oldest event of a client: "path|token", or "" when there is none. */
const char *next_event(struct store_world *w, uint32_t slot);

#endif
