/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A queue of runnable vCPUs for each CPU, and the choice of the next one.
 * A vCPU stays on the CPU it was given. pick_next() is all there is of
 * policy: round robin with time slices.
 */
#include "sched_private.h"

#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/time.h>

#define SLICE_NS (30 * NS_PER_MS)
/* Who runs while another vCPU wakes keeps the CPU this long at least. */
#define MIN_RUN_NS (1 * NS_PER_MS)

struct vcpu *idle_vcpu[MAX_CPUS];

static struct run_queue run_queues[MAX_CPUS];

/* CPUs with a run queue; grows at boot, before vCPUs are placed. */
static unsigned int sched_cpu_count;

struct run_queue *run_queue_lock(const struct vcpu *v, unsigned long *flags) __no_lock_check
{
	struct run_queue *rq = &run_queues[v->cpu];

	*flags = spin_lock_irqsave(&rq->lock);
	return rq;
}

void run_queue_unlock(struct run_queue *rq, unsigned long flags) __no_lock_check
{
	spin_unlock_irqrestore(&rq->lock, flags);
}

static void queue_append(struct run_queue *rq, struct vcpu *v)
{
	v->queue_next = NULL;
	v->is_queued = true;
	if (rq->tail)
		rq->tail->queue_next = v;
	else
		rq->head = v;
	rq->tail = v;
}

/* NULL: empty. */
static struct vcpu *queue_take(struct run_queue *rq)
{
	struct vcpu *v = rq->head;

	if (v) {
		rq->head = v->queue_next;
		if (!rq->head)
			rq->tail = NULL;
		v->queue_next = NULL;
		v->is_queued = false;
	}
	return v;
}

void run_queue_remove(struct run_queue *rq, struct vcpu *v)
{
	struct vcpu *before = NULL, *at = rq->head;

	while (at != v) {
		before = at;
		at = at->queue_next;
	}
	if (before)
		before->queue_next = v->queue_next;
	else
		rq->head = v->queue_next;
	if (rq->tail == v)
		rq->tail = before;
	v->queue_next = NULL;
	v->is_queued = false;
}

void run_queue_add(struct run_queue *rq, struct vcpu *v, uint64_t now_ns)
{
	uint64_t turn_ns = rq->slice_start_ns + MIN_RUN_NS;

	queue_append(rq, v);

	if (!vcpu_is_idle(rq->running)) {
		if (rq->slice_end_ns > turn_ns)
			rq->slice_end_ns = turn_ns;
		if (rq->slice_end_ns > now_ns) {
			timer_set(&rq->slice_timer, rq->slice_end_ns);
			return;
		}
	}
	softirq_raise_on(v->cpu, SOFTIRQ_SCHEDULE);
}

/* Who runs from now on; queued neither before nor after. Run queue's lock held. */
static struct vcpu *pick_next(struct run_queue *rq, struct vcpu *prev, unsigned int cpu,
			      uint64_t now_ns)
{
	bool prev_can_run = !vcpu_is_idle(prev) && vcpu_can_run(prev);
	struct vcpu *next;

	if (prev_can_run && !rq->must_yield && (!rq->head || now_ns < rq->slice_end_ns))
		return prev;

	if (prev_can_run)
		queue_append(rq, prev);
	next = queue_take(rq);
	return next ? next : idle_vcpu[cpu];
}

/* A vCPU is marked as running before it looks for events: see vcpu_kick(). */
static void switch_accounts(struct run_queue *rq, struct vcpu *prev, struct vcpu *next,
			    uint64_t now_ns)
{
	if (!vcpu_is_idle(prev)) {
		__atomic_store_n(&prev->is_running, false, __ATOMIC_SEQ_CST);
		runstate_change(prev, runstate_waiting(prev), now_ns);
	}
	if (!vcpu_is_idle(next)) {
		__atomic_store_n(&next->is_running, true, __ATOMIC_SEQ_CST);
		runstate_change(next, RUNSTATE_running, now_ns);
	}
	rq->running = next;
	rq->slice_start_ns = now_ns;
	rq->slice_end_ns = now_ns + SLICE_NS;
}

void schedule(void)
{
	unsigned int cpu = this_cpu();
	struct run_queue *rq = &run_queues[cpu];
	unsigned long flags = spin_lock_irqsave(&rq->lock);
	struct vcpu *prev = rq->running;
	uint64_t now_ns = system_time_ns();
	struct vcpu *next = pick_next(rq, prev, cpu, now_ns);

	rq->must_yield = false;
	if (next != prev)
		switch_accounts(rq, prev, next, now_ns);
	if (rq->head)
		timer_set(&rq->slice_timer, rq->slice_end_ns);
	else
		timer_stop(&rq->slice_timer);
	spin_unlock_irqrestore(&rq->lock, flags);

	if (next != prev)
		context_switch(prev, next);
}

void vcpu_yield(void)
{
	struct run_queue *rq = &run_queues[this_cpu()];
	unsigned long flags = spin_lock_irqsave(&rq->lock);

	/* alone there is nothing to yield to */
	if (rq->head) {
		rq->must_yield = true;
		softirq_raise(SOFTIRQ_SCHEDULE);
	}
	spin_unlock_irqrestore(&rq->lock, flags);
}

static void slice_over(void *data)
{
	(void)data;
	softirq_raise(SOFTIRQ_SCHEDULE);
}

void sched_cpu_init(unsigned int cpu)
{
	struct run_queue *rq = &run_queues[cpu];

	spin_lock_init(&rq->lock);
	rq->head = NULL;
	rq->tail = NULL;
	rq->running = idle_vcpu[cpu];
	rq->must_yield = false;
	timer_init(&rq->slice_timer, slice_over, NULL, cpu);
	sched_cpu_count++;
}

void sched_vcpu_init(struct vcpu *v)
{
	v->cpu = v->id % sched_cpu_count;
	v->runstate.state = RUNSTATE_offline;
	v->runstate.state_entry_time = system_time_ns();
	vcpu_timers_init(v);
}
