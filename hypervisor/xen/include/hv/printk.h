/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's log. What we say of ourselves is error, warning, info or
 * debug; what a guest caused is never more than a rate-limited guest line.
 */
#ifndef HV_PRINTK_H
#define HV_PRINTK_H

#include <hv/types.h>

#include <stdarg.h>

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
	LOG_GUEST_ERROR,	/* rate-limited, judged by guest_loglvl= */
	LOG_GUEST_WARNING,
	LOG_GUEST_INFO,
	LOG_GUEST_DEBUG,
};

/* Format one line (or a part that does not end in a newline) to ring and consoles. */
void printk(enum log_level level, const char *fmt, ...) __format_printf(2, 3);
void printk_v(enum log_level level, const char *fmt, va_list args) __format_printf(2, 0);

/* End the line that a part without a newline began, if any. */
void printk_end_line(void);

#define log_error(...)	 printk(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) printk(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	 printk(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	 printk(LOG_DEBUG, __VA_ARGS__)

#endif
