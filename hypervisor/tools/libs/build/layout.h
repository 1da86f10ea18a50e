/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where everything goes in a new PV domain: the start-of-day layout of xen/xen.h
 * as arithmetic.
 *
 * The boot region is one linear range that maps guest frame 0 and following at
 * virt_base. Parts that need not be in it lie in the frames after it: first the
 * p2m list with the tables that map it, then the ramdisk.
 */
#ifndef BUILD_LAYOUT_H
#define BUILD_LAYOUT_H

#include "elf.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)

struct layout {
	uint64_t virt_base;		/* linear address of guest frame 0 */
	uint64_t paddr_offset;		/* what ELF physical addresses have too much */
	uint64_t entry, hypercall_page;	/* linear; the latter 0 if there is none */
	uint64_t page_count;		/* of the domain */

	/* In the boot region, by linear address. */
	uint64_t start_info, store, console, tables, table_count, stack, end;

	/* Linear address of the p2m list, its frames and, if it is apart, those of its tables. */
	uint64_t p2m, p2m_pfn, p2m_page_count, p2m_table_pfn, p2m_table_count;
	bool p2m_is_apart;

	/* First guest frame of the ramdisk; its linear address, or 0 if it is not in the region. */
	uint64_t ramdisk_pfn, ramdisk, ramdisk_len;

	/* Guest frames from 0 on that hold all of this. */
	uint64_t needed_pages;
};

/*
 * Lay out a domain of @page_count pages with a ramdisk of @ramdisk_len bytes (0: none). -EINVAL:
 * the kernel asks for what no PV guest can have; -ENOMEM: it does not fit.
 */
int layout_compute(const struct elf_kernel *elf, uint64_t page_count, uint64_t ramdisk_len,
		   struct layout *l, struct build_why *why);

/* The guest frame of a linear address in the boot region. */
static inline uint64_t layout_pfn(const struct layout *l, uint64_t va)
{
	return (va - l->virt_base) >> PAGE_SHIFT;
}

/* Bytes as whole pages. */
static inline uint64_t pages_of(uint64_t bytes)
{
	return (bytes >> PAGE_SHIFT) + !!(bytes & (PAGE_SIZE - 1));
}

/* Tables of @level (1 to 3) that it takes to map [start, end). */
static inline uint64_t tables_at(unsigned int level, uint64_t start, uint64_t end)
{
	unsigned int shift = PAGE_SHIFT + 9 * level;

	return ((end - 1) >> shift) - (start >> shift) + 1;
}

#endif
