/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout of a new PV domain; see layout.h. Sources: xen/xen.h ("Start-of-day"), xen/elfnote.h. */
#include "layout.h"

#include <errno.h>
#include <xen/features.h>

#define REGION_PADDING (512ULL << 10)
#define REGION_ALIGN   (4ULL << 20)
#define KERNEL_LIMIT   (64ULL << 30)	/* keeps all sums far from overflow */
#define PAGES_LIMIT    (1ULL << 35)	/* 128 TiB */

static uint64_t align_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) & -to;
}

static uint64_t tables_for(uint64_t start, uint64_t end)
{
	return tables_at(1, start, end) + tables_at(2, start, end) + tables_at(3, start, end);
}

static bool is_canonical(uint64_t va)
{
	return (uint64_t)((int64_t)(va << 16) >> 16) == va;
}

/* May a guest have [start, start + len) for itself, all in one half of the address space? */
static bool is_guest_range(uint64_t start, uint64_t len)
{
	uint64_t last = start + len - 1;

	if (!len || last < start || !is_canonical(start) || !is_canonical(last) ||
	    (start >> 63) != (last >> 63))
		return false;
	return last < HYPERVISOR_VIRT_START || start >= HYPERVISOR_VIRT_END;
}

static int notes_judge(const struct xen_notes *n, struct build_why *why)
{
	if (n->has_hv_start_low && n->hv_start_low > HYPERVISOR_VIRT_START)
		return fail(why, -EINVAL,
			    "wants addresses that are the hypervisor's (HV_START_LOW)");
	if (n->has_virt_base && n->virt_base & (PAGE_SIZE - 1))
		return fail(why, -EINVAL, "has a VIRT_BASE that is not page aligned");
	if (n->has_init_p2m && n->init_p2m & (PAGE_SIZE - 1))
		return fail(why, -EINVAL, "has an INIT_P2M that is not page aligned");
	if (n->required_features & (1U << XENFEAT_auto_translated_physmap |
				    1U << XENFEAT_supervisor_mode_kernel | 1U << XENFEAT_dom0))
		return fail(why, -EINVAL, "requires a Xen feature that a PV guest does not have");
	return 0;
}

/* Returns the linear address behind the kernel, 0 if there is no place for it. */
static uint64_t kernel_place(const struct elf_kernel *elf, struct layout *l, struct build_why *why)
{
	const struct xen_notes *n = &elf->notes;
	uint64_t len = elf->paddr_end - l->paddr_offset, end = l->virt_base + len, start;

	if (elf->paddr_start < l->paddr_offset || len > KERNEL_LIMIT ||
	    !is_guest_range(l->virt_base, len)) {
		fail(why, -EINVAL, "has segments where no PV guest can have them");
		return 0;
	}
	start = l->virt_base + (elf->paddr_start - l->paddr_offset);
	l->entry = n->has_entry ? n->entry : elf->entry;
	if (l->entry < start || l->entry >= end) {
		fail(why, -EINVAL, "has its entry point outside of it");
		return 0;
	}
	l->hypercall_page = n->has_hypercall_page ? n->hypercall_page : 0;
	if (n->has_hypercall_page && (l->hypercall_page & (PAGE_SIZE - 1) ||
				      l->hypercall_page < start || l->hypercall_page >= end)) {
		fail(why, -EINVAL, "has its hypercall page outside of it");
		return 0;
	}
	return end;
}

/*
 * The parts from start_info on. Page tables map the whole region, themselves
 * included, so their number is found by trying.
 */
static void region_finish(struct layout *l, uint64_t from)
{
	uint64_t needed = 4;

	l->start_info = from;
	l->store = from + PAGE_SIZE;
	l->console = from + 2 * PAGE_SIZE;
	l->tables = from + 3 * PAGE_SIZE;
	do {
		l->table_count = needed;
		l->stack = l->tables + l->table_count * PAGE_SIZE;
		l->end = align_up(l->stack + PAGE_SIZE + REGION_PADDING, REGION_ALIGN);
		needed = 1 + tables_for(l->virt_base, l->end);
	} while (needed > l->table_count);
}

/* The p2m list has an address of its own: frames for it and for the tables of that address. */
static int p2m_place_apart(struct layout *l, struct build_why *why)
{
	uint64_t len = l->p2m_page_count * PAGE_SIZE;

	/* No table may be shared with the region's: they are 512 GiB apart, or in other halves. */
	if (!is_guest_range(l->p2m, len) ||
	    ((l->p2m + len - 1) >> 39 >= l->virt_base >> 39 && l->p2m >> 39 <= (l->end - 1) >> 39))
		return fail(why, -EINVAL, "wants its p2m list where it cannot be (INIT_P2M)");
	l->p2m_pfn = l->needed_pages;
	l->p2m_table_pfn = l->p2m_pfn + l->p2m_page_count;
	l->p2m_table_count = tables_for(l->p2m, l->p2m + len);
	l->needed_pages += l->p2m_page_count + l->p2m_table_count;
	return 0;
}

/* What is between the kernel and start_info. Returns the address behind it. */
static uint64_t lists_place(const struct xen_notes *n, struct layout *l, uint64_t at)
{
	if (l->ramdisk_len && !n->mod_start_pfn) {
		l->ramdisk = at;
		l->ramdisk_pfn = layout_pfn(l, at);
		at += pages_of(l->ramdisk_len) * PAGE_SIZE;
	}
	l->p2m = n->has_init_p2m ? n->init_p2m : at;
	if (!l->p2m_is_apart) {
		l->p2m_pfn = layout_pfn(l, at);
		at += l->p2m_page_count * PAGE_SIZE;
	}
	return at;
}

int layout_compute(const struct elf_kernel *elf, uint64_t page_count, uint64_t ramdisk_len,
		   struct layout *l, struct build_why *why)
{
	const struct xen_notes *n = &elf->notes;
	uint64_t at, len;
	int rc;

	rc = notes_judge(n, why);
	if (rc)
		return rc;
	if (page_count > PAGES_LIMIT || pages_of(ramdisk_len) > page_count)
		return fail(why, -ENOMEM, "does not fit: the ramdisk is larger than the memory");
	*l = (struct layout){
		.virt_base = n->has_virt_base ? n->virt_base : 0,
		.paddr_offset = n->has_paddr_offset ? n->paddr_offset : 0,
		.page_count = page_count,
		.ramdisk_len = ramdisk_len,
		.p2m_is_apart = n->has_init_p2m,
		.p2m_page_count = pages_of(page_count * sizeof(xen_pfn_t)),
	};
	at = kernel_place(elf, l, why);
	if (!at)
		return -EINVAL;
	at = lists_place(n, l, align_up(at, PAGE_SIZE));
	/* Tables take 1/512 of the region; the rest of the margin is for padding. */
	len = at - l->virt_base;
	if (!is_guest_range(l->virt_base, len + len / 256 + (16ULL << 20)))
		return fail(why, -EINVAL, "has no room behind it for ramdisk and tables");
	region_finish(l, at);

	l->needed_pages = layout_pfn(l, l->end);
	rc = l->p2m_is_apart ? p2m_place_apart(l, why) : 0;
	if (rc)
		return rc;
	if (ramdisk_len && !l->ramdisk) {
		l->ramdisk_pfn = l->needed_pages;
		l->needed_pages += pages_of(ramdisk_len);
	}
	if (l->needed_pages > page_count)
		return fail(why, -ENOMEM, "does not fit: with ramdisk and tables it needs %llu MiB",
			    (unsigned long long)(l->needed_pages + 255) >> 8);
	return 0;
}
