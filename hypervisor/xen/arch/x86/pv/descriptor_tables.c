/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests' descriptor tables. Their pages have a type of their own: no guest
 * may write them but through update_descriptor, and each descriptor in them
 * is harmless. The CPU sees them, read-only, through the vCPU's window in the
 * per-domain slot: the GDT's pages from set_gdt on, the LDT's on first use.
 */
#include "table_entry.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

#include <asm/cpu_tables.h>
#include <asm/descriptor_tables.h>
#include <asm/guest_walk.h>
#include <asm/image.h>
#include <asm/mmu_hypercalls.h>
#include <asm/page_types.h>
#include <asm/percpu.h>
#include <asm/system.h>

#define WINDOW_FLAGS (PTE_P | PTE_A | PTE_D | PTE_NX)
#define TABLE_FLAGS  (PTE_P | PTE_RW | PTE_A)

#define VCPUS_PER_L1 (MIB(2) / VCPU_WINDOW_SIZE)
#define LDT_PAGES    16
#define LDT_ENTRIES_MAX 8192

/* Fields of a descriptor: AMD64 manual volume 2, section 4.7. */
#define DESC_ACCESSED	(1UL << 40)
#define DESC_CODE	(1UL << 43)
#define DESC_CONFORMING (1UL << 42)	/* of code */
#define DESC_S		(1UL << 44)	/* code or data */
#define DESC_DPL	(3UL << 45)
#define DESC_P		(1UL << 47)
#define DESC_L		(1UL << 53)
#define DESC_DB		(1UL << 54)

/*
 * May a guest have this descriptor? Not present ones may be anything. System
 * descriptors and gates would lead into the hypervisor; DPL below 3 is raised,
 * because ring 3 is where the guest's kernel lives; the accessed bit is set,
 * so that the CPU need not write to a table that it maps read-only.
 */
static bool descriptor_mend(uint64_t *desc)
{
	uint64_t e = *desc;

	if (!(e & DESC_P))
		return true;
	if (!(e & DESC_S))
		return false;
	if (e & DESC_CODE && e & DESC_L && e & DESC_DB)
		return false;
	if (e & DESC_CODE && e & DESC_CONFORMING)
		e &= ~DESC_CONFORMING;
	*desc = e | DESC_DPL | DESC_ACCESSED;
	return true;
}

int descriptors_validate(struct page_info *pg)
{
	uint64_t *table = frame_map(mfn_of_page(pg));
	int rc = 0;

	for (unsigned int i = 0; i < PAGE_SIZE / 8 && !rc; i++) {
		uint64_t e = READ_ONCE(table[i]), mended = e;

		if (!descriptor_mend(&mended))
			rc = -EINVAL;
		else if (mended != e)
			WRITE_ONCE(table[i], mended);
	}
	frame_unmap(table);
	return rc;
}

/* Where a guest's GDT has no page: null descriptors, so that selectors there fail as beyond any limit. */
static const uint64_t no_descriptors[PAGE_SIZE / 8] __aligned(PAGE_SIZE);

static pte_t no_page_entry(void)
{
	return image_paddr(no_descriptors) | WINDOW_FLAGS;
}

/* The 32 L1 entries of a vCPU's window. */
static pte_t *window(const struct vcpu *v)
{
	return v->domain->arch.perdomain_l1[v->id];
}

unsigned long vcpu_gdt_window(const struct vcpu *v)
{
	return PERDOMAIN_START + ((unsigned long)v->id << VCPU_WINDOW_SHIFT);
}

unsigned long vcpu_ldt_window(const struct vcpu *v)
{
	return vcpu_gdt_window(v) + VCPU_LDT_OFFSET;
}

int windows_domain_init(struct domain *d)
{
	pte_t *l3 = hv_pages_alloc(0), *l2 = hv_pages_alloc(0);

	if (!l3 || !l2) {
		if (l3)
			hv_pages_free(l3, 0);
		if (l2)
			hv_pages_free(l2, 0);
		return -ENOMEM;
	}
	l3[0] = pte_make(virt_to_mfn(l2), TABLE_FLAGS);
	d->arch.perdomain_l3 = l3;
	return 0;
}

int windows_vcpu_init(struct vcpu *v)
{
	const pte_t *l3 = v->domain->arch.perdomain_l3;
	pte_t *l2 = frame_map(pte_mfn(l3[0]));
	pte_t *slot = &l2[v->id / VCPUS_PER_L1];
	pte_t *l1;

	if (!(*slot & PTE_P)) {
		l1 = hv_pages_alloc(0);
		if (!l1)
			return -ENOMEM;
		*slot = pte_make(virt_to_mfn(l1), TABLE_FLAGS);
	}
	l1 = frame_map(pte_mfn(*slot));
	v->domain->arch.perdomain_l1[v->id] =
		&l1[v->id % VCPUS_PER_L1 * (VCPU_WINDOW_SIZE / PAGE_SIZE)];
	for (unsigned int i = 0; i < GUEST_GDT_PAGES; i++)
		window(v)[i] = no_page_entry();
	return 0;
}

void windows_domain_destroy(struct domain *d)
{
	pte_t *l3 = d->arch.perdomain_l3;
	pte_t *l2 = frame_map(pte_mfn(l3[0]));

	for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
		if (l2[i] & PTE_P)
			hv_pages_free(frame_map(pte_mfn(l2[i])), 0);
	hv_pages_free(l2, 0);
	hv_pages_free(l3, 0);
	d->arch.perdomain_l3 = NULL;
}

/* The window of the running vCPU changes under the CPU's eyes. */
static void window_flush(const struct vcpu *v, unsigned long va)
{
	if (v == current_vcpu())
		invlpg(va);
}

static void gdt_page_set(struct vcpu *v, unsigned int i, struct page_info *pg)
{
	struct page_info *old = v->arch.gdt_page[i];

	v->arch.gdt_page[i] = pg;
	window(v)[i] = pg ? pte_make(mfn_of_page(pg), WINDOW_FLAGS) : no_page_entry();
	window_flush(v, vcpu_gdt_window(v) + i * PAGE_SIZE);
	if (old)
		page_put_type(old);
}

int gdt_set(struct vcpu *v, const unsigned long *frames, unsigned int entries)
{
	unsigned int pages = (entries + 511) / 512, i;
	struct page_info *pg[GUEST_GDT_PAGES];
	int rc = 0;

	if (entries > FIRST_RESERVED_GDT_ENTRY)
		return -EINVAL;
	for (i = 0; i < pages && !rc; i++) {
		mfn_t m = mfn(frames[i]);

		pg[i] = page_of_mfn(m);
		rc = mfn_valid(m) ? page_get_type(pg[i], v->domain, TYPE_DESCRIPTORS) : -EINVAL;
	}
	if (rc) {
		for (i--; i; i--)
			page_put_type(pg[i - 1]);
		return rc;
	}
	for (i = 0; i < GUEST_GDT_PAGES; i++)
		gdt_page_set(v, i, i < pages ? pg[i] : NULL);
	v->arch.gdt_entries = entries;
	return 0;
}

long do_set_gdt(struct vcpu *v, unsigned long frame_list, unsigned long raw_entries)
{
	unsigned long frames[GUEST_GDT_PAGES];
	unsigned int entries = raw_entries, pages = (entries + 511) / 512;
	long rc;

	if (entries > FIRST_RESERVED_GDT_ENTRY)
		return -EINVAL;
	if (guest_copy_from(frames, frame_list, pages * sizeof(frames[0])))
		return -EFAULT;
	rc = gdt_set(v, frames, entries);
	if (rc == -ERESTART) {
		unsigned long again[] = { frame_list, raw_entries };

		return hypercall_continue(__HYPERVISOR_set_gdt, 2, again);
	}
	return rc;
}

/* By machine address; the page may be in use as a table, or not yet. */
long do_update_descriptor(struct vcpu *v, unsigned long maddr, unsigned long descriptor)
{
	mfn_t m = mfn_of_paddr(maddr);
	struct page_info *pg = page_of_mfn(m);
	uint64_t desc = descriptor, *table;
	uint64_t state;
	int rc;

	if (maddr & 7 || !mfn_valid(m) || !descriptor_mend(&desc))
		return -EINVAL;
	if (!page_get(pg, v->domain))
		return -EINVAL;
	state = READ_ONCE(pg->state);
	rc = page_get_type(pg, v->domain,
			   frame_type_count(state) && frame_type(state) == TYPE_DESCRIPTORS ?
				   TYPE_DESCRIPTORS :
				   TYPE_WRITABLE);
	if (!rc) {
		table = frame_map(m);
		WRITE_ONCE(table[(maddr & (PAGE_SIZE - 1)) / 8], desc);
		frame_unmap(table);
		page_put_type(pg);
	}
	page_put(pg);
	if (rc == -ERESTART) {	/* another CPU validates the page just now */
		unsigned long again[] = { maddr, descriptor };

		return hypercall_continue(__HYPERVISOR_update_descriptor, 2, again);
	}
	return rc;
}

static void ldt_pages_drop(struct vcpu *v)
{
	for (unsigned int i = 0; i < LDT_PAGES; i++) {
		struct page_info *pg = v->arch.ldt_page[i];

		if (!pg)
			continue;
		v->arch.ldt_page[i] = NULL;
		window(v)[VCPU_LDT_OFFSET / PAGE_SIZE + i] = 0;
		window_flush(v, vcpu_ldt_window(v) + i * PAGE_SIZE);
		page_put_type(pg);
	}
}

bool ldt_is_valid(unsigned long base, unsigned int entries)
{
	unsigned long end = base + entries * 8UL;

	if (base & (PAGE_SIZE - 1) || entries > LDT_ENTRIES_MAX)
		return false;
	return !entries || (address_is_canonical(base) && address_is_canonical(end) &&
			    !(base < HV_VIRT_END && end > HV_VIRT_START));
}

int ldt_set(struct vcpu *v, unsigned long base, unsigned int entries)
{
	if (!ldt_is_valid(base, entries))
		return -EINVAL;
	if (base == v->arch.ldt_base && entries == v->arch.ldt_entries)
		return 0;
	ldt_pages_drop(v);
	v->arch.ldt_base = entries ? base : 0;
	v->arch.ldt_entries = entries;
	ldt_descriptor_set(this_cpu(), vcpu_ldt_window(v), entries);
	return 0;
}

void ldt_drop(struct vcpu *v)
{
	ldt_pages_drop(v);
	v->arch.ldt_base = 0;
	v->arch.ldt_entries = 0;
}

bool ldt_page_fault(struct vcpu *v, unsigned long va, bool *is_ldt, unsigned long *offset)
{
	unsigned int page = (va - vcpu_ldt_window(v)) >> PAGE_SHIFT;
	struct page_info *pg;
	struct guest_walk w;
	mfn_t m;
	int rc;

	*is_ldt = va >= vcpu_ldt_window(v) && va < vcpu_ldt_window(v) + LDT_PAGES * PAGE_SIZE;
	if (!*is_ldt)
		return false;
	*offset = va - vcpu_ldt_window(v);
	if (page * 512 >= v->arch.ldt_entries || v->arch.ldt_page[page])
		return false;
	/* The kernel's address, even while a program of its runs. */
	if (!guest_walk(v, v->arch.kernel_root, v->arch.ldt_base + page * PAGE_SIZE, &w))
		return false;
	m = pte_mfn(w.entry);
	pg = page_of_mfn(m);
	if (!(w.entry & PTE_P) || !mfn_valid(m))
		return false;
	/* Of a page it takes no time: if another CPU is at it, it soon is done. */
	while ((rc = page_get_type(pg, v->domain, TYPE_DESCRIPTORS)) == -ERESTART)
		cpu_relax();
	if (rc)
		return false;
	v->arch.ldt_page[page] = pg;
	window(v)[VCPU_LDT_OFFSET / PAGE_SIZE + page] = pte_make(mfn_of_page(pg), WINDOW_FLAGS);
	return true;
}

void descriptor_tables_load(struct vcpu *v)
{
	unsigned int cpu = this_cpu();

	window(v)[FIRST_RESERVED_GDT_PAGE] = pte_make(cpu_gdt_mfn(cpu), WINDOW_FLAGS);
	gdt_window_load(vcpu_gdt_window(v));
	ldt_descriptor_set(cpu, vcpu_ldt_window(v), v->arch.ldt_entries);
}
