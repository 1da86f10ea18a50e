/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page-table isolation (Meltdown): a vCPU's two roots have a copy each, made
 * once, on which the guest runs. In a copy our part of the address space is
 * entry code, descriptor tables and per-CPU areas only. We ourselves use the
 * guest's roots, in which all is mapped; entry/ changes over.
 */
#ifndef ASM_ISOLATION_H
#define ASM_ISOLATION_H

#include <asm/page_table.h>

struct domain;
struct page_info;
struct vcpu;

/* The pages for the copies, if the domain is to be isolated. -ENOMEM. */
int isolation_vcpu_init(struct vcpu *v) __must_check;
void isolation_vcpu_destroy(struct vcpu *v);

/*
 * @v uses @root from now on, in guest-kernel mode or not: its copy is made, and *@place set. The caller holds a type
 * reference of @root.
 */
void isolation_root_set(struct vcpu *v, bool is_kernel, mfn_t *place, mfn_t root);

/* Entry @index of the root table @pt of @d, which is locked, was written. */
void isolation_entry_written(const struct domain *d, const struct page_info *pt, unsigned int index,
			     pte_t value);

/* This CPU uses the roots of @v, the current vCPU, in its present mode: tell entry/. */
void isolation_note(const struct vcpu *v);

#endif
