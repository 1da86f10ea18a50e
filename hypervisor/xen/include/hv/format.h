/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formatted text into a buffer, for the log and for messages. */
#ifndef HV_FORMAT_H
#define HV_FORMAT_H

#include <hv/types.h>

#include <stdarg.h>

/*
 * Write at most @size - 1 characters and a final NUL to @buf.
 *
 * Understands %d %i %u %x %X %o %c %s %p %%, the flags "0-+ #", width and
 * precision (also as *), and the lengths hh h l ll z j t. An unknown
 * conversion is copied as it stands and ends the formatting.
 * Returns the length the whole text would have had.
 */
size_t format_string(char *buf, size_t size, const char *fmt, ...) __format_printf(3, 4);
size_t format_string_v(char *buf, size_t size, const char *fmt, va_list args) __format_printf(3, 0);

#endif
