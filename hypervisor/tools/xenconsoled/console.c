// SPDX-License-Identifier: GPL-2.0-or-later
/* One console, see console.h. */
#include "console.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <xen/grant_table.h>

#define PAGE 4096
#define TICK_US (TICK_MS * 1000ull)

static uint64_t tick_number(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) / TICK_MS;
}

/* Renews the allowance when a tick has passed. False: it is used up. */
static bool may_go_on(struct console *c)
{
	uint64_t tick = tick_number();

	if (tick != c->tick) {
		c->tick = tick;
		c->bytes_left = BYTES_A_TICK;
		c->events_left = EVENTS_A_TICK;
	}
	return c->bytes_left && c->events_left;
}

static void throttle(struct console *c)
{
	c->is_throttled = true;
	sd_event_source_set_time_relative(c->world->tick, TICK_US);
	sd_event_source_set_enabled(c->world->tick, SD_EVENT_ONESHOT);
}

/* As much as the client's terminal takes. */
static void pty_flush(struct console *c)
{
	const char *from;
	size_t size;

	while ((size = backlog_peek(&c->backlog, &from))) {
		ssize_t n = write(c->pty, from, size);

		if (n <= 0)
			return;
		backlog_drop(&c->backlog, (size_t)n);
	}
}

static void pty_receive(struct console *c)
{
	char bytes[1024];
	size_t room = c->ring.page ? ring_room(&c->ring) : 0;
	ssize_t n;

	if (!room)
		return;
	n = read(c->pty, bytes, room < sizeof(bytes) ? room : sizeof(bytes));
	if (n <= 0)
		return;
	ring_give(&c->ring, bytes, (size_t)n);
	xenevtchn_notify(c->world->evtchn, c->port);
}

/* Waits for what can be done next; without a client, for inotify's word that there is one. */
static void pty_await(struct console *c)
{
	uint32_t events = 0;

	if (!pty_has_client(c->pty)) {
		sd_event_source_set_enabled(c->pty_source, SD_EVENT_OFF);
		return;
	}
	pty_flush(c);
	if (c->backlog.count)
		events |= EPOLLOUT;
	if (c->ring.page && ring_room(&c->ring))
		events |= EPOLLIN;
	sd_event_source_set_io_events(c->pty_source, events);
	sd_event_source_set_enabled(c->pty_source, SD_EVENT_ON);
}

static int on_pty(sd_event_source *s, int fd, uint32_t events, void *userdata)
{
	struct console *c = userdata;

	(void)s;
	(void)fd;
	if (events & EPOLLIN)
		pty_receive(c);
	pty_await(c);
	return 0;
}

/* The guest's output goes on to the log and to whoever reads, within the allowance. */
static void output_take(struct console *c)
{
	char bytes[2048];
	size_t n, all = 0;

	while (may_go_on(c)) {
		n = ring_take(&c->ring, bytes,
			      c->bytes_left < sizeof(bytes) ? c->bytes_left : sizeof(bytes));
		if (!n)
			break;
		all += n;
		c->bytes_left -= (unsigned int)n;
		if (c->log)
			log_write(c->log, bytes, n);
		backlog_put(&c->backlog, bytes, n);
	}
	if (all)
		xenevtchn_notify(c->world->evtchn, c->port);
}

static void guest_serve(struct console *c)
{
	output_take(c);
	pty_await(c);
	if (may_go_on(c))
		xenevtchn_unmask(c->world->evtchn, c->port);
	else
		throttle(c);
}

static int on_event_channel(sd_event_source *s, int fd, uint32_t events, void *userdata)
{
	struct world *w = userdata;
	xenevtchn_port_or_error_t port = xenevtchn_pending(w->evtchn);

	(void)s;
	(void)fd;
	(void)events;
	if (port < 0)
		return 0;
	for (struct console *c = w->consoles; c; c = c->next) {
		if (!c->ring.page || c->port != (evtchn_port_t)port)
			continue;
		if (may_go_on(c))
			c->events_left--;
		guest_serve(c);
	}
	return 0;
}

static int on_tick(sd_event_source *s, uint64_t now, void *userdata)
{
	struct world *w = userdata;

	(void)s;
	(void)now;
	for (struct console *c = w->consoles; c; c = c->next) {
		if (!c->is_throttled)
			continue;
		c->is_throttled = false;
		if (c->ring.page)
			guest_serve(c);
	}
	return 0;
}

/* Somebody has opened or closed a terminal. */
static int on_inotify(sd_event_source *s, int fd, uint32_t events, void *userdata)
{
	_Alignas(struct inotify_event) char buffer[4096];
	struct world *w = userdata;
	ssize_t n = read(fd, buffer, sizeof(buffer));

	(void)s;
	(void)events;
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e = (const struct inotify_event *)(buffer + at);

		for (struct console *c = w->consoles; c; c = c->next)
			if (c->pty_watch == e->wd)
				pty_await(c);
		at += (ssize_t)(sizeof(*e) + e->len);
	}
	return 0;
}

int world_start(struct world *w)
{
	int rc;

	w->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->inotify_fd < 0)
		return -errno;
	rc = sd_event_add_io(w->event, NULL, w->inotify_fd, EPOLLIN, on_inotify, w);
	if (rc >= 0)
		rc = sd_event_add_io(w->event, NULL, xenevtchn_fd(w->evtchn), EPOLLIN,
				     on_event_channel, w);
	if (rc >= 0)
		rc = sd_event_add_time_relative(w->event, &w->tick, CLOCK_MONOTONIC, TICK_US, 0,
						on_tick, w);
	return rc < 0 ? rc : 0;
}

struct console *console_find(const struct world *w, uint16_t domid, unsigned int device)
{
	struct console *c = w->consoles;

	while (c && (c->domid != domid || c->device != device))
		c = c->next;
	return c;
}

static int terminal_start(struct console *c)
{
	char name[PTY_NAME_SIZE];
	int rc;

	if (c->pty < 0)
		c->pty = pty_open();
	if (c->pty < 0)
		return c->pty;
	rc = pty_name(c->pty, name);
	if (rc)
		return rc;
	c->pty_watch = inotify_add_watch(c->world->inotify_fd, name, IN_OPEN | IN_CLOSE);
	if (c->pty_watch < 0)
		return -errno;
	rc = sd_event_add_io(c->world->event, &c->pty_source, c->pty, EPOLLIN, on_pty, c);
	return rc < 0 ? rc : 0;
}

struct console *console_add(struct world *w, uint16_t domid, unsigned int device, int pty,
			    const char *log_name)
{
	struct console *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return NULL;
	c->world = w;
	c->domid = domid;
	c->device = device;
	c->pty = pty;
	rc = terminal_start(c);
	if (rc) {
		if (c->pty >= 0)
			close(c->pty);
		free(c);
		errno = -rc;
		return NULL;
	}
	if (w->is_logging)
		c->log = log_open(&w->log, log_name);
	c->next = w->consoles;
	w->consoles = c;
	pty_await(c);
	return c;
}

static void disconnect(struct console *c)
{
	void *page = (void *)(uintptr_t)c->ring.page;

	if (!page)
		return;
	xenevtchn_unbind(c->world->evtchn, c->port);
	if (c->is_granted)
		xengnttab_unmap(c->world->gnttab, page, 1);
	else
		xenforeignmemory_unmap(c->world->memory, page, 1);
	c->ring.page = NULL;
	c->is_throttled = false;
}

/*
 * The first console's page is a frame of the guest, for which its builder may have left a grant at a known place; a
 * device's page is always granted.
 */
static void *page_map(struct console *c, uint64_t ring_ref)
{
	const xen_pfn_t frame = ring_ref;
	uint32_t grant = c->device ? (uint32_t)ring_ref : GNTTAB_RESERVED_CONSOLE;
	void *page;

	c->is_granted = true;
	page = xengnttab_map_grant_ref(c->world->gnttab, c->domid, grant, PROT_READ | PROT_WRITE);
	if (page || c->device)
		return page;
	c->is_granted = false;
	return xenforeignmemory_map(c->world->memory, c->domid, PROT_READ | PROT_WRITE, 1, &frame,
				    NULL);
}

int console_connect(struct console *c, uint64_t ring_ref, uint32_t remote_port)
{
	int port;
	void *page;

	if (c->ring.page && c->ring_ref == ring_ref && c->remote_port == remote_port)
		return 0;
	disconnect(c);
	page = page_map(c, ring_ref);
	if (!page)
		return -errno;
	port = xenevtchn_bind_interdomain(c->world->evtchn, c->domid, remote_port);
	if (port < 0) {
		int rc = -errno;

		if (c->is_granted)
			xengnttab_unmap(c->world->gnttab, page, 1);
		else
			xenforeignmemory_unmap(c->world->memory, page, 1);
		return rc;
	}
	c->ring_ref = ring_ref;
	c->remote_port = remote_port;
	c->port = (evtchn_port_t)port;
	ring_begin(&c->ring, page);
	guest_serve(c);
	xenevtchn_notify(c->world->evtchn, c->port);
	return 0;
}

void console_remove(struct console *c)
{
	struct console **at = &c->world->consoles;

	if (c->ring.page) {
		c->tick = 0; /* its last words are one allowance */
		output_take(c);
		if (pty_has_client(c->pty))
			pty_flush(c);
	}
	disconnect(c);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	inotify_rm_watch(c->world->inotify_fd, c->pty_watch);
	sd_event_source_disable_unref(c->pty_source);
	close(c->pty);
	log_close(c->log);
	free(c);
}
