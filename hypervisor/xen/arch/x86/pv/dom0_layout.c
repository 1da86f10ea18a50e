/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of a new PV domain; see dom0_layout.h. Sources: "Start-of-day
 * memory layout" in xen/xen.h, and the notes' descriptions in xen/elfnote.h.
 */
#include "dom0_layout.h"

#include <hv/abi.h>
#include <hv/errno.h>

#include <asm/layout.h>
#include <asm/page_table.h>

#define REGION_PADDING KIB(512)
#define REGION_ALIGN   MIB(4)

static int refuse(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

static unsigned long page_count(unsigned long bytes)
{
	return (bytes >> PAGE_SHIFT) + !!(bytes & ~PAGE_MASK);
}

/* Tables of @level (1 to 3) that it takes to map [start, end). */
static unsigned long tables_at(unsigned int level, unsigned long start, unsigned long end)
{
	unsigned int shift = PAGE_SHIFT + 9 * level;

	return ((end - 1) >> shift) - (start >> shift) + 1;
}

static unsigned long tables_for(unsigned long start, unsigned long end)
{
	return tables_at(1, start, end) + tables_at(2, start, end) + tables_at(3, start, end);
}

/* May a guest have [start, start + len) for itself, all in one half of the address space? */
static bool is_guest_range(unsigned long start, unsigned long len)
{
	unsigned long last = start + len - 1;

	if (!len || last < start || !address_is_canonical(start) || !address_is_canonical(last))
		return false;
	if ((long)start >= 0)
		return (long)last >= 0;
	return last < HV_VIRT_START || start >= HV_VIRT_END;
}

static int notes_judge(const struct xen_notes *n, const char **why)
{
	if (!n->present)
		return refuse(why, "it has no Xen notes, so it is not made to run on Xen");
	if (!n->guest_os[0])
		return refuse(why, "its Xen notes do not name the guest OS (GUEST_OS)");
	if (!n->xen_version[0])
		return refuse(why, "its Xen notes do not name the interface (XEN_VERSION)");
	if (n->has_hv_start_low && n->hv_start_low > HV_VIRT_START)
		return refuse(why, "HV_START_LOW: it wants addresses that are the hypervisor's");
	if (n->has_virt_base && n->virt_base & ~PAGE_MASK)
		return refuse(why, "VIRT_BASE is not page aligned");
	if (n->has_init_p2m && n->init_p2m & ~PAGE_MASK)
		return refuse(why, "INIT_P2M is not page aligned");
	if (n->required_features &
	    (1U << XENFEAT_auto_translated_physmap | 1U << XENFEAT_supervisor_mode_kernel))
		return refuse(why, "it requires a Xen feature that a PV dom0 does not have");
	if (n->has_features && !(n->supported_features & 1U << XENFEAT_dom0))
		return refuse(why, "it was built without support for being dom0");
	return 0;
}

static int kernel_place(const struct elf_image *elf, const struct xen_notes *n,
			struct dom0_layout *l, const char **why)
{
	unsigned long len = elf->paddr_end - l->paddr_offset;

	if (elf->paddr_start < l->paddr_offset)
		return refuse(why, "PADDR_OFFSET is above its segments");
	/* Also keeps all sums below far from overflow. */
	if (len > GIB(64) || !is_guest_range(l->virt_base, len))
		return refuse(why, "VIRT_BASE or its segments are out of range");
	l->kernel_start = l->virt_base + (elf->paddr_start - l->paddr_offset);
	l->kernel_end = l->virt_base + len;
	l->entry = n->has_entry ? n->entry : elf->entry;
	if (l->entry < l->kernel_start || l->entry >= l->kernel_end)
		return refuse(why, "its entry point is outside of it");
	return 0;
}

/*
 * The parts from start_info on. Page tables map the whole region, themselves
 * included, so their number is found by trying.
 */
static void region_finish(struct dom0_layout *l, unsigned long from)
{
	unsigned long needed = 4;

	l->start_info = from;
	l->tables = from + PAGE_SIZE;
	do {
		l->table_count = needed;
		l->stack = l->tables + l->table_count * PAGE_SIZE;
		l->end = ALIGN_UP(l->stack + PAGE_SIZE + REGION_PADDING, REGION_ALIGN);
		needed = 1 + tables_for(l->virt_base, l->end);
	} while (needed > l->table_count);
}

/* The p2m list has an address of its own: frames for it and for the tables of that address. */
static int p2m_place_apart(struct dom0_layout *l, unsigned long first_pfn, const char **why)
{
	unsigned long len = l->p2m_page_count * PAGE_SIZE;

	if (!is_guest_range(l->p2m, len) || (l->p2m < l->end && l->p2m + len > l->virt_base))
		return refuse(why, "INIT_P2M is out of range");
	l->p2m_pfn = first_pfn;
	l->p2m_table_pfn = first_pfn + l->p2m_page_count;
	l->p2m_table_count = tables_for(l->p2m, l->p2m + len);
	return 0;
}

int dom0_layout_compute(const struct elf_image *elf, const struct xen_notes *notes,
			unsigned long nr_pages, unsigned long initrd_len, struct dom0_layout *l,
			const char **why)
{
	unsigned long at, len, initrd_pages = page_count(initrd_len);
	int rc;

	rc = notes_judge(notes, why);
	if (rc)
		return rc;
	*l = (struct dom0_layout){
		.virt_base = notes->has_virt_base ? notes->virt_base : 0,
		.paddr_offset = notes->has_paddr_offset ? notes->paddr_offset : 0,
		.nr_pages = nr_pages,
		.initrd_len = initrd_len,
		.p2m_is_apart = notes->has_init_p2m,
		.p2m_page_count = page_count(nr_pages * sizeof(unsigned long)),
	};
	if (initrd_pages > nr_pages)
		return refuse(why, "the initrd is larger than dom0's memory");
	rc = kernel_place(elf, notes, l, why);
	if (rc)
		return rc;

	at = ALIGN_UP(l->kernel_end, PAGE_SIZE);
	if (initrd_len && !notes->mod_start_pfn) {
		l->initrd = at;
		l->initrd_pfn = dom0_layout_pfn(l, at);
		at += initrd_pages * PAGE_SIZE;
	}
	l->p2m = notes->has_init_p2m ? notes->init_p2m : at;
	if (!l->p2m_is_apart) {
		l->p2m_pfn = dom0_layout_pfn(l, at);
		at += l->p2m_page_count * PAGE_SIZE;
	}
	/* Tables take 1/512 of the region; the rest of the margin is for padding. */
	len = at - l->virt_base;
	if (!is_guest_range(l->virt_base, len + len / 256 + MIB(16)))
		return refuse(why, "kernel, initrd and tables do not fit behind VIRT_BASE");
	region_finish(l, at);

	l->boot_page_count = dom0_layout_pfn(l, l->end);
	if (l->p2m_is_apart) {
		rc = p2m_place_apart(l, l->boot_page_count, why);
		if (rc)
			return rc;
		l->boot_page_count += l->p2m_page_count + l->p2m_table_count;
	}
	if (initrd_len && !l->initrd) {
		l->initrd_pfn = l->boot_page_count;
		l->boot_page_count += initrd_pages;
	}
	return 0;
}
