/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pseudo-physical memory map that tools give a domain: XENMEM_set_memory_map, and XENMEM_memory_map, by which
 * the guest asks for it. Nothing else depends on it: it tells the guest how much memory it may ever have.
 */
#include <hv/memory_op.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/page_allocator.h>

#include <asm/boot.h>

struct domain_map {
	unsigned int count;
	struct e820_entry entries[];
};

static void map_replace(struct domain *d, struct domain_map *map)
{
	struct domain_map *old;

	spin_lock(&d->lock);
	old = d->memory_map;
	d->memory_map = map;
	spin_unlock(&d->lock);
	heap_free(old);
}

void memory_map_free(struct domain *d)
{
	heap_free(d->memory_map);
}

/* "Set the pseudo-physical memory map of a domain, as returned by XENMEM_memory_map." (xen/memory.h) A guest may change its own. */
long memory_set_memory_map(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_foreign_memory_map request;
	struct domain_map *map;
	struct domain *d;
	unsigned int count;
	size_t size;
	int rc;

	(void)done;
	if (guest_read(&request, arg))
		return -EFAULT;
	count = request.map.nr_entries;
	if (count > E820_MAX)
		return -EINVAL;
	rc = memory_op_target(v, request.domid, &d);
	if (rc)
		return rc;
	size = count * sizeof(map->entries[0]);
	rc = -ENOMEM;
	map = heap_alloc(sizeof(*map) + size);
	if (!map)
		goto out;
	map->count = count;
	rc = -EFAULT;
	if (guest_copy_from(map->entries, (unsigned long)request.map.buffer.p, size)) {
		heap_free(map);
		goto out;
	}
	map_replace(d, map);
	rc = 0;
out:
	domain_put(d);
	return rc;
}

/* The map as it stands: @i, and how many there are; 0 without one. */
static unsigned int map_entry(struct domain *d, unsigned int i, struct e820_entry *entry)
{
	unsigned int count;

	spin_lock(&d->lock);
	count = d->memory_map ? d->memory_map->count : 0;
	if (i < count)
		*entry = d->memory_map->entries[i];
	spin_unlock(&d->lock);
	return count;
}

/* As many entries as the buffer holds; -ENOSYS without a map, by which Linux knows that there is none. */
long memory_memory_map(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_memory_map request;
	struct e820_entry entry;
	unsigned int i = 0;
	unsigned long to;

	(void)done;
	if (!map_entry(v->domain, 0, &entry))
		return -ENOSYS;
	if (guest_read(&request, arg))
		return -EFAULT;
	to = (unsigned long)request.buffer.p;
	while (i < request.nr_entries && i < map_entry(v->domain, i, &entry)) {
		if (guest_write(to + i * sizeof(entry), &entry))
			return -EFAULT;
		i++;
	}
	return guest_write(arg + offsetof(struct xen_memory_map, nr_entries), &i);
}
