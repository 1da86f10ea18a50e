/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where vCPUs run and how much they get: affinity, nodes, weight and cap (xen/domctl.h). */
#include "control.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/options.h>
#include <hv/sched.h>

#define AFFINITY_FLAGS (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)

/* What is in force goes back: the CPUs that are in use, of soft ones those that are also hard. */
static long effective_write(const struct vcpu *target, const struct xen_domctl_vcpuaffinity *a)
{
	struct cpu_mask hard, soft, in_use = sched_active_cpus();

	sched_affinity_get(target, &hard, &soft);
	hard = cpu_mask_and(&hard, &in_use);
	soft = cpu_mask_and(&soft, &hard);
	if (a->flags & XEN_VCPUAFFINITY_HARD && bitmap_write(&a->cpumap_hard, &hard))
		return -EFAULT;
	if (a->flags & XEN_VCPUAFFINITY_SOFT && bitmap_write(&a->cpumap_soft, &soft))
		return -EFAULT;
	return 0;
}

/* -EINVAL: no flag, no such vCPU, or no CPU left; -ESRCH: none of that number; -EBUSY: overridden; -EFAULT. */
long domctl_setvcpuaffinity(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	bool has_hard = a->flags & XEN_VCPUAFFINITY_HARD,
	     has_soft = a->flags & XEN_VCPUAFFINITY_SOFT;
	struct vcpu *target = domain_vcpu(d, a->vcpu);
	struct cpu_mask hard, soft;
	int rc;

	(void)v;
	if (a->vcpu >= d->max_vcpus || !(a->flags & AFFINITY_FLAGS))
		return -EINVAL;
	if (!target)
		return -ESRCH;
	if ((has_hard && bitmap_read(&a->cpumap_hard, &hard)) ||
	    (has_soft && bitmap_read(&a->cpumap_soft, &soft)))
		return -EFAULT;
	if (a->flags & XEN_VCPUAFFINITY_FORCE)
		(void)sched_pin_override(target, -1);
	rc = sched_affinity_set(target, has_hard ? &hard : NULL, has_soft ? &soft : NULL);
	return rc ? rc : effective_write(target, a);
}

/* -EINVAL: no flag, no such vCPU; -ESRCH: none of that number; -EFAULT. */
long domctl_getvcpuaffinity(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	const struct vcpu *target = domain_vcpu(d, a->vcpu);
	struct cpu_mask hard, soft;

	(void)v;
	if (a->vcpu >= d->max_vcpus || !(a->flags & AFFINITY_FLAGS))
		return -EINVAL;
	if (!target)
		return -ESRCH;
	sched_affinity_get(target, &hard, &soft);
	if (a->flags & XEN_VCPUAFFINITY_HARD && bitmap_write(&a->cpumap_hard, &hard))
		return -EFAULT;
	if (a->flags & XEN_VCPUAFFINITY_SOFT && bitmap_write(&a->cpumap_soft, &soft))
		return -EFAULT;
	return 0;
}

/* There is one node, so a domain's memory is there. -EINVAL: not among those wanted; -EFAULT. */
long domctl_setnodeaffinity(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	struct cpu_mask nodes;

	(void)v;
	(void)d;
	if (bitmap_read(&op->u.nodeaffinity.nodemap, &nodes))
		return -EFAULT;
	return cpu_mask_has(&nodes, 0) ? 0 : -EINVAL;
}

long domctl_getnodeaffinity(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	static const struct cpu_mask node = { { 1, 0 } };

	(void)v;
	(void)d;
	return bitmap_write(&op->u.nodeaffinity.nodemap, &node);
}

/*
 * Weight and cap of the scheduler that xen/domctl.h calls credit2. A weight of 0 leaves it as it is.
 * -EINVAL: another scheduler's, or values out of range; -EOPNOTSUPP: of single vCPUs.
 */
long domctl_scheduler_op(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;
	unsigned int weight, cap;

	(void)v;
	if (s->sched_id != boot_options.scheduler || s->sched_id != XEN_SCHEDULER_CREDIT2)
		return -EINVAL;
	sched_share_get(d, &weight, &cap);
	switch (s->cmd) {
	case XEN_DOMCTL_SCHEDOP_putinfo:
		if (s->u.credit2.weight)
			weight = s->u.credit2.weight;
		/* all ones: as before */
		if (s->u.credit2.cap != UINT16_MAX)
			cap = s->u.credit2.cap;
		return sched_share_set(d, weight, cap);
	case XEN_DOMCTL_SCHEDOP_getinfo:
		s->u.credit2.weight = (uint16_t)weight;
		s->u.credit2.cap = (uint16_t)cap;
		return 0;
	case XEN_DOMCTL_SCHEDOP_putvcpuinfo:
	case XEN_DOMCTL_SCHEDOP_getvcpuinfo:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}
