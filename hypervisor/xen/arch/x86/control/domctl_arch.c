/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sub-commands of domctl (xen/domctl.h) that are about x86: what a domain's builder and its tools need to know
 * of pages and processors. Devices are dom0's alone, so nobody is given any.
 */
#include "cpu_policy.h"

#include <hv/control.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/page_ref.h>
#include <hv/time.h>

#include <asm/clock.h>
#include <asm/hypercall_page.h>

#define ADDRESS_BITS 64

/* -EOPNOTSUPP: 32-bit guests cannot run here; -EINVAL: no width that there is. */
static long set_address_size(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)v;
	(void)d;
	if (op->u.address_size.size == ADDRESS_BITS)
		return 0;
	return op->u.address_size.size == 32 ? -EOPNOTSUPP : -EINVAL;
}

static long get_address_size(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)v;
	(void)d;
	op->u.address_size.size = ADDRESS_BITS;
	return 0;
}

/* "GMFN to be initialised": -EACCES, not a page of the domain's that it may write. */
static long hypercall_init(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	mfn_t m = mfn(op->u.hypercall_init.gmfn);
	void *page;

	(void)v;
	if (!mfn_valid(m) || page_get_type(page_of_mfn(m), d, TYPE_WRITABLE))
		return -EACCES;
	page = frame_map(m);
	hypercall_page_fill(page);
	frame_unmap(page);
	page_put_type(page_of_mfn(m));
	return 0;
}

/* Log-dirty mode needs another kind of page tables. */
static long shadow_op(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)d;
	(void)op;
	return d == v->domain ? -EINVAL : -EOPNOTSUPP;
}

/* More than so many frames at once are -E2BIG. */
#define FRAME_INFO_MAX 1024

/* What a frame is used as, XEN_DOMCTL_PFINFO_*. */
static xen_pfn_t frame_kind(struct domain *d, xen_pfn_t frame)
{
	struct page_info *pg = page_of_mfn(mfn(frame));
	xen_pfn_t kind = XEN_DOMCTL_PFINFO_NOTAB;
	uint64_t s;

	if (!mfn_valid(mfn(frame)) || !page_get(pg, d))
		return XEN_DOMCTL_PFINFO_XTAB;
	s = READ_ONCE(pg->state);
	if (frame_type_count(s) && frame_type(s) >= TYPE_L1 && frame_type(s) <= TYPE_L4)
		kind = (xen_pfn_t)frame_type(s) << XEN_DOMCTL_PFINFO_LTAB_SHIFT;
	if (s & FRAME_PINNED)
		kind |= XEN_DOMCTL_PFINFO_LPINTAB;
	page_put(pg);
	return kind;
}

/* "Both value `num' and `array' may get modified": they are not, since so few take no long time. */
static long get_frame_kinds(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	unsigned long array = (unsigned long)op->u.getpageframeinfo3.array.p;
	xen_pfn_t frame;

	(void)v;
	if (op->u.getpageframeinfo3.num > FRAME_INFO_MAX)
		return -E2BIG;
	for (unsigned int i = 0; i < op->u.getpageframeinfo3.num; i++) {
		if (guest_read(&frame, array + i * sizeof(frame)))
			return -EFAULT;
		frame = frame_kind(d, frame);
		if (guest_write(array + i * sizeof(frame), &frame))
			return -EFAULT;
	}
	return 0;
}

/* What there is none of may be taken away, and dom0 has it all. */
static long permission(const struct domain *d, bool allow)
{
	return allow == d->is_hardware ? 0 : -EOPNOTSUPP;
}

static long irq_permission(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)v;
	return permission(d, op->u.irq_permission.allow_access);
}

/* -EINVAL: no frames. */
static long iomem_permission(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_iomem_permission *p = &op->u.iomem_permission;

	(void)v;
	if (p->first_mfn + p->nr_mfns - 1 < p->first_mfn)
		return -EINVAL;
	return permission(d, p->allow_access);
}

/* -EINVAL: no ports; none at all is 0. */
static long ioport_permission(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ioport_permission *p = &op->u.ioport_permission;

	(void)v;
	if (p->first_port + p->nr_ports < p->first_port || p->first_port + p->nr_ports > 65536)
		return -EINVAL;
	return p->nr_ports ? permission(d, p->allow_access) : 0;
}

#define DOMCTLS(ROW)							\
	ROW(XEN_DOMCTL_shadow_op,	  shadow_op,	     true)	\
	ROW(XEN_DOMCTL_irq_permission,	  irq_permission,    false)	\
	ROW(XEN_DOMCTL_iomem_permission,  iomem_permission,  false)	\
	ROW(XEN_DOMCTL_ioport_permission, ioport_permission, false)	\
	ROW(XEN_DOMCTL_hypercall_init,	  hypercall_init,    false)	\
	ROW(XEN_DOMCTL_set_address_size,  set_address_size,  false)	\
	ROW(XEN_DOMCTL_get_address_size,  get_address_size,  true)	\
	ROW(XEN_DOMCTL_get_cpu_policy,	  domctl_get_cpu_policy, true)	\
	ROW(XEN_DOMCTL_set_cpu_policy,	  domctl_set_cpu_policy, true)	\
	ROW(XEN_DOMCTL_settscinfo,	  guest_tsc_set,     false)	\
	ROW(XEN_DOMCTL_gettscinfo,	  guest_tsc_get,     true)	\
	ROW(XEN_DOMCTL_getpageframeinfo3, get_frame_kinds,   false)

long arch_domctl(struct vcpu *v, struct domain *d, struct xen_domctl *op, bool *has_result)
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
