/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes through a table entry that is read-only above level 1.
 *
 * The processor lets a write through only if every level has PTE_RW. A guest
 * may clear it in an upper entry alone, below which level 1 says "writable".
 * The write is a page fault of the guest's then (present, write), once, at
 * this address: neither a write that the hypervisor makes for the guest, nor
 * one that it takes for a late TLB and tries for ever. A hypercall's copy is
 * -EFAULT. Each level of a tree has its turn, with and without the assist for
 * writable page tables, and works again as soon as the bit is back.
 */
#include "memory.h"
#include "trap.h"

#include <xen/vcpu.h>

const char test_title[] = "Read-only upper table entries";

#define FAR_VA	 ((char *)0x0000123400000000UL)
#define PF_WRITE 3 /* error code: present, write, kernel mode */

static struct tree tree;
static char *page;

static void flags_set(int level, uint64_t flags)
{
	uint64_t entry = READ_ONCE(*entry_of(FAR_VA, level));

	expect_result("the entry's flags",
		      mmu_update(entry_maddr(FAR_VA, level), make_pte(mfn_of_pte(entry), flags)),
		      0);
	mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
}

static void write_far(char value)
{
	trap_forget();
	__asm__ volatile(GUARD("movb %1, (%0)") : : "r"(FAR_VA), "q"(value) : "memory");
}

static long copy_far(void)
{
	return hypercall(vcpu_op, VCPUOP_get_runstate_info, 0, FAR_VA);
}

static void expect_writable(void)
{
	write_far(0x55);
	expect_no_trap("a write with PTE_RW at every level");
	expect_equal("which it makes", (uint8_t)page[0], 0x55);
	expect_result("a hypercall's copy", copy_far(), 0);
}

static void expect_read_only(void)
{
	page[0] = 0x11;
	write_far(0x55);
	expect_equal("the address of the fault", trap_last.cr2, (unsigned long)FAR_VA);
	expect_trap("a write", TRAP_PF, PF_WRITE, 0);
	expect_result("a hypercall's copy", copy_far(), -EFAULT);
	expect_equal("the page is as it was", (uint8_t)READ_ONCE(page[0]), 0x11);
	expect_equal("and can be read", (uint8_t)READ_ONCE(*FAR_VA), 0x11);
}

static void check_levels(void)
{
	int level;

	for (level = 2; level <= 4; level++) {
		print("  note: level %d\n", level);
		flags_set(level, PTE_TABLE & ~PTE_RW);
		expect_read_only();
		flags_set(level, PTE_TABLE);
		expect_writable();
	}
}

static void check_levels_with_assist(void)
{
	long rc = hypercall(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);

	if (rc)
		test_error("writable_pagetables cannot be enabled: %ld", rc);
	check_levels();
}

/* The one write that the assist makes goes to a table, not to what it maps. */
static void check_table(void)
{
	uint64_t *l1 = (uint64_t *)FAR_VA;
	uint64_t before = READ_ONCE(tree.l1[7]);

	expect_result(
		"level 1 in its own tree, read-only",
		mmu_update(entry_maddr(FAR_VA, 1), make_pte(virt_to_mfn(tree.l1), PTE_RO_PAGE)), 0);
	flags_set(2, PTE_TABLE & ~PTE_RW);
	trap_forget();
	__asm__ volatile(GUARD("movq %1, (%0)")
			 :
			 : "r"(&l1[7]), "r"(make_pte(virt_to_mfn(tree.l2), PTE_RW_PAGE))
			 : "memory");
	expect_trap("an entry that maps a table writable", TRAP_PF, PF_WRITE, 0);
	expect_equal("the entry is as it was", READ_ONCE(tree.l1[7]), before);
	flags_set(2, PTE_TABLE);
}

void test_main(void)
{
	shared_info_map();
	page = page_alloc();
	tree = tree_make(FAR_VA);
	if (tree_hang(&tree, FAR_VA) ||
	    mmu_update(entry_maddr(FAR_VA, 1), make_pte(virt_to_mfn(page), PTE_RW_PAGE)))
		test_error("the page cannot be mapped");
	expect_writable();
	STEP(check_levels);
	STEP(check_levels_with_assist);
	STEP(check_table);
}
