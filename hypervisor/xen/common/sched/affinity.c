/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where vCPUs may run: the hard mask is a rule, the soft one a wish (xen/domctl.h,
 * XEN_DOMCTL_setvcpuaffinity). A hard mask without an active CPU holds as little as none: the vCPU must run
 * somewhere. With sched=null a vCPU that is up has one CPU to itself, or waits until there is one.
 */
#include "sched_private.h"

#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/options.h>
#include <hv/sched.h>

/* sched=null: CPUs that are somebody's. Run queue's lock. */
static struct cpu_mask owned;

static bool is_one_to_one(void)
{
	return boot_options.scheduler == XEN_SCHEDULER_NULL;
}

static struct cpu_mask mask_of(unsigned int cpu)
{
	struct cpu_mask m = { 0 };

	cpu_mask_add(&m, cpu);
	return m;
}

struct cpu_mask affinity_allowed(const struct vcpu *v)
{
	struct cpu_mask m;

	if (is_one_to_one()) {
		if (v->sched.own_cpu < 0)
			return (struct cpu_mask){ 0 };
		m = mask_of((unsigned int)v->sched.own_cpu);
		return cpu_mask_and(&m, &run_queue.active);
	}
	m = cpu_mask_and(&v->sched.hard, &run_queue.active);
	return cpu_mask_is_empty(&m) ? run_queue.active : m;
}

bool affinity_allows(const struct vcpu *v, unsigned int cpu)
{
	struct cpu_mask m;

	/* nearly always */
	if (likely(!is_one_to_one() && cpu_mask_has(&v->sched.hard, cpu)))
		return cpu_mask_has(&run_queue.active, cpu);
	m = affinity_allowed(v);
	return cpu_mask_has(&m, cpu);
}

void own_cpu_take(struct vcpu *v)
{
	struct cpu_mask m = cpu_mask_and(&v->sched.hard, &run_queue.active);
	int own = v->sched.own_cpu;
	unsigned int cpu;

	if (likely(!is_one_to_one()) || (own >= 0 && cpu_mask_has(&m, (unsigned int)own)))
		return;
	if (own >= 0)
		cpu_mask_remove(&owned, (unsigned int)own);
	v->sched.own_cpu = -1;
	cpu_mask_each(cpu, &m) if (!cpu_mask_has(&owned, cpu))
	{
		cpu_mask_add(&owned, cpu);
		v->sched.own_cpu = (int)cpu;
		return;
	}
}

/* The first who waits for one may have it. */
void own_cpu_give(struct vcpu *v)
{
	struct vcpu *w;

	if (v->sched.own_cpu < 0)
		return;
	cpu_mask_remove(&owned, (unsigned int)v->sched.own_cpu);
	v->sched.own_cpu = -1;
	for (w = run_queue.first; w; w = w->sched.next)
		if (w->sched.own_cpu < 0) {
			own_cpu_take(w);
			if (w->sched.own_cpu >= 0)
				vcpu_place(w, system_time_ns());
		}
}

/* Its masks have changed: off a CPU where it may not be, onto one where it may. */
static void masks_obey(struct vcpu *v)
{
	if (v->is_running || v->sched.is_queued)
		own_cpu_take(v);
	if (v->is_running && !affinity_allows(v, v->cpu)) {
		cpu_reschedule(v->cpu);
	} else if (v->sched.is_queued) {
		queue_remove(v);
		vcpu_enqueue(v, system_time_ns());
	}
}

int sched_affinity_set(struct vcpu *v, const struct cpu_mask *hard, const struct cpu_mask *soft)
{
	unsigned long flags = run_queue_lock();
	struct cpu_mask active = hard ? cpu_mask_and(hard, &run_queue.active) : run_queue.active;
	int rc = 0;

	if (cpu_mask_is_empty(&active)) {
		rc = -EINVAL;
	} else if (hard && v->sched.is_pin_overridden) {
		rc = -EBUSY;
	} else {
		if (hard)
			v->sched.hard = *hard;
		if (soft)
			v->sched.soft = *soft;
		masks_obey(v);
	}
	run_queue_unlock(flags);
	return rc;
}

void sched_affinity_get(const struct vcpu *v, struct cpu_mask *hard, struct cpu_mask *soft)
{
	unsigned long flags = run_queue_lock();

	*hard = v->sched.hard;
	*soft = v->sched.soft;
	run_queue_unlock(flags);
}

struct cpu_mask sched_active_cpus(void)
{
	unsigned long flags = run_queue_lock();
	struct cpu_mask m = run_queue.active;

	run_queue_unlock(flags);
	return m;
}

/* 0; -EBUSY: overridden already; -EINVAL: no such CPU. @cpu below 0 ends it. */
long sched_pin_override(struct vcpu *v, int cpu)
{
	unsigned long flags = run_queue_lock();
	long rc = 0;

	if (cpu < 0) {
		if (v->sched.is_pin_overridden)
			v->sched.hard = v->sched.hard_kept;
		v->sched.is_pin_overridden = false;
	} else if (v->sched.is_pin_overridden) {
		rc = -EBUSY;
	} else if (cpu >= MAX_CPUS || !cpu_mask_has(&run_queue.active, (unsigned int)cpu)) {
		rc = -EINVAL;
	} else {
		v->sched.hard_kept = v->sched.hard;
		v->sched.hard = mask_of((unsigned int)cpu);
		v->sched.is_pin_overridden = true;
	}
	if (!rc)
		masks_obey(v);
	run_queue_unlock(flags);
	return rc;
}

/* The CPU it is bound to, of those that are active; -1: more than one. */
int sched_pinned_cpu(const struct vcpu *v)
{
	unsigned long flags = run_queue_lock();
	struct cpu_mask m = affinity_allowed(v);
	unsigned int first = cpu_mask_first(&m);
	int cpu = -1;

	if (first < MAX_CPUS && cpu_mask_next(&m, first + 1) == MAX_CPUS)
		cpu = (int)first;
	run_queue_unlock(flags);
	return cpu;
}

/* A CPU was added to those that run vCPUs, or taken away: @cpu's vCPU goes elsewhere. */
void sched_cpu_set_active(unsigned int cpu, bool is_active)
{
	unsigned long flags = run_queue_lock();
	struct vcpu *v;
	unsigned int i;

	if (is_active)
		cpu_mask_add(&run_queue.active, cpu);
	else
		cpu_mask_remove(&run_queue.active, cpu);
	for (v = run_queue.first; v; v = v->sched.next) {
		own_cpu_take(v);
		vcpu_place(v, system_time_ns());
	}
	/* a vCPU whose mask had no active CPU until now runs where it should not */
	cpu_mask_each(i, &run_queue.active)
	{
		v = run_queue.cpu[i].running;
		if (!vcpu_is_idle(v) && !affinity_allows(v, i))
			cpu_reschedule(i);
	}
	cpu_reschedule(cpu);
	run_queue_unlock(flags);
}

bool sched_cpu_is_idle(unsigned int cpu)
{
	unsigned long flags = run_queue_lock();
	bool is_idle = vcpu_is_idle(run_queue.cpu[cpu].running);

	run_queue_unlock(flags);
	return is_idle;
}

void sched_vcpu_init(struct vcpu *v)
{
	unsigned long flags = run_queue_lock();
	unsigned int count = 0, cpu;

	cpu_mask_each(cpu, &run_queue.active) count++;
	/* by turns; CPUs are numbered without holes when domains are made */
	v->cpu = cpu_mask_first(&run_queue.active);
	for (unsigned int i = v->id % count; i; i--)
		v->cpu = cpu_mask_next(&run_queue.active, v->cpu + 1);
	v->sched.hard = CPU_MASK_ALL;
	v->sched.soft = CPU_MASK_ALL;
	v->sched.own_cpu = -1;
	if (v->domain->is_hardware && boot_options.dom0_vcpus_pin)
		v->sched.hard = mask_of(v->cpu);
	v->runstate.state = RUNSTATE_offline;
	v->runstate.state_entry_time = system_time_ns();
	run_queue_unlock(flags);
	vcpu_timers_init(v);
}

void sched_vcpu_exit(struct vcpu *v)
{
	unsigned long flags = run_queue_lock();

	own_cpu_give(v);
	run_queue_unlock(flags);
	WRITE_ONCE(v->periodic_ns, 0);
	timer_end(&v->singleshot_timer);
	timer_end(&v->periodic_timer);
	timer_end(&v->poll_timer);
}
