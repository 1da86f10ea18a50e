/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end: one clear line, registers and stack where they help, then halt or reboot. */
#ifndef HV_PANIC_H
#define HV_PANIC_H

#include <hv/types.h>

/* Say why on every console, then halt (noreboot) or reboot. Does not return. */
void panic(const char *fmt, ...) __format_printf(1, 2) __noreturn;

/*
 * The machine, the options or the modules are not such that we can boot:
 * that one line on every console, then halt or reboot as panic() does.
 */
void boot_error(const char *fmt, ...) __format_printf(1, 2) __noreturn;

/*
 * A crash is about to be described: interrupts off, consoles ours. Called
 * before a register dump; panic() does it itself.
 */
void panic_begin(void);

/* Has some CPU begun to panic? Then all that is logged is shown. */
bool panic_in_progress(void);

/*
 * Both say what we believe of ourselves. A guest must never be able to make
 * one of them untrue.
 */
#define BUG_ON(cond)								\
	do {									\
		if (unlikely(cond))						\
			panic("BUG at %s:%d: %s\n", __FILE__, __LINE__, #cond);	\
	} while (0)

#ifdef HV_DEBUG
#define ASSERT(cond) BUG_ON(!(cond))
#else
#define ASSERT(cond) ((void)sizeof(cond))
#endif

#endif
