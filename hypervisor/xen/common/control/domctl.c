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
#include <hv/hypercall.h>
#include <hv/string.h>
#include <hv/time.h>

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

static long set_debugging(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	if (d == v->domain)
		return -EINVAL;
	spin_lock(&d->lock);
	d->is_debugged = op->u.setdebugging.enable;
	spin_unlock(&d->lock);
	return 0;
}

/* "applied to domain wallclock time" */
static long set_time_offset(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)v;
	WRITE_ONCE(d->time_offset_s, (uint64_t)op->u.settimeoffset.time_offset_seconds);
	guest_wallclock_update(d);
	return 0;
}

/* -EINVAL: the caller's own. */
static long resume(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)op;
	if (d == v->domain)
		return -EINVAL;
	domain_resume(d);
	return 0;
}

/* Results go back where there are any. */
#define DOMCTLS(ROW)								\
	ROW(XEN_DOMCTL_destroydomain,	 domctl_destroydomain,	  false)	\
	ROW(XEN_DOMCTL_pausedomain,	 pause,			  false)	\
	ROW(XEN_DOMCTL_unpausedomain,	 unpause,		  false)	\
	ROW(XEN_DOMCTL_getdomaininfo,	 get_info,		  true)		\
	ROW(XEN_DOMCTL_setvcpuaffinity,	 domctl_setvcpuaffinity,  false)	\
	ROW(XEN_DOMCTL_getvcpuaffinity,	 domctl_getvcpuaffinity,  false)	\
	ROW(XEN_DOMCTL_max_mem,		 max_mem,		  false)	\
	ROW(XEN_DOMCTL_setvcpucontext,	 domctl_setvcpucontext,	  false)	\
	ROW(XEN_DOMCTL_getvcpucontext,	 domctl_getvcpucontext,	  false)	\
	ROW(XEN_DOMCTL_getvcpuinfo,	 domctl_getvcpuinfo,	  true)		\
	ROW(XEN_DOMCTL_max_vcpus,	 domctl_max_vcpus,	  false)	\
	ROW(XEN_DOMCTL_scheduler_op,	 domctl_scheduler_op,	  true)		\
	ROW(XEN_DOMCTL_setdomainhandle,	 set_handle,		  false)	\
	ROW(XEN_DOMCTL_setdebugging,	 set_debugging,		  false)	\
	ROW(XEN_DOMCTL_settimeoffset,	 set_time_offset,	  false)	\
	ROW(XEN_DOMCTL_resumedomain,	 resume,		  false)	\
	ROW(XEN_DOMCTL_sendtrigger,	 domctl_sendtrigger,	  false)	\
	ROW(XEN_DOMCTL_setnodeaffinity,	 domctl_setnodeaffinity,  false)	\
	ROW(XEN_DOMCTL_getnodeaffinity,	 domctl_getnodeaffinity,  false)

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
		return arch_domctl(v, d, op, has_result);
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

/* Of a domain that exists. -ESRCH: it does not. */
static long domctl_of_domain(struct vcpu *v, struct xen_domctl *op, bool *has_result)
{
	struct domain *d = subject_get(op);
	long rc;

	if (!d)
		return -ESRCH;
	rc = domctl(v, d, op, has_result);
	domain_put(d);
	return rc;
}

/* -EPERM: not for the caller; -EACCES: another version; -ESRCH: no such domain; -ENOSYS. */
long do_domctl(struct vcpu *v, unsigned long arg)
{
	bool has_result = true;
	struct xen_domctl op;
	long rc;

	if (!v->domain->is_privileged)
		return -EPERM;
	if (guest_read(&op, arg))
		return -EFAULT;
	if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return -EACCES;
	if (op.cmd == XEN_DOMCTL_createdomain)
		rc = domctl_createdomain(v, &op);
	else
		rc = domctl_of_domain(v, &op, &has_result);
	if (rc == -ERESTART)
		return hypercall_continue(__HYPERVISOR_domctl, 1, &arg);
	if (!rc && has_result && guest_write(arg, &op))
		rc = -EFAULT;
	return rc;
}
