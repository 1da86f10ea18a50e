/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translations, page tables and page-table hypercalls (memory.h). */
#include "memory.h"
#include "trap.h"

#define POOL_PAGES 96

static char pool[POOL_PAGES][PAGE_SIZE] __page_aligned;
static char shared_info_page[PAGE_SIZE] __page_aligned;
static unsigned int pool_used;

struct shared_info *shared_info;

unsigned long pfn_to_mfn(unsigned long pfn)
{
	return ((const unsigned long *)start_info->mfn_list)[pfn];
}

unsigned long mfn_to_pfn(unsigned long mfn)
{
	return READ_ONCE(machine_to_phys_mapping[mfn]);
}

unsigned long virt_to_mfn(const void *va)
{
	return pfn_to_mfn(virt_to_pfn(va));
}

uint64_t virt_to_maddr(const void *va)
{
	return ((uint64_t)virt_to_mfn(va) << PAGE_SHIFT) | ((unsigned long)va & ~PAGE_MASK);
}

void *page_alloc(void)
{
	if (pool_used == POOL_PAGES)
		test_error("the page pool is empty");
	return pool[pool_used++];
}

uint64_t *table_of(const void *va, int level)
{
	return table_below((uint64_t *)start_info->pt_base, va, level);
}

uint64_t *table_below(uint64_t *root, const void *va, int level)
{
	uint64_t *table = root;
	int l;

	for (l = 4; l > level; l--) {
		uint64_t entry = READ_ONCE(table[L_INDEX(va, l)]);

		if (!(entry & PTE_P))
			return NULL;
		table = pfn_to_virt(mfn_to_pfn(mfn_of_pte(entry)));
	}
	return table;
}

uint64_t *entry_of(const void *va, int level)
{
	uint64_t *table = table_of(va, level);

	return table ? &table[L_INDEX(va, level)] : NULL;
}

uint64_t entry_maddr(const void *va, int level)
{
	uint64_t *entry = entry_of(va, level);

	if (!entry)
		test_error("no level %d entry for %p", level, va);
	return virt_to_maddr(entry);
}

long mmu_update(uint64_t ptr, uint64_t val)
{
	struct mmu_update req = { .ptr = ptr, .val = val };

	return hypercall(mmu_update, &req, 1, 0, DOMID_SELF);
}

long mmuext(unsigned int cmd, unsigned long arg1, unsigned long arg2)
{
	struct mmuext_op op = {
		.cmd = cmd,
		.arg1.linear_addr = arg1,
		.arg2.src_mfn = arg2,
	};

	return hypercall(mmuext_op, &op, 1, 0, DOMID_SELF);
}

long update_va(const void *va, uint64_t pte, unsigned long flags)
{
	return hypercall(update_va_mapping, va, pte, flags);
}

long make_readonly(const void *page)
{
	return update_va(page, make_pte(virt_to_mfn(page), PTE_RO_PAGE), UVMF_INVLPG);
}

long make_writable(const void *page)
{
	return update_va(page, make_pte(virt_to_mfn(page), PTE_RW_PAGE), UVMF_INVLPG);
}

long map_at(const void *va, unsigned long mfn, uint64_t flags)
{
	return update_va(va, make_pte(mfn, flags), UVMF_INVLPG);
}

struct tree tree_make(const void *va)
{
	struct tree t = { page_alloc(), page_alloc(), page_alloc() };

	t.l3[L_INDEX(va, 3)] = make_pte(virt_to_mfn(t.l2), PTE_TABLE);
	t.l2[L_INDEX(va, 2)] = make_pte(virt_to_mfn(t.l1), PTE_TABLE);
	if (make_readonly(t.l1) || make_readonly(t.l2) || make_readonly(t.l3))
		test_error("pool pages cannot be made read-only");
	return t;
}

long tree_hang(const struct tree *tree, const void *va)
{
	return mmu_update(entry_maddr(va, 4), make_pte(virt_to_mfn(tree->l3), PTE_TABLE));
}

long tree_unhang(const void *va)
{
	return mmu_update(entry_maddr(va, 4), 0);
}

struct shared_info *shared_info_map(void)
{
	long rc;

	if (shared_info)
		return shared_info;
	rc = map_at(shared_info_page, start_info->shared_info >> PAGE_SHIFT, PTE_RW_PAGE);
	if (rc)
		test_error("shared_info cannot be mapped: %ld", rc);
	shared_info = (struct shared_info *)(void *)shared_info_page;
	vcpu_info = &shared_info->vcpu_info[0];
	return shared_info;
}

uint64_t *user_space_make(void)
{
	uint64_t *root = page_alloc();
	const uint64_t *kernel_root = (const uint64_t *)start_info->pt_base;
	unsigned int i;
	long rc;

	for (i = 0; i < 512; i++)
		if (i < 256 || i >= 272)
			root[i] = kernel_root[i];
	rc = make_readonly(root);
	if (!rc)
		rc = mmuext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(root), 0);
	if (!rc)
		rc = mmuext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(root), 0);
	if (rc)
		test_error("cannot make a user address space: %ld", rc);
	return root;
}
