/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's stand-in for asm/frame.h: a machine of FAKE_FRAMES frames whose
 * memory, frame table and machine-to-physical table are arrays. A test that
 * uses frames links test/fake/frame.c and calls fake_frames_init() first.
 */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#include <hv/types.h>

/* 5 GiB, so that there is memory above 4 GiB; host pages appear when touched. */
#define FAKE_FRAMES (5UL << 18)

struct page_info;

extern struct page_info *frame_table;
extern unsigned char *fake_memory;
extern unsigned long *fake_m2p;
extern unsigned long frame_table_end;

/* All frames without an owner, all memory zero, the M2P without answers. */
void fake_frames_init(void);

static inline bool mfn_valid(mfn_t m)
{
	return mfn_raw(m) < frame_table_end;
}

/* Of any number: only a valid one's record may be looked at. */
#define page_of_mfn(m) \
	((struct page_info *)((uintptr_t)frame_table + mfn_raw(m) * sizeof(struct page_info)))
#define mfn_of_page(pg) mfn((unsigned long)((pg)-frame_table))

static inline void *frame_map(mfn_t m)
{
	return fake_memory + (mfn_raw(m) << PAGE_SHIFT);
}

static inline void frame_unmap(const void *va)
{
	(void)va;
}

#define page_to_virt(pg) frame_map(mfn_of_page(pg))

static inline mfn_t virt_to_mfn(const void *va)
{
	return mfn((unsigned long)((const unsigned char *)va - fake_memory) >> PAGE_SHIFT);
}

#define virt_to_page(va) page_of_mfn(virt_to_mfn(va))

static inline void m2p_set(mfn_t m, unsigned long gfn)
{
	fake_m2p[mfn_raw(m)] = gfn;
}

static inline unsigned long m2p_get(mfn_t m)
{
	return fake_m2p[mfn_raw(m)];
}

#endif
