/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a CPU finds at the top of its stack. Per-CPU variables are arrays of
 * MAX_CPUS, indexed by this_cpu(), each element on its own cache line.
 */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

#include <hv/abi.h>
#include <hv/types.h>

#include <asm/layout.h>

struct vcpu;

/* A guest's frame stands first: our calls grow down from it, and must not meet the rest. */
struct cpu_info {
	unsigned long	     unused;		/* so that &guest_regs.es is aligned to 16 */
	struct cpu_user_regs guest_regs;	/* where the hardware pushes; es to gs are not pushed */
	struct vcpu	    *current;
	unsigned int	     cpu;
	unsigned int	     softirqs;		/* atomic: pending bits, enum softirq */
	unsigned long	     scratch_rsp;	/* the guest's, between syscall and the switch of stacks */
	/*
	 * CR3 (PATCH_XPTI): ours in the guest's present mode, ours in its kernel mode, and what the guest
	 * runs on; 0: the same. Known to this CPU alone, so that entry/ finds them on the guest's tables.
	 */
	unsigned long	     full_cr3, kernel_cr3, guest_cr3;
	unsigned long	     unused2;
	bool		     history_cleared;	/* of branches, when this guest comes in (PATCH_BHB) */
};

static inline struct cpu_info *cpu_info(void)
{
	unsigned long sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	return (struct cpu_info *)((sp | (PERCPU_SIZE - 1)) + 1 - sizeof(struct cpu_info));
}

static inline unsigned int this_cpu(void)
{
	return cpu_info()->cpu;
}

#define __cacheline_aligned __aligned(64)

#endif
