/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A console's page (xen/io/console.h), which a guest can write to at any time and with any values. What is ours of it, how far
 * output was taken and input was given, is kept here and only told to the guest; what is the guest's is read once.
 */
#ifndef XENCONSOLED_RING_H
#define XENCONSOLED_RING_H

#include <stddef.h>
#include <stdint.h>

#include <xen/io/console.h>

struct ring {
	volatile struct xencons_interface *page;
	uint32_t out_cons, in_prod;
};

/* Goes on where the page says that the last daemon ended. */
void ring_begin(struct ring *ring, void *page);

/*
 * Takes at most @size bytes of output. Returns their number; more than the ring can hold is a broken ring, whose content is
 * skipped.
 */
size_t ring_take(struct ring *ring, char *to, size_t size);

/* Gives at most @size bytes of input; returns how many there was room for. */
size_t ring_give(struct ring *ring, const char *from, size_t size);

/* Room for input. */
size_t ring_room(const struct ring *ring);

#endif
