/* SPDX-License-Identifier: GPL-2.0-or-later */
/* C functions that entry/ calls. */
#ifndef ASM_TRAP_ENTRY_H
#define ASM_TRAP_ENTRY_H

#include <hv/abi.h>

/* Exceptions and interrupts: interrupts are off. */
void trap_from_guest(struct cpu_user_regs *regs);
void trap_from_hypervisor(struct cpu_user_regs *regs);
void trap_on_own_stack(struct cpu_user_regs *regs);
void nmi_handle(struct cpu_user_regs *regs);
void guest_exit_work(struct cpu_user_regs *regs);

/* SYSCALL in guest-user mode, SYSENTER: interrupts are off. */
void syscall_bounce(struct cpu_user_regs *regs);
void syscall32_bounce(struct cpu_user_regs *regs);
void sysenter_bounce(struct cpu_user_regs *regs);

/* Selectors of the guest's could not be loaded for it: its failsafe callback. */
void guest_failsafe(struct cpu_user_regs *regs);

/* IRET to the guest was refused by the hardware, with the vector and error code that @regs has. */
void guest_iret_fault(struct cpu_user_regs *regs);

#endif
