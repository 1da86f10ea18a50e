/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests' GDTs and LDTs. */
#ifndef ASM_DESCRIPTOR_TABLES_H
#define ASM_DESCRIPTOR_TABLES_H

#include <hv/types.h>

struct vcpu;

/* Per-domain windows (asm/layout.h): at creation of a domain and of each vCPU. -ENOMEM. */
struct domain;
int windows_domain_init(struct domain *d) __must_check;
int windows_vcpu_init(struct vcpu *v) __must_check;
void windows_domain_destroy(struct domain *d);

/* Where the CPU finds @v's GDT and LDT. */
unsigned long vcpu_gdt_window(const struct vcpu *v);
unsigned long vcpu_ldt_window(const struct vcpu *v);

/* May a guest's LDT be there? */
bool ldt_is_valid(unsigned long base, unsigned int entries);

/* MMUEXT_SET_LDT, by the running vCPU. -EINVAL. */
int ldt_set(struct vcpu *v, unsigned long base, unsigned int entries) __must_check;

/* The vCPU, which does not run, has no LDT any more. */
void ldt_drop(struct vcpu *v);

/*
 * A page fault at @va: if it is the running vCPU's LDT window, map the LDT page that belongs there. True: done, go on.
 * False with *offset set: the fault is the guest's, at that offset in its LDT.
 */
bool ldt_page_fault(struct vcpu *v, unsigned long va, bool *is_ldt, unsigned long *offset);

/* Set a vCPU's GDT from frames; for VCPUOP_initialise and set_gdt. -EINVAL. */
int gdt_set(struct vcpu *v, const unsigned long *frames, unsigned int entries) __must_check;

/* GDT and LDT of the vCPU that this CPU goes on with. */
void descriptor_tables_load(struct vcpu *v);

#endif
