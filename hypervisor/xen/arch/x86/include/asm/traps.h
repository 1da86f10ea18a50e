/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions: what the hardware calls, and how one is passed on to a guest. */
#ifndef ASM_TRAPS_H
#define ASM_TRAPS_H

#include <hv/abi.h>
#include <hv/types.h>

enum x86_vector {
	X86_DE = 0,
	X86_DB = 1,
	X86_NMI = 2,
	X86_BP = 3,
	X86_OF = 4,
	X86_BR = 5,
	X86_UD = 6,
	X86_NM = 7,
	X86_DF = 8,
	X86_TS = 10,
	X86_NP = 11,
	X86_SS = 12,
	X86_GP = 13,
	X86_PF = 14,
	X86_MF = 16,
	X86_AC = 17,
	X86_MC = 18,
	X86_XM = 19,
	X86_VE = 20,
	X86_CP = 21,
	VECTOR_LEGACY_SYSCALL = 0x80,	/* int 0x80: gate open to ring 3, straight to the guest */
	VECTOR_HYPERCALL_32   = 0x82,	/* int 0x82 of 32-bit guests */
};

#define PF_PRESENT  0x01
#define PF_WRITE    0x02
#define PF_USER	    0x04
#define PF_RESERVED 0x08
#define PF_FETCH    0x10

/* Did this frame come from a guest (ring 3), or from ourselves? */
static inline bool regs_from_guest(const struct cpu_user_regs *regs)
{
	return regs->cs & 3;
}

struct vcpu;

/*
 * Make the running vCPU take exception @vector when it is resumed: its handler is entered through a
 * bounce frame built at once. Never fails: a guest that cannot take it is crashed.
 */
void guest_inject(struct cpu_user_regs *regs, unsigned int vector);
void guest_inject_error(struct cpu_user_regs *regs, unsigned int vector, uint32_t error_code);
void guest_inject_page_fault(struct cpu_user_regs *regs, unsigned long addr, uint32_t error_code);

/* External interrupts, vectors 0x20 to 0xff but the two above: irq/vectors.c. */
void irq_dispatch(struct cpu_user_regs *regs, unsigned int vector);

/*
 * An MSR access that may fault, through the exception table: 0, or -EFAULT after #GP.
 */
int rdmsr_safe(uint32_t msr, uint64_t *value) __must_check;
int wrmsr_safe(uint32_t msr, uint64_t value) __must_check;

#endif
