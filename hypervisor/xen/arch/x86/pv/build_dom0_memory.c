/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dom0's memory: how much, which frames, and the two tables that relate
 * guest frames to machine frames.
 */
#include "build_dom0.h"

#include <hv/domain_pages.h>
#include <hv/frame.h>
#include <hv/options.h>
#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/string.h>

#include <asm/boot.h>

/*
 * What dom0 never gets, however much is asked for: for the hypervisor's own
 * needs, and for devices that reach only low memory. As high memory is given
 * out first, what is left is the lowest there is.
 */
#define RESERVE MIB(64)

#define P2M_PER_PAGE (PAGE_SIZE / sizeof(unsigned long))

unsigned long dom0_page_count(struct domain *d, unsigned long borrowed)
{
	uint64_t total = (uint64_t)machine_ram_pages() << PAGE_SHIFT;
	uint64_t available = (pages_free_count() + borrowed) << PAGE_SHIFT;
	uint64_t bytes, max;

	if (available <= RESERVE)
		panic("dom0: too little memory: %lu MiB are free, the hypervisor keeps %lu MiB\n",
		      (unsigned long)(available >> 20), (unsigned long)(RESERVE >> 20));
	bytes = dom0_memory_choose(&boot_options.dom0_mem, available, total, &max);
	if (bytes > available - RESERVE)
		bytes = available - RESERVE;
	d->max_pages = max >> PAGE_SHIFT;
	if (d->max_pages > UINT32_MAX)
		d->max_pages = UINT32_MAX;
	log_info("Dom0 has maximum %u VCPUs and %lu MiB of memory\n", d->max_vcpus,
		 (unsigned long)(bytes >> 20));
	return bytes >> PAGE_SHIFT;
}

/*
 * The largest piece of at most @wanted pages that can be had: guests' memory
 * in few pieces is faster to set up and easier on devices.
 */
static struct page_info *piece_alloc(struct domain *d, unsigned long wanted, bool zeroed,
				     unsigned int *order)
{
	static unsigned int top = PAGE_ORDER_MAX;	/* larger ones have failed before */
	struct page_info *pg = NULL;

	for (*order = top;; (*order)--) {
		if (1UL << *order <= wanted) {
			pg = zeroed ? domain_pages_alloc(d, *order, ADDRESS_BITS_ANY) :
				      domain_pages_alloc_unclean(d, *order);
			if (pg || *order == 0)
				return pg;
			top = *order - 1;
		}
	}
}

static void *p2m_page_map(const struct dom0_builder *b, unsigned long index)
{
	return dom0_page_map(b, b->layout.p2m_pfn + index);
}

static void p2m_fill(const struct dom0_builder *b, unsigned long pfn, mfn_t m)
{
	unsigned long *list = p2m_page_map(b, pfn / P2M_PER_PAGE);

	list[pfn % P2M_PER_PAGE] = mfn_raw(m);
	frame_unmap(list);
	m2p_set(m, pfn);
}

void dom0_boot_pages_alloc(struct dom0_builder *b)
{
	unsigned long count = b->layout.boot_page_count, pfn, i;
	unsigned int order;

	b->boot_frame = heap_alloc(count * sizeof(*b->boot_frame));
	if (!b->boot_frame)
		panic("dom0: too little memory for its page list\n");
	for (pfn = 0; pfn < count; pfn += 1UL << order) {
		struct page_info *pg = piece_alloc(b->d, count - pfn, true, &order);

		if (!pg)
			panic("dom0: too little memory for its kernel and initrd (%lu MiB)\n",
			      count >> (20 - PAGE_SHIFT));
		for (i = 0; i < 1UL << order; i++)
			b->boot_frame[pfn + i] = mfn_add(mfn_of_page(pg), i);
	}
	for (pfn = 0; pfn < count; pfn++)
		p2m_fill(b, pfn, b->boot_frame[pfn]);
}

void dom0_other_pages_alloc(struct dom0_builder *b)
{
	unsigned long pfn, i;
	unsigned int order;

	for (pfn = b->layout.boot_page_count; pfn < b->layout.nr_pages; pfn += 1UL << order) {
		unsigned long wanted = b->layout.nr_pages - pfn;
		struct page_info *pg = piece_alloc(b->d, wanted, false, &order);

		if (!pg)
			panic("dom0: memory ran out after %lu of %lu pages\n", pfn,
			      b->layout.nr_pages);
		for (i = 0; i < 1UL << order; i++)
			p2m_fill(b, pfn + i, mfn_add(mfn_of_page(pg), i));
	}
}

void *dom0_page_map(const struct dom0_builder *b, unsigned long pfn)
{
	BUG_ON(pfn >= b->layout.boot_page_count);
	return frame_map(b->boot_frame[pfn]);
}

void dom0_copy(const struct dom0_builder *b, unsigned long paddr, const void *src, size_t len)
{
	const char *from = src;

	while (len) {
		unsigned long offset = paddr & ~PAGE_MASK;
		size_t part = PAGE_SIZE - offset < len ? PAGE_SIZE - offset : len;
		char *page = dom0_page_map(b, paddr >> PAGE_SHIFT);

		memcpy(page + offset, from, part);
		frame_unmap(page);
		paddr += part;
		from += part;
		len -= part;
	}
}
