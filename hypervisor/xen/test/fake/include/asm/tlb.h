/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's stand-in for asm/tlb.h: a machine without TLBs, unless the test has the functions below. */
#ifndef ASM_TLB_H
#define ASM_TLB_H

#include <hv/types.h>

struct page_info;

void fake_tlb_flush(void) __attribute__((weak));
void fake_tlb_freed(struct page_info *pg) __attribute__((weak));
void fake_tlb_reuse(const struct page_info *pg, unsigned long count) __attribute__((weak));

#define TLB_WHOLE (~0UL)

static inline void tlb_flush_local(void)
{
	if (fake_tlb_flush)
		fake_tlb_flush();
}

static inline void tlb_root_load(mfn_t root)
{
	(void)root;
	tlb_flush_local();
}

static inline void tlb_stamp_freed(struct page_info *pg)
{
	if (fake_tlb_freed)
		fake_tlb_freed(pg);
}

static inline void tlb_flush_before_reuse(const struct page_info *pg, unsigned long count)
{
	if (fake_tlb_reuse)
		fake_tlb_reuse(pg, count);
}

#endif
