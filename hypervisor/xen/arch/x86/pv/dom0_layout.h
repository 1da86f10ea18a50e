/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where everything goes in a new PV domain: the start-of-day layout of
 * xen/xen.h as arithmetic, without any memory.
 *
 * The boot region is one linear range that maps guest frame 0 and following
 * at virt_base. Parts that need not be in it lie in the frames after it:
 * first the p2m list with the tables that map it, then the initrd.
 */
#ifndef PV_DOM0_LAYOUT_H
#define PV_DOM0_LAYOUT_H

#include <hv/elf.h>
#include <hv/types.h>

struct dom0_layout {
	unsigned long virt_base;	/* of guest frame 0 */
	unsigned long paddr_offset;	/* what ELF physical addresses have too much */
	unsigned long entry;
	unsigned long kernel_start, kernel_end;	/* linear */
	unsigned long nr_pages;

	/* In the boot region, by linear address. */
	unsigned long start_info, tables, table_count, stack, end;

	/* Linear address of the list, its frames and, if it is apart, those of its tables. */
	unsigned long p2m, p2m_pfn, p2m_page_count, p2m_table_pfn, p2m_table_count;
	bool p2m_is_apart;

	/* Guest frame of the initrd and its linear address, or 0 if it is not in the region. */
	unsigned long initrd_pfn, initrd, initrd_len;

	/* Guest frames from 0 on that hold all of this. */
	unsigned long boot_page_count;
};

/*
 * Lay out a domain of @nr_pages with this kernel and an initrd of @initrd_len
 * bytes (0: none). 0; -EINVAL with *@why a static text: the kernel asks for
 * what we cannot give. Whether boot_page_count fits nr_pages is for the caller.
 */
int dom0_layout_compute(const struct elf_image *elf, const struct xen_notes *notes,
			unsigned long nr_pages, unsigned long initrd_len, struct dom0_layout *l,
			const char **why) __must_check;

static inline unsigned long dom0_layout_pfn(const struct dom0_layout *l, unsigned long va)
{
	return (va - l->virt_base) >> PAGE_SHIFT;
}

#endif
