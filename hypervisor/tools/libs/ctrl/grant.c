/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first entries of a new domain's grant table (xen/grant_table.h). The
 * table's frame is mapped as a resource (XENMEM_acquire_resource).
 */
#include "handle.h"

#include <errno.h>
#include <sys/mman.h>

int ctrl_grant_offer(struct ctrl *c, domid_t domid, const struct ctrl_grant *grants, size_t count)
{
	xenforeignmemory_resource_handle *resource;
	struct grant_entry_v1 *table;
	void *at = NULL;
	size_t i;

	for (i = 0; i < count; i++)
		if (grants[i].ref >= CTRL_PAGE_SIZE / sizeof(*table))
			return -EINVAL;
	resource = xenforeignmemory_map_resource(c->foreign, domid, XENMEM_resource_grant_table,
						 XENMEM_resource_grant_table_id_shared, 0, 1, &at,
						 PROT_READ | PROT_WRITE, 0);
	if (!resource)
		return -errno;
	table = at;
	for (i = 0; i < count; i++)
		table[grants[i].ref] = (struct grant_entry_v1){
			.flags = GTF_permit_access,
			.domid = grants[i].to,
			.frame = grants[i].frame,
		};
	xenforeignmemory_unmap_resource(c->foreign, resource);
	return 0;
}
