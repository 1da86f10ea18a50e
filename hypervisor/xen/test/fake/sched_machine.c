/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sched_machine.h. */
#include "sched_machine.h"

#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/pirq.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/time.h>
#include <hv/timer.h>

#include "../../common/sched/sched_private.h"

#include "cpu.h"
#include "guest.h"

#include <stdlib.h>
#include <string.h>

struct boot_options boot_options;

static struct vcpu idle[MAX_CPUS];
static unsigned int cpu_count;

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	if (cpu_info()->current != prev || prev == next)
		abort();
	cpu_info()->current = next;
}

void *heap_alloc(size_t size)
{
	return calloc(1, size);
}

void heap_free(void *p)
{
	free(p);
}

int pirq_bind(struct domain *owner, unsigned int pirq, unsigned int port, bool may_share,
	      struct vcpu *v)
{
	(void)owner;
	(void)pirq;
	(void)port;
	(void)may_share;
	(void)v;
	return -EINVAL;
}

/* No pirq was ever bound. */
void pirq_unbind(struct domain *owner, unsigned int pirq, unsigned int port)
{
	(void)port;
	(void)owner;
	(void)pirq;
	abort();
}

void pirq_guest_eoi(struct domain *owner, unsigned int pirq)
{
	(void)owner;
	(void)pirq;
	abort();
}

void pirq_set_cpu(struct domain *owner, unsigned int pirq, unsigned int cpu)
{
	(void)owner;
	(void)pirq;
	(void)cpu;
	abort();
}

bool hypercall_preempt_check(void)
{
	return false;
}

long hypercall_continue(unsigned int nr, unsigned int argc, const unsigned long *args)
{
	(void)nr;
	(void)argc;
	(void)args;
	abort();
}

void fake_machine_make(unsigned int cpus)
{
	unsigned int i;

	cpu_count = cpus;
	fake_cpus_init();
	memset(&run_queue, 0, sizeof(run_queue));
	memset(&boot_options, 0, sizeof(boot_options));
	boot_options.scheduler = XEN_SCHEDULER_CREDIT2;
	for (i = 0; i < cpus; i++) {
		idle_vcpu[i] = &idle[i];
		fake_cpu_info[i].current = &idle[i];
		timer_cpu_init(i);
		sched_cpu_init(i);
	}
}

struct domain *fake_sched_domain_make(domid_t id, unsigned int vcpus)
{
	struct domain *d = fake_domain_make(id, vcpus);
	unsigned int i;

	sched_domain_init(d);
	if (evtchn_domain_init(d))
		abort();
	for (i = 0; i < vcpus; i++)
		sched_vcpu_init(d->vcpu[i]);
	return d;
}

void fake_sched_domain_free(struct domain *d)
{
	unsigned int i;

	for (i = 0; i < d->max_vcpus; i++)
		sched_vcpu_exit(d->vcpu[i]);
	sched_domain_exit(d);
	evtchn_domain_destroy(d);
	fake_domain_free(d);
}

void fake_settle(void)
{
	unsigned int back = fake_cpu, round;

	for (round = 0; round < 3 * cpu_count; round++) {
		fake_cpu = round % cpu_count;
		if (fake_event_ns[fake_cpu] && fake_event_ns[fake_cpu] <= fake_now_ns) {
			fake_event_ns[fake_cpu] = 0;
			timer_interrupt();
		}
		softirq_run();
	}
	fake_cpu = back;
}

void fake_pass(uint64_t ns)
{
	uint64_t end = fake_now_ns + ns;

	fake_settle();
	while (fake_now_ns < end) {
		uint64_t next = end;
		unsigned int i;

		for (i = 0; i < cpu_count; i++)
			if (fake_event_ns[i] > fake_now_ns && fake_event_ns[i] < next)
				next = fake_event_ns[i];
		fake_now_ns = next;
		fake_settle();
	}
}

bool fake_runs_on(const struct vcpu *v, unsigned int cpu)
{
	return fake_cpu_info[cpu].current == v;
}

bool fake_is_idle(unsigned int cpu)
{
	return fake_cpu_info[cpu].current == &idle[cpu];
}
