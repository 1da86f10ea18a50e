/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the CPU and its stack looked like: for crash reports. */
#ifndef ASM_BACKTRACE_H
#define ASM_BACKTRACE_H

#include <hv/abi.h>
#include <hv/types.h>

/* The registers of @regs, and our control registers. */
void registers_print(const struct cpu_user_regs *regs);

/*
 * The function at @rip, then every word from @rsp to the end of this CPU's
 * stack that points into our code. There are no frame pointers: some of the
 * words may be left over from earlier calls.
 */
void backtrace_print(unsigned long rip, unsigned long rsp);

/* How we came to @return_address (panic()'s); nothing if a crash is reported already. */
void backtrace_caller(unsigned long return_address);

/*
 * All we can tell before panic(): registers, and for a fault of our own also
 * code, stack and call trace. @regs may be a guest's, but the machine is
 * expected to end: interrupts stay off and the consoles are ours.
 */
void crash_dump(const struct cpu_user_regs *regs);

#endif
