/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What we call ourselves. */
#ifndef HV_VERSION_H
#define HV_VERSION_H

struct vcpu;

/* Appended to "4.17": XENVER_extraversion. */
extern const char hv_extra_version[];

long do_xen_version(struct vcpu *v, unsigned long cmd, unsigned long arg);

#endif
