// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store_scale NODES WATCHES ROUNDS SEED: the work of a client in a store with that many other nodes and watches of others:
 * reads, writes, transactions, watch events, directories. SEED stands for what is random in the store, the shape of its
 * trees. Prints nothing: `scale` counts its instructions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "store_world.h"

#define NODES_A_DIRECTORY 50

static unsigned char seed;

/* In place of the library's. */
ssize_t getrandom(void *buffer, size_t length, unsigned int flags)
{
	(void)flags;
	memset(buffer, seed, length);
	return (ssize_t)length;
}

static void must(const char *error)
{
	if (!*error)
		return;
	fprintf(stderr, "store_scale: %s\n", error);
	exit(1);
}

static void put(struct store_world *w, uint32_t tx, const char *path, const char *value)
{
	char body[256];
	int size = snprintf(body, sizeof(body), "%s%c%s", path, 0, value);

	must(ask(w, SOCKET, XS_WRITE, tx, body, (size_t)size));
}

static void others_make(struct store_world *w, int nodes, int watches)
{
	char text[128];
	int size;

	for (int i = 0; i < nodes; i++) {
		snprintf(text, sizeof(text), "/local/domain/%d/device/%d",
			 100 + i / NODES_A_DIRECTORY, i % NODES_A_DIRECTORY);
		put(w, 0, text, "something of another domain");
	}
	for (int i = 0; i < watches; i++) {
		size = snprintf(text, sizeof(text), "/local/domain/%d/device/%d/state%ctoken",
				100 + i, i % NODES_A_DIRECTORY, 0);
		must(ask(w, SOCKET, XS_WATCH, 0, text, (size_t)size + 1));
		next_event(w, SOCKET);
	}
}

static void round_of_work(struct store_world *w, int number)
{
	char value[32];
	uint32_t tx;

	snprintf(value, sizeof(value), "%d", number);
	put(w, 0, "/own/a/value", value);
	must(ASK(w, SOCKET, XS_READ, 0, "/own/a/value"));
	must(ASK(w, SOCKET, XS_DIRECTORY, 0, "/own/a"));
	must(ASK(w, SOCKET, XS_TRANSACTION_START, 0, ""));
	tx = (uint32_t)strtoul(w->reply.data, NULL, 10);
	must(ASK(w, SOCKET, XS_READ, tx, "/own/a/value"));
	put(w, tx, "/own/a/other", value);
	must(ASK(w, SOCKET, XS_TRANSACTION_END, tx, "T"));
	while (*next_event(w, SOCKET))
		;
}

int main(int argc, char **argv)
{
	static struct store_world w;
	int rounds;

	if (argc != 5)
		return 2;
	rounds = atoi(argv[3]);
	seed = (unsigned char)atoi(argv[4]);
	store_world_init(&w);
	others_make(&w, atoi(argv[1]), atoi(argv[2]));
	must(ASK(&w, SOCKET, XS_WATCH, 0, "/own/a\0mine"));
	for (int i = 0; i < rounds; i++)
		round_of_work(&w, i);
	store_world_destroy(&w);
	return 0;
}
