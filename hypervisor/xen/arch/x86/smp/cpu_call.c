/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function on other CPUs, one request at a time, and the end of them all.
 * Who waits serves requests himself, so that two CPUs that call each other
 * do not wait for ever, whether their interrupts are on or not.
 */
#include <asm/smp.h>

#include <hv/spinlock.h>

#include <asm/apic.h>
#include <asm/irq.h>
#include <asm/percpu.h>
#include <asm/system.h>

#define NO_CPU (~0U)

/* Held while a request is under way; taken by spin_trylock() alone. */
static struct spinlock call_lock = SPINLOCK_INIT;

/* Written by the holder of call_lock before any is_wanted is set; constant while one is. */
static void (*call_function)(void *data);
static void *call_data;

/* Set by the caller, cleared by the CPU when it has done it. [a] */
static struct {
	bool is_wanted;
} __cacheline_aligned call[MAX_CPUS];

static unsigned int stopping_cpu = NO_CPU;	/* [a] set once */

void cpu_call_serve(void)
{
	bool *is_wanted = &call[this_cpu()].is_wanted;
	unsigned long flags;

	if (!__atomic_load_n(is_wanted, __ATOMIC_ACQUIRE))
		return;
	/* Not twice, the second time by the interrupt in the middle of the first. */
	flags = irq_save();
	if (__atomic_load_n(is_wanted, __ATOMIC_ACQUIRE)) {
		call_function(call_data);
		__atomic_store_n(is_wanted, false, __ATOMIC_RELEASE);
	}
	irq_restore(flags);
}

void cpus_call(const struct cpu_mask *cpus, void (*function)(void *data), void *data)
{
	unsigned int cpu, self = this_cpu();

	while (!spin_trylock(&call_lock)) {
		cpu_call_serve();
		cpu_relax();
	}
	call_function = function;
	call_data = data;
	for (cpu = 0; cpu < cpus_online; cpu++)
		if (cpu != self && cpu_mask_has(cpus, cpu)) {
			__atomic_store_n(&call[cpu].is_wanted, true, __ATOMIC_SEQ_CST);
			apic_send_ipi(cpu, VECTOR_CALL);
		}
	for (cpu = 0; cpu < cpus_online; cpu++)
		while (__atomic_load_n(&call[cpu].is_wanted, __ATOMIC_ACQUIRE))
			cpu_relax();
	spin_unlock(&call_lock);
}

void cpus_stop_others(void)
{
	unsigned int self = this_cpu(), nobody = NO_CPU;

	if (!__atomic_compare_exchange_n(&stopping_cpu, &nobody, self, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST)) {
		if (nobody != self)
			cpu_halt_forever();
		return;
	}
	/* Those with interrupts off, too. INIT would start the boot CPU's firmware. */
	for (unsigned int cpu = 0; cpu < cpus_online; cpu++)
		if (cpu != self)
			apic_send_nmi(cpu);
}

bool cpu_must_stop(void)
{
	unsigned int cpu = __atomic_load_n(&stopping_cpu, __ATOMIC_SEQ_CST);

	return cpu != NO_CPU && cpu != this_cpu();
}
