/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables that map bus addresses to themselves, in either vendor's format. Built at boot, then constant. */
#include <asm/iommu.h>

#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/page_allocator.h>

#include <asm/cache.h>

void io_table_flush(const void *p, size_t len, bool is_coherent)
{
	if (is_coherent) {
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		return;
	}
	cache_range_flush(p, len);
}

static unsigned int entry_index(paddr_t pa, unsigned int level)
{
	return pa >> (PAGE_SHIFT + 9 * (level - 1)) & 511;
}

/* The table that entry @e leads to, made if there is none. NULL: no memory. */
static uint64_t *table_below(struct io_page_table *t, uint64_t *e, unsigned int level)
{
	uint64_t *table;

	if (*e)
		return frame_map(mfn_of_paddr(*e & 0xffffffffff000UL));
	table = hv_pages_alloc(0);
	if (!table)
		return NULL;
	io_table_flush(table, PAGE_SIZE, t->is_coherent);
	*e = t->ops->table_entry(paddr_of_mfn(virt_to_mfn(table)), level);
	io_table_flush(e, sizeof(*e), t->is_coherent);
	return table;
}

static int page_map(struct io_page_table *t, paddr_t pa, unsigned int leaf_level)
{
	uint64_t *table = t->root, *e;

	for (unsigned int level = t->levels; level > leaf_level; level--) {
		table = table_below(t, &table[entry_index(pa, level)], level);
		if (!table)
			return -ENOMEM;
	}
	e = &table[entry_index(pa, leaf_level)];
	*e = t->ops->leaf_entry(pa, leaf_level);
	io_table_flush(e, sizeof(*e), t->is_coherent);
	return 0;
}

int io_page_table_map(struct io_page_table *t, paddr_t start, paddr_t end)
{
	int rc;

	if (end > 1UL << (PAGE_SHIFT + 9 * t->levels))
		return -ERANGE;
	if (!t->root)
		t->root = hv_pages_alloc(0);
	if (!t->root)
		return -ENOMEM;
	io_table_flush(t->root, PAGE_SIZE, t->is_coherent);
	while (start < end) {
		bool is_large = t->has_large_pages && !(start & (MIB(2) - 1)) &&
				end - start >= MIB(2);

		rc = page_map(t, start, is_large ? 2 : 1);
		if (rc)
			return rc;
		start += is_large ? MIB(2) : PAGE_SIZE;
	}
	return 0;
}
