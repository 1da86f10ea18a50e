/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open files across deaths. The keeper and the daemon share ONE table of file descriptors (CLONE_FILES), so what the daemon opens
 * stays open when it is killed. systemd's file descriptor store does the same for an orderly restart of both.
 */
#ifndef XENSTORED_DESCRIPTORS_H
#define XENSTORED_DESCRIPTORS_H

#include "state.h"

/* The state of the last service and its file, from the store of systemd; NULL: there is none. */
struct state *descriptors_take(int *state_fd);

/* Puts what must outlive the service into that store: its files, and with @connections the clients' sockets. */
void descriptors_keep(const struct state *st, int state_fd, bool connections);

/*
 * At the start of a daemon: closes what the last one had for itself, and gives connections that it had
 * accepted but not written down a slot.
 */
void descriptors_tidy(struct state *st, int state_fd);

#endif
