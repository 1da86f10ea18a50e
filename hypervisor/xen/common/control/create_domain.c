/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XEN_DOMCTL_createdomain, _max_vcpus and _destroydomain (xen/domctl.h): a domain begins and ends. There are 64-bit
 * PV guests without devices; what belongs to other kinds is refused.
 */
#include "control.h"

#include <hv/domain.h>
#include <hv/domain_list.h>
#include <hv/errno.h>
#include <hv/grant.h>
#include <hv/string.h>

/* Flags that mean something for a PV guest. */
#define FLAGS_KNOWN XEN_DOMCTL_CDF_xs_domain

static bool limits_are_valid(const struct xen_domctl_createdomain *c)
{
	unsigned int version = c->grant_opts & XEN_DOMCTL_GRANT_version_mask;

	return c->max_vcpus && c->max_vcpus <= MAX_VCPUS &&
	       c->max_grant_frames <= GRANT_FRAMES_MAX &&
	       c->max_maptrack_frames <= MAPTRACK_FRAMES_MAX &&
	       !(c->grant_opts & ~XEN_DOMCTL_GRANT_version_mask) && (version == 1 || version == 2);
}

static bool kind_is_valid(const struct xen_domctl_createdomain *c)
{
	return !(c->flags & ~FLAGS_KNOWN) && !c->iommu_opts && !c->vmtrace_size &&
	       !c->arch.emulation_flags && !(c->arch.misc_flags & ~XEN_X86_MSR_RELAXED);
}

/* "<0 means use the default maximum value in the hypervisor" */
static unsigned int limit_or(int32_t wanted, unsigned int otherwise)
{
	return wanted < 0 ? otherwise : (unsigned int)wanted;
}

/* With the id asked for, or one that is free: "0 or >= DOMID_FIRST_RESERVED". */
static int create(unsigned int id, const struct domain_config *config, struct domain **d)
{
	bool is_ours = !id || id >= DOMID_FIRST_RESERVED;
	int rc;

	do {
		if (is_ours)
			id = domain_id_choose();
		if (!id)
			return -ENOMEM;
		rc = domain_create(id, config, d);
	} while (rc == -EEXIST && is_ours);
	return rc;
}

/* -EINVAL: what no domain here can be; -EEXIST: the id is taken; -ESRCH: no such CPU pool; -ENOMEM. */
long domctl_createdomain(struct vcpu *v, struct xen_domctl *op)
{
	const struct xen_domctl_createdomain *c = &op->u.createdomain;
	const struct domain_config config = {
		.max_vcpus = c->max_vcpus,
		.max_evtchn_port = c->max_evtchn_port,
		.max_grant_frames = limit_or(c->max_grant_frames, GRANT_FRAMES_MAX),
		.max_maptrack_frames = limit_or(c->max_maptrack_frames, MAPTRACK_FRAMES_MAX),
		.max_grant_version = c->grant_opts & XEN_DOMCTL_GRANT_version_mask,
		.is_paused = true,
		.is_xenstore = c->flags & XEN_DOMCTL_CDF_xs_domain,
	};
	struct domain *d;
	int rc;

	(void)v;
	if (!kind_is_valid(c) || !limits_are_valid(c))
		return -EINVAL;
	if (c->cpupool_id)
		return -ESRCH;
	rc = create(op->domain, &config, &d);
	if (rc)
		return rc;
	memcpy(d->handle, c->handle, sizeof(d->handle));
	op->domain = d->id;
	return 0;
}

/* -EINVAL: not the number of createdomain; -ENOMEM: not all were made. */
long domctl_max_vcpus(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	long rc = 0;

	if (d == v->domain || op->u.max_vcpus.max != d->max_vcpus)
		return -EINVAL;
	spin_lock(&d->lock);
	if (d->is_dying)
		rc = -EINVAL;
	for (unsigned int i = 0; !rc && i < d->max_vcpus; i++)
		if (!d->vcpu[i] && !vcpu_create(d, i))
			rc = -ENOMEM;
	spin_unlock(&d->lock);
	return rc;
}

/* -EINVAL: dom0 or the caller; -ERESTART. */
long domctl_destroydomain(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)op;
	return d == v->domain ? -EINVAL : domain_destroy(d);
}
