/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies by guest address: the check of the range, then copy_may_fault.S. */
#include <hv/guest_copy.h>

#include <hv/errno.h>

#include <asm/guest_access.h>
#include <asm/nospec.h>

/* 0, or -EFAULT after a fault. */
int guest_copy_bytes(void *to, const void *from, size_t len);

/* A pointer made from a guest's number: only for guest_copy_bytes(). */
static inline void *guest_pointer(unsigned long va)
{
	/* Beyond the check nothing is speculated with an address of ours. */
	__asm__("" : "+r"(va));
	return (void *)va;
}

int guest_copy_from(void *dst, unsigned long guest_va, size_t len)
{
	if (unlikely(!guest_range_ok(guest_va, len)))
		return -EFAULT;
	branch_barrier();
	return guest_copy_bytes(dst, guest_pointer(guest_va), len);
}

int guest_copy_to(unsigned long guest_va, const void *src, size_t len)
{
	if (unlikely(!guest_range_ok(guest_va, len)))
		return -EFAULT;
	branch_barrier();
	return guest_copy_bytes(guest_pointer(guest_va), src, len);
}
