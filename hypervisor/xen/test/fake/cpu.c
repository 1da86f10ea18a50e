/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See cpu.h. */
#include "cpu.h"

#include <hv/domain.h>
#include <hv/softirq.h>
#include <hv/time.h>

#include <string.h>

struct cpu_info fake_cpu_info[MAX_CPUS];
__thread unsigned int fake_cpu;
uint64_t fake_now_ns;
uint64_t fake_event_ns[MAX_CPUS];
unsigned int fake_kicks[MAX_CPUS];

void fake_cpus_init(void)
{
	unsigned int i;

	fake_cpu = 0;
	fake_now_ns = NS_PER_SECOND;
	memset(fake_cpu_info, 0, sizeof(fake_cpu_info));
	memset(fake_event_ns, 0, sizeof(fake_event_ns));
	memset(fake_kicks, 0, sizeof(fake_kicks));
	for (i = 0; i < MAX_CPUS; i++) {
		fake_cpu_info[i].cpu = i;
		cpu_infos[i] = &fake_cpu_info[i];
	}
}

uint64_t system_time_ns(void)
{
	return __atomic_load_n(&fake_now_ns, __ATOMIC_RELAXED);
}

void clock_event_set(uint64_t ns)
{
	fake_event_ns[fake_cpu] = ns;
}

void arch_cpu_kick(unsigned int cpu)
{
	__atomic_fetch_add(&fake_kicks[cpu], 1, __ATOMIC_RELAXED);
}

void arch_nmi_softirq(void)
{
}

struct vcpu *current_vcpu(void)
{
	return cpu_info()->current;
}
