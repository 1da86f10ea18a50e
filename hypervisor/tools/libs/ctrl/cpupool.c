/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools of CPUs: XEN_SYSCTL_cpupool_op. */
#include "handle.h"

#include <string.h>

int ctrl_cpupool_next(struct ctrl *c, uint32_t from, struct ctrl_cpupool *pool)
{
	struct xen_sysctl *op = ctrl_sysctl_new(c, XEN_SYSCTL_cpupool_op);
	struct xen_sysctl_cpupool_op *info = &op->u.cpupool_op;
	int rc;

	memset(c->data, 0, sizeof(pool->cpus));
	info->op = XEN_SYSCTL_CPUPOOL_OP_INFO;
	info->cpupool_id = from;
	info->cpumap.nr_bits = sizeof(pool->cpus) * 8;
	set_xen_guest_handle(info->cpumap.bitmap, c->data);
	rc = ctrl_sysctl(c);
	if (rc < 0)
		return rc;
	*pool = (struct ctrl_cpupool){
		.id = info->cpupool_id,
		.sched_id = info->sched_id,
		.domain_count = info->n_dom,
	};
	memcpy(pool->cpus, c->data, sizeof(pool->cpus));
	return 0;
}
