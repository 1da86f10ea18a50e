/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants of version 1 (grant.h). */
#include "grant.h"
#include "memory.h"

#define IN_USE (GTF_reading | GTF_writing)

static struct grant_entry_v1 *table;

struct grant_entry_v1 *grant_table_own(void)
{
	static xen_pfn_t frame;
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 1 };

	if (table)
		return table;
	table = page_alloc();
	set_xen_guest_handle(s.frame_list, &frame);
	hypercall(grant_table_op, GNTTABOP_setup_table, &s, 1);
	if (s.status || map_at(table, frame, PTE_RW_PAGE))
		test_error("no grant table");
	return table;
}

void grant_offer(unsigned int ref, domid_t to, const void *page, uint16_t flags)
{
	struct grant_entry_v1 *entry = grant_table_own() + ref;

	entry->domid = to;
	entry->frame = (uint32_t)virt_to_mfn(page);
	__atomic_store_n(&entry->flags, GTF_permit_access | flags, __ATOMIC_SEQ_CST);
}

bool grant_end(unsigned int ref)
{
	struct grant_entry_v1 *entry = grant_table_own() + ref;
	uint16_t flags = READ_ONCE(entry->flags);

	return !(flags & IN_USE) && __atomic_compare_exchange_n(&entry->flags, &flags, 0, false,
								__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

int grant_map(domid_t dom, unsigned int ref, uint32_t flags, uint64_t place, grant_handle_t *handle)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = place,
		.flags = flags,
		.ref = ref,
		.dom = dom,
	};

	if (hypercall(grant_table_op, GNTTABOP_map_grant_ref, &m, 1))
		return 1;
	*handle = m.handle;
	return m.status;
}

int grant_unmap(grant_handle_t handle, uint64_t place)
{
	struct gnttab_unmap_grant_ref m = { .host_addr = place, .handle = handle };

	if (hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &m, 1))
		return 1;
	return m.status;
}

int grant_copy(domid_t from, unsigned int ref, const void *to)
{
	struct gnttab_copy c = {
		.source = { .u.ref = ref, .domid = from },
		.dest = { .u.gmfn = virt_to_mfn(to), .domid = DOMID_SELF },
		.len = 64,
		.flags = GNTCOPY_source_gref,
	};

	hypercall(grant_table_op, GNTTABOP_copy, &c, 1);
	return c.status;
}
