/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scheduling parameters of domains: XEN_DOMCTL_scheduler_op and XEN_SYSCTL_sched_id. */
#include "handle.h"

static int scheduler_op(struct ctrl *c, domid_t domid, unsigned int sched_id, unsigned int command,
			struct xen_domctl_scheduler_op *op)
{
	struct xen_domctl *call = ctrl_domctl_new(c, XEN_DOMCTL_scheduler_op, domid);
	int rc;

	op->sched_id = sched_id;
	op->cmd = command;
	call->u.scheduler_op = *op;
	rc = ctrl_domctl(c);
	if (!rc)
		*op = call->u.scheduler_op;
	return rc;
}

int ctrl_sched_get(struct ctrl *c, domid_t domid, unsigned int sched_id,
		   struct xen_domctl_scheduler_op *op)
{
	return scheduler_op(c, domid, sched_id, XEN_DOMCTL_SCHEDOP_getinfo, op);
}

int ctrl_sched_set(struct ctrl *c, domid_t domid, unsigned int sched_id,
		   struct xen_domctl_scheduler_op *op)
{
	return scheduler_op(c, domid, sched_id, XEN_DOMCTL_SCHEDOP_putinfo, op);
}

int ctrl_sched_id(struct ctrl *c)
{
	struct xen_sysctl *op = ctrl_sysctl_new(c, XEN_SYSCTL_sched_id);
	int rc = ctrl_sysctl(c);

	return rc < 0 ? rc : (int)op->u.sched_id.sched_id;
}
