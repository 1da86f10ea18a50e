/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's stand-in for asm/tlb.h: a machine without TLBs. */
#ifndef ASM_TLB_H
#define ASM_TLB_H

struct page_info;

static inline void tlb_flush_local(void)
{
}

static inline void tlb_stamp_freed(struct page_info *pg)
{
	(void)pg;
}

static inline void tlb_flush_before_reuse(const struct page_info *pg, unsigned long count)
{
	(void)pg;
	(void)count;
}

#endif
