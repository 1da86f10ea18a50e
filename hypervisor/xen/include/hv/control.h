/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypercalls of tools: domains (domctl) and the machine (sysctl). */
#ifndef HV_CONTROL_H
#define HV_CONTROL_H

#include <hv/abi.h>
#include <hv/types.h>

struct domain;
struct vcpu;

long do_domctl(struct vcpu *v, unsigned long arg);
long do_sysctl(struct vcpu *v, unsigned long arg);

/* The sub-commands of domctl that the processor's port answers. -ENOSYS: there is no such. */
long arch_domctl(struct vcpu *v, struct domain *d, struct xen_domctl *op, bool *has_result);

/* The same of sysctl, and the processor's part of physinfo. */
struct xen_sysctl;
struct xen_sysctl_physinfo;
long arch_sysctl(struct xen_sysctl *op);
void arch_physinfo(struct xen_sysctl_physinfo *info);

#endif
