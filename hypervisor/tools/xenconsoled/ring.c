// SPDX-License-Identifier: GPL-2.0-or-later
/* A console's page, see ring.h. */
#include "ring.h"

#define OUT_SIZE ((uint32_t)sizeof(((struct xencons_interface *)NULL)->out))
#define IN_SIZE ((uint32_t)sizeof(((struct xencons_interface *)NULL)->in))

void ring_begin(struct ring *ring, void *page)
{
	ring->page = page;
	ring->out_cons = ring->page->out_cons;
	ring->in_prod = ring->page->in_prod;
}

size_t ring_take(struct ring *ring, char *to, size_t size)
{
	volatile struct xencons_interface *page = ring->page;
	uint32_t produced = __atomic_load_n(&page->out_prod, __ATOMIC_ACQUIRE);
	uint32_t count = produced - ring->out_cons;

	if (count > OUT_SIZE) {
		ring->out_cons = produced;
		count = 0;
	}
	count = count < size ? count : (uint32_t)size;
	for (uint32_t i = 0; i < count; i++)
		to[i] = page->out[(ring->out_cons + i) % OUT_SIZE];
	ring->out_cons += count;
	__atomic_store_n(&page->out_cons, ring->out_cons, __ATOMIC_RELEASE);
	return count;
}

size_t ring_room(const struct ring *ring)
{
	uint32_t used = ring->in_prod - __atomic_load_n(&ring->page->in_cons, __ATOMIC_ACQUIRE);

	return used > IN_SIZE ? 0 : IN_SIZE - used;
}

size_t ring_give(struct ring *ring, const char *from, size_t size)
{
	size_t room = ring_room(ring), count = size < room ? size : room;

	for (size_t i = 0; i < count; i++)
		ring->page->in[(ring->in_prod + i) % IN_SIZE] = from[i];
	ring->in_prod += (uint32_t)count;
	__atomic_store_n(&ring->page->in_prod, ring->in_prod, __ATOMIC_RELEASE);
	return count;
}
