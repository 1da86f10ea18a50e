/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One-shot timers on the system clock; functions run as softirqs, interrupts on. */
#ifndef HV_TIMER_H
#define HV_TIMER_H

#include <hv/types.h>

struct timer {
	void	    (*function)(void *data);
	void	     *data;
	uint64_t      expires_ns;
	struct timer *child, *sibling, *prev;	/* pairing heap of its CPU */
	unsigned int  cpu;
	bool	      is_pending;
};

/* @cpu: where it fires. */
void timer_init(struct timer *t, void (*function)(void *data), void *data, unsigned int cpu);

/* (Re)arm for an absolute system time; one that is past fires at once. */
void timer_set(struct timer *t, uint64_t expires_ns);
void timer_stop(struct timer *t);

/*
 * The same for good: its function runs nowhere any more. It may have armed the timer again, but nobody else
 * does any more. Interrupts on, and not from a timer's function.
 */
void timer_end(struct timer *t);
void timer_migrate(struct timer *t, unsigned int cpu);

/* All that are armed to fire on @from fire on @to. */
void timers_leave(unsigned int from, unsigned int to);

/* Local APIC timer interrupt: raises the softirq. Softirq: runs what is due, re-arms the hardware. */
void timer_interrupt(void);
void timer_softirq(void);

/* Boot, once for each CPU. */
void timer_cpu_init(unsigned int cpu);

#endif
