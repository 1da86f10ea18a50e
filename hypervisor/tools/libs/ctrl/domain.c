/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains as a whole: XEN_DOMCTL_* of xen/domctl.h, and the one shutdown of xen/sched.h. */
#include "handle.h"

#include <string.h>

int ctrl_domain_create(struct ctrl *c, const struct xen_domctl_createdomain *config, domid_t *domid)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_createdomain, *domid);
	int rc;

	op->u.createdomain = *config;
	rc = ctrl_domctl(c);
	if (!rc)
		*domid = op->domain;
	return rc;
}

int ctrl_domain_set_max_vcpus(struct ctrl *c, domid_t domid, unsigned int count)
{
	ctrl_domctl_new(c, XEN_DOMCTL_max_vcpus, domid)->u.max_vcpus.max = count;
	return ctrl_domctl(c);
}

int ctrl_domain_destroy(struct ctrl *c, domid_t domid)
{
	ctrl_domctl_new(c, XEN_DOMCTL_destroydomain, domid);
	return ctrl_domctl(c);
}

int ctrl_domain_pause(struct ctrl *c, domid_t domid)
{
	ctrl_domctl_new(c, XEN_DOMCTL_pausedomain, domid);
	return ctrl_domctl(c);
}

int ctrl_domain_unpause(struct ctrl *c, domid_t domid)
{
	ctrl_domctl_new(c, XEN_DOMCTL_unpausedomain, domid);
	return ctrl_domctl(c);
}

int ctrl_domain_resume(struct ctrl *c, domid_t domid)
{
	ctrl_domctl_new(c, XEN_DOMCTL_resumedomain, domid);
	return ctrl_domctl(c);
}

int ctrl_domain_shutdown(struct ctrl *c, domid_t domid, unsigned int reason)
{
	c->arg->shutdown = (struct sched_remote_shutdown){ .domain_id = domid, .reason = reason };
	return ctrl_result(xencall2(c->call, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown,
				    (uintptr_t)&c->arg->shutdown));
}

int ctrl_domain_info(struct ctrl *c, domid_t domid, struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_getdomaininfo, domid);
	int rc = ctrl_domctl(c);

	if (!rc)
		*info = op->u.getdomaininfo;
	return rc;
}

int ctrl_domain_list(struct ctrl *c, domid_t first, unsigned int max,
		     struct xen_domctl_getdomaininfo *infos)
{
	const unsigned int at_once = DATA_BYTES / sizeof(*infos);
	unsigned int found = 0, wanted, got;

	do {
		struct xen_sysctl *op = ctrl_sysctl_new(c, XEN_SYSCTL_getdomaininfolist);
		int rc;

		wanted = max - found < at_once ? max - found : at_once;
		op->u.getdomaininfolist.first_domain = first;
		op->u.getdomaininfolist.max_domains = wanted;
		set_xen_guest_handle(op->u.getdomaininfolist.buffer, c->data);
		rc = ctrl_sysctl(c);
		if (rc < 0)
			return rc;
		got = op->u.getdomaininfolist.num_domains;
		if (!got)
			break;
		memcpy(infos + found, c->data, got * sizeof(*infos));
		found += got;
		first = infos[found - 1].domain + 1;
	} while (got == wanted && found < max);
	return found;
}

int ctrl_domain_set_handle(struct ctrl *c, domid_t domid, const xen_domain_handle_t handle)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_setdomainhandle, domid);

	memcpy(op->u.setdomainhandle.handle, handle, sizeof(xen_domain_handle_t));
	return ctrl_domctl(c);
}

int ctrl_domain_set_max_memory(struct ctrl *c, domid_t domid, uint64_t kib)
{
	ctrl_domctl_new(c, XEN_DOMCTL_max_mem, domid)->u.max_mem.max_memkb = kib;
	return ctrl_domctl(c);
}

int ctrl_domain_set_address_size(struct ctrl *c, domid_t domid, unsigned int bits)
{
	ctrl_domctl_new(c, XEN_DOMCTL_set_address_size, domid)->u.address_size.size = bits;
	return ctrl_domctl(c);
}

int ctrl_domain_set_time_offset(struct ctrl *c, domid_t domid, int64_t seconds)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_settimeoffset, domid);

	op->u.settimeoffset.time_offset_seconds = seconds;
	return ctrl_domctl(c);
}

int ctrl_domain_set_tsc(struct ctrl *c, domid_t domid, const struct xen_domctl_tsc_info *tsc)
{
	ctrl_domctl_new(c, XEN_DOMCTL_settscinfo, domid)->u.tsc_info = *tsc;
	return ctrl_domctl(c);
}

int ctrl_domain_get_tsc(struct ctrl *c, domid_t domid, struct xen_domctl_tsc_info *tsc)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_gettscinfo, domid);
	int rc = ctrl_domctl(c);

	if (!rc)
		*tsc = op->u.tsc_info;
	return rc;
}

int ctrl_domain_set_debugging(struct ctrl *c, domid_t domid, bool on)
{
	ctrl_domctl_new(c, XEN_DOMCTL_setdebugging, domid)->u.setdebugging.enable = on;
	return ctrl_domctl(c);
}

int ctrl_domain_send_trigger(struct ctrl *c, domid_t domid, unsigned int trigger, unsigned int vcpu)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_sendtrigger, domid);

	op->u.sendtrigger.trigger = trigger;
	op->u.sendtrigger.vcpu = vcpu;
	return ctrl_domctl(c);
}

int ctrl_domain_set_virq_handler(struct ctrl *c, domid_t domid, unsigned int virq)
{
	ctrl_domctl_new(c, XEN_DOMCTL_set_virq_handler, domid)->u.set_virq_handler.virq = virq;
	return ctrl_domctl(c);
}

int ctrl_domain_hypercall_page(struct ctrl *c, domid_t domid, uint64_t gmfn)
{
	ctrl_domctl_new(c, XEN_DOMCTL_hypercall_init, domid)->u.hypercall_init.gmfn = gmfn;
	return ctrl_domctl(c);
}

int ctrl_domain_permit_irq(struct ctrl *c, domid_t domid, unsigned int pirq, bool allow)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_irq_permission, domid);

	op->u.irq_permission.pirq = pirq;
	op->u.irq_permission.allow_access = allow;
	return ctrl_domctl(c);
}

int ctrl_domain_permit_ports(struct ctrl *c, domid_t domid, unsigned int first, unsigned int count,
			     bool allow)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_ioport_permission, domid);

	op->u.ioport_permission.first_port = first;
	op->u.ioport_permission.nr_ports = count;
	op->u.ioport_permission.allow_access = allow;
	return ctrl_domctl(c);
}

int ctrl_domain_permit_memory(struct ctrl *c, domid_t domid, uint64_t first_mfn, uint64_t count,
			      bool allow)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_iomem_permission, domid);

	op->u.iomem_permission.first_mfn = first_mfn;
	op->u.iomem_permission.nr_mfns = count;
	op->u.iomem_permission.allow_access = allow;
	return ctrl_domctl(c);
}
