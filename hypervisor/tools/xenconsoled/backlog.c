// SPDX-License-Identifier: GPL-2.0-or-later
/* Output that nobody has read, see backlog.h. */
#include "backlog.h"

#include <string.h>

void backlog_put(struct backlog *b, const char *from, size_t size)
{
	if (size > BACKLOG_SIZE) {
		from += size - BACKLOG_SIZE;
		size = BACKLOG_SIZE;
	}
	if (b->count + size > BACKLOG_SIZE)
		backlog_drop(b, b->count + size - BACKLOG_SIZE);
	for (size_t done = 0; done < size;) {
		unsigned int at = (b->first + b->count) % BACKLOG_SIZE;
		size_t part = size - done < BACKLOG_SIZE - at ? size - done : BACKLOG_SIZE - at;

		memcpy(b->bytes + at, from + done, part);
		b->count += (unsigned int)part;
		done += part;
	}
}

size_t backlog_peek(const struct backlog *b, const char **from)
{
	unsigned int in_a_row = BACKLOG_SIZE - b->first;

	*from = b->bytes + b->first;
	return b->count < in_a_row ? b->count : in_a_row;
}

void backlog_drop(struct backlog *b, size_t size)
{
	b->first = (b->first + (unsigned int)size) % BACKLOG_SIZE;
	b->count -= (unsigned int)size;
}
