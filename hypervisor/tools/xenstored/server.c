// SPDX-License-Identifier: GPL-2.0-or-later
/* The daemon's loop, see server.h. */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <syslog.h>
#include <unistd.h>

#include "wire.h"

#define REQUESTS_A_TURN 16
#define EVENTS_AT_ONCE 64

void server_ready(struct server *sv, uint32_t slot)
{
	struct connection *cn = &sv->connections[slot];

	if (cn->is_ready)
		return;
	cn->is_ready = true;
	sv->ready[(sv->ready_first + sv->ready_count++) % SLOT_COUNT] = slot;
}

int server_slot(struct server *sv)
{
	for (uint32_t i = 0; i < SLOT_COUNT; i++) {
		struct slot *slot = &sv->state->slots[i];

		if (slot->kind != SLOT_FREE)
			continue;
		slot_prepare(slot);
		if (i >= sv->slot_limit)
			sv->slot_limit = i + 1;
		return (int)i;
	}
	return -1;
}

void server_client(struct server *sv, uint32_t slot, uint16_t domid, bool is_socket)
{
	client_open(&sv->store, slot, domid, is_socket);
	journal_append(&sv->journal, RECORD_OPEN, slot, 0, is_socket ? OPEN_SOCKET : domid, NULL, 0,
		       NULL, 0);
}

/* The resources of a connection whose client is gone from the store. */
static void slot_close(struct server *sv, uint32_t i)
{
	struct slot *slot = &sv->state->slots[i];

	if (slot->kind == SLOT_SOCKET)
		close(slot->fd);
	else if (slot->kind == SLOT_RING)
		xen_release(sv, i);
	atomic_store(&slot->kind, SLOT_FREE);
	sv->connections[i].ring = NULL;
	sv->connections[i].waits_to_send = false;
}

void server_close(struct server *sv, uint32_t slot)
{
	struct client *c = client_by_slot(&sv->store, slot);

	if (c) {
		client_close(&sv->store, c);
		journal_append(&sv->journal, RECORD_CLOSE, slot, 0, 0, NULL, 0, NULL, 0);
	}
	slot_close(sv, slot);
}

void server_domain_ended(struct server *sv, uint16_t domid, bool is_gone)
{
	store_domain_ended(&sv->store, domid, is_gone);
	journal_append(&sv->journal, RECORD_ENDED, 0, is_gone, domid, NULL, 0, NULL, 0);
}

void server_reset(struct server *sv, uint32_t slot)
{
	struct client *c = client_by_slot(&sv->store, slot);

	if (!c)
		return;
	client_reset(&sv->store, c);
	journal_append(&sv->journal, RECORD_RESET, slot, 0, 0, NULL, 0, NULL, 0);
}

/* A domain whose slot's client the store has closed. */
static void hook_release(void *world, uint32_t slot)
{
	slot_close(world, slot);
}

static int hook_introduce(void *world, uint16_t domid, uint64_t gfn, uint32_t remote_port)
{
	struct server *sv = world;

	if (sv->store.is_replaying)
		return (int)sv->store.replayed_answer;
	return xen_introduce(sv, domid, gfn, remote_port);
}

static void hook_has_events(void *world, uint32_t slot)
{
	server_ready(world, slot);
}

static uint32_t hook_sent_events(void *world, uint32_t slot)
{
	struct server *sv = world;

	return high_half(atomic_load(&sv->state->slots[slot].batch));
}

static void hook_log(void *world, const char *text)
{
	(void)world;
	syslog(LOG_INFO, "%s", text);
}

static const struct store_hooks hooks = {
	.introduce = hook_introduce,
	.release = hook_release,
	.has_events = hook_has_events,
	.sent_events = hook_sent_events,
	.log = hook_log,
};

/* The request at the cursor, if all of it is there. -1: it is longer than any may be. */
static int request_at(struct slot *slot, struct xsd_sockmsg *head, const char **body)
{
	uint32_t offset = low_half(atomic_load(&slot->cursor));
	uint32_t there = slot_received(slot) - offset;

	if (there < sizeof(*head))
		return 0;
	memcpy(head, slot->in + offset, sizeof(*head));
	if (head->len > XENSTORE_PAYLOAD_MAX)
		return -1;
	*body = slot->in + offset + sizeof(*head);
	return there >= sizeof(*head) + head->len;
}

static void message_put(char *at, const struct xsd_sockmsg *head, const char *payload)
{
	memcpy(at, head, sizeof(*head));
	memcpy(at + sizeof(*head), payload, head->len);
}

/*
 * Carries out one request: the reply is laid into the slot, then one store says that all of it has happened (the
 * journal's length, or the slot's own word when nothing changed), then the cursor moves on.
 */
static void request_carry_out(struct server *sv, uint32_t i, const struct xsd_sockmsg *head,
			      const char *body)
{
	struct slot *slot = &sv->state->slots[i];
	struct client *c = client_by_slot(&sv->store, i);
	uint64_t cursor = atomic_load(&slot->cursor);
	uint32_t sequence = high_half(cursor), length;
	struct xsd_sockmsg answer = { .req_id = head->req_id, .tx_id = head->tx_id };
	struct reply reply;
	bool changes;

	changes = wire_request(&sv->store, c, head, body, &reply);
	answer.type = reply.type;
	answer.len = reply.length;
	length = (uint32_t)sizeof(answer) + reply.length;
	slot_out_done(slot);
	message_put(slot->out, &answer, reply.data);

	if (changes) {
		slot->prepared_length = length;
		journal_append(&sv->journal, RECORD_REQUEST, i, sequence, sv->store.answer, head,
			       sizeof(*head), body, head->len);
	}
	atomic_store(&slot->reply, pair_of(sequence, length));
	atomic_store(&slot->cursor,
		     pair_of(sequence + 1, low_half(cursor) + (uint32_t)sizeof(*head) + head->len));
	if (low_half(atomic_load(&slot->cursor)) == slot_received(slot))
		slot_forget_input(slot);
}

/* Lays as many queued events into out[] as it has room for. */
static bool events_fill(struct server *sv, uint32_t i)
{
	struct slot *slot = &sv->state->slots[i];
	struct client *c = client_by_slot(&sv->store, i);
	uint32_t length = 0, index = 0;
	const struct event *e = c->first_event;

	if (!e)
		return false;
	slot_out_done(slot);
	for (; e; e = e->next) {
		const struct xsd_sockmsg head = { .type = XS_WATCH_EVENT, .len = e->length };

		if (length + sizeof(head) + e->length > sizeof(slot->out))
			break;
		message_put(slot->out + length, &head, e->payload);
		length += (uint32_t)sizeof(head) + e->length;
		index = e->index + 1;
	}
	atomic_store(&slot->batch, pair_of(index, length));
	client_events_sent(c, index);
	return true;
}

/* 1: out[] is empty. */
static int send_out(struct server *sv, uint32_t i)
{
	struct slot *slot = &sv->state->slots[i];

	while (slot_sent(slot) < slot_out_length(slot)) {
		int r = slot->kind == SLOT_RING ? ring_send(sv, i) : socket_send(sv, i);

		if (r <= 0)
			return r;
	}
	slot_out_done(slot);
	return 1;
}

/*
 * How much to ask for: the rest of a request that has begun, else as much as one request may be long. So each begins in the
 * first half of in[], and there is always room for its rest.
 */
static uint32_t receive_limit(struct slot *slot)
{
	uint32_t offset = low_half(atomic_load(&slot->cursor));
	uint32_t there = slot_received(slot) - offset;
	struct xsd_sockmsg head;

	if (!offset)
		return (uint32_t)MESSAGE_MAX - there;
	if (there < sizeof(head))
		return (uint32_t)sizeof(head) - there;
	memcpy(&head, slot->in + offset, sizeof(head));
	return (uint32_t)sizeof(head) + head.len - there;
}

/*
 * A turn; false: the connection is at its end. Nothing more is read from one who does not take what it has been sent, so
 * that no queue of replies can grow.
 */
static bool connection_turn(struct server *sv, uint32_t i)
{
	struct slot *slot = &sv->state->slots[i];
	bool has_received = false;

	for (int budget = REQUESTS_A_TURN; budget;) {
		struct client *c = client_by_slot(&sv->store, i);
		struct xsd_sockmsg head;
		const char *body;
		int r = send_out(sv, i);

		if (r <= 0)
			return !r;
		if (!c)
			return false;
		r = c->is_ignored ? -1 : request_at(slot, &head, &body);
		if (r < 0)
			return false;
		if (r) {
			request_carry_out(sv, i, &head, body);
			budget--;
			continue;
		}
		if (events_fill(sv, i))
			continue;
		/* A socket is asked again only when the kernel says so. */
		if (has_received && slot->kind == SLOT_SOCKET)
			return true;
		r = slot->kind == SLOT_RING ? ring_receive(sv, i, receive_limit(slot)) :
					      socket_receive(sv, i, receive_limit(slot));
		if (r <= 0)
			return !r;
		has_received = true;
	}
	server_ready(sv, i);
	return true;
}

static void turns_take(struct server *sv)
{
	for (uint32_t turns = sv->ready_count; turns; turns--) {
		uint32_t i = sv->ready[sv->ready_first];

		sv->ready_first = (sv->ready_first + 1) % SLOT_COUNT;
		sv->ready_count--;
		sv->connections[i].is_ready = false;
		if (sv->state->slots[i].kind == SLOT_FREE)
			continue;
		if (!connection_turn(sv, i))
			server_close(sv, i);
	}
	if (journal_is_long(&sv->journal, &sv->store))
		journal_compact(&sv->journal, &sv->store);
}

static int epoll_add(struct server *sv, int fd, uint32_t what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = what };

	return epoll_ctl(sv->epoll_fd, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

/* Slots as the last daemon left them, once the journal has been done again. */
static int slots_recover(struct server *sv, const uint32_t sequences[static SLOT_COUNT])
{
	for (uint32_t i = 0; i < SLOT_COUNT; i++) {
		struct slot *slot = &sv->state->slots[i];

		if (slot->kind == SLOT_FREE) {
			if (client_by_slot(&sv->store, i))
				server_close(sv, i);
			continue;
		}
		sv->slot_limit = i + 1;
		if (!client_by_slot(&sv->store, i) &&
		    (slot->kind == SLOT_RING || atomic_load(&slot->cursor) != pair_of(1, 0))) {
			slot_close(sv, i);
			continue;
		}
		if (slot->kind == SLOT_SOCKET && socket_watch(sv, i)) {
			server_close(sv, i);
			continue;
		}
		if (!client_by_slot(&sv->store, i))
			server_client(sv, i, 0, true);
		slot_recover(slot, sequences[i]);
		server_ready(sv, i);
	}
	return 0;
}

static int signals_watch(struct server *sv)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sv->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return sv->signal_fd < 0 ? -errno : epoll_add(sv, sv->signal_fd, WATCH_SIGNALS);
}

int server_start(struct server *sv, struct state *st, bool with_xen)
{
	static uint32_t sequences[SLOT_COUNT];
	int rc;

	sv->state = st;
	sv->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (sv->epoll_fd < 0)
		return -errno;
	store_init(&sv->store, &hooks, sv);
	rc = journal_open(&sv->journal, st);
	if (!rc)
		rc = journal_replay(&sv->journal, &sv->store, sequences);
	if (!rc)
		rc = signals_watch(sv);
	if (!rc && with_xen)
		rc = xen_start(sv);
	if (!rc)
		rc = slots_recover(sv, sequences);
	if (!rc && sv->xen)
		rc = epoll_add(sv, st->evtchn_fd, WATCH_EVTCHN);
	if (!rc)
		rc = epoll_add(sv, st->listen_fd, WATCH_LISTEN);
	if (rc)
		fprintf(stderr, "xenstored: cannot start: %s\n", strerror(-rc));
	return rc;
}

static int signal_take(struct server *sv)
{
	struct signalfd_siginfo info;

	if (read(sv->signal_fd, &info, sizeof(info)) != sizeof(info))
		return SERVER_STOP;
	return info.ssi_signo == SIGUSR1 ? SERVER_KEEP : SERVER_STOP;
}

int server_run(struct server *sv)
{
	struct epoll_event events[EVENTS_AT_ONCE];

	for (;;) {
		int n = epoll_wait(sv->epoll_fd, events, EVENTS_AT_ONCE, sv->ready_count ? 0 : -1);

		if (n < 0 && errno != EINTR) {
			perror("xenstored: epoll_wait");
			return SERVER_FAILED;
		}
		for (int i = 0; i < n; i++) {
			uint32_t what = events[i].data.u32;

			if (what == WATCH_SIGNALS)
				return signal_take(sv);
			else if (what == WATCH_LISTEN)
				socket_accept(sv);
			else if (what == WATCH_EVTCHN)
				xen_events(sv);
			else
				server_ready(sv, what);
		}
		turns_take(sv);
	}
}
