// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that writes anything into its console's page at any time. Whatever it does, no more comes out of the ring than a ring
 * holds, no more goes in than it has room for, and the buffer behind it keeps its size.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backlog.h"
#include "ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

static uint32_t word(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct backlog backlog;
	struct xencons_interface *page = calloc(1, sizeof(*page));
	struct ring ring;

	memset(&backlog, 0, sizeof(backlog));
	if (size >= 16)
		memcpy(&page->in_cons, data, 16);
	ring_begin(&ring, page);
	for (size_t at = 0; at + 6 <= size; at += 6) {
		uint32_t value = word(data + at + 1);
		char bytes[4096];
		const char *from;
		size_t n;

		switch (data[at] % 6) {
		case 0:
			page->out_prod = value;
			break;
		case 1:
			page->out_prod = ring.out_cons + value % 3000;
			break;
		case 2:
			page->in_cons = value;
			break;
		case 3:
			page->in_prod = page->out_cons = value;
			break;
		case 4:
			n = ring_take(&ring, bytes, value % sizeof(bytes));
			check(n <= sizeof(page->out) && n <= value % sizeof(bytes));
			backlog_put(&backlog, bytes, n);
			break;
		default:
			memset(bytes, data[at + 5], sizeof(bytes));
			n = ring_room(&ring);
			check(ring_give(&ring, bytes, value % sizeof(bytes)) <= n);
			check(n <= sizeof(page->in));
			n = backlog_peek(&backlog, &from);
			backlog_drop(&backlog, n / 2);
		}
		check(backlog.count <= BACKLOG_SIZE && backlog.first < BACKLOG_SIZE);
	}
	free(page);
	return 0;
}
