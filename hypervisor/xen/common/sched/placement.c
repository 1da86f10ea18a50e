/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a vCPU that wants to run is to run: on an idle CPU, the one it ran on
 * last if possible; else instead of whoever has had most. It only tells that CPU
 * to choose again: the vCPU stays in the queue, where any CPU may take it.
 */
#include "sched_private.h"

#include <hv/sched.h>

/* The one of @m that suits @v best: where it was, where it had better be, any. @m is not empty. */
static unsigned int best_of(const struct cpu_mask *m, const struct vcpu *v)
{
	struct cpu_mask liked = cpu_mask_and(m, &v->sched.soft);
	const struct cpu_mask *from = cpu_mask_is_empty(&liked) ? m : &liked;

	return cpu_mask_has(from, v->cpu) ? v->cpu : cpu_mask_first(from);
}

/* The CPU of @allowed whose vCPU has had most, @v's last one if it is among equals. */
static unsigned int busiest(const struct cpu_mask *allowed, const struct vcpu *v, uint64_t now_ns)
{
	uint64_t most = 0;
	unsigned int cpu, found = MAX_CPUS;

	cpu_mask_each(cpu, allowed)
	{
		const struct vcpu *r = run_queue.cpu[cpu].running;
		uint64_t vtime = vcpu_is_idle(r) ? 0 : share_vtime(r, now_ns);

		if (found == MAX_CPUS || vtime > most || (vtime == most && cpu == v->cpu)) {
			most = vtime;
			found = cpu;
		}
	}
	return found;
}

bool vcpu_place_idle(const struct vcpu *v)
{
	struct cpu_mask allowed = affinity_allowed(v),
			idle = cpu_mask_and(&allowed, &run_queue.idle);

	if (share_is_spent(v) || cpu_mask_is_empty(&idle))
		return false;
	cpu_reschedule(best_of(&idle, v));
	return true;
}

void vcpu_place(const struct vcpu *v, uint64_t now_ns)
{
	struct cpu_mask allowed = affinity_allowed(v);
	const struct sched_cpu *c;
	unsigned int cpu;

	if (share_is_spent(v) || cpu_mask_is_empty(&allowed) || vcpu_place_idle(v))
		return;

	cpu = busiest(&allowed, v, now_ns);
	c = &run_queue.cpu[cpu];
	/* an idle one that has been told to look already will see @v, too */
	if (vcpu_is_idle(c->running))
		return;
	if (share_vtime(c->running, now_ns) <= v->sched.vtime_ns + share_weighted(v, MIN_RUN_NS))
		cpu_slice_end_by(cpu, c->slice_end_ns);
	else if (now_ns - c->slice_start_ns < MIN_RUN_NS)
		cpu_slice_end_by(cpu, c->slice_start_ns + MIN_RUN_NS);
	else
		cpu_slice_end_by(cpu, now_ns);
}

/* The least virtual time of those that run or wait on @cpu, which runs one; what they were set back left out. */
static uint64_t least_vtime(unsigned int cpu)
{
	const struct vcpu *v = run_queue.cpu[cpu].running;
	uint64_t least = v->sched.vtime_ns + v->sched.credit_ns;

	for (v = run_queue.first; v && v->sched.vtime_ns < least; v = v->sched.next)
		if (v->sched.vtime_ns + v->sched.credit_ns < least && affinity_allows(v, cpu) &&
		    !share_is_spent(v))
			least = v->sched.vtime_ns + v->sched.credit_ns;
	return least;
}

void vcpu_vtime_adjust(struct vcpu *v, uint64_t now_ns)
{
	struct cpu_mask allowed = affinity_allowed(v);
	unsigned int cpu = cpu_mask_is_empty(&allowed) ? MAX_CPUS : busiest(&allowed, v, now_ns);
	uint64_t least, most;

	v->sched.credit_ns = 0;
	if (cpu == MAX_CPUS || vcpu_is_idle(run_queue.cpu[cpu].running))
		return;
	share_charge(run_queue.cpu[cpu].running, now_ns);
	least = least_vtime(cpu);
	most = least + share_weighted(v, SLICE_NS);
	if (v->sched.vtime_ns > most)
		v->sched.vtime_ns = most;
	else if (least > WAKE_CREDIT_NS && v->sched.vtime_ns < least - WAKE_CREDIT_NS)
		v->sched.vtime_ns = least - WAKE_CREDIT_NS;
	if (v->sched.vtime_ns < least)
		v->sched.credit_ns = least - v->sched.vtime_ns;
}

void vcpu_enqueue(struct vcpu *v, uint64_t now_ns)
{
	own_cpu_take(v);
	vcpu_vtime_adjust(v, now_ns);
	queue_insert(v);
	vcpu_place(v, now_ns);
}
