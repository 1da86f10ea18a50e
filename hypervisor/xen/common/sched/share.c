/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who gets how much. Each vCPU has a virtual time, which passes while it runs,
 * the slower the greater its domain's weight: whoever has least is next, so that
 * vCPUs who compete get time in proportion to their weights. A cap gives its
 * domain a budget for each period; vCPUs take parts of it while they run,
 * and wait, runnable, when it is spent.
 */
#include "sched_private.h"

#include <hv/errno.h>
#include <hv/sched.h>
#include <hv/time.h>

uint64_t share_weighted(const struct vcpu *v, uint64_t ns)
{
	return ns * SCHED_WEIGHT_DEFAULT / v->domain->sched.weight;
}

uint64_t share_vtime(const struct vcpu *v, uint64_t now_ns)
{
	uint64_t since = v->sched.charged_ns;

	return v->sched.vtime_ns + share_weighted(v, now_ns > since ? now_ns - since : 0);
}

static int64_t cap_ns(const struct domain *d)
{
	return CAP_PERIOD_NS / 100 * d->sched.cap_percent;
}

/* A refill that nobody needed is the last: the next one to run starts the timer again. */
static void refill(void *data)
{
	struct domain *d = data;
	unsigned long flags = run_queue_lock();
	struct domain_sched *s = &d->sched;
	uint64_t now_ns = system_time_ns();
	unsigned int i;

	s->is_refilling = s->cap_percent && s->budget_ns < cap_ns(d);
	if (s->cap_percent) {
		s->budget_ns += cap_ns(d);
		if (s->budget_ns > cap_ns(d))
			s->budget_ns = cap_ns(d);
	}
	if (s->is_refilling)
		timer_set(&s->refill_timer, now_ns + CAP_PERIOD_NS);
	/* who had to wait is as one who slept */
	for (i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i] && d->vcpu[i]->sched.is_queued) {
			queue_remove(d->vcpu[i]);
			vcpu_enqueue(d->vcpu[i], now_ns);
		}
	run_queue_unlock(flags);
}

void sched_domain_init(struct domain *d)
{
	d->sched.weight = SCHED_WEIGHT_DEFAULT;
	timer_init(&d->sched.refill_timer, refill, d, 0);
}

void sched_domain_exit(struct domain *d)
{
	unsigned long flags = run_queue_lock();

	d->sched.cap_percent = 0;
	run_queue_unlock(flags);
	timer_end(&d->sched.refill_timer);
}

void share_charge(struct vcpu *v, uint64_t now_ns)
{
	uint64_t ran, weighted;

	if (vcpu_is_idle(v) || now_ns <= v->sched.charged_ns)
		return;
	ran = now_ns - v->sched.charged_ns;
	weighted = share_weighted(v, ran);
	v->sched.charged_ns = now_ns;
	v->sched.vtime_ns += weighted;
	v->sched.credit_ns -= weighted < v->sched.credit_ns ? weighted : v->sched.credit_ns;
	if (v->domain->sched.cap_percent)
		v->sched.budget_ns -= (int64_t)ran;
}

bool share_is_spent(const struct vcpu *v)
{
	return v->domain->sched.cap_percent && v->domain->sched.budget_ns <= 0;
}

static void refill_start(struct domain *d, uint64_t now_ns)
{
	if (d->sched.is_refilling)
		return;
	d->sched.is_refilling = true;
	timer_set(&d->sched.refill_timer, now_ns + CAP_PERIOD_NS);
}

/* A part for each vCPU of the domain, so that they can run at the same time; but worth a switch. */
static void part_take(struct vcpu *v, uint64_t now_ns)
{
	struct domain *d = v->domain;
	int64_t part = cap_ns(d) / d->max_vcpus;

	if (part < (int64_t)MIN_RUN_NS)
		part = MIN_RUN_NS;
	if (part > d->sched.budget_ns)
		part = d->sched.budget_ns;
	d->sched.budget_ns -= part;
	v->sched.budget_ns += part;
	refill_start(d, now_ns);
}

uint64_t share_continue(struct vcpu *v, uint64_t now_ns)
{
	if (!v->domain->sched.cap_percent)
		return UINT64_MAX;
	if (v->sched.budget_ns <= 0 && !share_is_spent(v))
		part_take(v, now_ns);
	return v->sched.budget_ns > 0 ? now_ns + v->sched.budget_ns : now_ns;
}

uint64_t share_start(struct vcpu *v, uint64_t now_ns)
{
	v->sched.charged_ns = now_ns;
	return share_continue(v, now_ns);
}

void share_stop(struct vcpu *v)
{
	v->domain->sched.budget_ns += v->sched.budget_ns;
	v->sched.budget_ns = 0;
}

void sched_share_get(const struct domain *d, unsigned int *weight, unsigned int *cap_percent)
{
	unsigned long flags = run_queue_lock();

	*weight = d->sched.weight;
	*cap_percent = d->sched.cap_percent;
	run_queue_unlock(flags);
}

/* What @v may do now is asked again. */
static void share_changed(struct vcpu *v)
{
	if (!v)
		return;
	v->sched.budget_ns = 0;
	if (v->is_running)
		cpu_reschedule(v->cpu);
	else if (v->sched.is_queued)
		vcpu_place(v, system_time_ns());
}

int sched_share_set(struct domain *d, unsigned int weight, unsigned int cap_percent)
{
	unsigned long flags;
	unsigned int i;

	if (!weight || weight > SCHED_WEIGHT_MAX || cap_percent > 100 * d->max_vcpus)
		return -EINVAL;

	flags = run_queue_lock();
	/* who runs now is accounted for by what held until now */
	for (i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i] && d->vcpu[i]->is_running)
			share_charge(d->vcpu[i], system_time_ns());
	d->sched.weight = weight;
	d->sched.cap_percent = cap_percent;
	d->sched.budget_ns = cap_ns(d);
	for (i = 0; i < d->max_vcpus; i++)
		share_changed(d->vcpu[i]);
	run_queue_unlock(flags);
	return 0;
}
