/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events on their way: from a guest's hypercall, from the hypervisor and
 * from interrupts. Only the lock of the one channel is taken.
 */
#include "evtchn_private.h"

#include <hv/errno.h>
#include <hv/pirq.h>

#include <asm/guest_access.h>
#include <asm/nospec.h>

/* The guest's word at @arg, a port; -EFAULT. */
static __attribute__((noinline)) long port_load(unsigned long arg)
{
	uint32_t port;

	static_assert(sizeof(struct evtchn_send) == sizeof(port), "one word");
	if (!guest_range_ok(arg, sizeof(port)))
		return -EFAULT;
	branch_barrier();
	guest_access_begin();
	guest_load_32(port, arg, failed);
	guest_access_end();
	return port;
failed:
	guest_access_end();
	return -EFAULT;
}

/* 0, also when nobody listens yet; -EINVAL: not a port that can be sent through; -EFAULT. */
long evtchn_send_at(struct vcpu *v, unsigned long arg)
{
	struct domain *d = v->domain;
	long port = port_load(arg), rc = 0;
	unsigned long flags;
	struct channel *c;

	if (unlikely(port < 0))
		return port;
	c = port_channel(d, port);
	if (!c)
		return -EINVAL;

	flags = spin_lock_irqsave(&c->lock);
	if (likely(c->state == CHANNEL_INTERDOMAIN)) {
		struct domain *remote;
		unsigned int remote_port;

		/* the number in a channel of another kind is not to be taken for a pointer */
		branch_barrier();
		remote = c->u.remote.domain;
		remote_port = c->u.remote.port;
		port_set_pending(remote, remote_port,
				 READ_ONCE(port_channel_known(remote, remote_port)->notify_vcpu));
	} else if (c->state == CHANNEL_IPI) {
		port_set_pending(d, port, c->notify_vcpu);
	} else if (c->state != CHANNEL_UNBOUND) {
		rc = -EINVAL;
	}
	spin_unlock_irqrestore(&c->lock, flags);
	return rc;
}

/* Make @port pending if it still is what the sender took it for. */
static void send_to(struct domain *d, unsigned int port, enum channel_state state,
		    unsigned int virq)
{
	struct channel *c = port_channel(d, port);
	unsigned long flags;

	if (!c)
		return;
	flags = spin_lock_irqsave(&c->lock);
	if (c->state == state && (state != CHANNEL_VIRQ || c->u.virq == virq))
		port_set_pending(d, port, c->notify_vcpu);
	spin_unlock_irqrestore(&c->lock, flags);
}

void virq_send_vcpu(struct vcpu *v, unsigned int virq)
{
	unsigned int port = READ_ONCE(v->virq_port[virq]);

	if (port)
		send_to(v->domain, port, CHANNEL_VIRQ, virq);
}

/* A global VIRQ is bound on vCPU 0, whichever vCPU its port notifies. */
void virq_send_global(struct domain *d, unsigned int virq)
{
	if (d && d->vcpu[0])
		virq_send_vcpu(d->vcpu[0], virq);
}

void evtchn_send_pirq(struct domain *d, unsigned int port)
{
	send_to(d, port, CHANNEL_PIRQ, 0);
}

int evtchn_unmask(struct domain *d, unsigned int port)
{
	struct channel *c = port_channel(d, port);
	bool is_pirq;
	uint32_t pirq;
	unsigned long flags;

	if (!c)
		return -EINVAL;

	flags = spin_lock_irqsave(&c->lock);
	if (c->state == CHANNEL_FREE) {
		spin_unlock_irqrestore(&c->lock, flags);
		return -EINVAL;
	}
	if (d->evtchn->fifo)
		fifo_unmask(d, port, c->notify_vcpu);
	else
		two_level_unmask(d, port, c->notify_vcpu);
	is_pirq = c->state == CHANNEL_PIRQ;
	pirq = c->u.pirq;
	spin_unlock_irqrestore(&c->lock, flags);

	if (is_pirq)
		pirq_guest_eoi(d, pirq);
	return 0;
}

int evtchn_op_unmask(struct vcpu *v, union evtchn_arg *arg)
{
	return evtchn_unmask(v->domain, arg->unmask.port);
}
