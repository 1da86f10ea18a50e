/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few functions of <string.h> and <stdlib.h> that the hypervisor uses,
 * under their usual names: on the host, unit tests get them from libc.
 */
#ifndef HV_STRING_H
#define HV_STRING_H

#include <hv/types.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *p, int byte, size_t len);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *what);

/*
 * As in C11 7.22.1.4, but without errno: too big a number gives ULLONG_MAX.
 * @base is 0 (told by the prefix 0x or 0) or 2 to 36.
 */
unsigned long long strtoull(const char *s, char **end, int base);

/* Copy as much of @src as fits @size bytes, always ended by zero. @size is not 0. */
static inline void string_copy(char *dst, const char *src, size_t size)
{
	while (--size && *src)
		*dst++ = *src++;
	*dst = '\0';
}

#endif
