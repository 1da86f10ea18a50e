/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record for each frame of RAM: who owns it, how often and as what it is
 * used. All of the accounting is one 64-bit word, so that taking or dropping
 * "one more reference, as this type" is a single atomic operation.
 *
 * Rules (checked by the audit in debug builds):
 *  - a frame is used as one type at a time; the type changes only while
 *    type_count is zero;
 *  - each type reference is also a general one: type_count <= ref_count;
 *  - the frame goes back to the allocator when ref_count reaches zero;
 *  - of one that is UNCACHED memory and caches may differ: they are made to
 *    agree before we believe what it says, or somebody else gets it.
 */
#ifndef HV_FRAME_H
#define HV_FRAME_H

#include <hv/types.h>

#include <asm/frame.h>

#define FRAME_REF_ONE	   (1UL << 0)
#define FRAME_REF_MASK	   ((1UL << 26) - 1)
#define FRAME_TYPE_ONE	   (1UL << 26)
#define FRAME_TYPE_COUNT_MASK (((1UL << 26) - 1) << 26)
#define FRAME_TYPE_SHIFT   52
#define FRAME_TYPE_MASK	   (7UL << FRAME_TYPE_SHIFT)
#define FRAME_UNCACHED \
	(1UL << 55) /* some guest could see it past the caches, since it has its owner */
#define FRAME_VALIDATED	   (1UL << 56)	/* contents judged, entries hold their references */
#define FRAME_PARTIAL	   (1UL << 57)	/* (de)validation stopped in the middle */
#define FRAME_PINNED	   (1UL << 58)	/* a guest's pin holds one type reference */
#define FRAME_LOCKED	   (1UL << 59)	/* page-table lock: its entries are being changed */
#define FRAME_ALLOCATED	   (1UL << 60)	/* held once for as long as the owner owns it */
#define FRAME_HYPERVISOR   (1UL << 61)	/* ours: never mapped or typed by a guest, except SHARED */
#define FRAME_SHARED	   (1UL << 62)	/* ours, but its owner may map it (shared info, grant table) */
#define FRAME_DROPPING \
	(1UL << 63) /* with PARTIAL: references of the entries are being given back */

/* Both counts saturate here: one more is refused. */
#define FRAME_COUNT_LIMIT  ((1UL << 26) - 2)

enum frame_type {
	TYPE_NONE	= 0,
	TYPE_L1		= 1,
	TYPE_L2		= 2,
	TYPE_L3		= 3,
	TYPE_L4		= 4,
	TYPE_DESCRIPTORS = 5,	/* a page of a guest's GDT or LDT */
	TYPE_WRITABLE	= 6,
};

#define FRAME_TYPE(t) ((uint64_t)(t) << FRAME_TYPE_SHIFT)

#define FRAME_NO_LINK 0xffffffffU

/* owner: a domain id, or one of these. */
#define OWNER_NONE    0xffffU	/* free, or not RAM */
#define OWNER_HYPERVISOR 0xfffeU

struct page_info {
	uint64_t state;		/* atomic; FRAME_* */
	uint32_t next, prev;	/* frame numbers: free list, or the owner's page list */
	uint16_t owner;		/* changes only at zero references */
	uint8_t	 order;		/* of a free block's head */
	uint8_t	 flags;		/* PAGE_FREE_HEAD ... */
	uint32_t aux;		/* page tables: entries (de)validated; else: TLB stamp */
};

static_assert(sizeof(struct page_info) == 24, "0.6 % of memory");

#define PAGE_FREE	0x01	/* belongs to a free block */
#define PAGE_FREE_HEAD	0x02	/* ... and heads it */
#define PAGE_NOT_RAM	0x04	/* a hole, or the first MiB: only the hardware domain may map it */
#define PAGE_SLAB	0x08	/* small objects of the hypervisor: common/memory/heap.c */

/* Is it RAM that domain @owner owns? Owner, order and flags are one aligned word: one load tells. */
static inline bool page_is_ram_of(const struct page_info *pg, uint16_t owner)
{
	const char *word = (const char *)pg + offsetof(struct page_info, owner);
	uint32_t w = READ_ONCE(*(const uint32_t *)(const void *)word);

	return (w & (0xffffU | (uint32_t)PAGE_NOT_RAM << 24)) == owner;
}

static_assert(offsetof(struct page_info, owner) % 4 == 0 &&
		      offsetof(struct page_info, flags) == offsetof(struct page_info, owner) + 3,
	      "page_is_ram_of()");

static inline unsigned int frame_ref_count(uint64_t state)
{
	return state & FRAME_REF_MASK;
}

static inline unsigned int frame_type_count(uint64_t state)
{
	return (state & FRAME_TYPE_COUNT_MASK) >> 26;
}

static inline enum frame_type frame_type(uint64_t state)
{
	return (enum frame_type)((state & FRAME_TYPE_MASK) >> FRAME_TYPE_SHIFT);
}

#endif
