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

/*
 * Handlers by number, NULL where there is none. Each takes the vCPU and up to four arguments; by the calling
 * convention it does not notice those that it does not take.
 */
#define HYPERCALL_COUNT 64	/* a power of two: an index is masked against speculation */

typedef void any_function(void);
typedef long hypercall_function(struct vcpu *v, unsigned long a0, unsigned long a1,
				unsigned long a2, unsigned long a3);

extern any_function *const hypercall_table[HYPERCALL_COUNT];

long do_multicall(struct vcpu *v, unsigned long list, unsigned long count);

#endif
