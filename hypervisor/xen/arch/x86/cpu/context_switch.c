/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From one vCPU to another on this CPU. General registers move between the
 * stack's top and the vCPU; segments, FPU and debug registers stay in the CPU
 * while it idles, and move only when another vCPU comes ("loaded") or when
 * their owner is to run elsewhere.
 *
 * The scheduler may give a vCPU to another CPU as soon as this one has chosen to
 * leave it: that CPU waits until on_cpu says that its registers are put away, and
 * then fetches what is still loaded.
 */
#include <hv/domain.h>
#include <hv/event_channel.h>
#include <hv/panic.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/time.h>

#include <asm/bounce.h>
#include <asm/context_switch.h>
#include <asm/cpu_mask.h>
#include <asm/cpu_tables.h>
#include <asm/descriptor_tables.h>
#include <asm/emulate.h>
#include <asm/entry.h>
#include <asm/guest_registers.h>
#include <asm/isolation.h>
#include <asm/percpu.h>
#include <asm/smp.h>
#include <asm/speculation.h>
#include <asm/system.h>
#include <asm/tlb.h>
#include <asm/trap_entry.h>

/* The vCPU whose state this CPU holds, and whether its page tables are in use; written by that CPU. */
static struct {
	struct vcpu *v;
	bool is_mapped;
} __cacheline_aligned loaded[MAX_CPUS];

struct vcpu *current_vcpu(void)
{
	return cpu_info()->current;
}

static void address_space_load(struct vcpu *v)
{
	unsigned int cpu = this_cpu();

	/* Between two roots no window is the same: an NMI needs our selectors all the time. */
	gdt_idle_load(cpu);
	tlb_root_load(v->arch.in_kernel || mfn_eq(v->arch.user_root, INVALID_MFN) ?
			      v->arch.kernel_root :
			      v->arch.user_root);
	isolation_note(v);
	descriptor_tables_load(v);
	loaded[cpu].is_mapped = true;
}

/* From now on no flush of a guest's translations concerns this CPU. */
static void address_space_leave(void)
{
	unsigned int cpu = this_cpu();

	gdt_idle_load(cpu);
	ldt_descriptor_set(cpu, 0, 0);
	tlb_idle_root_load();
	loaded[cpu].is_mapped = false;
}

static void state_unload(struct vcpu *v)
{
	segments_save(v);
	fpu_save(v);
	debug_registers_save(v);
	__atomic_store_n(&v->arch.loaded_cpu, -1, __ATOMIC_RELEASE);
}

static void state_load(struct vcpu *v)
{
	BUG_ON(v->cpu != this_cpu() || v->arch.loaded_cpu != -1);
	WRITE_ONCE(v->arch.loaded_cpu, this_cpu());
	speculation_guest_enters(v);
	address_space_load(v);
	guest_registers_load(v);
	fpu_restore(v);
	debug_registers_load(v);
	/* A selector that the guest's tables have no longer. */
	if (!segments_load(v))
		guest_failsafe(&cpu_info()->guest_regs);
}

/*
 * What a CPU that goes idle keeps of the vCPU that it ran: all of it, if there
 * is no other CPU; but not its page tables, if others would have to interrupt us to
 * flush what we have from them; and nothing of one that is down, maybe for ever.
 */
static void idle_prepare(struct vcpu *prev)
{
	unsigned int cpu = this_cpu();
	bool is_down = READ_ONCE(prev->not_runnable) & VCPU_DOWN;

	if (loaded[cpu].v != prev || (!is_down && cpus_online == 1))
		return;
	address_space_leave();
	if (is_down) {
		state_unload(prev);
		loaded[cpu].v = NULL;
	}
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

/* On a CPU that holds what @data's vCPU had in it: give it back. Interrupts off. */
static void state_fetch(void *data)
{
	struct vcpu *v = data;
	unsigned int cpu = this_cpu();

	if (loaded[cpu].v != v)
		return;		/* put away meanwhile */
	if (loaded[cpu].is_mapped)
		address_space_leave();
	state_unload(v);
	loaded[cpu].v = NULL;
}

static bool is_put_away(const struct vcpu *v, int cpu)
{
	int holder = __atomic_load_n(&v->arch.on_cpu, __ATOMIC_ACQUIRE);
	int loaded_on = __atomic_load_n(&v->arch.loaded_cpu, __ATOMIC_ACQUIRE);

	return (holder == -1 || holder == cpu) && (loaded_on == -1 || loaded_on == cpu);
}

/* Until no other CPU has anything of @v, which nobody else may choose to run. Interrupts on. */
static void wait_for_state(struct vcpu *v)
{
	int loaded_on, self = (int)this_cpu();
	struct cpu_mask holder = { 0 };

	while (__atomic_load_n(&v->arch.on_cpu, __ATOMIC_ACQUIRE) != -1) {
		cpu_call_serve();
		cpu_relax();
	}
	loaded_on = __atomic_load_n(&v->arch.loaded_cpu, __ATOMIC_ACQUIRE);
	if (loaded_on == -1 || loaded_on == self)
		return;
	cpu_mask_add(&holder, (unsigned int)loaded_on);
	cpus_call(&holder, state_fetch, v);
}

void vcpu_sync(struct vcpu *v)
{
	unsigned long flags;

	while (__atomic_load_n(&v->is_running, __ATOMIC_ACQUIRE)) {
		cpu_call_serve();
		cpu_relax();
	}
	wait_for_state(v);
	flags = irq_save();
	state_fetch(v);
	irq_restore(flags);
}

/* Others may have @v, if it is a guest's; they may have it already, when it was released before. */
static void release(struct vcpu *v)
{
	if (v->domain && READ_ONCE(v->arch.on_cpu) == (int)this_cpu())
		__atomic_store_n(&v->arch.on_cpu, -1, __ATOMIC_RELEASE);
}

/* Make room for @next, which another CPU has not put away yet, without keeping anything that others may wait for. */
static void wait_for_next(struct vcpu *prev, struct vcpu *next)
{
	unsigned int cpu = this_cpu();

	if (loaded[cpu].v)
		state_fetch(loaded[cpu].v);
	release(prev);
	irq_enable();
	wait_for_state(next);
	irq_disable();
}

/* This CPU's segments, FPU and page tables become @v's. Interrupts off. */
static void vcpu_load(struct vcpu *v)
{
	unsigned int cpu = this_cpu();

	v->arch.on_cpu = (int)cpu;
	if (loaded[cpu].v != v) {
		if (loaded[cpu].v)
			state_unload(loaded[cpu].v);
		state_load(v);
		loaded[cpu].v = v;
	} else if (!loaded[cpu].is_mapped) {
		address_space_load(v);
	}
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	struct cpu_info *info = cpu_info();

	irq_disable();
	if (prev->domain)
		prev->arch.regs = info->guest_regs;
	info->current = next;
	if (!next->domain) {
		idle_prepare(prev);
		release(prev);
		irq_enable();
		stack_switch_and_call((unsigned long)info, idle_loop);
	}
	if (unlikely(!is_put_away(next, (int)info->cpu)))
		wait_for_next(prev, next);
	info->guest_regs = next->arch.regs;
	vcpu_load(next);
	/* not before its page tables are out of use */
	release(prev);
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
