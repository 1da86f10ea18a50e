/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a machine frame to its record, and to its bytes. All access of the
 * hypervisor to memory by machine address goes through frame_map(), so that
 * the direct map can one day stop covering guests' memory.
 */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#include <hv/types.h>

#include <asm/layout.h>

struct page_info;

#define frame_table ((struct page_info *)FRAME_TABLE_START)

/* First frame beyond the frame table: set at boot, then constant. */
extern unsigned long frame_table_end;

/* Is there a record for @m? Guest-given frame numbers are asked here first. */
static inline bool mfn_valid(mfn_t m)
{
	return mfn_raw(m) < frame_table_end;
}

/* Of any number: only a valid one's record may be looked at. */
#define page_of_mfn(m) \
	((struct page_info *)(FRAME_TABLE_START + mfn_raw(m) * sizeof(struct page_info)))
#define mfn_of_page(pg) mfn((unsigned long)((pg)-frame_table))

/* The bytes of a frame of RAM. Balance with frame_unmap(). */
static inline void *frame_map(mfn_t m)
{
	return (void *)(DIRECT_MAP_START + (mfn_raw(m) << PAGE_SHIFT));
}

static inline void frame_unmap(const void *va)
{
	(void)va;
}

/* Memory of the hypervisor's own (heap, shared pages): mapped for as long as it is held. */
#define page_to_virt(pg) frame_map(mfn_of_page(pg))

static inline mfn_t virt_to_mfn(const void *va)
{
	return mfn(((unsigned long)va - DIRECT_MAP_START) >> PAGE_SHIFT);
}

#define virt_to_page(va) page_of_mfn(virt_to_mfn(va))

/* The machine-to-physical table: INVALID_GFN's value where there is no answer. */
static inline void m2p_set(mfn_t m, unsigned long gfn)
{
	((unsigned long *)M2P_RW_START)[mfn_raw(m)] = gfn;
}

static inline unsigned long m2p_get(mfn_t m)
{
	return ((const unsigned long *)M2P_RW_START)[mfn_raw(m)];
}

#endif
