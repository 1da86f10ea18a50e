/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between cpu_policy.c and domctl_arch.c. */
#ifndef CPU_POLICY_H
#define CPU_POLICY_H

#include <hv/abi.h>

struct domain;
struct vcpu;

/* More leaves or MSRs are no policy. */
#define LEAVES_MAX 256

long domctl_get_cpu_policy(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long domctl_set_cpu_policy(struct vcpu *v, struct domain *d, struct xen_domctl *op);

#endif
