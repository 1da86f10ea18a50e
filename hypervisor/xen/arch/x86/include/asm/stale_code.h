/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that a CPU, or an emulator of one, still believes in. */
#ifndef ASM_STALE_CODE_H
#define ASM_STALE_CODE_H

struct cpu_user_regs;
struct vcpu;

/* @v came by int3 that ends at @regs->rip: if memory says something else there, have it looked at again. */
void stale_breakpoint(const struct vcpu *v, const struct cpu_user_regs *regs);

#endif
