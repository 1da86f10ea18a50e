/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XEN_DOMCTL_setvcpucontext, _getvcpucontext, _getvcpuinfo and _sendtrigger (xen/domctl.h): the vCPUs of other
 * domains. A context from tools is judged as one from the guest (VCPUOP_initialise): it may be a guest's own.
 */
#include "control.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/page_allocator.h>
#include <hv/sched.h>

static long set_held(struct vcpu *target, const vcpu_guest_context_t *context)
{
	long rc = vcpu_set_context(target, context);

	if (rc)
		return rc;
	if (context->flags & VGCF_online)
		vcpu_wake(target, VCPU_DOWN);
	else
		vcpu_sleep(target, VCPU_DOWN);
	return 0;
}

/* -EINVAL: the caller's own domain, no such vCPU, or no context; -EFAULT; -ENOMEM; what vcpu_set_context() says. */
long domctl_setvcpucontext(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	struct vcpu *target = domain_vcpu(d, op->u.vcpucontext.vcpu);
	unsigned long arg = (unsigned long)op->u.vcpucontext.ctxt.p;
	vcpu_guest_context_t *context;
	long rc;

	if (d == v->domain || !target || !arg)
		return -EINVAL;
	context = heap_alloc(sizeof(*context));
	if (!context)
		return -ENOMEM;
	rc = guest_read(context, arg) ? -EFAULT : 0;
	if (!rc) {
		domain_freeze(d);
		rc = set_held(target, context);
		domain_thaw(d);
	}
	heap_free(context);
	return rc;
}

/* -EINVAL: the caller's own; -ESRCH: no such vCPU; -ENODATA: it has none yet; -EFAULT; -ENOMEM. */
long domctl_getvcpucontext(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	struct vcpu *target = domain_vcpu(d, op->u.vcpucontext.vcpu);
	vcpu_guest_context_t *context;
	long rc;

	if (d == v->domain)
		return -EINVAL;
	if (!target)
		return -ESRCH;
	if (!target->is_initialised)
		return -ENODATA;
	context = heap_alloc(sizeof(*context));
	if (!context)
		return -ENOMEM;
	domain_freeze(d);
	arch_vcpu_get_context(target, context);
	domain_thaw(d);
	rc = guest_write((unsigned long)op->u.vcpucontext.ctxt.p, context);
	heap_free(context);
	return rc;
}

/* -EINVAL: no number of a vCPU; -ESRCH: none of that number. */
long domctl_getvcpuinfo(struct vcpu *v, struct domain *d, struct xen_domctl *op)
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

/* An NMI, which is all that a PV guest can get. -ENOSYS: another one; -ESRCH: no such vCPU; -EINVAL: no handler. */
long domctl_sendtrigger(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	struct vcpu *target = domain_vcpu(d, op->u.sendtrigger.vcpu);

	(void)v;
	if (!target)
		return -ESRCH;
	if (op->u.sendtrigger.trigger != XEN_DOMCTL_SENDTRIGGER_NMI)
		return -ENOSYS;
	return vcpu_send_nmi(target);
}
