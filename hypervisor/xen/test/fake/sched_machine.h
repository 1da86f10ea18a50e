/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for tests of common/sched/ and common/evtchn/: CPUs whose context
 * switch is an assignment, no devices, and memory from the host.
 */
#ifndef FAKE_SCHED_MACHINE_H
#define FAKE_SCHED_MACHINE_H

#include <hv/domain.h>
#include <hv/options.h>
#include <hv/types.h>

/* Forget all before; @cpus CPUs that idle, with run queue and timers; options as by default. */
void fake_machine_make(unsigned int cpus);

/* Domain @id with event channels, weight 256 and @vcpus vCPUs that are down. */
struct domain *fake_sched_domain_make(domid_t id, unsigned int vcpus);
/* All its vCPUs are down, and fake_settle() was called. */
void fake_sched_domain_free(struct domain *d);

/* Interrupts and softirqs of all CPUs, until it is quiet; and that while time passes. */
void fake_settle(void);
void fake_pass(uint64_t ns);

bool fake_runs_on(const struct vcpu *v, unsigned int cpu);
bool fake_is_idle(unsigned int cpu);

#endif
