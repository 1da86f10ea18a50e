/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory and text, without a C library. The mem* functions are weak, so that
 * the architecture may bring faster ones. The compiler must not recognise the
 * loops in here as what they implement.
 */
#ifndef __clang__	/* which minds the name of the function by itself */
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

#include <hv/string.h>

#define __weak __attribute__((weak))

typedef uint64_t unaligned_word __attribute__((aligned(1), may_alias));

__weak void *memcpy(void *restrict dst, const void *restrict src, size_t len)
{
	const uint8_t *from = src;
	uint8_t *to = dst;

	for (; len >= 8; len -= 8, to += 8, from += 8)
		*(unaligned_word *)to = *(const unaligned_word *)from;
	while (len--)
		*to++ = *from++;
	return dst;
}

__weak void *memmove(void *dst, const void *src, size_t len)
{
	const uint8_t *from = src;
	uint8_t *to = dst;

	/* Upwards is right unless the destination lies within the source. */
	if ((size_t)(to - from) >= len) {
		for (; len >= 8; len -= 8, to += 8, from += 8)
			*(unaligned_word *)to = *(const unaligned_word *)from;
		while (len--)
			*to++ = *from++;
		return dst;
	}
	while (len >= 8) {
		len -= 8;
		*(unaligned_word *)(to + len) = *(const unaligned_word *)(from + len);
	}
	while (len--)
		to[len] = from[len];
	return dst;
}

__weak void *memset(void *dst, int byte, size_t len)
{
	uint64_t word = (uint8_t)byte * 0x0101010101010101ULL;
	uint8_t *to = dst;

	for (; len >= 8; len -= 8, to += 8)
		*(unaligned_word *)to = word;
	while (len--)
		*to++ = byte;
	return dst;
}

__weak int memcmp(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;

	for (; len >= 8; len -= 8, x += 8, y += 8)
		if (*(const unaligned_word *)x != *(const unaligned_word *)y)
			break;
	for (; len; len--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *p, int byte, size_t len)
{
	const uint8_t *from = p;

	for (; len; len--, from++)
		if (*from == (uint8_t)byte)
			return (void *)(uintptr_t)from;
	return NULL;
}

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return end - s;
}

size_t strnlen(const char *s, size_t max)
{
	size_t len = 0;

	while (len < max && s[len])
		len++;
	return len;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++)
		b++;
	return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (; max; max--, a++, b++)
		if (*a != *b || !*a)
			return (uint8_t)*a - (uint8_t)*b;
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (!*s)
			return NULL;
	}
}

char *strstr(const char *s, const char *what)
{
	size_t len = strlen(what);

	for (;; s++) {
		if (!strncmp(s, what, len))
			return (char *)(uintptr_t)s;
		if (!*s)
			return NULL;
	}
}

/* The value of a digit, 36 or more if @c is none. */
static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? (unsigned int)(c - 'a' + 10) : 36;
}

/* Skips 0x where hexadecimal digits follow; returns the base to use. */
static unsigned int read_prefix(const char **s, unsigned int base)
{
	const char *p = *s;

	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] | 0x20) == 'x' &&
	    digit_value(p[2]) < 16) {
		*s = p + 2;
		return 16;
	}
	if (base)
		return base;
	return p[0] == '0' ? 8 : 10;
}

unsigned long long strtoull(const char *s, char **end, int base)
{
	const char *start = s, *digits;
	unsigned long long value = 0;
	bool negative, overflow = false;
	unsigned int radix, d;

	while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	negative = *s == '-';
	if (*s == '-' || *s == '+')
		s++;
	radix = read_prefix(&s, base);
	for (digits = s; (d = digit_value(*s)) < radix; s++) {
		overflow |= __builtin_mul_overflow(value, radix, &value);
		overflow |= __builtin_add_overflow(value, d, &value);
	}
	if (end)
		*end = (char *)(uintptr_t)(s == digits ? start : s);
	if (overflow)
		return ~0ULL;
	return negative ? -value : value;
}
