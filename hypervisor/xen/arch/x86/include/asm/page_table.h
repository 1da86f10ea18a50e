/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page-table entries of the hardware: AMD64 manual volume 2, section 5.4. */
#ifndef ASM_PAGE_TABLE_H
#define ASM_PAGE_TABLE_H

#include <hv/types.h>

#define PTE_P	 (1UL << 0)
#define PTE_RW	 (1UL << 1)
#define PTE_US	 (1UL << 2)
#define PTE_PWT	 (1UL << 3)
#define PTE_PCD	 (1UL << 4)
#define PTE_A	 (1UL << 5)
#define PTE_D	 (1UL << 6)
#define PTE_PSE	 (1UL << 7)	/* L2, L3: a large page */
#define PTE_PAT	 (1UL << 7)	/* L1 */
#define PTE_G	 (1UL << 8)
#define PTE_NX	 (1UL << 63)

/* Any of them: not write-back, as Xen's ABI has the PAT (xen/xen.h). */
#define PTE_CACHE_L1	(PTE_PWT | PTE_PCD | PTE_PAT)
#define PTE_CACHE_UPPER (PTE_PWT | PTE_PCD)

#define PTE_ADDR_MASK 0x000ffffffffff000UL
#define PTE_FLAGS(e)  ((e) & ~PTE_ADDR_MASK)

typedef uint64_t pte_t;

#define TABLE_ENTRIES 512

static inline mfn_t pte_mfn(pte_t e)
{
	return mfn((e & PTE_ADDR_MASK) >> PAGE_SHIFT);
}

static inline pte_t pte_make(mfn_t m, uint64_t flags)
{
	return (mfn_raw(m) << PAGE_SHIFT) | flags;
}

/* Index into a table of @level (1 to 4) for a linear address. */
static inline unsigned int table_index(unsigned long va, unsigned int level)
{
	return (va >> (PAGE_SHIFT + 9 * (level - 1))) & (TABLE_ENTRIES - 1);
}

static inline bool address_is_canonical(unsigned long va)
{
	return (unsigned long)((long)(va << 16) >> 16) == va;
}

#endif
