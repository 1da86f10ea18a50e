/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon: store, journal, connections, and the loop that waits for them. A connection's turn is always the same: send what
 * is in its slot, carry out the next request, pass on events, receive.
 */
#ifndef XENSTORED_SERVER_H
#define XENSTORED_SERVER_H

#include "journal.h"
#include "store.h"

struct xen_world;

/* Of this process alone, for each slot. */
struct connection {
	bool is_ready; /* it is in the list of those that want a turn */
	bool waits_to_send;
	void *ring; /* struct xenstore_domain_interface */
};

struct server {
	struct state *state;
	struct journal journal;
	struct store store;
	struct connection connections[SLOT_COUNT];
	uint32_t ready[SLOT_COUNT]; /* a queue */
	uint32_t ready_first, ready_count;
	uint32_t slot_limit; /* no slot from here on is in use */
	int epoll_fd;
	int signal_fd;
	struct xen_world *xen; /* NULL: no domains */
};

enum {
	WATCH_SIGNALS = SLOT_COUNT,
	WATCH_LISTEN,
	WATCH_EVTCHN,
};

/* 0 or negative errno, after a message. */
int server_start(struct server *sv, struct state *st, bool with_xen);
/* Why server_run() came back. */
enum {
	SERVER_STOP, /* asked to end */
	SERVER_KEEP, /* the keeper is gone (SIGUSR1): somebody must take its place */
	SERVER_FAILED,
};

/* Until a signal ends it. */
int server_run(struct server *sv);

/* Wants a turn. */
void server_ready(struct server *sv, uint32_t slot);
void server_close(struct server *sv, uint32_t slot);

/* A free slot, prepared; -1: there is none. */
int server_slot(struct server *sv);

/* A client at @slot, which is open. */
void server_client(struct server *sv, uint32_t slot, uint16_t domid, bool is_socket);

/* The domain is gone, or shut down. */
void server_domain_ended(struct server *sv, uint16_t domid, bool is_gone);

/* A guest wants its connection to begin again. */
void server_reset(struct server *sv, uint32_t slot);

/* socket.c */
int socket_listen(const char *path);
void socket_accept(struct server *sv);
int socket_watch(struct server *sv, uint32_t slot);

/* Transports: how bytes of a slot move. 1: some did, 0: none can now, -1: the connection is at its end. */
int socket_receive(struct server *sv, uint32_t slot, uint32_t limit);
int socket_send(struct server *sv, uint32_t slot);
int ring_receive(struct server *sv, uint32_t slot, uint32_t limit);
int ring_send(struct server *sv, uint32_t slot);

/* ring.c: the connection with a domain, for the hooks of the store. */
int xen_start(struct server *sv);
int xen_introduce(void *world, uint16_t domid, uint64_t gfn, uint32_t remote_port);
void xen_release(struct server *sv, uint32_t slot);
void xen_events(struct server *sv);

#endif
