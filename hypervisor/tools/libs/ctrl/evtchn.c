/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels of other domains (xen/event_channel.h); our own are libxenevtchn's. */
#include "handle.h"

int ctrl_evtchn_alloc_unbound(struct ctrl *c, domid_t domid, domid_t remote)
{
	struct evtchn_alloc_unbound *arg = &c->arg->alloc_unbound;
	int rc;

	*arg = (struct evtchn_alloc_unbound){ .dom = domid, .remote_dom = remote };
	rc = ctrl_result(xencall2(c->call, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
				  (uintptr_t)arg));
	return rc < 0 ? rc : (int)arg->port;
}

int ctrl_evtchn_status(struct ctrl *c, domid_t domid, evtchn_port_t port,
		       struct evtchn_status *status)
{
	struct evtchn_status *arg = &c->arg->evtchn_status;
	int rc;

	*arg = (struct evtchn_status){ .dom = domid, .port = port };
	rc = ctrl_result(
		xencall2(c->call, __HYPERVISOR_event_channel_op, EVTCHNOP_status, (uintptr_t)arg));
	if (!rc)
		*status = *arg;
	return rc;
}
