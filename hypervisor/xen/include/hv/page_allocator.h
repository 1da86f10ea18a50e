/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All free RAM of the machine as power-of-two blocks of frames, and small
 * objects of the hypervisor's own on top of it.
 */
#ifndef HV_PAGE_ALLOCATOR_H
#define HV_PAGE_ALLOCATOR_H

#include <hv/types.h>

struct page_info;
struct domain;

#define PAGE_ORDER_MAX	  18	/* 1 GiB */
#define ADDRESS_BITS_ANY 64

/* Boot: hand frames [first, last) of RAM to the allocator. */
void page_allocator_add(mfn_t first, mfn_t last);

/*
 * 2^order contiguous, naturally aligned frames, the last of which ends below
 * 2^address_bits bytes. NULL if there are none. state is 0, owner is OWNER_NONE;
 * contents are whatever they were: see pages_alloc_zeroed() and page_scrub().
 * High memory is preferred, so that low memory lasts for those who need it.
 */
struct page_info *pages_alloc(unsigned int order, unsigned int address_bits) __must_check;

/*
 * The same in steps that each take a short time, for large blocks: take one off
 * the free lists, its frames still being marked as free; prepare frames of it for
 * use, each once; or give it back as a whole, with no frame prepared.
 */
struct page_info *pages_take(unsigned int order, unsigned int address_bits) __must_check;
void pages_prepare(struct page_info *pg, unsigned long count);
void pages_untake(struct page_info *pg, unsigned int order);

/* Give back a block of 2^order frames; any block of any alignment split is accepted. */
void pages_free(struct page_info *pg, unsigned int order);

/* Frames free now; and those of all RAM that was ever given. */
unsigned long pages_free_count(void);
unsigned long pages_total_count(void);

/* 2^order zeroed frames of the hypervisor's own (FRAME_HYPERVISOR), by address; NULL if none. */
void *hv_pages_alloc(unsigned int order) __must_check;
void hv_pages_free(void *va, unsigned int order);

/* Zeroed memory for an object of the hypervisor's; NULL if none. Aligned to 16 bytes, from 2 KiB on to a page. */
void *heap_alloc(size_t size) __must_check;
void heap_free(void *p);	/* NULL is allowed */

/*
 * 2^order zeroed frames for @d: owner and FRAME_ALLOCATED with one reference set, on its page list,
 * counted in total_pages. NULL if there is no memory or max_pages would be passed.
 */
struct page_info *domain_pages_alloc(struct domain *d, unsigned int order,
				     unsigned int address_bits) __must_check;

/* Drop the allocation reference (clearing FRAME_ALLOCATED) once; the frame is freed with its last reference. */
void domain_page_release(struct domain *d, struct page_info *pg);

/* Last reference gone: off the owner's list, zero-on-reuse, back to the allocator. Called by page_put(). */
void domain_page_free(struct page_info *pg);

#endif
