/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of common/control/. */
#ifndef CONTROL_H
#define CONTROL_H

#include <hv/abi.h>

#include <asm/cpu_mask.h>

struct domain;
struct vcpu;

void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info);

/* ---- sub-commands of domctl: what @v asks of @d, results in *@op. Errors beside each. ---- */

/* create_domain.c */
long domctl_createdomain(struct vcpu *v, struct xen_domctl *op);
long domctl_max_vcpus(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long domctl_destroydomain(struct vcpu *v, struct domain *d, struct xen_domctl *op);

/* vcpu_context.c */
long domctl_setvcpucontext(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long domctl_getvcpucontext(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long domctl_getvcpuinfo(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long domctl_sendtrigger(struct vcpu *v, struct domain *d, struct xen_domctl *op);

/* placement.c */
long domctl_setvcpuaffinity(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long domctl_getvcpuaffinity(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long domctl_setnodeaffinity(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long domctl_getnodeaffinity(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long domctl_scheduler_op(struct vcpu *v, struct domain *d, struct xen_domctl *op);

/* ---- sub-commands of sysctl ---- */

/* cpupool.c */
long sysctl_cpupool_op(struct xen_sysctl *op);
long sysctl_scheduler_op(struct xen_sysctl *op);

/* ---- bitmap.c: bit maps of tools (struct xenctl_bitmap), -EFAULT ---- */

/* Bits that the guest's map does not have are 0; those that are no CPU of ours are left out. */
int bitmap_read(const struct xenctl_bitmap *map, struct cpu_mask *out)
	__attribute__((warn_unused_result));
/* As many whole bytes as the guest's map has, those beyond ours 0. */
int bitmap_write(const struct xenctl_bitmap *map, const struct cpu_mask *m)
	__attribute__((warn_unused_result));

#endif
