/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one set of rules by which a PV guest changes page tables. Callers:
 * mmu_update, update_va_mapping, mmuext_op, the emulation of direct writes,
 * the dom0 builder.
 */
#ifndef ASM_PAGE_TYPES_H
#define ASM_PAGE_TYPES_H

#include <hv/page_ref.h>
#include <hv/spinlock.h>

#include <asm/page_table.h>

struct domain;
struct vcpu;

enum entry_write {
	ENTRY_STORE,		/* the old A and D bits are lost */
	ENTRY_EXCHANGE,		/* the old value is wanted exactly */
	ENTRY_PRESERVE_AD,	/* A and D bits of the old value are kept */
	ENTRY_COMPARE,		/* only if the old value is *old */
};

/*
 * Write one entry of the page table @pt, which belongs to @d and is in use as one. @frames is the owner of the frame
 * that an L1 entry maps (NULL: it may only map I/O memory). *old: in the expected value of ENTRY_COMPARE, out what
 * was there.
 *
 * 0; 1: ENTRY_COMPARE found something else; -EINVAL: not a page table (any more), or the rules refuse the value;
 * -ERESTART: preempted, nothing written, call again.
 */
int table_entry_write(struct domain *d, const struct domain *frames, struct page_info *pt,
		      unsigned int index, pte_t value, enum entry_write how,
		      pte_t *old) __must_check;

/* The same for a table of the lowest level only; -EINVAL for others. */
int table_entry_write_l1(struct domain *d, const struct domain *frames, struct page_info *pt,
			 unsigned int index, pte_t value, enum entry_write how,
			 pte_t *old) __must_check;

/* Finish what an earlier operation of @v left to be given back. -ERESTART: not finished yet. */
int table_drop_resume(struct vcpu *v) __must_check;

/* Give a type reference back; what takes too long goes on in table_drop_resume(). */
void page_put_type_deferred(struct vcpu *v, struct page_info *pg);

/* Take or drop the pin of a page table of @d, at the level that @type says. -EINVAL, -ERESTART. */
int table_pin(struct domain *d, mfn_t m, enum frame_type type) __must_check;
int table_unpin(struct domain *d, mfn_t m) __must_check;

/* The dom0 builder: type and pin its first root. */
int pv_pin_root(struct domain *d, mfn_t root) __must_check;

/* Use another root table for guest-kernel mode. -EINVAL, -ERESTART. */
int pv_new_root(struct vcpu *v, mfn_t root) __must_check;

/* ... for guest-user mode; frame 0: none. */
int pv_new_user_root(struct vcpu *v, mfn_t root) __must_check;

/* Both roots of a vCPU that does not run. -ERESTART: call again. */
int pv_roots_drop(struct vcpu *v) __must_check;

#endif
