/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store as a machine without input and output: a request goes in, its reply and the watch events it
 * causes come out. It reads no clock and asks no kernel, so the same requests always lead to the
 * same state; that is what the journal (journal.h) relies on.
 */
#ifndef XENSTORED_STORE_H
#define XENSTORED_STORE_H

#include <errno.h> /* xs_wire.h lists error names only behind it */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#include "quota.h"
#include "tree.h"

#define DOMID_LIMIT 0x7ff0 /* DOMID_FIRST_RESERVED of xen/xen.h */

/* A list whose members carry its links. */
struct link {
	struct link *next, *previous;
};

/* A message to a client that no request asked for. */
struct event {
	struct event *next;
	uint32_t index; /* counts the events of one client, modulo 2^32 */
	uint32_t length;
	char payload[]; /* path, token */
};

/* Somebody who sends requests: a socket's other end, or a domain. */
struct client {
	uint32_t id; /* slot of the connection */
	uint16_t domid; /* 0 for a socket */
	bool is_socket;
	bool is_ignored; /* its domain is gone or broke the protocol */
	int target; /* domid that it may act for, or -1 */

	struct watch *watches;
	struct transaction *transactions;
	uint32_t last_transaction;

	struct event *first_event, **last_event;
	uint32_t next_event; /* index of the next one to be queued */
	uint32_t event_bytes;
	uint32_t sent_events; /* replay: those before this index have been delivered */
};

/* What an introduced domain is to the store. */
struct store_domain {
	uint16_t domid;
	bool is_shut_down; /* @releaseDomain was sent for it */
	uint32_t client; /* slot */
	uint64_t gfn;
	uint32_t remote_port;
	struct store_domain *next;
};

struct store;

/* What the store asks of the world. NULL functions succeed. */
struct store_hooks {
	/* Makes the connection with a domain; its slot, or negative errno. */
	int (*introduce)(void *world, uint16_t domid, uint64_t gfn, uint32_t remote_port);
	void (*release)(void *world, uint32_t slot);
	void (*has_events)(void *world, uint32_t slot); /* something is queued for it */
	void (*log)(void *world, const char *text);
	/* Replay: index of the first event that was not delivered to the client at @slot. */
	uint32_t (*sent_events)(void *world, uint32_t slot);
};

struct store {
	struct node *root;
	struct permissions *introduce_permissions; /* of the watch @introduceDomain */
	struct permissions *release_permissions;
	uint64_t generation; /* of the last change */

	struct watch **watch_buckets;
	size_t watch_bucket_count, watch_count;

	struct client **clients; /* by slot */
	size_t client_limit;
	struct store_domain *domains;

	struct quota quota;
	struct usage *usage[256]; /* by low byte of the domid */

	const struct store_hooks *hooks;
	void *world;
	bool is_replaying;
	/* What the world, or a snapshot that is not complete, would now answer differently: the answer of then. */
	uint32_t replayed_answer; /* slot of INTRODUCE; enum commit_answer of TRANSACTION_END */
	uint32_t answer; /* ... of the request that is being carried out */
	size_t open_transactions;
};

struct reply {
	uint32_t type;
	uint32_t length;
	char data[XENSTORE_PAYLOAD_MAX];
};

void store_init(struct store *s, const struct store_hooks *hooks, void *world);
void store_destroy(struct store *s);

struct client *client_open(struct store *s, uint32_t slot, uint16_t domid, bool is_socket);
void client_close(struct store *s, struct client *c);
struct client *client_by_slot(const struct store *s, uint32_t slot);

/* Forgets watches and transactions, and what has not been delivered. */
void client_reset(struct store *s, struct client *c);

/* Domain 0 and sockets (whose file modes admit root alone). */
bool client_is_privileged(const struct client *c);

/* Queues WATCH_EVENT for @c; @path as the client named it. */
void client_queue_event(struct store *s, struct client *c, const char *path, const char *token);

/* Drops queued events up to and without @index. */
void client_events_sent(struct client *c, uint32_t index);

struct store_domain *store_domain_find(const struct store *s, uint16_t domid);

/*
 * Domain @domid has shut down, or is gone (@is_gone): its watchers are told, and what a domain that is gone
 * owned is removed.
 */
void store_domain_ended(struct store *s, uint16_t domid, bool is_gone);

/* Whether @c may do all of @wanted (bits of enum access) under @p. */
bool permissions_allow(const struct permissions *p, const struct client *c, unsigned int wanted);

#endif
