/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of characters that keeps the newest: the memory of the log.
 * Indices count characters ever written and wrap at 2^32, as those of
 * XEN_SYSCTL_readconsole do. The caller locks.
 */
#ifndef HV_RING_H
#define HV_RING_H

#include <hv/types.h>

struct text_ring {
	char *data;
	uint32_t size;	/* a power of two */
	uint32_t end;	/* index of the next character written */
	uint32_t start; /* index of the oldest kept */
};

void text_ring_put(struct text_ring *ring, const char *text, size_t length);

/*
 * Copy up to @size characters from index *@index on, or from the oldest if
 * that one is gone or never was, and advance *@index past them.
 * Returns how many; 0 when there is nothing newer.
 */
size_t text_ring_get(const struct text_ring *ring, uint32_t *index, char *buf, size_t size);

/* Forget all up to @index (exclusive), which text_ring_get() returned. */
void text_ring_forget(struct text_ring *ring, uint32_t index);

#endif
