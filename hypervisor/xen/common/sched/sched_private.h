/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run queues, for the files of common/sched/ only. */
#ifndef SCHED_PRIVATE_H
#define SCHED_PRIVATE_H

#include <hv/domain.h>
#include <hv/spinlock.h>
#include <hv/timer.h>
#include <hv/types.h>

#include <asm/percpu.h>

struct run_queue {
	struct spinlock lock;	  /* inside every lock but the timers' and the console's */
	struct vcpu *head, *tail; /* waiting to run, first come first served */
	struct vcpu *running;	  /* what the CPU runs: never NULL once initialised */
	uint64_t slice_start_ns;  /* since when */
	uint64_t slice_end_ns;	  /* from then on somebody else's turn, if there is one */
	bool must_yield;	  /* ... or at once */
	struct timer slice_timer;
} __cacheline_aligned;

/* A guest's vCPU, never an idle one. */
struct run_queue *run_queue_lock(const struct vcpu *v, unsigned long *flags);
void run_queue_unlock(struct run_queue *rq, unsigned long flags);

/* Put @v at the end of @rq, its CPU's, and see that it gets its turn. */
void run_queue_add(struct run_queue *rq, struct vcpu *v, uint64_t now_ns);
void run_queue_remove(struct run_queue *rq, struct vcpu *v);

static inline bool vcpu_is_idle(const struct vcpu *v)
{
	return !v->domain;
}

static inline bool vcpu_can_run(const struct vcpu *v)
{
	return !__atomic_load_n(&v->not_runnable, __ATOMIC_SEQ_CST);
}

/* RUNSTATE_* of a vCPU that is not on a CPU. Run queue's lock held. */
int runstate_waiting(const struct vcpu *v);

/* Single-shot, periodic and poll timers. */
void vcpu_timers_init(struct vcpu *v);

long watchdog_op(struct domain *d, unsigned int id, unsigned int timeout_s, unsigned int cpu);

#endif
