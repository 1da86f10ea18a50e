/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a function here says why it failed: return fail(why, -EINVAL, "kernel has no ..."). */
#ifndef BUILD_WHY_H
#define BUILD_WHY_H

#include "build.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 3, 4))) static inline int fail(struct build_why *why, int rc,
							     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return rc;
}

#endif
