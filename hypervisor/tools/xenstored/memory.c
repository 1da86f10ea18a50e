// SPDX-License-Identifier: GPL-2.0-or-later
/* Allocation that does not come back empty-handed, see memory.h. */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
	if (p)
		return p;
	fputs("xenstored: out of memory\n", stderr);
	abort();
}

void *xs_alloc(size_t size)
{
	return must(malloc(size ? size : 1));
}

void *xs_zalloc(size_t size)
{
	return must(calloc(1, size ? size : 1));
}

void *xs_realloc(void *old, size_t size)
{
	return must(realloc(old, size ? size : 1));
}

char *xs_strndup(const char *text, size_t length)
{
	char *copy = xs_alloc(length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}
