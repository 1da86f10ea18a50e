/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random calls that do not concern page tables. */
#include "event.h"
#include "random.h"
#include "trap.h"

#include <xen/callback.h>
#include <xen/grant_table.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

void traps_init(void);
void entries_restore(void);

/* Entry points are replaced by others and put back before anything can use them. */
void call_entries(struct worker *w)
{
	buffer_fill(w);
	switch (below(w, 6)) {
	case 0:
		/* a list that ends soon; its entries are harmless, as long as nothing traps */
		w->buffer[2 * below(w, 4) + 1] = 0;
		call(w, __HYPERVISOR_set_trap_table, pointer(w), 0, 0, 0);
		break;
	case 1:
		call(w, __HYPERVISOR_set_callbacks, word(w), word(w), word(w), 0);
		break;
	case 2:
		call(w, __HYPERVISOR_callback_op, below(w, 4), pointer(w), 0, 0);
		break;
	case 3:
		call(w, __HYPERVISOR_nmi_op, below(w, 4), pointer(w), 0, 0);
		break;
	case 4:
		call(w, __HYPERVISOR_stack_switch, word(w), word(w), 0, 0);
		break;
	default:
		call(w, __HYPERVISOR_set_segment_base, below(w, 5), word(w), 0, 0);
		return;
	}
	entries_restore();
}

static const struct callback_register nmi_callback = {
	.type = CALLBACKTYPE_nmi,
	.address = (unsigned long)nmi_entry,
};

void entries_restore(void)
{
	traps_init();
	hypercall(callback_op, CALLBACKOP_register, &nmi_callback);
}

void call_event_channel(struct worker *w)
{
	unsigned int i;

	buffer_fill(w);
	for (i = 0; i < 4; i++)
		w->buffer[i] = below(w, 8) ? small(w) | small(w) << 32 : word(w);
	call(w, __HYPERVISOR_event_channel_op, below(w, 16), pointer(w), 0, 0);
}

/* Where a grant is to be mapped: a scratch page's address or entry. */
static uint64_t grant_address(struct worker *w, uint32_t flags)
{
	if (!below(w, 16))
		return bad_address(w);
	return flags & GNTMAP_contains_pte ? scratch_entry[below(w, SCRATCH)] :
					     (unsigned long)scratch[below(w, SCRATCH)];
}

/* Of the commands that touch memory no field may name what is not scratch. */
static void grant_fields(struct worker *w, unsigned int command)
{
	struct gnttab_map_grant_ref *map = (void *)w->buffer;
	struct gnttab_unmap_grant_ref *unmap = (void *)w->buffer;
	struct gnttab_unmap_and_replace *replace = (void *)w->buffer;
	struct gnttab_transfer *transfer = (void *)w->buffer;
	struct gnttab_copy *copy = (void *)w->buffer;

	switch (command) {
	case GNTTABOP_map_grant_ref:
		map->dom = below(w, 4) ? DOMID_SELF : 0;
		map->ref = (grant_ref_t)small(w);
		map->flags = below(w, 4) ? GNTMAP_host_map : (uint32_t)below(w, 128);
		map->host_addr = grant_address(w, map->flags);
		break;
	case GNTTABOP_unmap_grant_ref:
	case GNTTABOP_unmap_and_replace:
		unmap->host_addr = grant_address(w, (uint32_t)below(w, 128));
		unmap->handle = (grant_handle_t)small(w);
		if (command == GNTTABOP_unmap_and_replace)
			replace->new_addr = grant_address(w, 0);
		break;
	case GNTTABOP_transfer:
		transfer->mfn = frame(w);
		break;
	case GNTTABOP_copy:
		copy->flags = (uint16_t)below(w, 4);
		copy->source.domid = copy->dest.domid = DOMID_SELF;
		copy->source.u.gmfn = frame(w);
		copy->dest.u.gmfn = frame(w);
		if (copy->flags & GNTCOPY_source_gref)
			copy->source.u.ref = (grant_ref_t)small(w);
		if (copy->flags & GNTCOPY_dest_gref)
			copy->dest.u.ref = (grant_ref_t)small(w);
		copy->len = (uint16_t)below(w, 4200);
		break;
	}
}

/* Entries of the grant table are words of a page of ours, if there is one. */
void call_grant(struct worker *w)
{
	unsigned int command = below(w, 14);

	buffer_fill(w);
	grant_fields(w, command);
	/* one element, or as many as there are where nothing can be read */
	if (below(w, 8))
		call(w, __HYPERVISOR_grant_table_op, command, (unsigned long)w->buffer, below(w, 2),
		     0);
	else
		call(w, __HYPERVISOR_grant_table_op, command, bad_address(w), (uint32_t)word(w), 0);
}

/*
 * Not down, which would stop us, nor initialise and up, of which other tests
 * make use. The vcpu_info must stay where we look at it.
 */
void call_vcpu(struct worker *w)
{
	unsigned int command = below(w, 16);

	buffer_fill(w);
	if (command == VCPUOP_down || command == VCPUOP_initialise || command == VCPUOP_up)
		command = VCPUOP_is_up;
	if (command == VCPUOP_register_vcpu_info)
		w->buffer[0] = 1UL << 40;
	/* Areas are written behind our back: a scratch page may be, the buffer not. */
	if (command == VCPUOP_register_runstate_memory_area ||
	    command == VCPUOP_register_vcpu_time_memory_area)
		w->buffer[0] = below(w, 2) ? (unsigned long)scratch[below(w, SCRATCH)] :
					     bad_address(w);
	call(w, __HYPERVISOR_vcpu_op, command, below(w, 4) ? w->vcpu : small(w),
	     command == VCPUOP_register_vcpu_info ? (unsigned long)w->buffer : pointer(w), 0);
}

/* Nothing that ends the domain, nor blocks without an end. */
void call_sched(struct worker *w)
{
	struct sched_poll *poll = (void *)w->buffer;
	struct sched_watchdog *dog = (void *)w->buffer;

	buffer_fill(w);
	switch (below(w, 6)) {
	case 0:
		call(w, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
		break;
	case 1:
		set_xen_guest_handle(poll->ports, (evtchn_port_t *)pointer(w));
		poll->nr_ports = below(w, 4) ? below(w, 4) : word(w);
		poll->timeout = below(w, 64) ? 1 : time_now() + below(w, 50000);
		call(w, __HYPERVISOR_sched_op, SCHEDOP_poll, (unsigned long)poll, 0, 0);
		break;
	case 2:
		dog->id = below(w, 2) ? below(w, 4) : (uint32_t)word(w) | 4;
		dog->timeout = dog->id < 4 ? 0 : (uint32_t)word(w);
		call(w, __HYPERVISOR_sched_op, SCHEDOP_watchdog, (unsigned long)dog, 0, 0);
		break;
	case 3:
		call(w, __HYPERVISOR_sched_op, 7 + below(w, 10), pointer(w), 0, 0);
		break;
	case 4:
		call(w, __HYPERVISOR_sched_op, below(w, 2) ? SCHEDOP_shutdown : SCHEDOP_poll,
		     0xffff830000000000UL, 0, 0);
		break;
	default:
		call(w, __HYPERVISOR_sched_op_compat, below(w, 8) + 3, word(w), 0, 0);
	}
}

/* Not the calls that reach the machine: power, microcode, what writes to IO-APICs. */
void call_device(struct worker *w)
{
	static const unsigned char physdev[] = {
		PHYSDEVOP_irq_status_query,
		PHYSDEVOP_eoi,
		PHYSDEVOP_set_iopl,
		PHYSDEVOP_set_iobitmap,
		PHYSDEVOP_apic_read,
		PHYSDEVOP_alloc_irq_vector,
		PHYSDEVOP_map_pirq,
		PHYSDEVOP_unmap_pirq,
		PHYSDEVOP_get_free_pirq,
		PHYSDEVOP_manage_pci_add,
		PHYSDEVOP_setup_gsi,
		PHYSDEVOP_pirq_eoi_gmfn_v1,
		PHYSDEVOP_pci_device_add,
		PHYSDEVOP_prepare_msix,
		PHYSDEVOP_dbgp_op,
		PHYSDEVOP_restore_msi,
		40,
	};
	static const unsigned char platform[] = {
		XENPF_settime32,
		XENPF_settime64,
		XENPF_read_memtype,
		XENPF_platform_quirk,
		XENPF_firmware_info,
		XENPF_getidletime,
		XENPF_set_processor_pminfo,
		XENPF_get_cpuinfo,
		XENPF_get_cpu_version,
		XENPF_get_symbol,
		64,
		99,
	};
	struct xen_platform_op *op = (void *)w->buffer;

	buffer_fill(w);
	if (below(w, 2)) {
		w->buffer[0] = below(w, 2) ? frame(w) : small(w);
		call(w, __HYPERVISOR_physdev_op, physdev[below(w, ARRAY_SIZE(physdev))], pointer(w),
		     0, 0);
		return;
	}
	op->cmd = platform[below(w, ARRAY_SIZE(platform))];
	op->interface_version = below(w, 16) ? XENPF_INTERFACE_VERSION : (uint32_t)word(w);
	call(w, __HYPERVISOR_platform_op, (unsigned long)op, 0, 0, 0);
}

void call_multicall(struct worker *w)
{
	struct multicall_entry *calls = (void *)w->buffer;
	unsigned int i, n = below(w, 6);

	memset(calls, 0, 6 * sizeof(*calls));
	for (i = 0; i < n; i++) {
		calls[i].op = below(w, 2) ? __HYPERVISOR_xen_version : __HYPERVISOR_multicall;
		if (!below(w, 3)) {
			calls[i].op = __HYPERVISOR_update_va_mapping;
			calls[i].args[0] = (unsigned long)scratch[below(w, SCRATCH)];
			calls[i].args[1] = entry_word(w);
			calls[i].args[2] = below(w, 8);
		} else {
			calls[i].args[0] = below(w, 12);
			/* Away from the calls: a result there would be a call. */
			calls[i].args[1] = (unsigned long)&w->buffer[256];
		}
	}
	/* Nor from elsewhere that can be read: its words would be calls like any other. */
	call(w, __HYPERVISOR_multicall, below(w, 8) ? (unsigned long)calls : 0xffff838000000000UL,
	     n, 0, 0);
}

/* Numbers whose results and side effects are of no consequence, and those that do not exist. */
void call_any(struct worker *w)
{
	static const unsigned char numbers[] = {
		__HYPERVISOR_fpu_taskswitch,
		__HYPERVISOR_set_debugreg,
		__HYPERVISOR_get_debugreg,
		__HYPERVISOR_set_timer_op,
		__HYPERVISOR_event_channel_op_compat,
		__HYPERVISOR_xen_version,
		__HYPERVISOR_console_io,
		__HYPERVISOR_physdev_op_compat,
		__HYPERVISOR_vm_assist,
		__HYPERVISOR_xsm_op,
		__HYPERVISOR_hvm_op,
		__HYPERVISOR_tmem_op,
		__HYPERVISOR_argo_op,
		__HYPERVISOR_xenpmu_op,
		__HYPERVISOR_dm_op,
		__HYPERVISOR_hypfs_op,
		11,
		47,
		54,
		63,
	};
	unsigned int nr = numbers[below(w, ARRAY_SIZE(numbers))];

	buffer_fill(w);
	switch (nr) {
	case __HYPERVISOR_set_debugreg:
	case __HYPERVISOR_vm_assist:
		call(w, nr, below(w, 9), word(w), 0, 0);
		break;
	case __HYPERVISOR_get_debugreg: /* its result is any number */
		hypercall5(nr, word(w), 0, 0, 0, 0);
		break;
	case __HYPERVISOR_fpu_taskswitch:
	case __HYPERVISOR_set_timer_op:
		call(w, nr, word(w), 0, 0, 0);
		break;
	case __HYPERVISOR_console_io: /* nothing is to be seen of it */
		call(w, nr, below(w, 4), 0, pointer(w), 0);
		break;
	case __HYPERVISOR_event_channel_op_compat:
	case __HYPERVISOR_physdev_op_compat:
		w->buffer[0] = below(w, 12);
		call(w, nr, pointer(w), 0, 0, 0);
		break;
	default:
		call(w, nr, below(w, 20), pointer(w), word(w), 0);
	}
}
