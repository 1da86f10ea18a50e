/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error numbers of the ABI under their short names: EINVAL, ENOSYS ... */
#ifndef HV_ERRNO_H
#define HV_ERRNO_H

#define XEN_ERRNO(name, value) name = value,
enum hypercall_errno {
#include <xen/errno.h>
};

/*
 * Never seen by a guest: the operation stopped at a preemption point and
 * is to be made again, through a continuation.
 */
#define ERESTART 85

#endif
