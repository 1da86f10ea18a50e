/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From one vCPU to another on this CPU. General registers move between the
 * stack's top and the vCPU; segments, FPU and debug registers stay in the CPU
 * while it idles, and move only when another vCPU comes ("loaded").
 */
#include <hv/domain.h>
#include <hv/event_channel.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/time.h>

#include <asm/bounce.h>
#include <asm/context_switch.h>
#include <asm/descriptor_tables.h>
#include <asm/emulate.h>
#include <asm/entry.h>
#include <asm/guest_registers.h>
#include <asm/percpu.h>
#include <asm/system.h>
#include <asm/tlb.h>
#include <asm/trap_entry.h>

/* The vCPU whose state this CPU holds; written by that CPU. */
static struct {
	struct vcpu *v;
} __cacheline_aligned loaded[MAX_CPUS];

struct vcpu *current_vcpu(void)
{
	return cpu_info()->current;
}

static void state_unload(struct vcpu *v)
{
	segments_save(v);
	fpu_save(v);
	debug_registers_save(v);
	v->arch.loaded_cpu = -1;
}

static void state_load(struct vcpu *v)
{
	v->arch.loaded_cpu = this_cpu();
	descriptor_tables_load(v);
	tlb_root_load(v->arch.in_kernel || mfn_eq(v->arch.user_root, INVALID_MFN) ?
			      v->arch.kernel_root :
			      v->arch.user_root);
	guest_registers_load(v);
	fpu_restore(v);
	debug_registers_load(v);
	/* A selector that the guest's tables have no longer. */
	if (!segments_load(v))
		guest_failsafe(&cpu_info()->guest_regs);
}

/* A vCPU goes on, with its general registers at the stack's top. */
static void __noreturn guest_resume(void)
{
	struct vcpu *v = current_vcpu();
	bool from_user = !v->arch.in_kernel && (v->runstate_guest || v->time_guest);

	/* The areas that the guest registered are its kernel's. */
	if (from_user)
		guest_mode_toggle(v);
	guest_clock_update(v);
	(void)runstate_publish(v);
	if (from_user)
		guest_mode_toggle(v);
	return_to_guest();
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	struct cpu_info *info = cpu_info();
	unsigned int cpu = info->cpu;

	irq_disable();
	if (prev->domain)
		prev->arch.regs = info->guest_regs;
	info->current = next;
	if (!next->domain) {
		irq_enable();
		stack_switch_and_call((unsigned long)info, idle_loop);
	}
	info->guest_regs = next->arch.regs;
	if (loaded[cpu].v != next) {
		if (loaded[cpu].v)
			state_unload(loaded[cpu].v);
		state_load(next);
		loaded[cpu].v = next;
	}
	irq_enable();
	guest_resume();
}

void idle_loop(void)
{
	for (;;) {
		softirq_run();
		irq_disable();
		if (softirq_pending())
			irq_enable();
		else
			cpu_halt_enabled();
	}
}
