/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of common/control/. */
#ifndef CONTROL_H
#define CONTROL_H

#include <hv/abi.h>

struct domain;

void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info);

#endif
