/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's stand-in for asm/percpu.h: the test says which CPU it is. Link test/fake/cpu.c. */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

#include <hv/abi.h>
#include <hv/types.h>

#include <asm/layout.h>

struct vcpu;

struct cpu_info {
	struct vcpu *current;
	unsigned int cpu;
	unsigned int softirqs;
	struct cpu_user_regs guest_regs;
	unsigned long full_cr3, kernel_cr3, guest_cr3;
};

extern struct cpu_info fake_cpu_info[MAX_CPUS];
extern __thread unsigned int fake_cpu; /* a thread can be a CPU */

static inline struct cpu_info *cpu_info(void)
{
	return &fake_cpu_info[fake_cpu];
}

static inline unsigned int this_cpu(void)
{
	return fake_cpu;
}

#define __cacheline_aligned __aligned(64)

#endif
