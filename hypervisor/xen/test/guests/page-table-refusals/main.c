/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page-table operations that must be refused.
 *
 * The processor would accept all of these. The ABI's promise is that no guest
 * can get a writable mapping of a page table, map a frame that is not its
 * own, use a table as two kinds of table, or set reserved bits. A refusal is
 * an error and leaves entry, type and counts as they were: everything used
 * here is used again afterwards, legally. Classes: XSA-148 (superpages),
 * XSA-182 (changed flags of upper entries), XSA-243 (linear tables), XSA-240.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Refused page-table operations";

#define FAR_VA	 ((char *)0x00007f1234567000UL)
#define OTHER_VA ((char *)0x00006f1234567000UL)

/*
 * A frame of the hypervisor, found in its slots of our root; 0 where the slot
 * is empty, or names our root itself (a linear map of the tables).
 */
static unsigned long hypervisor_mfn(unsigned int slot)
{
	unsigned long mfn = mfn_of_pte(((uint64_t *)start_info->pt_base)[slot]);

	return mfn == virt_to_mfn((void *)start_info->pt_base) ? 0 : mfn;
}

/* A writable mapping of each table that a tree and the bootstrap consist of. */
static void check_writable_tables(void)
{
	struct tree t = tree_make(FAR_VA);
	uint64_t *tables[] = {
		t.l1,
		t.l2,
		t.l3,
		(uint64_t *)start_info->pt_base,
		table_of(FAR_VA, 4),
		table_of(image_start, 3),
		table_of(image_start, 2),
		table_of(image_start, 1),
	};
	char *window = page_alloc();
	unsigned int i;

	if (mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(t.l3), 0))
		test_error("a tree cannot be pinned");
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		unsigned long mfn = virt_to_mfn(tables[i]);

		expect_refused("update_va_mapping of a table, writable", make_writable(tables[i]));
		expect_refused("a second, writable mapping", map_at(window, mfn, PTE_RW_PAGE));
		expect_refused("the same by mmu_update",
			       mmu_update(entry_maddr(window, 1), make_pte(mfn, PTE_RW_PAGE)));
		expect_refused(
			"the same, no-execute and dirty",
			mmu_update(entry_maddr(window, 1), make_pte(mfn, PTE_RW_PAGE | PTE_NX)));
		expect_result("a second, read-only mapping", map_at(window, mfn, PTE_RO_PAGE), 0);
		expect_refused("made writable by PRESERVE_AD",
			       mmu_update(entry_maddr(window, 1) | MMU_PT_UPDATE_PRESERVE_AD,
					  make_pte(mfn, PTE_RW_PAGE)));
		expect_result("the window back", make_writable(window), 0);
	}
	expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t.l3), 0), 0);
	expect_result("level 1 is free", make_writable(t.l1), 0);
	expect_result("level 2 is free", make_writable(t.l2), 0);
	expect_result("level 3 is free", make_writable(t.l3), 0);
}

/* Pages with a writable mapping cannot become tables, at any level. */
static void check_pin_writable(void)
{
	static const unsigned int pins[] = {
		MMUEXT_PIN_L1_TABLE,
		MMUEXT_PIN_L2_TABLE,
		MMUEXT_PIN_L3_TABLE,
		MMUEXT_PIN_L4_TABLE,
	};
	uint64_t *page = page_alloc(), *second = page_alloc();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pins); i++) {
		expect_refused("pin of a page mapped writable",
			       mmuext(pins[i], virt_to_mfn(page), 0));
		if (make_readonly(page))
			test_error("read-only");
		expect_result("pin of a page mapped read-only",
			      mmuext(pins[i], virt_to_mfn(page), 0), 0);
		expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(page), 0), 0);
		if (make_writable(page))
			test_error("writable");
		/* The root gets the hypervisor's entries when it is validated. */
		if (pins[i] == MMUEXT_PIN_L4_TABLE)
			memset(page, 0, PAGE_SIZE);
	}

	/* Two mappings, of which one is writable. */
	if (map_at(second, virt_to_mfn(page), PTE_RW_PAGE) || make_readonly(page))
		test_error("a second mapping");
	expect_refused("pin of a page with a second, writable mapping",
		       mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(page), 0));
	if (make_writable(second))
		test_error("second");
	expect_result("pin when that is gone", mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(page), 0),
		      0);
	expect_refused("new base pointer to a level-1 table",
		       mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(page), 0));
	expect_refused("user base pointer to a level-1 table",
		       mmuext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(page), 0));
	expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(page), 0), 0);
	make_writable(page);
}

/* A table may be linked at its own level only. */
static void check_wrong_levels(void)
{
	struct tree t = tree_make(FAR_VA);
	uint64_t *data = page_alloc();

	if (mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(t.l3), 0))
		test_error("a tree cannot be pinned");
	expect_refused("level 2 in the root",
		       mmu_update(entry_maddr(FAR_VA, 4), make_pte(virt_to_mfn(t.l2), PTE_TABLE)));
	expect_refused("level 1 in the root",
		       mmu_update(entry_maddr(FAR_VA, 4), make_pte(virt_to_mfn(t.l1), PTE_TABLE)));
	expect_refused("level 1 in level 3",
		       mmu_update(virt_to_maddr(&t.l3[7]), make_pte(virt_to_mfn(t.l1), PTE_TABLE)));
	expect_refused("level 3 in level 3",
		       mmu_update(virt_to_maddr(&t.l3[7]), make_pte(virt_to_mfn(t.l3), PTE_TABLE)));
	expect_refused("level 2 in level 2, writable",
		       mmu_update(virt_to_maddr(&t.l2[7]), make_pte(virt_to_mfn(t.l2), PTE_TABLE)));
	expect_refused("level 3 in level 2",
		       mmu_update(virt_to_maddr(&t.l2[7]), make_pte(virt_to_mfn(t.l3), PTE_TABLE)));
	expect_refused("a page mapped writable as level 1",
		       mmu_update(virt_to_maddr(&t.l2[7]), make_pte(virt_to_mfn(data), PTE_TABLE)));
	expect_refused("a page mapped writable as level 3",
		       mmu_update(entry_maddr(FAR_VA, 4), make_pte(virt_to_mfn(data), PTE_TABLE)));
	expect_refused("the root in level 3",
		       mmu_update(virt_to_maddr(&t.l3[7]),
				  make_pte(virt_to_mfn((void *)start_info->pt_base), PTE_TABLE)));
	expect_equal("level 3 is unchanged", t.l3[7], 0);
	expect_equal("level 2 is unchanged", t.l2[7], 0);
	expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t.l3), 0), 0);
	expect_result("free", make_writable(t.l1) | make_writable(t.l2) | make_writable(t.l3), 0);
}

/* Superpages and reserved bits, in entries and in tables that get pinned. */
static void check_bits(void)
{
	struct tree t = tree_make(FAR_VA);
	uint64_t *page = page_alloc();
	uint64_t frame = make_pte(virt_to_mfn(page), PTE_RW_PAGE);
	unsigned int bit;

	if (mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(t.l3), 0) || tree_hang(&t, FAR_VA))
		test_error("a tree cannot be used");
	expect_refused("PSE in level 2", mmu_update(virt_to_maddr(&t.l2[9]), frame | PTE_PSE));
	expect_refused("PSE in level 3", mmu_update(virt_to_maddr(&t.l3[9]), frame | PTE_PSE));
	expect_refused("PSE in the root", mmu_update(entry_maddr(OTHER_VA, 4), frame | PTE_PSE));
	expect_refused("PSE added to the link in use",
		       mmu_update(entry_maddr(FAR_VA, 2), *entry_of(FAR_VA, 2) | PTE_PSE));
	expect_refused("PSE added to the link of level 2",
		       mmu_update(entry_maddr(FAR_VA, 3), *entry_of(FAR_VA, 3) | PTE_PSE));
	for (bit = 46; bit < 52; bit++)
		expect_refused("a frame beyond the machine",
			       mmu_update(entry_maddr(FAR_VA, 1), frame | 1UL << bit));
	expect_result("the entry without them", mmu_update(entry_maddr(FAR_VA, 1), frame), 0);
	expect_result("take it out", tree_unhang(FAR_VA), 0);
	expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t.l3), 0), 0);

	make_writable(t.l2);
	t.l2[L_INDEX(FAR_VA, 2)] = frame | PTE_PSE;
	make_readonly(t.l2);
	expect_refused("pin of a level 2 with a superpage",
		       mmuext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(t.l2), 0));
	expect_result("which leaves it free", make_writable(t.l2), 0);
}

/* Frames that are not ours: the hypervisor's, none at all. */
static void check_foreign_frames(void)
{
	static const unsigned long beyond[] = {
		0x30000, 0x1000000, 0xfffffffUL, 0xfffffffffUL, 0xffffffffffUL,
	};
	uint64_t *page = page_alloc();
	unsigned long mfn;
	unsigned int i;

	for (i = 256; i < 272; i++) {
		mfn = hypervisor_mfn(i);
		if (!mfn)
			continue;
		expect_refused("a mapping of the hypervisor's table",
			       map_at(page, mfn, PTE_RW_PAGE));
		expect_refused("the same, read-only", map_at(page, mfn, PTE_RO_PAGE));
		expect_refused("a pin of it", mmuext(MMUEXT_PIN_L3_TABLE, mfn, 0));
		expect_refused("it as a root", mmuext(MMUEXT_NEW_BASEPTR, mfn, 0));
		expect_refused("clearing it", mmuext(MMUEXT_CLEAR_PAGE, mfn, 0));
		expect_refused("copying it", mmuext(MMUEXT_COPY_PAGE, virt_to_mfn(page), mfn));
		expect_refused("an M2P entry of it",
			       mmu_update((uint64_t)mfn << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 1));
		expect_refused("writing it as a table", mmu_update((uint64_t)mfn << PAGE_SHIFT, 0));
	}
	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		expect_refused("pin beyond memory", mmuext(MMUEXT_PIN_L1_TABLE, beyond[i], 0));
		expect_refused("unpin beyond memory", mmuext(MMUEXT_UNPIN_TABLE, beyond[i], 0));
		expect_refused("root beyond memory", mmuext(MMUEXT_NEW_BASEPTR, beyond[i], 0));
		expect_refused("user root beyond memory",
			       mmuext(MMUEXT_NEW_USER_BASEPTR, beyond[i], 0));
		expect_refused("update beyond memory",
			       mmu_update((uint64_t)beyond[i] << PAGE_SHIFT, 0));
		expect_refused(
			"M2P update beyond memory",
			mmu_update((uint64_t)beyond[i] << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 0));
	}
	WRITE_ONCE(page[0], 1);
	expect_equal("the page is still ours", page[0], 1);
}

/* The root's slots of the hypervisor are nobody's to write. */
static void check_hypervisor_slots(void)
{
	uint64_t *root = (uint64_t *)start_info->pt_base;
	struct tree t = tree_make(FAR_VA);
	unsigned int i;

	if (mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(t.l3), 0))
		test_error("a tree cannot be pinned");
	for (i = 256; i < 272; i++) {
		uint64_t before = root[i];

		expect_refused("a hypervisor slot of the root",
			       mmu_update(virt_to_maddr(&root[i]),
					  make_pte(virt_to_mfn(t.l3), PTE_TABLE)));
		expect_refused("clearing a hypervisor slot",
			       mmu_update(virt_to_maddr(&root[i]), 0));
		expect_equal("the slot", root[i], before);
	}
	expect_refused("update_va_mapping of the M2P",
		       update_va((void *)MACH2PHYS_VIRT_START, 0, UVMF_INVLPG));
	expect_refused("update_va_mapping of the hypervisor",
		       update_va((void *)0xffff830000000000UL,
				 make_pte(virt_to_mfn(t.l1), PTE_RO_PAGE), UVMF_INVLPG));
	expect_refused("update_va_mapping of a non-canonical address",
		       update_va((void *)0x8000000000000000UL, 0, UVMF_INVLPG));
	expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t.l3), 0), 0);
}

/* mmu_update on a page that is no table, or with a bad address or domain. */
static void check_bad_requests(void)
{
	uint64_t *page = page_alloc();
	struct mmu_update req = { .ptr = entry_maddr(page, 1) };

	page[3] = 0x7777;
	expect_result("mmu_update of a data page is a plain write",
		      mmu_update(virt_to_maddr(&page[3]), 0x5555), 0);
	expect_equal("which it makes", page[3], 0x5555);
	req.val = make_pte(virt_to_mfn(page), PTE_RW_PAGE);
	expect_refused("mmu_update for a domain that is not there",
		       hypercall(mmu_update, &req, 1, 0, 77));
	expect_refused("mmu_update with tables of a domain that is not there",
		       hypercall(mmu_update, &req, 1, 0, 78 << 16 | DOMID_SELF));
	expect_refused("mmuext_op for a domain that is not there",
		       hypercall(mmuext_op, &req, 1, 0, 77));
	expect_result("mmu_update from a bad pointer",
		      hypercall(mmu_update, 0xffff830000000000UL, 1, 0, DOMID_SELF), -EFAULT);
	expect_result("mmuext_op from a bad pointer",
		      hypercall(mmuext_op, 0x8000000000000000UL, 1, 0, DOMID_SELF), -EFAULT);
	expect_refused("mmu_update at a misaligned address",
		       mmu_update((entry_maddr(page, 1) | 4), req.val));
	expect_result("mmu_update as it should be", mmu_update(req.ptr, req.val), 0);
}

void test_main(void)
{
	STEP(check_writable_tables);
	STEP(check_pin_writable);
	STEP(check_wrong_levels);
	STEP(check_bits);
	STEP(check_foreign_frames);
	STEP(check_hypervisor_slots);
	STEP(check_bad_requests);
}
