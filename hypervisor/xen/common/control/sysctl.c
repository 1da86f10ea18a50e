/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_sysctl (xen/sysctl.h): what tools ask of the machine. Only a
 * privileged domain may, with the header's version of the interface. There
 * is one pool of CPUs, one node of memory, and each CPU is a socket.
 */
#include "control.h"

#include <hv/console.h>
#include <hv/control.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/memory_op.h>
#include <hv/options.h>
#include <hv/page_allocator.h>
#include <hv/sched.h>
#include <hv/string.h>
#include <hv/time.h>

#include <asm/smp.h>

#define DEBUG_KEYS_MAX 128

static long read_console(struct xen_sysctl *op)
{
	return console_ring_read(&op->u.readconsole);
}

static long phys_info(struct xen_sysctl *op)
{
	struct xen_sysctl_physinfo *info = &op->u.physinfo;

	memset(info, 0, sizeof(*info));
	info->threads_per_core = 1;
	info->cores_per_socket = 1;
	info->nr_cpus = cpus_online;
	info->max_cpu_id = cpus_online - 1;
	info->nr_nodes = 1;
	info->cpu_khz = (uint32_t)tsc_khz();
	info->capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 |
			     XEN_SYSCTL_PHYSCAP_gnttab_v2;
	info->total_pages = pages_total_count();
	info->free_pages = pages_free_count();
	info->outstanding_pages = claimed_pages();
	arch_physinfo(info);
	info->max_mfn = frame_table_end - 1;
	return 0;
}

static long sched_id(struct xen_sysctl *op)
{
	op->u.sched_id.sched_id = boot_options.scheduler;
	return 0;
}

static long domain_list(struct xen_sysctl *op)
{
	struct xen_sysctl_getdomaininfolist *list = &op->u.getdomaininfolist;
	unsigned long buffer = (unsigned long)list->buffer.p;
	struct xen_domctl_getdomaininfo info;
	unsigned int next = list->first_domain, count = 0;
	struct domain *d;

	while (count < list->max_domains && next < DOMID_FIRST_RESERVED) {
		d = domain_get_from((domid_t)next);
		if (!d)
			break;
		domain_info_fill(d, &info);
		next = d->id + 1U;
		domain_put(d);
		if (guest_write(buffer + count * sizeof(info), &info))
			return -EFAULT;
		count++;
	}
	list->num_domains = count;
	return 0;
}

static long debug_keys(struct xen_sysctl *op)
{
	unsigned long keys = (unsigned long)op->u.debug_keys.keys.p;
	char key;

	if (op->u.debug_keys.nr_keys > DEBUG_KEYS_MAX)
		return -E2BIG;
	for (unsigned int i = 0; i < op->u.debug_keys.nr_keys; i++) {
		unsigned long flags;

		if (guest_read(&key, keys + i))
			return -EFAULT;
		flags = irq_save();
		debug_key_run(key);
		irq_restore(flags);
	}
	return 0;
}

static long cpu_info_list(struct xen_sysctl *op)
{
	struct xen_sysctl_getcpuinfo *list = &op->u.getcpuinfo;
	unsigned int count = list->max_cpus < cpus_online ? list->max_cpus : cpus_online;

	for (unsigned int cpu = 0; cpu < count; cpu++) {
		struct xen_sysctl_cpuinfo info;
		vcpu_runstate_info_t runstate;

		runstate_read(idle_vcpu[cpu], &runstate);
		info.idletime = runstate.time[RUNSTATE_running];
		if (guest_write((unsigned long)list->info.p + cpu * sizeof(info), &info))
			return -EFAULT;
	}
	list->nr_cpus = count;
	return 0;
}

/* Address widths are not looked at: memory is one heap. */
static long avail_heap(struct xen_sysctl *op)
{
	op->u.availheap.avail_bytes = op->u.availheap.node > 0 ? 0 :
								 pages_free_count() << PAGE_SHIFT;
	return 0;
}

static long cpu_topology(struct xen_sysctl *op)
{
	struct xen_sysctl_cputopoinfo *list = &op->u.cputopoinfo;
	unsigned int count = list->num_cpus < cpus_online ? list->num_cpus : cpus_online;
	unsigned long places = (unsigned long)list->cputopo.p;

	if (!places)
		count = cpus_online;
	for (unsigned int cpu = 0; places && cpu < count; cpu++) {
		struct xen_sysctl_cputopo place = { .core = 0, .socket = cpu, .node = 0 };

		if (guest_write(places + cpu * sizeof(place), &place))
			return -EFAULT;
	}
	list->num_cpus = count;
	return 0;
}

static long numa_info(struct xen_sysctl *op)
{
	struct xen_sysctl_numainfo *list = &op->u.numainfo;
	struct xen_sysctl_meminfo memory = { .memsize = pages_total_count() << PAGE_SHIFT,
					     .memfree = pages_free_count() << PAGE_SHIFT };
	unsigned long memories = (unsigned long)list->meminfo.p;
	unsigned long distances = (unsigned long)list->distance.p;
	uint32_t distance = 10; /* to itself, in units of ACPI's SLIT */

	if (list->num_nodes && memories && guest_write(memories, &memory))
		return -EFAULT;
	if (list->num_nodes && distances && guest_write(distances, &distance))
		return -EFAULT;
	list->num_nodes = 1;
	return 0;
}

/* So many devices at once, which is more than there are functions on most machines. */
#define DEVICES_MAX 4096

/* All devices are at the one node. -E2BIG; -EFAULT. */
static long pci_topology(struct xen_sysctl *op)
{
	const struct xen_sysctl_pcitopoinfo *list = &op->u.pcitopoinfo;
	static const uint32_t node;

	if (list->num_devs > DEVICES_MAX)
		return -E2BIG;
	for (unsigned int i = 0; i < list->num_devs; i++)
		if (guest_write((unsigned long)list->nodes.p + i * sizeof(node), &node))
			return -EFAULT;
	return 0;
}

#define SYSCTLS(ROW)						\
	ROW(XEN_SYSCTL_readconsole,	  read_console)		\
	ROW(XEN_SYSCTL_physinfo,	  phys_info)		\
	ROW(XEN_SYSCTL_sched_id,	  sched_id)		\
	ROW(XEN_SYSCTL_getdomaininfolist, domain_list)		\
	ROW(XEN_SYSCTL_debug_keys,	  debug_keys)		\
	ROW(XEN_SYSCTL_getcpuinfo,	  cpu_info_list)	\
	ROW(XEN_SYSCTL_availheap,	  avail_heap)		\
	ROW(XEN_SYSCTL_cputopoinfo,	  cpu_topology)		\
	ROW(XEN_SYSCTL_numainfo,	  numa_info)		\
	ROW(XEN_SYSCTL_cpupool_op,	  sysctl_cpupool_op)	\
	ROW(XEN_SYSCTL_scheduler_op,	  sysctl_scheduler_op)	\
	ROW(XEN_SYSCTL_pcitopoinfo,	  pci_topology)

static long sysctl(struct xen_sysctl *op)
{
	switch (op->cmd) {
#define ROW(number, handler)			\
	case number:				\
		return handler(op);
		SYSCTLS(ROW)
#undef ROW
	default:
		return arch_sysctl(op);
	}
}

/* -EPERM: not for the caller; -EACCES: another version; -ENOSYS. */
long do_sysctl(struct vcpu *v, unsigned long arg)
{
	struct xen_sysctl op;
	long rc;

	if (!v->domain->is_privileged)
		return -EPERM;
	if (guest_read(&op, arg))
		return -EFAULT;
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return -EACCES;
	rc = sysctl(&op);
	if (!rc && guest_write(arg, &op))
		rc = -EFAULT;
	return rc;
}
