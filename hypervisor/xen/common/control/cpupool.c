/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XEN_SYSCTL_cpupool_op and XEN_SYSCTL_scheduler_op (xen/sysctl.h). There is one pool, of number 0, with all CPUs
 * and all domains; no other can be made.
 */
#include "control.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/options.h>
#include <hv/sched.h>

/* What the scheduler keeps whoever runs on the CPU for, whoever wakes: not to be changed. */
#define RATE_LIMIT_US 1000

static unsigned int domain_count(void)
{
	unsigned int id = 0, count = 0;
	struct domain *d;

	while (id < DOMID_FIRST_RESERVED && (d = domain_get_from((domid_t)id))) {
		id = d->id + 1U;
		count++;
		domain_put(d);
	}
	return count;
}

/* The pool of that number or the next one. -ENOENT: there is none. */
static long pool_info(struct xen_sysctl_cpupool_op *op)
{
	struct cpu_mask cpus = sched_active_cpus();

	if (op->cpupool_id && op->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY)
		return -ENOENT;
	op->cpupool_id = 0;
	op->sched_id = boot_options.scheduler;
	op->n_dom = domain_count();
	return bitmap_write(&op->cpumap, &cpus);
}

/* -ENOENT: no such pool; -ESRCH: no such domain. */
static long domain_move(const struct xen_sysctl_cpupool_op *op)
{
	struct domain *d = op->domid < DOMID_FIRST_RESERVED ? domain_get((domid_t)op->domid) : NULL;

	if (!d)
		return -ESRCH;
	domain_put(d);
	return op->cpupool_id ? -ENOENT : 0;
}

/* -EOPNOTSUPP: of what would change the one pool, or make others. */
long sysctl_cpupool_op(struct xen_sysctl *op)
{
	static const struct cpu_mask none;

	switch (op->u.cpupool_op.op) {
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		return pool_info(&op->u.cpupool_op);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		return bitmap_write(&op->u.cpupool_op.cpumap, &none);
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return domain_move(&op->u.cpupool_op);
	case XEN_SYSCTL_CPUPOOL_OP_CREATE:
	case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
	case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
	case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
		return -EOPNOTSUPP;
	default:
		return -ENOSYS;
	}
}

/* -ESRCH: no such pool; -EINVAL: another scheduler; -EOPNOTSUPP: a value that it cannot have. */
long sysctl_scheduler_op(struct xen_sysctl *op)
{
	struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;

	if (s->cpupool_id)
		return -ESRCH;
	if (s->sched_id != boot_options.scheduler || s->sched_id != XEN_SCHEDULER_CREDIT2)
		return -EINVAL;
	switch (s->cmd) {
	case XEN_SYSCTL_SCHEDOP_getinfo:
		s->u.sched_credit2.ratelimit_us = RATE_LIMIT_US;
		return 0;
	case XEN_SYSCTL_SCHEDOP_putinfo:
		return s->u.sched_credit2.ratelimit_us == RATE_LIMIT_US ? 0 : -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}
