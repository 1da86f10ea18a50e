/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EVTCHNOP_status: what a port is. */
#include "evtchn_private.h"

#include <hv/errno.h>

static void status_fill(struct evtchn_status *req, const struct channel *c)
{
	req->status = c->state;
	req->vcpu = c->notify_vcpu;

	switch (c->state) {
	case CHANNEL_UNBOUND:
		req->u.unbound.dom = c->u.allowed_domain;
		break;
	case CHANNEL_INTERDOMAIN:
		req->u.interdomain.dom = c->u.remote.domain->id;
		req->u.interdomain.port = c->u.remote.port;
		break;
	case CHANNEL_PIRQ:
		req->u.pirq = c->u.pirq;
		break;
	case CHANNEL_VIRQ:
		req->u.virq = c->u.virq;
		break;
	default:
		break;
	}
}

/*
 * 0 and ->status, ->vcpu, ->u.
 *
 * -ESRCH no such domain; -EPERM not the caller's, who is not privileged;
 * -EINVAL beyond the ports made so far.
 */
int evtchn_op_status(struct vcpu *v, union evtchn_arg *arg)
{
	struct evtchn_status *req = &arg->status;
	struct domain *d = domain_get(req->dom);
	struct channel *c;
	int rc;

	if (!d)
		return -ESRCH;
	if (d != v->domain && !v->domain->is_privileged) {
		rc = -EPERM;
		goto out_put;
	}

	spin_lock(&d->evtchn_lock);
	c = port_channel(d, req->port);
	rc = c ? 0 : -EINVAL;
	if (c)
		status_fill(req, c);
	spin_unlock(&d->evtchn_lock);

out_put:
	domain_put(d);
	return rc;
}
