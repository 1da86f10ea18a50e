/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Further vCPUs of a tiny guest, for races. They run C code on the same page
 * tables and with the same trap table as the first; events are masked on
 * them. GUARD() and what else trap.h keeps in variables is the first vCPU's
 * alone: a trap on another one is the hook's business, or ends the guest.
 */
#ifndef GUEST_VCPU_H
#define GUEST_VCPU_H

#include "guest.h"

#define VCPUS_MAX 8

/* Start vCPU @id, 1 to VCPUS_MAX - 1, at @function. False: there is no such vCPU. */
bool vcpu_start(unsigned int id, void (*function)(void *), void *arg);

/* Wait until @function has returned on vCPU @id, for as long as it takes. */
void vcpu_wait(unsigned int id);

/* Let another vCPU run, if there are more of them than CPUs. */
void vcpu_relax(void);

/* Wait until @count vCPUs have come here; may be used again and again. */
struct vcpu_barrier {
	unsigned int arrived, round;
};
void vcpu_barrier_wait(struct vcpu_barrier *b, unsigned int count);

#endif
