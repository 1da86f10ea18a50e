/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Terminals across deaths: systemd's file descriptor store holds a copy of each (FileDescriptorStoreMax= in the unit), so
 * that whoever is attached to a console stays so when the daemon is started again.
 */
#ifndef XENCONSOLED_KEPT_H
#define XENCONSOLED_KEPT_H

#include <stdint.h>

struct kept;

/* Those of the last daemon; NULL: no memory. */
struct kept *kept_open(void);

/* The terminal of a console, or -1. */
int kept_take(struct kept *k, uint16_t domid, unsigned int device);

/* Forgets those that nobody took. */
void kept_close(struct kept *k);

void kept_put(uint16_t domid, unsigned int device, int fd);
void kept_forget(uint16_t domid, unsigned int device);

#endif
