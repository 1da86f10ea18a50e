/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries that are not present, on processors with L1TF (CVE-2018-3620, XSA-273).
 *
 * Such a processor looks into its first cache at the address in an entry that is not present. With pv-l1tf= for its
 * domain (for others than dom0 the default where it matters) a kernel may not have one that names memory: neither by a write nor in
 * a table that it makes. What kernels that know of it store, addresses with their bits inverted, and small numbers
 * below the first frame, stays allowed. With LAX there is no such rule.
 */
#include "memory.h"

const char test_title[] = "Entries that are not present";

#ifdef LAX
#define REFUSED 0
#else
#define REFUSED -EINVAL
#endif
#define ADDRESS_MASK 0x000ffffffffff000UL

static char *window;

static void set(const char *what, uint64_t entry, long want)
{
	struct mmu_update req = { entry_maddr(window, 1), entry };

	expect_result(what, hypercall(mmu_update, &req, 1, 0, DOMID_SELF), want);
	expect_result(what, hypercall(update_va_mapping, window, entry, 0), want);
	expect_result("none", hypercall(update_va_mapping, window, 0, 0), 0);
}

static void check_writes(void)
{
	uint64_t frame = virt_to_mfn(window) << PAGE_SHIFT;

	set("a frame's address", frame, REFUSED);
	set("with software's bits", frame | 0xe02UL | 1UL << 63, REFUSED);
	set("as the cache sees it", frame | 1UL << 46, REFUSED);
	set("inverted", ~frame & ADDRESS_MASK, 0);
	set("flags alone", 0xe02UL | 1UL << 63, 0);
}

/* A whole table, before it is one. */
static void check_table(unsigned int level)
{
	uint64_t *table = page_alloc();

	table[5] = virt_to_mfn(window) << PAGE_SHIFT;
	if (make_readonly(table))
		test_error("a page cannot be made read-only");
	expect_result("a table with one",
		      mmuext(MMUEXT_PIN_L1_TABLE + level - 1, virt_to_mfn(table), 0), REFUSED);
	if (!REFUSED)
		expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table), 0), 0);
	expect_result("writable again", make_writable(table), 0);
	table[5] = ~table[5] & ADDRESS_MASK;
	expect_result("read-only", make_readonly(table), 0);
	expect_result("inverted", mmuext(MMUEXT_PIN_L1_TABLE + level - 1, virt_to_mfn(table), 0),
		      0);
	expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table), 0), 0);
	expect_result("writable again", make_writable(table), 0);
}

void test_main(void)
{
	unsigned long mfn;

	window = page_alloc();
	mfn = virt_to_mfn(window);
	STEP(check_writes);
	expect_result("the window back", map_at(window, mfn, PTE_RW_PAGE), 0);
	for (unsigned int level = 1; level <= 4; level++)
		check_table(level);
}
