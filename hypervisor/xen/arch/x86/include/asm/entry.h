/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What entry/ and C agree on. Usable from assembly. */
#ifndef ASM_ENTRY_H
#define ASM_ENTRY_H

/*
 * cpu_user_regs.entry_vector: the hardware vector, or this: the guest came by
 * SYSCALL, and its rcx and r11 hold nothing but rip and rflags, so that it may
 * go back by SYSRET.
 */
#define ENTRY_SYSCALL 0x100

/* Our selectors, in the part of the GDT that the ABI reserves to us. */
#define HV_CS	0xe008
#define HV_DS	0xe010
#define HV_TSS	0xe040
#define HV_LDT	0xe050

#ifndef __ASSEMBLY__

#include <hv/abi.h>

/* Entry points of vectors 0 to 255, 16 bytes each. */
extern char vector_entries[];

/* SYSCALL from 64-bit and from compatibility mode; SYSENTER. */
extern char syscall_entry[], syscall32_entry[], sysenter_entry[];
extern char stub_syscall[], stub_syscall_jump[], stub_syscall32[], stub_syscall32_jump[],
	stub_end[];

/* The instruction that goes to a guest by IRET. */
extern char guest_iretq[];

/* Go to the guest with the registers at the stack's top. */
void return_to_guest(void) __attribute__((noreturn));

/* Leave the current stack for good. */
void stack_switch_and_call(unsigned long sp, void (*function)(void)) __attribute__((noreturn));

#endif
#endif
