/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypercalls of tools: domains (domctl) and the machine (sysctl). */
#ifndef HV_CONTROL_H
#define HV_CONTROL_H

struct vcpu;

long do_domctl(struct vcpu *v, unsigned long arg);
long do_sysctl(struct vcpu *v, unsigned long arg);

#endif
