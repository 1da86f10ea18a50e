/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dom0's first page tables: the boot region and, where the kernel asks for an
 * address of its own, the p2m list. Everything is writable but the tables
 * themselves; the hypervisor's slots come in when the root is validated.
 */
#include "build_dom0.h"

#include <hv/frame.h>
#include <hv/panic.h>

#include <asm/page_table.h>

/* A guest's kernel runs in ring 3, so all of its entries are for users. */
#define ENTRY_FLAGS	(PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define ENTRY_FLAGS_RO	(ENTRY_FLAGS & ~PTE_RW)

/* Guest frames set aside for tables, zeroed, handed out in order. */
struct table_pool {
	unsigned long next, end;
};

static mfn_t frame_of(const struct dom0_builder *b, unsigned long pfn)
{
	BUG_ON(pfn >= b->layout.boot_page_count);
	return b->boot_frame[pfn];
}

static mfn_t table_new(const struct dom0_builder *b, struct table_pool *pool)
{
	BUG_ON(pool->next >= pool->end);
	return frame_of(b, pool->next++);
}

/* Map one page, with tables from @pool where there are none yet. */
static void map_page(const struct dom0_builder *b, struct table_pool *pool, mfn_t root,
		     unsigned long va, mfn_t target, uint64_t flags)
{
	mfn_t table = root;
	unsigned int level;
	pte_t *entries;

	for (level = 4; level > 1; level--) {
		pte_t *e;

		entries = frame_map(table);
		e = &entries[table_index(va, level)];
		if (!(*e & PTE_P))
			*e = pte_make(table_new(b, pool), ENTRY_FLAGS);
		table = pte_mfn(*e);
		frame_unmap(entries);
	}
	entries = frame_map(table);
	entries[table_index(va, 1)] = pte_make(target, flags);
	frame_unmap(entries);
}

static bool is_table(const struct dom0_layout *l, unsigned long va)
{
	return va >= l->tables && va < l->tables + l->table_count * PAGE_SIZE;
}

mfn_t dom0_tables_build(const struct dom0_builder *b)
{
	const struct dom0_layout *l = &b->layout;
	unsigned long tables_pfn = dom0_layout_pfn(l, l->tables), va, i;
	struct table_pool region = { tables_pfn, tables_pfn + l->table_count };
	struct table_pool p2m = { l->p2m_table_pfn, l->p2m_table_pfn + l->p2m_table_count };
	mfn_t root = table_new(b, &region);

	for (va = l->virt_base; va != l->end; va += PAGE_SIZE)
		map_page(b, &region, root, va, frame_of(b, dom0_layout_pfn(l, va)),
			 is_table(l, va) ? ENTRY_FLAGS_RO : ENTRY_FLAGS);
	for (i = 0; l->p2m_is_apart && i < l->p2m_page_count; i++)
		map_page(b, &p2m, root, l->p2m + i * PAGE_SIZE, frame_of(b, l->p2m_pfn + i),
			 ENTRY_FLAGS);
	return root;
}
