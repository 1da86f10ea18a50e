/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One console: a guest's ring on one side, a terminal and a log on the other. A guest that floods it is served at a bounded rate
 * and waits meanwhile; nobody who reads slowly, or not at all, can make a guest wait.
 */
#ifndef XENCONSOLED_CONSOLE_H
#define XENCONSOLED_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>

#include "backlog.h"
#include "log_file.h"
#include "pty.h"
#include "ring.h"

#define CONSOLES_A_DOMAIN 8u /* device numbers below it */
#define TICK_MS 100u
#define BYTES_A_TICK 65536u
#define EVENTS_A_TICK 64u

/* What all consoles share. */
struct world {
	sd_event *event;
	sd_event_source *tick; /* armed while a console is throttled */
	int inotify_fd;
	xenevtchn_handle *evtchn;
	xengnttab_handle *gnttab;
	xenforeignmemory_handle *memory;
	struct log_settings log; /* of guests */
	bool is_logging;
	struct console *consoles;
};

struct console {
	struct console *next;
	struct world *world;
	uint16_t domid;
	unsigned int device; /* 0: the one that every domain has */

	struct ring ring; /* page NULL: not connected */
	bool is_granted; /* how the page was mapped */
	uint64_t ring_ref;
	uint32_t remote_port;
	evtchn_port_t port;

	int pty, pty_watch;
	sd_event_source *pty_source;
	struct backlog backlog;
	struct log_file *log; /* may be NULL */

	uint64_t tick; /* the number of that in which the two were used: */
	unsigned int bytes_left, events_left;
	bool is_throttled; /* its event stays masked until the next tick */
};

/* The event channel's and inotify's descriptors, the timer. 0 or negative errno. */
int world_start(struct world *w);

struct console *console_find(const struct world *w, uint16_t domid, unsigned int device);

/* A new one, with @pty or, if that is negative, a new terminal. NULL with errno. */
struct console *console_add(struct world *w, uint16_t domid, unsigned int device, int pty,
			    const char *log_name);

/* Connects it with a ring; a ring that it had is given up, unless it is the same. 0 or negative errno. */
int console_connect(struct console *c, uint64_t ring_ref, uint32_t remote_port);

/* Reads what is left, then forgets it all. */
void console_remove(struct console *c);

#endif
