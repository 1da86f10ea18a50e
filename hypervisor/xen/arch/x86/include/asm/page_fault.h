/* SPDX-License-Identifier: GPL-2.0-or-later */
/* #PF: ours, emulated, or the guest's. */
#ifndef ASM_PAGE_FAULT_H
#define ASM_PAGE_FAULT_H

#include <hv/abi.h>
#include <hv/types.h>

struct vcpu;

/* Interrupts off on entry. */
void page_fault_from_guest(struct cpu_user_regs *regs);

/* True: mended, go on. */
bool page_fault_from_hypervisor(struct cpu_user_regs *regs);

/* A store of guest-kernel code to a read-only page-table page: true if done (or to be tried again). */
bool emulate_page_table_write(struct vcpu *v, struct cpu_user_regs *regs, unsigned long addr);

/* ... or to device memory that we have made read-only. */
bool emulate_device_store(struct vcpu *v, struct cpu_user_regs *regs, unsigned long addr);

#endif
