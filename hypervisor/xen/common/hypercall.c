/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE list of hypercalls: number, handler, how many arguments. It expands to
 * the table from which entry/syscall.S and multicalls call. A handler gets raw
 * register values and casts them as the ABI's C types say.
 */
#include <hv/hypercall.h>

#include <hv/abi.h>
#include <hv/console.h>
#include <hv/control.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/grant.h>
#include <hv/memory_op.h>
#include <hv/pirq.h>
#include <hv/sched.h>
#include <hv/version.h>

#include <asm/audit.h>
#include <asm/bounce.h>
#include <asm/emulate.h>
#include <asm/mca.h>
#include <asm/mmu_hypercalls.h>
#include <asm/percpu.h>
#include <asm/pv_hypercalls.h>

/* clang-format off */
#define HYPERCALLS(ROW)								\
	ROW(__HYPERVISOR_set_trap_table,	  do_set_trap_table,	      1) \
	ROW(__HYPERVISOR_mmu_update,		  do_mmu_update,	      4) \
	ROW(__HYPERVISOR_set_gdt,		  do_set_gdt,		      2) \
	ROW(__HYPERVISOR_stack_switch,		  do_stack_switch,	      2) \
	ROW(__HYPERVISOR_set_callbacks,		  do_set_callbacks,	      3) \
	ROW(__HYPERVISOR_fpu_taskswitch,	  do_fpu_taskswitch,	      1) \
	ROW(__HYPERVISOR_sched_op_compat,	  do_sched_op_compat,	      2) \
	ROW(__HYPERVISOR_platform_op,		  do_platform_op,	      1) \
	ROW(__HYPERVISOR_set_debugreg,		  do_set_debugreg,	      2) \
	ROW(__HYPERVISOR_get_debugreg,		  do_get_debugreg,	      1) \
	ROW(__HYPERVISOR_update_descriptor,	  do_update_descriptor,	      2) \
	ROW(__HYPERVISOR_memory_op,		  do_memory_op,		      2) \
	ROW(__HYPERVISOR_multicall,		  do_multicall,		      2) \
	ROW(__HYPERVISOR_update_va_mapping,	  do_update_va_mapping,	      3) \
	ROW(__HYPERVISOR_set_timer_op,		  do_set_timer_op,	      1) \
	ROW(__HYPERVISOR_event_channel_op_compat, do_event_channel_op_compat, 1) \
	ROW(__HYPERVISOR_xen_version,		  do_xen_version,	      2) \
	ROW(__HYPERVISOR_console_io,		  do_console_io,	      3) \
	ROW(__HYPERVISOR_physdev_op_compat,	  do_physdev_op_compat,	      1) \
	ROW(__HYPERVISOR_grant_table_op,	  do_grant_table_op,	      3) \
	ROW(__HYPERVISOR_vm_assist,		  do_vm_assist,		      2) \
	ROW(__HYPERVISOR_update_va_mapping_otherdomain,				\
						  do_update_va_mapping_otherdomain, 4) \
	ROW(__HYPERVISOR_iret,			  do_iret,		      0) \
	ROW(__HYPERVISOR_vcpu_op,		  do_vcpu_op,		      3) \
	ROW(__HYPERVISOR_set_segment_base,	  do_set_segment_base,	      2) \
	ROW(__HYPERVISOR_mmuext_op,		  do_mmuext_op,		      4) \
	ROW(__HYPERVISOR_nmi_op,		  do_nmi_op,		      2) \
	ROW(__HYPERVISOR_sched_op,		  do_sched_op,		      2) \
	ROW(__HYPERVISOR_callback_op,		  do_callback_op,	      2) \
	ROW(__HYPERVISOR_event_channel_op,	  do_event_channel_op,	      2) \
	ROW(__HYPERVISOR_physdev_op,		  do_physdev_op,	      2) \
	ROW(__HYPERVISOR_sysctl,		  do_sysctl,		      1) \
	ROW(__HYPERVISOR_domctl,		  do_domctl,		      1) \
	ROW(__HYPERVISOR_mca,			  do_mca,		      1) \
	AUDIT_HYPERCALL(ROW)
/* clang-format on */

#define ROW(number, handler, args) [number] = (any_function *)(handler),
any_function *const hypercall_table[HYPERCALL_COUNT] = { HYPERCALLS(ROW) };
#undef ROW

#define ROW(number, handler, args) \
	static_assert((number) < HYPERCALL_COUNT && (args) <= 4, #handler);
HYPERCALLS(ROW)
#undef ROW

bool hypercall_preempt_check(void)
{
	const struct cpu_info *info = cpu_info();
	const struct vcpu *v = info->current;

	if (!v->domain)
		return false;	/* building dom0: nobody waits */
	return READ_ONCE(info->softirqs) || (READ_ONCE(v->info->evtchn_upcall_pending) &&
					     !READ_ONCE(v->info->evtchn_upcall_mask));
}
