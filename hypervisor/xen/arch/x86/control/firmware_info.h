/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of arch/x86/control/. */
#ifndef FIRMWARE_INFO_H
#define FIRMWARE_INFO_H

#include <hv/abi.h>

/* XENPF_firmware_info. 0, -EINVAL, -ENODEV: that is not known here, -EFAULT. */
int firmware_info_get(struct xenpf_firmware_info *info);

/* XENPF_read_memtype: variable MTRR ->reg. 0, -EINVAL: no such, -ENODEV: the CPU has none. */
int mtrr_get(struct xenpf_read_memtype *req);

#endif
