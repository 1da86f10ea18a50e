/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page-table operations that are allowed.
 *
 * mmu_update with its four commands, update_va_mapping with its flush flags,
 * pinning at every level, roots for kernel and user, TLB and cache
 * operations, clear and copy of pages (xen/xen.h). Entries hold machine
 * frames; a table must be mapped read-only while it is one. A batch stops at
 * its first bad request and says how many were done.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Page-table operations";

#define FAR_VA ((char *)0x00007f1234567000UL)

static void check_remap(void)
{
	uint64_t *a = page_alloc(), *b = page_alloc();
	uint64_t ma, pte;

	a[0] = 0xaaaa;
	b[0] = 0xbbbb;
	ma = entry_maddr(a, 1);
	expect_result("map b at a", mmu_update(ma, make_pte(virt_to_mfn(b), PTE_RW_PAGE)), 0);
	expect_result("INVLPG_LOCAL", mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)a, 0), 0);
	expect_equal("a shows b", READ_ONCE(a[0]), 0xbbbb);
	WRITE_ONCE(a[1], 77);
	expect_equal("both are one page", READ_ONCE(b[1]), 77);
	pte = *entry_of(a, 1);
	expect_equal("the entry's frame", mfn_of_pte(pte), virt_to_mfn(b));
	expect_equal("the entry's rights", pte & (PTE_P | PTE_RW | PTE_NX), PTE_P | PTE_RW);

	expect_result(
		"command NO_TRANSLATE",
		mmu_update(ma | MMU_PT_UPDATE_NO_TRANSLATE, make_pte(virt_to_mfn(a), PTE_RW_PAGE)),
		0);
	mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
	expect_equal("a shows itself again", READ_ONCE(a[0]), 0xaaaa);

	expect_result("not present", mmu_update(ma, 0), 0);
	mmuext(MMUEXT_INVLPG_ALL, (unsigned long)a, 0);
	trap_forget();
	__asm__ volatile(GUARD("mov (%0), %%al") : : "r"(a) : "rax", "memory");
	expect_trap("read of the removed page", TRAP_PF, 0, 0);
	expect_result("garbage in an entry that is not present",
		      mmu_update(ma, 0xdeadbeefcafe1234UL & ~PTE_P), 0);
	expect_equal("is kept", *entry_of(a, 1), 0xdeadbeefcafe1234UL & ~PTE_P);
	expect_result("present again", mmu_update(ma, make_pte(virt_to_mfn(a), PTE_RW_PAGE)), 0);
	expect_equal("with its content", READ_ONCE(a[0]), 0xaaaa);
}

static void check_accessed_dirty(void)
{
	uint64_t *page = page_alloc();
	uint64_t ma = entry_maddr(page, 1);
	uint64_t clean = make_pte(virt_to_mfn(page), PTE_P | PTE_RW | PTE_US);

	expect_result("a clean entry", mmu_update(ma, clean), 0);
	mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)page, 0);
	expect_equal("A and D are clear", *entry_of(page, 1) & (PTE_A | PTE_D), 0);
	WRITE_ONCE(page[0], 1);
	expect_equal("A and D are set by a write", *entry_of(page, 1) & (PTE_A | PTE_D),
		     PTE_A | PTE_D);
	expect_result("PRESERVE_AD", mmu_update(ma | MMU_PT_UPDATE_PRESERVE_AD, clean & ~PTE_RW),
		      0);
	expect_equal("A and D are kept", *entry_of(page, 1) & (PTE_A | PTE_D | PTE_RW),
		     PTE_A | PTE_D);
	expect_result("normal update", mmu_update(ma, clean), 0);
	expect_equal("A and D are replaced", *entry_of(page, 1) & (PTE_A | PTE_D), 0);
}

static void check_machphys(void)
{
	char *page = page_alloc();
	unsigned long mfn = virt_to_mfn(page), pfn = virt_to_pfn(page);

	expect_result("MACHPHYS_UPDATE",
		      mmu_update((uint64_t)mfn << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 0x12345), 0);
	expect_equal("the M2P entry", mfn_to_pfn(mfn), 0x12345);
	expect_result("MACHPHYS_UPDATE back",
		      mmu_update((uint64_t)mfn << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, pfn), 0);
	expect_equal("the M2P entry", mfn_to_pfn(mfn), pfn);
}

static void check_batch(void)
{
	char *pages[4];
	struct mmu_update req[4];
	unsigned int i, done = 99;

	for (i = 0; i < 4; i++) {
		pages[i] = page_alloc();
		pages[i][0] = (char)i;
	}
	for (i = 0; i < 4; i++) {
		req[i].ptr = entry_maddr(pages[i], 1);
		req[i].val = make_pte(virt_to_mfn(pages[3 - i]), PTE_RW_PAGE);
	}
	expect_result("batch of 4", hypercall(mmu_update, req, 4, &done, DOMID_SELF), 0);
	expect_equal("done", done, 4);
	mmuext(MMUEXT_TLB_FLUSH_ALL, 0, 0);
	for (i = 0; i < 4; i++)
		expect_equal("pages in reverse", (uint8_t)READ_ONCE(pages[i][0]), 3 - i);

	req[2].val = make_pte(0xfffffff, PTE_RW_PAGE);
	for (i = 0; i < 4; i++)
		if (i != 2)
			req[i].val = make_pte(virt_to_mfn(pages[i]), PTE_RW_PAGE);
	done = 99;
	expect_refused("batch with a bad third request",
		       hypercall(mmu_update, req, 4, &done, DOMID_SELF));
	expect_equal("done", done, 2);
	mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
	expect_equal("first was made", (uint8_t)READ_ONCE(pages[0][0]), 0);
	expect_equal("fourth was not", (uint8_t)READ_ONCE(pages[3][0]), 0);
	expect_result("batch of 0", hypercall(mmu_update, req, 0, &done, DOMID_SELF), 0);
	expect_equal("done", done, 0);
}

static void check_update_va(void)
{
	uint64_t *a = page_alloc(), *b = page_alloc();
	static const unsigned long flags[] = {
		UVMF_INVLPG | UVMF_LOCAL,
		UVMF_INVLPG | UVMF_ALL,
		UVMF_TLB_FLUSH | UVMF_LOCAL,
		UVMF_TLB_FLUSH | UVMF_ALL,
	};
	static unsigned long vcpus[1] __attribute__((aligned(8))) = { 1 };
	unsigned int i;

	a[0] = 1;
	b[0] = 2;
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		expect_result(
			"update_va_mapping",
			update_va(a, make_pte(virt_to_mfn(i & 1 ? a : b), PTE_RW_PAGE), flags[i]),
			0);
		expect_equal("takes effect at once", READ_ONCE(a[0]), i & 1 ? 1 : 2);
	}
	expect_result("UVMF_INVLPG for a set of vcpus",
		      update_va(a, make_pte(virt_to_mfn(b), PTE_RW_PAGE),
				UVMF_INVLPG | (unsigned long)vcpus),
		      0);
	expect_equal("takes effect", READ_ONCE(a[0]), 2);
	expect_result("UVMF_TLB_FLUSH for a set of vcpus",
		      update_va(a, make_pte(virt_to_mfn(a), PTE_RW_PAGE),
				UVMF_TLB_FLUSH | (unsigned long)vcpus),
		      0);
	expect_equal("takes effect", READ_ONCE(a[0]), 1);
	expect_refused("update_va_mapping without a table", update_va(FAR_VA, 0, UVMF_INVLPG));
}

/* A tree of our own: pinned bottom up, hung into the root, used, taken down. */
static void check_pin_levels(void)
{
	struct tree t = tree_make(FAR_VA);
	char *page = page_alloc();

	page[0] = 0x3c;
	expect_result("pin level 1", mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(t.l1), 0), 0);
	expect_result("pin level 2", mmuext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(t.l2), 0), 0);
	expect_result("pin level 3", mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(t.l3), 0), 0);
	expect_refused("pin a pinned table", mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(t.l1), 0));
	expect_refused("pin a table as another level",
		       mmuext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(t.l1), 0));
	expect_result("hang it into the root", tree_hang(&t, FAR_VA), 0);
	expect_result("an entry in it",
		      mmu_update(entry_maddr(FAR_VA, 1), make_pte(virt_to_mfn(page), PTE_RW_PAGE)),
		      0);
	expect_equal("the page through it", (uint8_t)READ_ONCE(*FAR_VA), 0x3c);
	expect_result("update_va_mapping in it", update_va(FAR_VA, 0, UVMF_INVLPG), 0);

	expect_result("unpin level 1 while linked",
		      mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t.l1), 0), 0);
	expect_result("unpin level 2 while linked",
		      mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t.l2), 0), 0);
	expect_refused("writable while still linked", make_writable(t.l1));
	expect_result("take it out of the root", tree_unhang(FAR_VA), 0);
	expect_refused("writable while level 3 is pinned", make_writable(t.l1));
	expect_result("unpin level 3", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t.l3), 0), 0);
	expect_refused("unpin twice", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t.l3), 0));
	expect_result("level 1 writable", make_writable(t.l1), 0);
	expect_result("level 2 writable", make_writable(t.l2), 0);
	expect_result("level 3 writable", make_writable(t.l3), 0);
	WRITE_ONCE(t.l1[0], 5);
	expect_equal("and it is", t.l1[0], 5);
}

static void check_roots(void)
{
	uint64_t *root = page_alloc(), *kernel = (uint64_t *)start_info->pt_base;
	unsigned long old = virt_to_mfn(kernel), cr3;
	unsigned int i;

	for (i = 0; i < 512; i++)
		root[i] = i < 256 || i >= 272 ? kernel[i] : 0;
	expect_result("read-only", make_readonly(root), 0);
	expect_result("pin level 4", mmuext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(root), 0), 0);
	expect_result("new root", mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(root), 0), 0);
	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	expect_equal("cr3", cr3 >> PAGE_SHIFT, virt_to_mfn(root));
	check(root[256] & PTE_P, "the hypervisor's slots are filled in");
	expect_equal("the M2P is there", mfn_to_pfn(old), virt_to_pfn(kernel));
	expect_result("the root as it is", mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(root), 0), 0);
	expect_result("old root", mmuext(MMUEXT_NEW_BASEPTR, old, 0), 0);
	__asm__ volatile("mov %0, %%cr3"
			 :
			 : "r"((unsigned long)virt_to_mfn(root) << PAGE_SHIFT)
			 : "memory");
	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	expect_equal("cr3 written by mov", cr3 >> PAGE_SHIFT, virt_to_mfn(root));
	expect_result("old root", mmuext(MMUEXT_NEW_BASEPTR, old, 0), 0);

	expect_result("user root", mmuext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(root), 0), 0);
	expect_result("unpin it in use", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(root), 0), 0);
	expect_refused("writable in use", make_writable(root));
	expect_result("no user root", mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
	expect_result("writable when free", make_writable(root), 0);
	expect_refused("a root that is no table", mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(root), 0));
}

static void check_flushes(void)
{
	unsigned long all = ~0UL, one = 1;

	expect_result("TLB_FLUSH_LOCAL", mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
	expect_result("TLB_FLUSH_ALL", mmuext(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
	expect_result("INVLPG_LOCAL", mmuext(MMUEXT_INVLPG_LOCAL, 0x1000, 0), 0);
	expect_result("INVLPG_ALL", mmuext(MMUEXT_INVLPG_ALL, 0x1000, 0), 0);
	expect_result("TLB_FLUSH_MULTI", mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, (unsigned long)&one), 0);
	expect_result("INVLPG_MULTI", mmuext(MMUEXT_INVLPG_MULTI, 0x1000, (unsigned long)&all), 0);
	expect_result("FLUSH_CACHE", mmuext(MMUEXT_FLUSH_CACHE, 0, 0), 0);
	expect_result("FLUSH_CACHE_GLOBAL", mmuext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), 0);
	expect_result("INVLPG of a non-canonical address",
		      mmuext(MMUEXT_INVLPG_LOCAL, 0x8000000000000000UL, 0), 0);
	expect_result("INVLPG of the hypervisor",
		      mmuext(MMUEXT_INVLPG_LOCAL, 0xffff830000000000UL, 0), 0);
	expect_refused("TLB_FLUSH_MULTI, bad pointer",
		       mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, 0xffff830000000000UL));
	expect_result("unknown command 14", mmuext(14, 0, 0), -ENOSYS);
	expect_result("unknown command 21", mmuext(21, 0, 0), -ENOSYS);
	expect_result("unknown command ~0", mmuext(~0u, 0, 0), -ENOSYS);
}

static void check_clear_and_copy(void)
{
	uint64_t *a = page_alloc(), *b = page_alloc();

	memset(a, 0x11, PAGE_SIZE);
	memset(b, 0x22, PAGE_SIZE);
	expect_result("COPY_PAGE", mmuext(MMUEXT_COPY_PAGE, virt_to_mfn(a), virt_to_mfn(b)), 0);
	expect_equal("its first word", a[0], 0x2222222222222222UL);
	expect_equal("its last word", a[511], 0x2222222222222222UL);
	expect_result("CLEAR_PAGE", mmuext(MMUEXT_CLEAR_PAGE, virt_to_mfn(a), 0), 0);
	expect_equal("its first word", a[0], 0);
	expect_equal("its last word", a[511], 0);
	expect_equal("the source is untouched", b[511], 0x2222222222222222UL);
	expect_refused("CLEAR_PAGE of a table",
		       mmuext(MMUEXT_CLEAR_PAGE, virt_to_mfn((void *)start_info->pt_base), 0));
	expect_refused(
		"COPY_PAGE onto a table",
		mmuext(MMUEXT_COPY_PAGE, virt_to_mfn((void *)start_info->pt_base), virt_to_mfn(b)));
	expect_refused("CLEAR_PAGE of no frame", mmuext(MMUEXT_CLEAR_PAGE, 0xfffffffffUL, 0));
	expect_refused("COPY_PAGE from no frame",
		       mmuext(MMUEXT_COPY_PAGE, virt_to_mfn(a), 0xfffffffffUL));
	expect_refused("MARK_SUPER", mmuext(MMUEXT_MARK_SUPER, virt_to_mfn(a), 0));
	expect_refused("UNMARK_SUPER", mmuext(MMUEXT_UNMARK_SUPER, virt_to_mfn(a), 0));
}

/* Cache attributes of a page and a mapping without execution. */
static void check_attributes(void)
{
	static const uint64_t cache[] = {
		0, PTE_PWT, PTE_PCD, PTE_PCD | PTE_PWT, PTE_PSE, PTE_PSE | PTE_PWT,
	};
	char *page = page_alloc();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cache); i++) {
		expect_result("cache attributes",
			      map_at(page, virt_to_mfn(page), PTE_RW_PAGE | cache[i]), 0);
		expect_equal("are in the entry", *entry_of(page, 1) & (PTE_PWT | PTE_PCD | PTE_PSE),
			     cache[i]);
		WRITE_ONCE(page[0], 1);
	}
	expect_result("no-execute", map_at(page, virt_to_mfn(page), PTE_RW_PAGE | PTE_NX), 0);
	expect_equal("is in the entry", *entry_of(page, 1) & PTE_NX, PTE_NX);
	expect_result("available bits", map_at(page, virt_to_mfn(page), PTE_RW_PAGE | 0x600), 0);
	expect_equal("are kept", *entry_of(page, 1) & 0x600, 0x600);
}

void test_main(void)
{
	STEP(check_remap);
	STEP(check_accessed_dirty);
	STEP(check_machphys);
	STEP(check_batch);
	STEP(check_update_va);
	STEP(check_pin_levels);
	STEP(check_roots);
	STEP(check_flushes);
	STEP(check_clear_and_copy);
	STEP(check_attributes);
}
