/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hypercalls by a direct syscall instruction: in kernel mode of a 64-bit PV
 * guest every syscall is one, wherever it stands, so no hypercall page is
 * needed. rax = number; rdi, rsi, rdx, r10, r8 = arguments (xen-x86_64.h).
 */
#ifndef GUEST_HYPERCALL_H
#define GUEST_HYPERCALL_H

#include <stdint.h>

#include <xen/xen.h>

static inline long hypercall5(unsigned long nr, unsigned long a1, unsigned long a2,
			      unsigned long a3, unsigned long a4, unsigned long a5)
{
	register unsigned long r10 __asm__("r10") = a4;
	register unsigned long r8 __asm__("r8") = a5;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
			 : "0"(nr)
			 : "rcx", "r11", "memory");
	return ret;
}

/* Arguments may be numbers or pointers; missing ones are 0. */
#define HC_ARG(a)				((unsigned long)(a))
#define HC_PICK(_1, _2, _3, _4, _5, _6, n, ...) HC_##n
#define HC_0(nr)				hypercall5(nr, 0, 0, 0, 0, 0)
#define HC_1(nr, a)				hypercall5(nr, HC_ARG(a), 0, 0, 0, 0)
#define HC_2(nr, a, b)				hypercall5(nr, HC_ARG(a), HC_ARG(b), 0, 0, 0)
#define HC_3(nr, a, b, c)			hypercall5(nr, HC_ARG(a), HC_ARG(b), HC_ARG(c), 0, 0)
#define HC_4(nr, a, b, c, d)			hypercall5(nr, HC_ARG(a), HC_ARG(b), HC_ARG(c), HC_ARG(d), 0)
#define HC_5(nr, a, b, c, d, e) \
	hypercall5(nr, HC_ARG(a), HC_ARG(b), HC_ARG(c), HC_ARG(d), HC_ARG(e))
#define HYPERCALL(...) HC_PICK(__VA_ARGS__, 5, 4, 3, 2, 1, 0)(__VA_ARGS__)

/* hypercall(console_io, CONSOLEIO_write, n, text) and the like. */
#define hypercall(name, ...) HYPERCALL(__HYPERVISOR_##name, ##__VA_ARGS__)

#endif
