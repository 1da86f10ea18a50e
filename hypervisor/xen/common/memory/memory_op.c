/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HYPERVISOR_memory_op (xen/memory.h): the sub-commands, and what they have in common. */
#include <hv/memory_op.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>

#define MEMORY_OPS(ROW)								\
	ROW(XENMEM_increase_reservation,	memory_increase_reservation)	\
	ROW(XENMEM_decrease_reservation,	memory_decrease_reservation)	\
	ROW(XENMEM_populate_physmap,		memory_populate_physmap)	\
	ROW(XENMEM_exchange,			memory_exchange)		\
	ROW(XENMEM_maximum_ram_page,		memory_maximum_ram_page)	\
	ROW(XENMEM_current_reservation,		memory_current_reservation)	\
	ROW(XENMEM_maximum_reservation,		memory_maximum_reservation)	\
	ROW(XENMEM_maximum_gpfn,		memory_maximum_gpfn)		\
	ROW(XENMEM_machphys_mfn_list,		memory_machphys_mfn_list)	\
	ROW(XENMEM_machphys_mapping,		memory_machphys_mapping)	\
	ROW(XENMEM_memory_map,			memory_memory_map)		\
	ROW(XENMEM_machine_memory_map,		memory_machine_memory_map)	\
	ROW(XENMEM_set_memory_map,		memory_set_memory_map)		\
	ROW(XENMEM_add_to_physmap,		memory_add_to_physmap)		\
	ROW(XENMEM_remove_from_physmap,		memory_remove_from_physmap)	\
	ROW(XENMEM_get_sharing_freed_pages,	memory_sharing_pages)		\
	ROW(XENMEM_get_sharing_shared_pages,	memory_sharing_pages)		\
	ROW(XENMEM_get_vnumainfo,		memory_vnumainfo)		\
	ROW(XENMEM_reserved_device_memory_map,	memory_reserved_device_memory_map) \
	ROW(XENMEM_acquire_resource,		memory_acquire_resource)	\
	ROW(XENMEM_claim_pages,			memory_claim_pages)

long do_memory_op(struct vcpu *v, unsigned long cmd, unsigned long arg)
{
	unsigned long done = cmd >> MEMOP_EXTENT_SHIFT;

	switch (cmd & MEMOP_CMD_MASK) {
#define ROW(number, handler)				\
	case number:					\
		return handler(v, done, arg);
		MEMORY_OPS(ROW)
#undef ROW
	default:
		return -ENOSYS;
	}
}

int memory_op_target(struct vcpu *v, domid_t id, struct domain **d)
{
	*d = domain_get(id);
	if (!*d)
		return -ESRCH;
	if (*d == v->domain || v->domain->is_privileged)
		return 0;
	domain_put(*d);
	return -EPERM;
}

/* Unprivileged domains may not split up more than 2 MiB at once, nor wait for its zeroing. */
unsigned int memory_op_order_limit(const struct vcpu *v)
{
	return v->domain->is_hardware ? PAGE_ORDER_MAX : 9;
}

bool memory_op_should_stop(unsigned long done_now)
{
	return done_now && hypercall_preempt_check();
}

long memory_op_continue(unsigned int op, unsigned long done, unsigned long arg)
{
	const unsigned long args[] = { op | done << MEMOP_EXTENT_SHIFT, arg };

	return hypercall_continue(__HYPERVISOR_memory_op, ARRAY_SIZE(args), args);
}
