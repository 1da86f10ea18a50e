/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scheduler (common/sched/) keeps in each vCPU and each domain. The run queue's lock guards all of it. */
#ifndef HV_SCHED_STATE_H
#define HV_SCHED_STATE_H

#include <hv/timer.h>
#include <hv/types.h>

#include <asm/cpu_mask.h>

struct vcpu;

/* Weights are compared with each other; this one is everybody's who was given none. */
#define SCHED_WEIGHT_DEFAULT 256
#define SCHED_WEIGHT_MAX     65535

struct vcpu_sched {
	struct vcpu *next, *prev;	/* in the queue, least virtual time first */
	bool	 is_queued;
	uint64_t vtime_ns;		/* CPU time had, divided by weight: who has least runs next */
	uint64_t
		credit_ns; /* of vtime_ns: how far it was set back when it woke, less what it ran since */
	uint64_t charged_ns;		/* while it runs: accounted for up to this system time */
	int64_t	 budget_ns;		/* while it runs: what is left of its part of the domain's cap */
	struct cpu_mask hard;		/* where it may run */
	struct cpu_mask soft;		/* where it had better run */
	struct cpu_mask hard_kept;	/* the hard mask of before SCHEDOP_pin_override */
	bool	 is_pin_overridden;
	int	 own_cpu;		/* sched=null: the one CPU that is its own; -1: none (yet) */
};

struct domain_sched {
	unsigned int weight;		/* 1 to SCHED_WEIGHT_MAX */
	unsigned int cap_percent;	/* of one CPU; 0: none */
	int64_t	 budget_ns;		/* of this period, not handed out; negative: overdrawn */
	bool	 is_refilling;		/* the timer runs */
	struct timer refill_timer;
};

#endif
