/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Channels between two domains, or two ports of one: offered by one end, taken up by the other. */
#include "evtchn_private.h"

#include <hv/errno.h>

static domid_t id_or_self(const struct vcpu *v, domid_t id)
{
	return id == DOMID_SELF ? v->domain->id : id;
}

/*
 * A port of ->dom that ->remote_dom may bind to. 0 and ->port.
 *
 * -ESRCH no such domain; -EPERM not the caller's, who is not privileged; -ENOSPC; -ENOMEM.
 */
int evtchn_op_alloc_unbound(struct vcpu *v, union evtchn_arg *arg)
{
	struct evtchn_alloc_unbound *req = &arg->alloc_unbound;
	struct channel unbound = { .state = CHANNEL_UNBOUND }, *c;
	struct domain *d = domain_get(req->dom);
	int rc;

	if (!d)
		return -ESRCH;
	if (d != v->domain && !v->domain->is_privileged) {
		rc = -EPERM;
		goto out_put;
	}

	unbound.u.allowed_domain = id_or_self(v, req->remote_dom);
	spin_lock(&d->evtchn_lock);
	rc = port_find_free(d, &req->port, &c);
	if (!rc)
		channel_bind(c, &unbound, 0);
	spin_unlock(&d->evtchn_lock);

out_put:
	domain_put(d);
	return rc;
}

/* Both locks; evtchn_link_lock is held, so their order does not matter. */
static void lock_both(struct domain *a, struct domain *b) __no_lock_check
{
	spin_lock(&a->evtchn_lock);
	if (a != b)
		spin_lock(&b->evtchn_lock);
}

static void unlock_both(struct domain *a, struct domain *b) __no_lock_check
{
	if (a != b)
		spin_unlock(&b->evtchn_lock);
	spin_unlock(&a->evtchn_lock);
}

/* With all locks held. */
static int link(struct domain *d, evtchn_port_t *port, struct domain *remote,
		evtchn_port_t remote_port) __no_lock_check
{
	struct channel to_remote = { .state = CHANNEL_INTERDOMAIN }, to_us = to_remote;
	struct channel *c, *peer = port_channel(remote, remote_port);
	unsigned long flags;
	int rc;

	if (!peer || peer->state != CHANNEL_UNBOUND || peer->u.allowed_domain != d->id)
		return -EINVAL;
	rc = port_find_free(d, port, &c);
	if (rc)
		return rc;

	to_remote.u.remote.domain = remote;
	to_remote.u.remote.port = remote_port;
	to_us.u.remote.domain = d;
	to_us.u.remote.port = *port;
	channel_bind(c, &to_remote, 0);
	channel_bind(peer, &to_us, peer->notify_vcpu);

	/* the other end may have sent before we were there */
	flags = spin_lock_irqsave(&c->lock);
	port_set_pending(d, *port, c->notify_vcpu);
	spin_unlock_irqrestore(&c->lock, flags);
	return 0;
}

/*
 * Connect a new port to an unbound one of ->remote_dom. 0 and ->local_port.
 *
 * -ESRCH no such domain; -EINVAL the remote port is not waiting for the
 * caller's domain; -ENOSPC; -ENOMEM.
 */
int evtchn_op_bind_interdomain(struct vcpu *v, union evtchn_arg *arg)
{
	struct evtchn_bind_interdomain *req = &arg->bind_interdomain;
	struct domain *remote = domain_get(req->remote_dom);
	int rc;

	if (!remote)
		return -ESRCH;

	spin_lock(&evtchn_link_lock);
	lock_both(v->domain, remote);
	rc = link(v->domain, &req->local_port, remote, req->remote_port);
	unlock_both(v->domain, remote);
	spin_unlock(&evtchn_link_lock);

	domain_put(remote);
	return rc;
}
