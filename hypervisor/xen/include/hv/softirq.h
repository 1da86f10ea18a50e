/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work put off from interrupt context to the way out of the hypervisor. */
#ifndef HV_SOFTIRQ_H
#define HV_SOFTIRQ_H

#include <hv/types.h>

#include <asm/layout.h>

enum softirq {
	SOFTIRQ_TIMER,
	SOFTIRQ_NMI,		/* an NMI left something to say */
	SOFTIRQ_SCHEDULE,	/* last: it may not return */
	SOFTIRQ_COUNT,
};

struct cpu_info;

/* Where each CPU's cpu_info is; NULL: not started. Set before anything is raised on the CPU. */
extern struct cpu_info *cpu_infos[MAX_CPUS];

/* SOFTIRQ_NMI: what the processor port does with it. */
void arch_nmi_softirq(void);

/* Make @cpu, not this one, leave guest mode or halt for a moment. Any context. */
void arch_cpu_kick(unsigned int cpu);

void softirq_raise(enum softirq nr);			/* on this CPU */
void softirq_raise_on(unsigned int cpu, enum softirq nr); /* kicks it if remote */

/* Run all that is pending; interrupts on. */
void softirq_run(void);
bool softirq_pending(void);

#endif
