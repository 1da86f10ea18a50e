// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that is there, or the program ends. */
#include "alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
	if (memory)
		return memory;
	fputs("xl: out of memory\n", stderr);
	exit(EXIT_NO_MEMORY);
}

void *alloc_zeroed(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *alloc_array(void *array, size_t count, size_t size)
{
	return checked(reallocarray(array, count ? count : 1, size));
}

char *alloc_string(const char *text)
{
	return checked(strdup(text));
}

char *alloc_substring(const char *text, size_t length)
{
	return checked(strndup(text, length));
}

char *alloc_format(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int r;

	va_start(args, format);
	r = vasprintf(&text, format, args);
	va_end(args);
	return checked(r < 0 ? NULL : text);
}
