/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Model-specific registers beyond what asm/emulate.h and asm/traps.h tell. */
#ifndef ASM_MSR_H
#define ASM_MSR_H

/* Each CPU, once faults can be handled: what guests are told of its MSRs is made true. */
void msr_cpu_init(void);

#endif
