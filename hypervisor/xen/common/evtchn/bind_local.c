/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports for what a domain hears of itself and of its machine: VIRQs, IPIs, physical interrupts. */
#include "evtchn_private.h"

#include <hv/errno.h>
#include <hv/nospec.h>
#include <hv/pirq.h>

/*
 * 0 and ->port; -EINVAL no such VIRQ, or a global one not on vCPU 0; -ENOENT no such vCPU;
 * -EEXIST bound already; -ENOSPC; -ENOMEM.
 */
int evtchn_op_bind_virq(struct vcpu *v, union evtchn_arg *arg)
{
	struct evtchn_bind_virq *req = &arg->bind_virq;
	struct channel virq = { .state = CHANNEL_VIRQ, .u.virq = req->virq }, *c;
	struct domain *d = v->domain;
	struct vcpu *target;
	unsigned int *place;
	int rc;

	if (req->virq >= NR_VIRQS || (!virq_is_per_vcpu(req->virq) && req->vcpu != 0))
		return -EINVAL;
	target = domain_vcpu(d, req->vcpu);
	if (!target)
		return -ENOENT;
	place = &target->virq_port[index_nospec(req->virq, NR_VIRQS)];

	spin_lock(&d->evtchn_lock);
	rc = *place ? -EEXIST : port_find_free(d, &req->port, &c);
	if (!rc) {
		channel_bind(c, &virq, target->id);
		WRITE_ONCE(*place, req->port);
	}
	spin_unlock(&d->evtchn_lock);
	return rc;
}

/* 0 and ->port; -ENOENT no such vCPU; -ENOSPC; -ENOMEM. */
int evtchn_op_bind_ipi(struct vcpu *v, union evtchn_arg *arg)
{
	struct evtchn_bind_ipi *req = &arg->bind_ipi;
	struct channel ipi = { .state = CHANNEL_IPI }, *c;
	struct domain *d = v->domain;
	int rc;

	if (!domain_vcpu(d, req->vcpu))
		return -ENOENT;

	spin_lock(&d->evtchn_lock);
	rc = port_find_free(d, &req->port, &c);
	if (!rc)
		channel_bind(c, &ipi, req->vcpu);
	spin_unlock(&d->evtchn_lock);
	return rc;
}

/* 0 and ->port; -ENOSPC; -ENOMEM; what pirq_bind() says. */
int evtchn_op_bind_pirq(struct vcpu *v, union evtchn_arg *arg)
{
	struct evtchn_bind_pirq *req = &arg->bind_pirq;
	struct channel pirq = { .state = CHANNEL_PIRQ, .u.pirq = req->pirq }, *c;
	struct domain *d = v->domain;
	int rc;

	spin_lock(&d->evtchn_lock);
	rc = port_find_free(d, &req->port, &c);
	if (rc)
		goto out_unlock;

	/* the channel first: the line may fire as soon as it is bound */
	channel_bind(c, &pirq, 0);
	rc = pirq_bind(d, req->pirq, req->port, req->flags & BIND_PIRQ__WILL_SHARE, d->vcpu[0]);
	if (rc)
		port_free(d, req->port, c);

out_unlock:
	spin_unlock(&d->evtchn_lock);
	return rc;
}

/* Is the vCPU that @c notifies the guest's choice? */
static bool may_rebind(const struct channel *c)
{
	switch (c->state) {
	case CHANNEL_UNBOUND:
	case CHANNEL_INTERDOMAIN:
	case CHANNEL_PIRQ:
		return true;
	case CHANNEL_VIRQ:
		return !virq_is_per_vcpu(c->u.virq);
	default:
		return false;
	}
}

/* 0; -ENOENT no such vCPU; -EINVAL not in use, or bound to its vCPU for good. */
int evtchn_op_bind_vcpu(struct vcpu *v, union evtchn_arg *arg)
{
	struct evtchn_bind_vcpu *req = &arg->bind_vcpu;
	struct domain *d = v->domain;
	const struct vcpu *target = domain_vcpu(d, req->vcpu);
	struct channel *c;
	int rc = -EINVAL;

	if (!target)
		return -ENOENT;

	spin_lock(&d->evtchn_lock);
	c = port_channel(d, req->port);
	if (c && may_rebind(c)) {
		WRITE_ONCE(c->notify_vcpu, req->vcpu);
		if (c->state == CHANNEL_PIRQ)
			pirq_set_cpu(d, c->u.pirq, READ_ONCE(target->cpu));
		rc = 0;
	}
	spin_unlock(&d->evtchn_lock);
	return rc;
}
