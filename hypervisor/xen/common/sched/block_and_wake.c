/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reasons not to run come and go. They change under the run queue's lock,
 * where schedule() looks at them too, so a wake-up either finds the vCPU off
 * its CPU and queues it, or is seen by schedule(), which then keeps it on.
 */
#include "sched_private.h"

#include <hv/event_channel.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/time.h>

void vcpu_wake(struct vcpu *v, unsigned int reason)
{
	unsigned long flags = run_queue_lock();
	unsigned int before;

	before = __atomic_fetch_and(&v->not_runnable, ~reason, __ATOMIC_SEQ_CST);

	if (before & reason & VCPU_POLLING)
		evtchn_poll_end(v);

	if (before & reason && !v->is_running) {
		uint64_t now_ns = system_time_ns();

		if (!(before & ~reason))
			vcpu_enqueue(v, now_ns);
		runstate_change(v, runstate_waiting(v), now_ns);
	}
	run_queue_unlock(flags);
}

void vcpu_sleep(struct vcpu *v, unsigned int reason)
{
	unsigned long flags = run_queue_lock();

	__atomic_fetch_or(&v->not_runnable, reason, __ATOMIC_SEQ_CST);

	if (v->is_running) {
		softirq_raise_on(v->cpu, SOFTIRQ_SCHEDULE);
	} else {
		if (v->sched.is_queued)
			queue_remove(v);
		runstate_change(v, runstate_waiting(v), system_time_ns());
	}
	if (reason & VCPU_DOWN)
		own_cpu_give(v);
	run_queue_unlock(flags);
}

/*
 * The event was made visible by an atomic operation before we look here; who
 * goes to sleep or starts to run makes that visible by one before it looks
 * for events. So one of the two sees the other.
 */
void vcpu_kick(struct vcpu *v)
{
	if (READ_ONCE(v->not_runnable) & (VCPU_BLOCKED | VCPU_POLLING))
		vcpu_wake(v, VCPU_BLOCKED | VCPU_POLLING);
	else if (READ_ONCE(v->is_running) && v->cpu != this_cpu())
		arch_cpu_kick(v->cpu);
}
