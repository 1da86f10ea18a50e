/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that outlive their page-table entries. A frame that guests
 * could reach is stamped when its last reference goes, and before it is
 * handed out again every TLB has been flushed since.
 */
#ifndef ASM_TLB_H
#define ASM_TLB_H

#include <hv/types.h>

struct page_info;

/* Drop all of this CPU's translations of guest addresses. */
void tlb_flush_local(void);

/* Load a guest's root table, which flushes as well. */
void tlb_root_load(mfn_t root);

/* Load the hypervisor's own, of which no guest address can be translated. */
void tlb_idle_root_load(void);

/* Drop the translations of @va, or all, on those CPUs, and wait for it. Where it may be called from: cpus_call(). */
#define TLB_WHOLE (~0UL)
struct cpu_mask;
void tlb_flush_cpus(const struct cpu_mask *cpus, unsigned long va);

/* The frame's last reference is gone. */
void tlb_stamp_freed(struct page_info *pg);

/* Nobody has references to these frames: nor may a TLB. */
void tlb_flush_before_reuse(const struct page_info *pg, unsigned long count);

#endif
