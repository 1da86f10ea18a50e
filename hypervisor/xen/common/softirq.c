/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Softirqs: a word of pending bits for each CPU, in its cpu_info, looked at
 * on every way back to a guest and by the idle loop.
 */
#include <hv/softirq.h>

#include <hv/sched.h>
#include <hv/timer.h>

#include <asm/percpu.h>

struct cpu_info *cpu_infos[MAX_CPUS];

/* True if it was not pending already. */
static bool pending_set(struct cpu_info *info, enum softirq nr)
{
	return !(__atomic_fetch_or(&info->softirqs, 1U << nr, __ATOMIC_SEQ_CST) & 1U << nr);
}

void softirq_raise(enum softirq nr)
{
	pending_set(cpu_info(), nr);
}

void softirq_raise_on(unsigned int cpu, enum softirq nr)
{
	if (cpu == this_cpu())
		softirq_raise(nr);
	else if (pending_set(cpu_infos[cpu], nr))
		arch_cpu_kick(cpu);
}

static void pending_clear(enum softirq nr)
{
	__atomic_fetch_and(&cpu_info()->softirqs, ~(1U << nr), __ATOMIC_SEQ_CST);
}

bool softirq_pending(void)
{
	return READ_ONCE(cpu_info()->softirqs);
}

void softirq_run(void)
{
	unsigned int pending;

	/* schedule() may not return: no other bit may be taken off with its own */
	while ((pending = READ_ONCE(cpu_info()->softirqs))) {
		if (pending & 1U << SOFTIRQ_TIMER) {
			pending_clear(SOFTIRQ_TIMER);
			timer_softirq();
		} else if (pending & 1U << SOFTIRQ_NMI) {
			pending_clear(SOFTIRQ_NMI);
			arch_nmi_softirq();
		} else {
			pending_clear(SOFTIRQ_SCHEDULE);
			schedule();
		}
	}
}
