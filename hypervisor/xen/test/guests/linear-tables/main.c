/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables that refer to tables of their own level, and all ways to a writable one.
 *
 * Hardware lets an entry refer to any frame: a table entered in a table of the
 * same level shows the page tables as memory ("linear page tables"). The ABI may
 * allow that read-only (xen-command-line, pv-linear-pt), or refuse it; never
 * writable, never between two other levels, and counts must be what they were when it
 * is taken back. (XSA-240: chains of them; XSA-286: their stale
 * translations.) The second part tries each way to write an entry with a
 * writable mapping of a table of each level: mmu_update with its three
 * commands, update_va_mapping and its form for another domain, a direct write, a
 * table filled before it is one, a mapping that was there before, a pin. The third:
 * pins and unpins out of order.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Linear page tables and writable tables";

#define FAR_VA	 ((char *)0x00007f1234567000UL)
#define PTE_LINK (PTE_P | PTE_US | PTE_A)

static const unsigned int pins[5] = {
	0, MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE,
};
static unsigned int linear_allowed;

/* A page that is a table of @level by being pinned. */
static uint64_t *pinned_table(unsigned int level)
{
	static uint64_t *pool[16];
	static unsigned int used;
	uint64_t *table;

	if (used == ARRAY_SIZE(pool))
		used = 0;
	if (!pool[used])
		pool[used] = page_alloc();
	table = pool[used++];
	if (make_writable(table))
		test_error("a table is still in use");
	memset(table, 0, PAGE_SIZE);
	if (make_readonly(table) || mmuext(pins[level], virt_to_mfn(table), 0))
		test_error("no table of level %u", level);
	return table;
}

static void expect_free(const char *what, uint64_t *table)
{
	expect_result(what, mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table), 0), 0);
	expect_result("then the page is free", make_writable(table), 0);
}

static long entry_set(uint64_t *table, unsigned int slot, uint64_t value)
{
	return mmu_update(virt_to_maddr(&table[slot]), value);
}

/* From @a to @b, both of @level: never writable, maybe read-only, and taken back. */
static void check_link(unsigned int level, uint64_t *a, uint64_t *b)
{
	uint64_t link = make_pte(virt_to_mfn(b), PTE_LINK);
	long rc;

	expect_refused("a writable link to a table of the same level",
		       entry_set(a, 5, link | PTE_RW));
	expect_refused("a large page that is a table", entry_set(a, 5, link | PTE_PSE | PTE_RW));
	rc = entry_set(a, 5, link);
	if (!rc) {
		linear_allowed++;
		expect_refused("made writable afterwards", entry_set(a, 5, link | PTE_RW));
		expect_result("no-execute", entry_set(a, 5, link | PTE_NX), 0);
		expect_result("twice", entry_set(a, 6, link), 0);
		if (level > 1 && a != b) {
			expect_refused("a chain of links",
				       entry_set(b, 5, make_pte(virt_to_mfn(a), PTE_LINK)));
		}
		expect_result("taken back", entry_set(a, 5, 0), 0);
		expect_result("both", entry_set(a, 6, 0), 0);
	} else {
		check(rc == -EINVAL, "a refusal is -EINVAL, got %ld", rc);
	}
}

static void check_linear(void)
{
	unsigned int level;

	for (level = 2; level <= 4; level++) {
		uint64_t *a = pinned_table(level), *b = pinned_table(level);

		check_link(level, a, a);
		check_link(level, a, b);
		expect_free("unpin of a", a);
		expect_free("unpin of b", b);
	}
	print("  note: linear tables are %s\n", linear_allowed ? "allowed read-only" : "refused");
}

/* In a table that gets pinned with such a link inside. */
static void check_linear_inside(void)
{
	unsigned int level;

	for (level = 2; level <= 4; level++) {
		uint64_t *page = page_alloc();
		long rc;

		page[9] = make_pte(virt_to_mfn(page), PTE_LINK | PTE_RW);
		if (make_readonly(page))
			test_error("read-only");
		expect_refused("pin of a table with a writable link to itself",
			       mmuext(pins[level], virt_to_mfn(page), 0));
		make_writable(page);
		page[9] &= ~PTE_RW;
		make_readonly(page);
		rc = mmuext(pins[level], virt_to_mfn(page), 0);
		if (!rc)
			expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(page), 0), 0);
		expect_result("the page is free", make_writable(page), 0);
	}
}

/* All ways to write value into the level-1 entry of @window: none may succeed. */
static void check_ways(const char *window, uint64_t value)
{
	uint64_t maddr = entry_maddr(window, 1);
	uint64_t *entry = entry_of(window, 1);
	struct mmu_update req = { .ptr = maddr, .val = value };
	uint64_t before = *entry;

	expect_refused("mmu_update", mmu_update(maddr, value));
	expect_refused("with PRESERVE_AD", mmu_update(maddr | MMU_PT_UPDATE_PRESERVE_AD, value));
	expect_refused("with NO_TRANSLATE", mmu_update(maddr | MMU_PT_UPDATE_NO_TRANSLATE, value));
	expect_refused("mmu_update by our number",
		       hypercall(mmu_update, &req, 1, 0, 1 << 16 | DOMID_SELF));
	expect_refused("update_va_mapping", update_va(window, value, UVMF_INVLPG));
	expect_refused(
		"update_va_mapping_otherdomain",
		hypercall(update_va_mapping_otherdomain, window, value, UVMF_INVLPG, DOMID_SELF));
	expect_refused(
		"update_va_mapping_otherdomain, I/O",
		hypercall(update_va_mapping_otherdomain, window, value, UVMF_INVLPG, DOMID_IO));
	trap_forget();
	__asm__ volatile(GUARD("movq %1, %0") : "+m"(*entry) : "r"(value) : "memory");
	check(trap_count == 1 && trap_last.frame.vector == TRAP_PF,
	      "a direct write is a page fault, got %u traps", trap_count);
	trap_forget();
	__asm__ volatile(GUARD("xchgq %1, %0") : "+m"(*entry), "+r"(value) : : "memory");
	check(trap_count == 1, "a direct exchange is a page fault, got %u traps", trap_count);
	trap_forget();
	expect_equal("the entry is what it was", (*entry ^ before) & ~(PTE_A | PTE_D), 0);
}

static void check_writable(void)
{
	char *window = page_alloc();
	unsigned int level;

	for (level = 1; level <= 4; level++) {
		uint64_t *table = pinned_table(level), *l1 = page_alloc();

		check_ways(window, make_pte(virt_to_mfn(table), PTE_RW_PAGE));
		check_ways(window, make_pte(virt_to_mfn(table), PTE_RW_PAGE | PTE_NX));

		/* filled before it is a table */
		l1[3] = make_pte(virt_to_mfn(table), PTE_RW_PAGE);
		make_readonly(l1);
		expect_refused("pin of a table that maps a table writable",
			       mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(l1), 0));
		/* of itself */
		make_writable(l1);
		l1[3] = make_pte(virt_to_mfn(l1), PTE_RW_PAGE);
		make_readonly(l1);
		expect_refused("pin of a table that maps itself writable",
			       mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(l1), 0));
		/* read-only it may */
		make_writable(l1);
		l1[3] = make_pte(virt_to_mfn(l1), PTE_RO_PAGE);
		make_readonly(l1);
		expect_result("pin of a table that maps itself read-only",
			      mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(l1), 0), 0);
		expect_refused("made writable then",
			       entry_set(l1, 3, make_pte(virt_to_mfn(l1), PTE_RW_PAGE)));
		expect_free("unpin", l1);
		expect_free("unpin", table);
	}
}

/* The hypervisor writes for the guest, too: never into a table. */
static void check_operations(void)
{
	uint64_t *data = page_alloc();
	unsigned int level;

	for (level = 1; level <= 4; level++) {
		uint64_t *table = pinned_table(level);
		unsigned long mfn = virt_to_mfn(table);
		xen_pfn_t gdt = mfn;
		struct mmu_update req = { 0 };

		expect_refused("CLEAR_PAGE", mmuext(MMUEXT_CLEAR_PAGE, mfn, 0));
		expect_refused("COPY_PAGE", mmuext(MMUEXT_COPY_PAGE, mfn, virt_to_mfn(data)));
		expect_result("COPY_PAGE from it", mmuext(MMUEXT_COPY_PAGE, virt_to_mfn(data), mfn),
			      0);
		expect_refused("set_gdt", hypercall(set_gdt, &gdt, 512));
		expect_refused("update_descriptor",
			       hypercall(update_descriptor, virt_to_maddr(table), 0));
		expect_result("a result into it", hypercall(xen_version, 1, table), -EFAULT);
		req.ptr = virt_to_maddr(data);
		hypercall(mmu_update, &req, 1, table, DOMID_SELF);
		expect_equal("a count into it", table[0], 0);
		expect_free("unpin", table);
	}
}

static void check_pins(void)
{
	unsigned int level, other;
	uint64_t *root = (uint64_t *)start_info->pt_base;
	char *data = page_alloc();

	for (level = 1; level <= 4; level++) {
		uint64_t *table = pinned_table(level);
		unsigned long mfn = virt_to_mfn(table);

		for (other = 1; other <= 4; other++)
			expect_refused("a second pin", mmuext(pins[other], mfn, 0));
		expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
		expect_refused("a second unpin", mmuext(MMUEXT_UNPIN_TABLE, mfn, 0));
		expect_result("pin", mmuext(pins[level], mfn, 0), 0);
		expect_free("and unpin", table);
	}
	expect_refused("unpin of data", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(data), 0));
	expect_refused("unpin of a level 2 in use that nobody pinned",
		       mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table_of(image_start, 2)), 0));
	/* the root in use: unpinned it stays what it is */
	expect_result("unpin of the root", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(root), 0), 0);
	expect_refused("the root writable", make_writable(root));
	expect_refused("again", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(root), 0));
	expect_refused("as another kind", mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(root), 0));
	expect_result("pin of the root", mmuext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(root), 0), 0);
}

/* A table that is unpinned while it is the user's root, and given up then. */
static void check_user_root(void)
{
	uint64_t *user = user_space_make();
	unsigned long mfn = virt_to_mfn(user);

	expect_result("unpin of the user's root", mmuext(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
	expect_refused("it is a table still", make_writable(user));
	expect_result("no user root", mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
	expect_result("it is free", make_writable(user), 0);
}

void test_main(void)
{
	STEP(check_linear);
	STEP(check_linear_inside);
	STEP(check_writable);
	STEP(check_operations);
	STEP(check_pins);
	STEP(check_user_root);
}
