/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a vCPU ran, waited and slept: xen/vcpu.h, vcpu_runstate_info. */
#include "sched_private.h"

#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/sched.h>
#include <hv/time.h>

static_assert(offsetof(vcpu_runstate_info_t, state_entry_time) == 8, "xen/vcpu.h, 64-bit layout");
static_assert(sizeof(vcpu_runstate_info_t) == 48, "xen/vcpu.h, 64-bit layout");

int runstate_waiting(const struct vcpu *v)
{
	unsigned int reasons = READ_ONCE(v->not_runnable);

	if (!reasons)
		return RUNSTATE_runnable;
	/* "RUNSTATE_blocked dominates this state" */
	return reasons & (VCPU_BLOCKED | VCPU_POLLING) ? RUNSTATE_blocked : RUNSTATE_offline;
}

/* The present state's time up to now goes to its account: none is lost or counted twice. */
static void account(vcpu_runstate_info_t *r, uint64_t now_ns)
{
	if (now_ns <= r->state_entry_time)
		return;
	r->time[r->state] += now_ns - r->state_entry_time;
	r->state_entry_time = now_ns;
}

void runstate_change(struct vcpu *v, int state, uint64_t now_ns)
{
	if (v->runstate.state == state)
		return;
	account(&v->runstate, now_ns);
	v->runstate.state = state;
}

void runstate_read(const struct vcpu *v, vcpu_runstate_info_t *out)
{
	unsigned long flags = run_queue_lock();
	uint64_t entry_time;

	*out = v->runstate;
	run_queue_unlock(flags);

	entry_time = out->state_entry_time;
	account(out, system_time_ns());
	out->state_entry_time = entry_time;
}

/*
 * With VMASST_TYPE_runstate_update_flag the guest takes a copy for whole only if the
 * flag was clear before and after; without it, it compares state_entry_time alone.
 */
int runstate_publish(struct vcpu *v)
{
	unsigned long area = READ_ONCE(v->runstate_guest);
	unsigned long entry_time_va = area + offsetof(vcpu_runstate_info_t, state_entry_time);
	vcpu_runstate_info_t copy;
	bool is_flagged;

	if (!area)
		return 0;

	copy = v->runstate;
	is_flagged = READ_ONCE(v->domain->vm_assist) & 1UL << VMASST_TYPE_runstate_update_flag;
	if (is_flagged) {
		copy.state_entry_time |= XEN_RUNSTATE_UPDATE;
		if (guest_write(entry_time_va, &copy.state_entry_time))
			return -EFAULT;
	}

	/* x86 keeps stores in order: the compiler must, too */
	barrier();
	if (guest_write(area, &copy))
		return -EFAULT;
	barrier();

	return is_flagged ? guest_write(entry_time_va, &v->runstate.state_entry_time) : 0;
}
