/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only way to guest memory by the guest's own address. The running
 * vCPU's current address space is used, with its permissions; faults and
 * addresses of the hypervisor's part are -EFAULT, never more.
 */
#ifndef HV_GUEST_COPY_H
#define HV_GUEST_COPY_H

#include <hv/types.h>

/* 0, or -EFAULT: then some bytes may have been copied. Each byte is read (written) once. */
int guest_copy_from(void *dst, unsigned long guest_va, size_t len) __must_check;
int guest_copy_to(unsigned long guest_va, const void *src, size_t len) __must_check;

/* Copy one object by a handle's address. */
#define guest_read(dst, guest_va)  guest_copy_from((dst), (guest_va), sizeof(*(dst)))
#define guest_write(guest_va, src) guest_copy_to((guest_va), (src), sizeof(*(src)))

#endif
