/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sub-commands of memory_op that answer questions: sizes, memory maps,
 * where the machine-to-physical table is. And those about the
 * pseudo-physical map, which a PV guest keeps itself.
 */
#include <hv/memory_op.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>

#include <asm/boot.h>
#include <asm/hypervisor_map.h>
#include <asm/layout.h>

/* Extents, each a GiB of memory, between two looks whether to stop. */
#define EXTENTS_STEP 256

static_assert(sizeof(struct e820_entry) == 20, "entry of INT 0x15 EAX=0xE820, xen/memory.h");

/* As Debian's Xen answers: the first frame beyond, whatever the header says. */
long memory_maximum_ram_page(struct vcpu *v, unsigned long done, unsigned long arg)
{
	(void)v;
	(void)done;
	(void)arg;
	return (long)frame_table_end;
}

/* The domain a struct xen_memory_domain at @arg names: see memory_op_target(), or -EFAULT. */
static int domain_of_request(struct vcpu *v, unsigned long arg, struct domain **d)
{
	struct xen_memory_domain request;

	if (guest_read(&request, arg))
		return -EFAULT;
	return memory_op_target(v, request.domid, d);
}

long memory_current_reservation(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct domain *d;
	long rc = domain_of_request(v, arg, &d);

	(void)done;
	if (rc)
		return rc;
	rc = (long)READ_ONCE(d->total_pages);
	domain_put(d);
	return rc;
}

long memory_maximum_reservation(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct domain *d;
	long rc = domain_of_request(v, arg, &d);

	(void)done;
	if (rc)
		return rc;
	rc = (long)READ_ONCE(d->max_pages);
	domain_put(d);
	return rc;
}

/* A PV guest says itself, in its shared info, how far its table reaches. */
long memory_maximum_gpfn(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct domain *d;
	long rc = domain_of_request(v, arg, &d);
	unsigned long max_pfn;

	(void)done;
	if (rc)
		return rc;
	max_pfn = READ_ONCE(d->shared->arch.max_pfn);
	domain_put(d);
	if (max_pfn > (unsigned long)INT64_MAX)
		return -EINVAL;
	return max_pfn ? (long)max_pfn - 1 : 0;
}

long memory_machphys_mfn_list(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_machphys_mfn_list request;
	unsigned long list, count, i;

	if (!v->domain->is_privileged)
		return -EPERM;
	if (guest_read(&request, arg))
		return -EFAULT;
	list = (unsigned long)request.extent_start.p;
	count = ALIGN_UP(frame_table_end * sizeof(unsigned long), MIB(2)) / MIB(2);
	if (count > request.max_extents)
		count = request.max_extents;

	for (i = done; i < count; i++) {
		mfn_t m = m2p_extent(i);
		xen_pfn_t frame = mfn_eq(m, INVALID_MFN) ? 0 : mfn_raw(m);

		if (!(i % EXTENTS_STEP) && memory_op_should_stop(i - done))
			return memory_op_continue(XENMEM_machphys_mfn_list, i, arg);
		if (guest_write(list + i * sizeof(frame), &frame))
			return -EFAULT;
	}
	request.nr_extents = (unsigned int)count;
	return guest_write(arg + offsetof(struct xen_machphys_mfn_list, nr_extents),
			   &request.nr_extents);
}

long memory_machphys_mapping(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_machphys_mapping answer = {
		.v_start = M2P_RO_START,
		.v_end = M2P_RO_START + ALIGN_UP(frame_table_end * sizeof(unsigned long), MIB(2)),
		.max_mfn = frame_table_end - 1,
	};

	(void)v;
	(void)done;
	return guest_write(arg, &answer);
}

/* Without a buffer, how many entries there are; a buffer that is too small is -EINVAL. */
long memory_machine_memory_map(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_memory_map request;
	unsigned long buffer;

	(void)done;
	if (!v->domain->is_privileged)
		return -EPERM;
	if (guest_read(&request, arg))
		return -EFAULT;
	buffer = (unsigned long)request.buffer.p;
	if (buffer && request.nr_entries < machine_map_count)
		return -EINVAL;
	request.nr_entries = machine_map_count;
	if (buffer && guest_copy_to(buffer, machine_map, machine_map_count * sizeof(*machine_map)))
		return -EFAULT;
	return guest_write(arg + offsetof(struct xen_memory_map, nr_entries), &request.nr_entries);
}

/* For translated guests only, of which there are none. */
static long translated_only(struct vcpu *v, domid_t id)
{
	struct domain *d;
	int rc = memory_op_target(v, id, &d);

	if (rc)
		return rc;
	domain_put(d);
	return -EACCES;
}

long memory_add_to_physmap(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_add_to_physmap request;

	(void)done;
	return guest_read(&request, arg) ? -EFAULT : translated_only(v, request.domid);
}

long memory_remove_from_physmap(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_remove_from_physmap request;

	(void)done;
	return guest_read(&request, arg) ? -EFAULT : translated_only(v, request.domid);
}

/* Memory is never shared between domains behind their backs: nothing is saved. */
long memory_sharing_pages(struct vcpu *v, unsigned long done, unsigned long arg)
{
	(void)v;
	(void)done;
	(void)arg;
	return 0;
}

/* No domain has virtual NUMA nodes. */
long memory_vnumainfo(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_vnuma_topology_info request;
	struct domain *d;
	int rc;

	(void)done;
	if (guest_read(&request, arg))
		return -EFAULT;
	if (request.pad)
		return -EINVAL;
	rc = memory_op_target(v, request.domid, &d);
	if (rc)
		return rc;
	domain_put(d);
	return -EOPNOTSUPP;
}

/* Regions that an IOMMU must map for firmware; none is in use, so none is reserved. */
long memory_reserved_device_memory_map(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_reserved_device_memory_map request;

	(void)v;
	(void)done;
	if (guest_read(&request, arg))
		return -EFAULT;
	if (request.flags & ~XENMEM_RDM_ALL)
		return -EINVAL;
	request.nr_entries = 0;
	return guest_write(arg + offsetof(struct xen_reserved_device_memory_map, nr_entries),
			   &request.nr_entries);
}
