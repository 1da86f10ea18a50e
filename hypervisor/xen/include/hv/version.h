/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What we call ourselves. */
#ifndef HV_VERSION_H
#define HV_VERSION_H

struct vcpu;

long do_xen_version(struct vcpu *v, unsigned long cmd, unsigned long arg);

#endif
