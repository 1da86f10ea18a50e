/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three timers of a vCPU: single-shot, periodic, and the time-out of SCHEDOP_poll. */
#include "sched_private.h"

#include <hv/event_channel.h>
#include <hv/sched.h>
#include <hv/time.h>

static void singleshot_fired(void *data)
{
	virq_send_vcpu(data, VIRQ_TIMER);
}

static void periodic_fired(void *data)
{
	struct vcpu *v = data;
	uint64_t period = READ_ONCE(v->periodic_ns), now, next;

	if (!period)
		return;

	virq_send_vcpu(v, VIRQ_TIMER);

	/* ticks that are missed by a whole period are not made up for */
	now = system_time_ns();
	next = v->periodic_timer.expires_ns + period;
	timer_set(&v->periodic_timer, next > now ? next : now + period);
}

static void poll_timed_out(void *data)
{
	vcpu_wake(data, VCPU_POLLING);
}

void vcpu_timers_init(struct vcpu *v)
{
	timer_init(&v->singleshot_timer, singleshot_fired, v, v->cpu);
	timer_init(&v->periodic_timer, periodic_fired, v, v->cpu);
	timer_init(&v->poll_timer, poll_timed_out, v, v->cpu);
}

void vcpu_timers_move(struct vcpu *v, unsigned int cpu)
{
	timer_migrate(&v->singleshot_timer, cpu);
	timer_migrate(&v->periodic_timer, cpu);
	timer_migrate(&v->poll_timer, cpu);
}

/* Arm the single-shot timer; 0 stops it; what is past fires at once. */
long do_set_timer_op(struct vcpu *v, unsigned long deadline_ns)
{
	if (!deadline_ns)
		timer_stop(&v->singleshot_timer);
	else
		timer_set(&v->singleshot_timer, guest_deadline(deadline_ns));
	return 0;
}
