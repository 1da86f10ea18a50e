/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CPU does when no vCPU wants it. */
#ifndef ASM_CONTEXT_SWITCH_H
#define ASM_CONTEXT_SWITCH_H

#include <hv/types.h>

/* On the CPU's main stack, current_vcpu() its idle one. */
void idle_loop(void) __noreturn;

#endif
