/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_domctl (xen/domctl.h): what tools ask of, and do to, a domain.
 * Only a privileged domain may, with the header's version of the interface.
 */
#include "control.h"

#include <hv/control.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/sched.h>
#include <hv/string.h>

/* -EINVAL: its own caller could not take it back. */
static long pause(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)op;
	return d == v->domain ? -EINVAL : domain_pause(d);
}

static long unpause(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)op;
	return d == v->domain ? -EINVAL : domain_unpause(d);
}

static long get_info(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)v;
	domain_info_fill(d, &op->u.getdomaininfo);
	op->domain = d->id;
	return 0;
}

/* A limit below what the domain has is one on more: it is met by ballooning. */
static long max_mem(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	uint64_t pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

	(void)v;
	spin_lock(&d->lock);
	WRITE_ONCE(d->max_pages, pages < UINT32_MAX ? pages : UINT32_MAX);
	spin_unlock(&d->lock);
	return 0;
}

static long set_handle(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)v;
	spin_lock(&d->lock);
	memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
	spin_unlock(&d->lock);
	return 0;
}

/* -EINVAL: no number of a vCPU; -ESRCH: none of that number. */
static long get_vcpu_info(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
	const struct vcpu *target = domain_vcpu(d, info->vcpu);
	vcpu_runstate_info_t runstate;
	unsigned int reasons;

	(void)v;
	if (info->vcpu >= d->max_vcpus)
		return -EINVAL;
	if (!target)
		return -ESRCH;
	runstate_read(target, &runstate);
	reasons = READ_ONCE(target->not_runnable);
	info->online = !(reasons & VCPU_DOWN);
	info->blocked = (reasons & (VCPU_BLOCKED | VCPU_POLLING)) != 0;
	info->running = READ_ONCE(target->is_running);
	info->cpu_time = runstate.time[RUNSTATE_running];
	info->cpu = READ_ONCE(target->cpu);
	return 0;
}

/* Results go back where there are any. */
#define DOMCTLS(ROW)						\
	ROW(XEN_DOMCTL_pausedomain,	pause,		false)	\
	ROW(XEN_DOMCTL_unpausedomain,	unpause,	false)	\
	ROW(XEN_DOMCTL_getdomaininfo,	get_info,	true)	\
	ROW(XEN_DOMCTL_max_mem,		max_mem,	false)	\
	ROW(XEN_DOMCTL_setdomainhandle, set_handle,	false)	\
	ROW(XEN_DOMCTL_getvcpuinfo,	get_vcpu_info,	true)

static long domctl(struct vcpu *v, struct domain *d, struct xen_domctl *op, bool *has_result)
{
	switch (op->cmd) {
#define ROW(number, handler, result)		\
	case number:				\
		*has_result = result;		\
		return handler(v, d, op);
		DOMCTLS(ROW)
#undef ROW
	default:
		return -ENOSYS;
	}
}

/* The domain that is meant: when it is asked about, the next one if there is none of that id. */
static struct domain *subject_get(const struct xen_domctl *op)
{
	if (op->domain >= DOMID_FIRST_RESERVED)
		return NULL;
	return op->cmd == XEN_DOMCTL_getdomaininfo ? domain_get_from(op->domain) :
						     domain_get(op->domain);
}

/* -EPERM: not for the caller; -EACCES: another version; -ESRCH: no such domain; -ENOSYS. */
long do_domctl(struct vcpu *v, unsigned long arg)
{
	bool has_result = false;
	struct xen_domctl op;
	struct domain *d;
	long rc;

	if (!v->domain->is_privileged)
		return -EPERM;
	if (guest_read(&op, arg))
		return -EFAULT;
	if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return -EACCES;
	d = subject_get(&op);
	if (!d)
		return -ESRCH;
	rc = domctl(v, d, &op, &has_result);
	domain_put(d);
	if (!rc && has_result && guest_write(arg, &op))
		rc = -EFAULT;
	return rc;
}
