/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log's memory: a ring of characters, newest kept. Plain data, no lock. */
#include <hv/ring.h>

void text_ring_put(struct text_ring *ring, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		ring->data[ring->end++ & (ring->size - 1)] = text[i];
	if (length > ring->size || ring->end - ring->start > ring->size)
		ring->start = ring->end - ring->size;
}

size_t text_ring_get(const struct text_ring *ring, uint32_t *index, char *buf, size_t size)
{
	uint32_t kept = ring->end - ring->start;
	size_t count;

	if (*index - ring->start > kept)
		*index = ring->start;
	count = ring->end - *index;
	if (count > size)
		count = size;
	for (size_t i = 0; i < count; i++)
		buf[i] = ring->data[(*index)++ & (ring->size - 1)];
	return count;
}

void text_ring_forget(struct text_ring *ring, uint32_t index)
{
	if (index - ring->start <= ring->end - ring->start)
		ring->start = index;
}
