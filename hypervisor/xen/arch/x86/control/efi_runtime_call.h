/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XENPF_efi_runtime_call. */
#ifndef CONTROL_EFI_RUNTIME_CALL_H
#define CONTROL_EFI_RUNTIME_CALL_H

#include <hv/abi.h>

/*
 * Do what @call asks and put the answer there, ->status being the firmware's.
 * -EOPNOTSUPP: no such service here; -EINVAL; -EFAULT; -ENOMEM.
 */
int efi_runtime_call_for_guest(struct xenpf_efi_runtime_call *call);

#endif
