/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that a guest maps past the caches (PCD, PWT, PAT of level 1).
 *
 * The processor lets two mappings of a frame have different memory types, and
 * then what is written through one may not be what is read through the other.
 * A guest with devices may have such mappings; but no page table is judged by
 * what a cache says while memory, which the processor will walk later, says
 * something else (the class of XSA-402). So a table, once it is one, gets no
 * such mapping, and one that was mapped so before works as it was written. The
 * same bits in upper entries ask for walks past the caches: such entries
 * are refused.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Frames mapped past the caches";

#define FAR_VA	((char *)0x0000123400000000UL)
#define PTE_PAT PTE_PSE

/* All types that the PAT of the ABI has but write-back: xen/xen.h. */
static const uint64_t types[] = {
	PTE_PWT,	   PTE_PCD,	      PTE_PCD | PTE_PWT,	   PTE_PAT,
	PTE_PAT | PTE_PWT, PTE_PAT | PTE_PCD, PTE_PAT | PTE_PCD | PTE_PWT,
};

static void check_types(void)
{
	uint64_t *page = page_alloc(), *window = page_alloc();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		page[0] = 0;
		expect_result("a writable mapping",
			      map_at(window, virt_to_mfn(page), PTE_RW_PAGE | types[i]), 0);
		WRITE_ONCE(window[0], 0x1234 + i);
		expect_equal("what was written", READ_ONCE(window[0]), 0x1234 + i);
		expect_equal("the entry has the type",
			     *entry_of(window, 1) & (PTE_PAT | PTE_PCD | PTE_PWT), types[i]);
		expect_result("a read-only mapping",
			      map_at(window, virt_to_mfn(page), PTE_RO_PAGE | types[i]), 0);
		expect_equal("what was written", READ_ONCE(window[0]), 0x1234 + i);
		expect_result("back", make_writable(window), 0);
	}
}

/* Written past the caches, then a table: it is judged, and walked, as it was written. */
static void check_table(void)
{
	struct tree t = tree_make(FAR_VA);
	uint64_t *page = page_alloc(), *window = page_alloc();
	unsigned int i;

	page[5] = 0x5555;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		make_writable(t.l1);
		if (map_at(window, virt_to_mfn(t.l1), PTE_RW_PAGE | types[i]))
			test_error("the table-to-be cannot be mapped");
		WRITE_ONCE(window[L_INDEX(FAR_VA, 1)], make_pte(virt_to_mfn(page), PTE_RO_PAGE));
		expect_refused("a table while it can be written", tree_hang(&t, FAR_VA));
		if (make_readonly(t.l1) || make_writable(window))
			test_error("the mappings cannot go");
		expect_result("a table", tree_hang(&t, FAR_VA), 0);
		expect_equal("which leads to its page", READ_ONCE(((uint64_t *)FAR_VA)[5]), 0x5555);
		expect_refused("a writable mapping of it",
			       map_at(window, virt_to_mfn(t.l1), PTE_RW_PAGE | types[i]));
		expect_result("no table again", tree_unhang(FAR_VA), 0);
		mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
	}
}

#ifdef TABLES_STAY_CACHED
static void check_mapping_of_table(void)
{
	struct tree t = tree_make(FAR_VA);
	char *window = page_alloc();
	unsigned int i;

	if (mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(t.l3), 0))
		test_error("a tree cannot be pinned");
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		expect_refused("a table, read past the caches",
			       map_at(window, virt_to_mfn(t.l1), PTE_RO_PAGE | types[i]));
		expect_refused("the root, read past the caches",
			       map_at(window, virt_to_mfn((void *)start_info->pt_base),
				      PTE_RO_PAGE | types[i]));
	}
	expect_result("read as it should be", map_at(window, virt_to_mfn(t.l1), PTE_RO_PAGE), 0);
	expect_result("back", make_writable(window), 0);
	expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t.l3), 0), 0);
	expect_result("free", make_writable(t.l1) | make_writable(t.l2) | make_writable(t.l3), 0);
}
#endif

static void check_upper_entries(void)
{
	struct tree t = tree_make(FAR_VA);
	static const uint64_t flags[] = { PTE_PCD, PTE_PWT, PTE_PCD | PTE_PWT };
	uint64_t *page = page_alloc();
	unsigned int i;
	int level;

	page[5] = 0x7777;
	if (tree_hang(&t, FAR_VA) ||
	    mmu_update(entry_maddr(FAR_VA, 1), make_pte(virt_to_mfn(page), PTE_RO_PAGE)))
		test_error("the page cannot be mapped");
	for (level = 2; level <= 4; level++) {
		uint64_t entry = READ_ONCE(*entry_of(FAR_VA, level));

		for (i = 0; i < ARRAY_SIZE(flags); i++)
			expect_refused("PCD or PWT in an upper entry",
				       mmu_update(entry_maddr(FAR_VA, level), entry | flags[i]));
		expect_equal("the entry", READ_ONCE(*entry_of(FAR_VA, level)), entry);
	}
	mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
	expect_equal("the page", READ_ONCE(((uint64_t *)FAR_VA)[5]), 0x7777);
	expect_result("take it out", tree_unhang(FAR_VA), 0);
}

void test_main(void)
{
	STEP(check_types);
	STEP(check_table);
	STEP(check_upper_entries);
#ifdef TABLES_STAY_CACHED
	STEP(check_mapping_of_table);
#endif
}
