/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of a tiny guest: the linear map at VIRT_BASE (pseudo-physical frame
 * n is at VIRT_BASE + n * 4 KiB as far as the bootstrap tables reach), the
 * two translations, page tables, and one-line forms of the page-table
 * hypercalls. All addresses of entries are machine addresses.
 */
#ifndef GUEST_MEMORY_H
#define GUEST_MEMORY_H

#include "guest.h"

extern char VIRT_BASE[], image_start[], image_end[];
#define VIRT_BASE_ADDRESS 0xffffffff80000000UL

#define PTE_P	     0x001UL
#define PTE_RW	     0x002UL
#define PTE_US	     0x004UL
#define PTE_PWT	     0x008UL
#define PTE_PCD	     0x010UL
#define PTE_A	     0x020UL
#define PTE_D	     0x040UL
#define PTE_PSE	     0x080UL
#define PTE_G	     0x100UL
#define PTE_NX	     (1UL << 63)
#define PTE_MFN_MASK 0x000ffffffffff000UL

/* Flags as a kernel gives them to its own pages and to its tables. */
#define PTE_RO_PAGE (PTE_P | PTE_A | PTE_US)
#define PTE_RW_PAGE (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_US)
#define PTE_TABLE   (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)

#define L_SHIFT(level)	   (PAGE_SHIFT + 9 * ((level)-1))
#define L_INDEX(va, level) (((unsigned long)(va) >> L_SHIFT(level)) & 511)

static inline unsigned long mfn_of_pte(uint64_t pte)
{
	return (pte & PTE_MFN_MASK) >> PAGE_SHIFT;
}

static inline uint64_t make_pte(unsigned long mfn, uint64_t flags)
{
	return ((uint64_t)mfn << PAGE_SHIFT) | flags;
}

static inline unsigned long virt_to_pfn(const void *va)
{
	return ((unsigned long)va - VIRT_BASE_ADDRESS) >> PAGE_SHIFT;
}

static inline void *pfn_to_virt(unsigned long pfn)
{
	return (void *)(VIRT_BASE_ADDRESS + (pfn << PAGE_SHIFT));
}

unsigned long pfn_to_mfn(unsigned long pfn);
unsigned long mfn_to_pfn(unsigned long mfn); /* reads the M2P */
unsigned long virt_to_mfn(const void *va);
uint64_t virt_to_maddr(const void *va);

/* Pages of a fixed pool in .bss: zeroed, mapped writable. Errors if empty. */
void *page_alloc(void);

/* The table that entry @level of @va is in (4 = root), or NULL if none. */
uint64_t *table_of(const void *va, int level);
/* That entry itself, through the read-only mapping of its table. */
uint64_t *entry_of(const void *va, int level);
uint64_t entry_maddr(const void *va, int level);

/* The same in the tree below @root. */
uint64_t *table_below(uint64_t *root, const void *va, int level);

long mmu_update(uint64_t ptr, uint64_t val); /* one request, own domain */
long mmuext(unsigned int cmd, unsigned long arg1, unsigned long arg2);
long update_va(const void *va, uint64_t pte, unsigned long flags);
long make_readonly(const void *page);
long make_writable(const void *page);

/* Map machine frame @mfn at the page @va (an unused pool page's address). */
long map_at(const void *va, unsigned long mfn, uint64_t flags);

/*
 * Three empty tables of the levels 1 to 3, mapped read-only and linked to each
 * other for @va, pinned at no level, hung in the root at no place.
 */
struct tree {
	uint64_t *l1, *l2, *l3;
};
struct tree tree_make(const void *va);

/* Put level 3 of @tree into the root entry for @va, or take it out. */
long tree_hang(const struct tree *tree, const void *va);
long tree_unhang(const void *va);

/* Map shared_info; vcpu_info then points into it. */
struct shared_info *shared_info_map(void);
extern struct shared_info *shared_info;

/*
 * A second root with the same entries as the first, set as user base
 * pointer: user mode then sees what the kernel sees. Returns the root.
 */
uint64_t *user_space_make(void);

#endif
