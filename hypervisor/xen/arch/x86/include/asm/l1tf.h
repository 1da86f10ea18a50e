/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * L1 terminal fault (CVE-2018-3620; Intel SDM, "L1 Terminal Fault" guidance): for an entry that is not present
 * these processors look into their first cache all the same, at the address in the entry, before they fault. What
 * such an entry may say is therefore judged for guests that are to be kept from reading there.
 */
#ifndef ASM_L1TF_H
#define ASM_L1TF_H

#include <hv/types.h>

#include <asm/frame.h>
#include <asm/page_table.h>

/* The cache compares so many bits of an address at least (Linux: x86_cache_bits). */
#define L1_CACHE_ADDRESS_MASK ((1UL << 44) - 1)

/*
 * Does entry @e, not present, name memory? Guests that know of it keep the bits of what they store there inverted, so that
 * it names what is beyond. Nothing that matters is in frame 0, which an empty entry names.
 */
static inline bool l1tf_names_memory(pte_t e)
{
	paddr_t pa = e & PTE_ADDR_MASK & L1_CACHE_ADDRESS_MASK;

	return pa && mfn_valid(mfn_of_paddr(pa));
}

#endif
