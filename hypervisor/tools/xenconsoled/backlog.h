/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last output of a console that nobody has read yet: a buffer of fixed size that forgets the oldest. */
#ifndef XENCONSOLED_BACKLOG_H
#define XENCONSOLED_BACKLOG_H

#include <stddef.h>

#define BACKLOG_SIZE 65536u /* a power of two */

struct backlog {
	char bytes[BACKLOG_SIZE];
	unsigned int first, count;
};

void backlog_put(struct backlog *b, const char *from, size_t size);

/* The oldest bytes that lie in a row; their number, 0 when there are none. */
size_t backlog_peek(const struct backlog *b, const char **from);

/* The oldest @size bytes (no more than there are) have been read. */
void backlog_drop(struct backlog *b, size_t size);

#endif
