// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory for programs that cannot do anything useful without it: these functions return what was asked for or end the
 * program with a line on stderr and EXIT_NO_MEMORY.
 */
#ifndef GUEST_ALLOC_H
#define GUEST_ALLOC_H

#include <stddef.h>

#define EXIT_NO_MEMORY 70

/* Zeroed. */
void *alloc_zeroed(size_t size);
/* @array with room for @count members of @size bytes. */
void *alloc_array(void *array, size_t count, size_t size);
char *alloc_string(const char *text);
/* The first @length bytes of @text, and a zero byte. */
char *alloc_substring(const char *text, size_t length);
char *alloc_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
