/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preemption and continuation of long hypercalls; the dispatcher is common/hypercall.c. */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include <hv/types.h>

struct vcpu;

/* Is there something that should not wait for this hypercall to end? */
bool hypercall_preempt_check(void);

/*
 * Make the running hypercall start again with these arguments (argc <= 5) after
 * interrupts and the scheduler had their turn. The handler returns this value at once.
 */
long hypercall_continue(unsigned int nr, unsigned int argc, const unsigned long *args);

/* Run hypercall @nr for @v; used by the entry path and by multicall. */
long hypercall_dispatch(struct vcpu *v, unsigned long nr, unsigned long a0, unsigned long a1,
			unsigned long a2, unsigned long a3);

long do_multicall(struct vcpu *v, unsigned long list, unsigned long count);

#endif
