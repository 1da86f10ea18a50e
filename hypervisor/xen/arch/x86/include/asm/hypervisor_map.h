/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor's own page tables. */
#ifndef ASM_HYPERVISOR_MAP_H
#define ASM_HYPERVISOR_MAP_H

#include <asm/page_table.h>

/* The root of idle vCPUs; its slots 256 to 271 are what every root has there. Set at boot. */
extern pte_t *idle_root;

/* Put our slots into a guest's root table; @perdomain_l3 is that domain's. */
void hypervisor_slots_install(pte_t *l4, const void *perdomain_l3);

/* What a root has there while an isolated guest runs; the machine-to-physical table is for its kernel alone. */
void isolated_slots_install(pte_t *l4, const void *perdomain_l3, bool with_m2p);

/*
 * Boot: a root with our slots, for code that wants memory one to one; and add
 * to it, whole pages below HV_VIRT_START. What is mapped already is replaced.
 */
pte_t *one_to_one_root_new(void);
void one_to_one_map(pte_t *root, paddr_t start, uint64_t len, uint64_t flags);

/* The frame at which the @n-th 2 MiB of the machine-to-physical table begin; INVALID_MFN beyond its end. */
mfn_t m2p_extent(unsigned long n);

#endif
