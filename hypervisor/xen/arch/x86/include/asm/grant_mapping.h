/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page-table side of mappings of granted frames. */
#ifndef ASM_GRANT_MAPPING_H
#define ASM_GRANT_MAPPING_H

#include <hv/types.h>

struct domain;
struct page_info;
struct vcpu;

/*
 * An L1 entry of the running vCPU's domain, said by a linear address or, with
 * GNTMAP_contains_pte, by its own machine address. A mapping in it holds
 * references of the frame like that of any entry: if the guest removes it by
 * other means, they go, and grant_mapping_remove() finds nothing.
 */

/*
 * Map @pg, a frame of @granter's, with GNTMAP_readonly and its like of @flags and GTF_PAT and
 * its like of @cache. GNTST_okay; GNTST_general_error: no such entry, or it may not map the frame.
 */
int16_t grant_mapping_install(struct vcpu *v, const struct domain *granter, struct page_info *pg,
			      uint64_t host_addr, uint32_t flags, uint16_t cache) __must_check;

/* Clear the entry, which must map @pg. The caller flushes TLBs. GNTST_okay, GNTST_general_error. */
int16_t grant_mapping_remove(struct vcpu *v, const struct page_info *pg, uint64_t host_addr,
			     uint32_t flags) __must_check;

/*
 * Let the entry, which must map @pg, map what the one for linear address @new_addr maps
 * instead, and clear that one: references of the latter change hands.
 */
int16_t grant_mapping_replace(struct vcpu *v, const struct page_info *pg, uint64_t host_addr,
			      uint64_t new_addr, uint32_t flags) __must_check;

#endif
