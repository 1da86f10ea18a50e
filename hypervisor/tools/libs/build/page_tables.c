/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first page tables: they map the boot region, themselves read-only in it,
 * and the p2m list if it has an address of its own (xen/xen.h, "Start-of-day";
 * xen/elfnote.h, INIT_P2M). The guest's kernel runs in ring 3, so all entries
 * are user's.
 */
#include "guest.h"

#include <errno.h>
#include <string.h>

#define ENTRIES	      512
#define ENTRY_PRESENT 0x01ULL
#define ENTRY_WRITE   0x02ULL
#define ENTRY_USER    0x04ULL
#define ENTRY_USED    0x60ULL		/* accessed, dirty: the CPU need not set them */

#define ENTRY_TABLE    (ENTRY_PRESENT | ENTRY_WRITE | ENTRY_USER | ENTRY_USED)
#define ENTRY_PAGE     ENTRY_TABLE
#define ENTRY_READONLY (ENTRY_TABLE & ~ENTRY_WRITE)

/* Tables in one run of guest frames, mapped here. */
struct tables {
	uint64_t (*at)[ENTRIES];
	uint64_t pfn, count;
};

static uint64_t entry(const struct guest *g, uint64_t pfn, uint64_t flags)
{
	return (uint64_t)g->p2m[pfn] << PAGE_SHIFT | flags;
}

/*
 * Entries of level @level's tables, the first of which is @t's number @table, for what a run of
 * things in consecutive guest frames from @pfn on at linear addresses from @va on is: pages (level
 * 1), or the tables below.
 */
static void entries_write(const struct guest *g, const struct tables *t, uint64_t table,
			  unsigned int level, uint64_t va, uint64_t pfn, uint64_t count,
			  uint64_t flags)
{
	uint64_t slot = (va >> (PAGE_SHIFT + 9 * (level - 1))) % ENTRIES, i;

	for (i = 0; i < count; i++, slot++)
		t->at[table + slot / ENTRIES][slot % ENTRIES] = entry(g, pfn + i, flags);
}

/*
 * Tables of levels 1 to 3 for @pages pages at @va, in guest frames from @pfn on: @t's from number
 * @first on, upper levels first. The L4's entries go to table @root of @top.
 */
static void range_map(const struct guest *g, const struct tables *t, uint64_t first,
		      const struct tables *top, uint64_t va, uint64_t pfn, uint64_t pages)
{
	uint64_t end = va + pages * PAGE_SIZE;
	uint64_t n3 = tables_at(3, va, end), n2 = tables_at(2, va, end), n1 = tables_at(1, va, end);
	uint64_t l3 = first, l2 = l3 + n3, l1 = l2 + n2;

	entries_write(g, top, 0, 4, va, t->pfn + l3, n3, ENTRY_TABLE);
	entries_write(g, t, l3, 3, va, t->pfn + l2, n2, ENTRY_TABLE);
	entries_write(g, t, l2, 2, va, t->pfn + l1, n1, ENTRY_TABLE);
	entries_write(g, t, l1, 1, va, pfn, pages, ENTRY_PAGE);
}

/* The region's tables may be read through the region, no more. */
static void tables_protect(const struct guest *g, const struct tables *t)
{
	const struct layout *l = &g->layout;
	uint64_t l1 = 1 + tables_at(3, l->virt_base, l->end) + tables_at(2, l->virt_base, l->end);
	uint64_t into = (l->tables >> PAGE_SHIFT) - (l->virt_base >> 21 << 9);

	entries_write(g, t, l1 + into / ENTRIES, 1, l->tables, t->pfn, t->count, ENTRY_READONLY);
}

static bool tables_open(struct guest *g, struct tables *t, uint64_t pfn, uint64_t count)
{
	t->pfn = pfn;
	t->count = count;
	t->at = guest_map(g, pfn, count);
	if (t->at)
		memset(t->at, 0, count * PAGE_SIZE);
	return t->at;
}

int guest_build_tables(struct guest *g, xen_pfn_t *root)
{
	const struct layout *l = &g->layout;
	struct tables region, list;
	int rc;

	if (!tables_open(g, &region, layout_pfn(l, l->tables), l->table_count))
		return -errno;
	range_map(g, &region, 1, &region, l->virt_base, 0, layout_pfn(l, l->end));
	tables_protect(g, &region);
	if (l->p2m_is_apart) {
		if (!tables_open(g, &list, l->p2m_table_pfn, l->p2m_table_count)) {
			rc = -errno;
			ctrl_unmap(g->ctrl, region.at, region.count);
			return rc;
		}
		range_map(g, &list, 0, &region, l->p2m, l->p2m_pfn, l->p2m_page_count);
		ctrl_unmap(g->ctrl, list.at, list.count);
	}
	ctrl_unmap(g->ctrl, region.at, region.count);

	*root = g->p2m[region.pfn];
	rc = ctrl_pin_l4(g->ctrl, g->domid, *root);
	return rc ? fail(g->why, rc, "page tables are refused: %s", strerror(-rc)) : 0;
}

int guest_write_p2m(struct guest *g)
{
	const struct layout *l = &g->layout;
	size_t len = l->page_count * sizeof(*g->p2m);
	uint8_t *at = guest_map(g, l->p2m_pfn, l->p2m_page_count);

	if (!at)
		return -errno;
	memcpy(at, g->p2m, len);
	memset(at + len, 0xff, l->p2m_page_count * PAGE_SIZE - len);	/* no frames */
	ctrl_unmap(g->ctrl, at, l->p2m_page_count);
	return 0;
}
