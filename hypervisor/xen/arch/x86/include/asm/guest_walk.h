/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest's page tables say about one of its addresses. */
#ifndef ASM_GUEST_WALK_H
#define ASM_GUEST_WALK_H

#include <asm/page_table.h>

struct page_info;
struct vcpu;

struct guest_walk {
	struct page_info *l1;	/* the table; no reference is held: whoever writes judges it again */
	unsigned int	  index;
	pte_t		  entry;	/* as it stands there */
	bool		  is_writable;	/* by all four levels */
};

/* The root table in use, of guest-kernel or guest-user mode. */
mfn_t guest_root(const struct vcpu *v);

/*
 * Walk from @root, one of @v's, to the L1 entry for @va, present or not. False: there is no L1 table, or
 * @va is not the guest's.
 */
bool guest_walk(const struct vcpu *v, mfn_t root, unsigned long va, struct guest_walk *w);

#endif
