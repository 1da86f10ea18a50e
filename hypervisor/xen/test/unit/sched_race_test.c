/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/sched/run_queue.c common/sched/placement.c common/sched/share.c common/sched/affinity.c */
/* sources: common/sched/block_and_wake.c common/sched/runstate.c */
/* sources: common/sched/sched_op.c common/sched/vcpu_timer.c common/sched/watchdog.c */
/* sources: common/evtchn/event_channel_op.c common/evtchn/ports.c common/evtchn/send.c */
/* sources: common/evtchn/bind_interdomain.c common/evtchn/bind_local.c common/evtchn/status.c */
/* sources: common/evtchn/two_level.c common/evtchn/fifo.c common/evtchn/poll.c common/evtchn/pirq_affinity.c */
/* sources: test/fake/frame.c test/fake/page_ref.c */
/* sources: common/timer.c common/softirq.c test/fake/cpu.c test/fake/guest.c test/fake/sched_machine.c */
/*
 * CPUs that are threads, and vCPUs that pass tokens around: a vCPU sleeps (by
 * block, poll or timer) until a token's event comes, then sends it to the next
 * one. One lost wake-up, and sooner or later all tokens stand still.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/time.h>
#include <hv/timer.h>

#include "cpu.h"
#include "guest.h"
#include "sched_machine.h"

#define CPUS	  2
#define VCPUS	  5
#define TOKENS	  3
#define HOPS	  100000
#define TICK_NS	  20000
#define STALL_MAX 20000 /* ticks without a hop: real time of some seconds */

static struct domain *d;
static unsigned int token_port[VCPUS][TOKENS], timer_port[VCPUS];
static unsigned int hops; /* atomic */
static bool is_over;	  /* atomic */

static void send(struct vcpu *v, evtchn_port_t port)
{
	if (do_event_channel_op(v, EVTCHNOP_send, va_of(&port)))
		abort();
}

/* Take a pending bit, as a guest's upcall handler does. */
static bool take(unsigned int port)
{
	unsigned long bit = 1UL << port % 64;

	return __atomic_fetch_and(&d->shared->evtchn_pending[port / 64], ~bit, __ATOMIC_SEQ_CST) &
	       bit;
}

/* The tokens that have come go on to the next vCPU. */
static void pass_tokens(struct vcpu *v)
{
	unsigned int t;

	for (t = 0; t < TOKENS; t++) {
		if (!take(token_port[v->id][t]))
			continue;
		__atomic_fetch_add(&hops, 1, __ATOMIC_SEQ_CST);
		send(v, token_port[(v->id + t + 1) % VCPUS][t]);
	}
}

static void go_to_sleep(struct vcpu *v, unsigned int how)
{
	struct sched_poll poll = { .ports.p = token_port[v->id], .nr_ports = TOKENS };
	evtchn_port_t port = token_port[v->id][0];

	switch (how % 4) {
	case 0:
		do_sched_op(v, SCHEDOP_poll, va_of(&poll));
		break;
	case 1:
		poll.ports.p = &port;
		poll.nr_ports = 1;
		poll.timeout = system_time_ns() + TICK_NS;
		do_sched_op(v, SCHEDOP_poll, va_of(&poll));
		break;
	case 2:
		do_set_timer_op(v, system_time_ns() + 2 * TICK_NS);
		do_sched_op(v, SCHEDOP_block, 0);
		break;
	default:
		do_sched_op(v, SCHEDOP_block, 0);
	}
}

/* What a guest does between two entries into the hypervisor. */
static void guest_step(struct vcpu *v, unsigned int *seed)
{
	WRITE_ONCE(v->info->evtchn_upcall_mask, 1);
	if (__atomic_exchange_n(&v->info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST))
		__atomic_exchange_n(&v->info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	take(timer_port[v->id]);
	pass_tokens(v);
	go_to_sleep(v, (unsigned int)rand_r(seed));
}

static void *cpu_main(void *data)
{
	unsigned int seed = 1;

	fake_cpu = (unsigned int)((struct cpu_info *)data - fake_cpu_info);
	while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
		struct vcpu *v = cpu_info()->current;

		if (fake_event_ns[fake_cpu] && fake_event_ns[fake_cpu] <= system_time_ns()) {
			fake_event_ns[fake_cpu] = 0;
			timer_interrupt();
		}
		if (v->domain)
			guest_step(v, &seed);
		softirq_run();
		if (!cpu_info()->current->domain)
			sched_yield();
	}
	return NULL;
}

static void ports_bind(struct vcpu *v)
{
	struct evtchn_bind_virq virq = { .virq = VIRQ_TIMER, .vcpu = v->id };
	struct evtchn_bind_ipi ipi = { .vcpu = v->id };
	unsigned int t;

	assert_int_equal(do_event_channel_op(v, EVTCHNOP_bind_virq, va_of(&virq)), 0);
	timer_port[v->id] = virq.port;
	for (t = 0; t < TOKENS; t++) {
		assert_int_equal(do_event_channel_op(v, EVTCHNOP_bind_ipi, va_of(&ipi)), 0);
		token_port[v->id][t] = ipi.port;
	}
}

static void machine_make(void)
{
	unsigned int i;

	fake_machine_make(CPUS);
	d = fake_sched_domain_make(0, VCPUS);
	for (i = 0; i < VCPUS; i++) {
		ports_bind(d->vcpu[i]);
		vcpu_wake(d->vcpu[i], VCPU_DOWN);
	}
	for (i = 0; i < TOKENS; i++)
		send(d->vcpu[0], token_port[0][i]);
}

/* Time goes on until there were enough hops, or none for long. */
static bool watch(void)
{
	unsigned int seen = 0, stalled = 0, now;

	while ((now = __atomic_load_n(&hops, __ATOMIC_SEQ_CST)) < HOPS && stalled < STALL_MAX) {
		stalled = now == seen ? stalled + 1 : 0;
		seen = now;
		__atomic_fetch_add(&fake_now_ns, TICK_NS, __ATOMIC_SEQ_CST);
		usleep(100);
	}
	return now >= HOPS;
}

static void test_tokens_never_stand_still(void **state)
{
	pthread_t thread[CPUS];
	unsigned int i;
	bool is_alive;

	(void)state;
	machine_make();
	for (i = 0; i < CPUS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, cpu_main, &fake_cpu_info[i]), 0);
	is_alive = watch();
	__atomic_store_n(&is_over, true, __ATOMIC_SEQ_CST);
	for (i = 0; i < CPUS; i++)
		pthread_join(thread[i], NULL);
	fake_sched_domain_free(d);
	assert_true(is_alive);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_tokens_never_stand_still) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
