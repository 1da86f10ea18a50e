/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grants of version 1 between domains: our own table, and one request at a time. Statuses (GNTST_*) come back, or
 * 1 if the call itself failed.
 */
#ifndef GUEST_GRANT_H
#define GUEST_GRANT_H

#include "guest.h"

#include <xen/grant_table.h>

/* Our table's first frame, mapped: the same page at each call. */
struct grant_entry_v1 *grant_table_own(void);

/* Offer @page of ours as @ref; @flags is 0 or GTF_readonly. */
void grant_offer(unsigned int ref, domid_t to, const void *page, uint16_t flags);

/* Take the offer back. False: it is in use. */
bool grant_end(unsigned int ref);

/* Map it at our page @place (or at the machine address of an entry: GNTMAP_contains_pte in @flags). */
int grant_map(domid_t dom, unsigned int ref, uint32_t flags, uint64_t place,
	      grant_handle_t *handle);
int grant_unmap(grant_handle_t handle, uint64_t place);

/* 64 bytes of it to our page @to. */
int grant_copy(domid_t from, unsigned int ref, const void *to);

#endif
