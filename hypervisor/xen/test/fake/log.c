/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's stand-in for the log and for panic(): text goes to a buffer, a
 * panic prints that buffer and aborts. Weak, so that a test of the real
 * printk.c or panic.c can link those.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <hv/panic.h>
#include <hv/printk.h>

#include "log.h"

#define __weak __attribute__((weak))

static char text[16384];
static size_t text_len;

static void append(const char *fmt, va_list args)
{
	size_t room = sizeof(text) - text_len;
	int n = vsnprintf(text + text_len, room, fmt, args);

	if (n > 0)
		text_len += (size_t)n < room ? (size_t)n : room - 1;
}

const char *fake_log_text(void)
{
	return text;
}

void fake_log_clear(void)
{
	text_len = 0;
	text[0] = '\0';
}

__weak void printk(enum log_level level, const char *fmt, ...)
{
	va_list args;

	(void)level;
	va_start(args, fmt);
	append(fmt, args);
	va_end(args);
}

__weak void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	append(fmt, args);
	va_end(args);
	fprintf(stderr, "%s\n", text);
	abort();
}
