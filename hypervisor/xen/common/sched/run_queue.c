/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue of vCPUs that can run and do not, and what a CPU runs next. The
 * order is share.c's virtual time; where who may run is affinity.c's; who is
 * told that there is something for it is placement.c's.
 */
#include "sched_private.h"

#include <hv/event_channel.h>
#include <hv/sched.h>
#include <hv/softirq.h>

/*
 * A vCPU that had better run elsewhere lets another one pass who is behind by
 * no more than this (in virtual time): so it runs here rather than not at all.
 */
#define SOFT_ADVANTAGE_NS SLICE_NS

struct vcpu *idle_vcpu[MAX_CPUS];
struct run_queue run_queue = { .lock = SPINLOCK_INIT };

unsigned long run_queue_lock(void)
{
	return spin_lock_irqsave(&run_queue.lock);
}

void run_queue_unlock(unsigned long flags)
{
	spin_unlock_irqrestore(&run_queue.lock, flags);
}

/* Behind those of the same time: turns are taken. */
void queue_insert(struct vcpu *v)
{
	struct vcpu *before = run_queue.last;

	while (before && before->sched.vtime_ns > v->sched.vtime_ns)
		before = before->sched.prev;

	v->sched.prev = before;
	v->sched.next = before ? before->sched.next : run_queue.first;
	if (v->sched.next)
		v->sched.next->sched.prev = v;
	else
		run_queue.last = v;
	if (before)
		before->sched.next = v;
	else
		run_queue.first = v;
	v->sched.is_queued = true;
}

void queue_remove(struct vcpu *v)
{
	struct vcpu *next = v->sched.next, *prev = v->sched.prev;

	if (next)
		next->sched.prev = prev;
	else
		run_queue.last = prev;
	if (prev)
		prev->sched.next = next;
	else
		run_queue.first = next;
	v->sched.next = NULL;
	v->sched.prev = NULL;
	v->sched.is_queued = false;
}

struct vcpu *queue_best(unsigned int cpu)
{
	struct vcpu *best = NULL, *v;

	for (v = run_queue.first; v; v = v->sched.next) {
		if (best && v->sched.vtime_ns > best->sched.vtime_ns + SOFT_ADVANTAGE_NS)
			break;
		if (!affinity_allows(v, cpu) || share_is_spent(v))
			continue;
		if (cpu_mask_has(&v->sched.soft, cpu))
			return v;
		if (!best)
			best = v;
	}
	return best;
}

void cpu_reschedule(unsigned int cpu)
{
	cpu_mask_remove(&run_queue.idle, cpu);
	softirq_raise_on(cpu, SOFTIRQ_SCHEDULE);
}

void cpu_slice_end_by(unsigned int cpu, uint64_t end_ns)
{
	struct sched_cpu *c = &run_queue.cpu[cpu];

	if (c->slice_end_ns > end_ns)
		c->slice_end_ns = end_ns;
	timer_set(&c->slice_timer, c->slice_end_ns);
}

static bool goes_on(const struct sched_cpu *c, const struct vcpu *prev, const struct vcpu *best,
		    unsigned int cpu, uint64_t now_ns)
{
	if (!affinity_allows(prev, cpu) || (prev->sched.budget_ns <= 0 && share_is_spent(prev)))
		return false;
	if (!best)
		return true;
	if (c->must_yield)
		return false;
	return now_ns < c->slice_end_ns || prev->sched.vtime_ns < best->sched.vtime_ns;
}

/*
 * @prev makes room for @next, or must leave @cpu. It was least when it was chosen, so by turns alone it cannot be
 * further ahead than what a slice adds; if it is, it comes from where time passes faster (other
 * vCPUs, other affinities), and would wait too long. Who yields gives up what it was behind.
 */
static void requeue(struct vcpu *prev, const struct vcpu *next, unsigned int cpu, bool has_yielded,
		    uint64_t now_ns)
{
	uint64_t limit;

	own_cpu_take(prev);
	if (!affinity_allows(prev, cpu)) {
		vcpu_vtime_adjust(prev, now_ns);
	} else if (next) {
		limit = next->sched.vtime_ns + next->sched.credit_ns +
			share_weighted(prev, SLICE_NS);
		if (prev->sched.vtime_ns > limit)
			prev->sched.vtime_ns = limit;
		if (has_yielded && prev->sched.vtime_ns < next->sched.vtime_ns)
			prev->sched.vtime_ns = next->sched.vtime_ns;
	}
	queue_insert(prev);
}

/* Who runs from now on; queued neither before nor after. Run queue's lock held. */
static struct vcpu *pick_next(struct sched_cpu *c, struct vcpu *prev, unsigned int cpu,
			      uint64_t now_ns)
{
	bool prev_can_run = !vcpu_is_idle(prev) && vcpu_can_run(prev);
	struct vcpu *best = NULL;

	if (cpu_mask_has(&run_queue.active, cpu))
		best = queue_best(cpu);
	if (prev_can_run && goes_on(c, prev, best, cpu, now_ns))
		return prev;

	if (best)
		queue_remove(best);
	if (prev_can_run)
		requeue(prev, best, cpu, c->must_yield, now_ns);
	return best ? best : idle_vcpu[cpu];
}

/* A vCPU is marked as running before it looks for events: see vcpu_kick(). */
static void switch_accounts(struct sched_cpu *c, struct vcpu *prev, struct vcpu *next,
			    unsigned int cpu, uint64_t now_ns)
{
	if (!vcpu_is_idle(prev)) {
		__atomic_store_n(&prev->is_running, false, __ATOMIC_SEQ_CST);
		share_stop(prev);
		runstate_change(prev, runstate_waiting(prev), now_ns);
	}
	if (!vcpu_is_idle(next)) {
		WRITE_ONCE(next->cpu, cpu);
		__atomic_store_n(&next->is_running, true, __ATOMIC_SEQ_CST);
		runstate_change(next, RUNSTATE_running, now_ns);
	}
	c->running = next;
	c->slice_start_ns = now_ns;
}

/* How long @next may run, and the timer for it; a CPU that idles is free to be told of vCPUs. */
static void slice_begin(struct sched_cpu *c, struct vcpu *next, unsigned int cpu, bool is_new,
			uint64_t now_ns)
{
	uint64_t stop_ns;

	c->must_yield = false;
	if (vcpu_is_idle(next)) {
		if (cpu_mask_has(&run_queue.active, cpu))
			cpu_mask_add(&run_queue.idle, cpu);
		timer_stop(&c->slice_timer);
		return;
	}
	cpu_mask_remove(&run_queue.idle, cpu);
	stop_ns = is_new ? share_start(next, now_ns) : share_continue(next, now_ns);
	if (is_new || now_ns >= c->slice_end_ns)
		c->slice_end_ns = now_ns + SLICE_NS;
	if (c->slice_end_ns > stop_ns)
		c->slice_end_ns = stop_ns;
	if (stop_ns != UINT64_MAX || queue_best(cpu))
		timer_set(&c->slice_timer, c->slice_end_ns);
	else
		timer_stop(&c->slice_timer);
}

/* Who told an idle CPU to look may have found it taken: none waits while a CPU idles. */
static void queue_spread(void)
{
	const struct vcpu *v;

	for (v = run_queue.first; v && !cpu_mask_is_empty(&run_queue.idle); v = v->sched.next)
		(void)vcpu_place_idle(v);
}

/* What belongs to a vCPU's CPU follows it there. */
static void vcpu_follow(struct vcpu *v, unsigned int cpu)
{
	vcpu_timers_move(v, cpu);
	evtchn_move_pirqs(v, cpu);
}

void schedule(void)
{
	unsigned int cpu = this_cpu();
	struct sched_cpu *c = &run_queue.cpu[cpu];
	unsigned long flags = run_queue_lock();
	struct vcpu *prev = c->running, *next;
	uint64_t now_ns = system_time_ns();
	bool has_moved;

	share_charge(prev, now_ns);
	next = pick_next(c, prev, cpu, now_ns);
	has_moved = next->cpu != cpu && !vcpu_is_idle(next);
	if (next != prev)
		switch_accounts(c, prev, next, cpu, now_ns);
	slice_begin(c, next, cpu, next != prev, now_ns);
	/* perhaps another CPU has a place for who lost this one */
	if (next != prev && prev->sched.is_queued)
		vcpu_place(prev, now_ns);
	queue_spread();
	run_queue_unlock(flags);

	if (has_moved)
		vcpu_follow(next, cpu);
	if (next != prev)
		context_switch(prev, next);
}

void vcpu_yield(void)
{
	unsigned int cpu = this_cpu();
	unsigned long flags = run_queue_lock();

	/* alone there is nothing to yield to */
	if (queue_best(cpu)) {
		run_queue.cpu[cpu].must_yield = true;
		softirq_raise(SOFTIRQ_SCHEDULE);
	}
	run_queue_unlock(flags);
}

static void slice_over(void *data)
{
	(void)data;
	softirq_raise(SOFTIRQ_SCHEDULE);
}

void sched_cpu_init(unsigned int cpu)
{
	struct sched_cpu *c = &run_queue.cpu[cpu];
	unsigned long flags = run_queue_lock();

	c->running = idle_vcpu[cpu];
	c->must_yield = false;
	timer_init(&c->slice_timer, slice_over, NULL, cpu);
	cpu_mask_add(&run_queue.active, cpu);
	cpu_mask_add(&run_queue.idle, cpu);
	run_queue_unlock(flags);
}
