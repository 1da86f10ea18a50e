/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who sleeps in SCHEDOP_poll is woken by ports that are masked, too. The
 * poller says so, then looks at its ports; the sender makes the port pending,
 * then looks for pollers: both by atomic operations, so that one sees the other.
 */
#include "evtchn_private.h"

#include <hv/errno.h>
#include <hv/sched.h>

void evtchn_poll_begin(struct vcpu *v, unsigned int port)
{
	WRITE_ONCE(v->poll_port, port);
	/* once for each end: a multicall may poll twice before it sleeps at all */
	if (READ_ONCE(v->not_runnable) & VCPU_POLLING)
		return;
	__atomic_fetch_add(&v->domain->evtchn->poll_count, 1, __ATOMIC_SEQ_CST);
}

void evtchn_poll_end(struct vcpu *v)
{
	__atomic_fetch_sub(&v->domain->evtchn->poll_count, 1, __ATOMIC_SEQ_CST);
}

void poll_wake(struct domain *d, unsigned int port)
{
	unsigned int i;

	for (i = 0; i < d->max_vcpus; i++) {
		struct vcpu *v = d->vcpu[i];
		unsigned int polled;

		if (!v || !(__atomic_load_n(&v->not_runnable, __ATOMIC_SEQ_CST) & VCPU_POLLING))
			continue;
		polled = READ_ONCE(v->poll_port);
		if (polled == port || polled == POLL_SEVERAL)
			vcpu_wake(v, VCPU_POLLING);
	}
}

/* As long as its channel is in use, the ABI that has its bits does not change. */
int evtchn_port_is_pending(struct domain *d, unsigned int port)
{
	struct channel *c = port_channel(d, port);
	unsigned long flags;
	int rc = 0;

	if (!c)
		return -EINVAL;
	flags = spin_lock_irqsave(&c->lock);
	if (c->state != CHANNEL_FREE)
		rc = d->evtchn->fifo ? fifo_is_pending(d, port) : two_level_is_pending(d, port);
	spin_unlock_irqrestore(&c->lock, flags);
	return rc;
}
