/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/sched/sched_op.c common/timer.c common/softirq.c */
/* sources: test/fake/cpu.c test/fake/guest.c */
/* Events in the worst of moments: when a vCPU has made up its mind to sleep, but does not yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/sched.h>
#include <hv/softirq.h>

#include "../../common/sched/sched_private.h"

#include "cpu.h"
#include "guest.h"

#define PORT 5

static struct domain *d;
static struct vcpu *v;
static bool event_comes, is_pending;
static unsigned int polls;

void schedule(void)
{
	fail();
}

void vcpu_yield(void)
{
	fail();
}

/* The last moment before, in which the sender finds nobody asleep. */
void vcpu_sleep(struct vcpu *target, unsigned int reason)
{
	if (event_comes && reason == VCPU_BLOCKED)
		target->info->evtchn_upcall_pending = 1;
	else if (event_comes)
		is_pending = true;
	target->not_runnable |= reason;
}

void vcpu_wake(struct vcpu *target, unsigned int reason)
{
	target->not_runnable &= ~reason;
}

bool vcpu_event_deliverable(const struct vcpu *target)
{
	return target->info->evtchn_upcall_pending && !target->info->evtchn_upcall_mask;
}

int evtchn_port_is_pending(struct domain *owner, unsigned int port)
{
	(void)owner;
	return port == PORT ? is_pending : -EINVAL;
}

void evtchn_poll_begin(struct vcpu *target, unsigned int port)
{
	assert_int_equal(target->not_runnable, 0);
	assert_int_equal(port, PORT);
	polls++;
}

long sched_pin_override(struct vcpu *target, int cpu)
{
	(void)target;
	(void)cpu;
	fail();
	return 0;
}

long watchdog_op(struct domain *owner, unsigned int id, unsigned int timeout_s, unsigned int cpu)
{
	(void)owner;
	(void)id;
	(void)timeout_s;
	(void)cpu;
	fail();
	return 0;
}

static void timed_out(void *data)
{
	(void)data;
}

static int setup(void **state)
{
	(void)state;
	fake_cpus_init();
	timer_cpu_init(0);
	d = fake_domain_make(0, 1);
	v = d->vcpu[0];
	v->not_runnable = 0;
	timer_init(&v->poll_timer, timed_out, v, 0);
	fake_run(v);
	event_comes = is_pending = false;
	polls = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_domain_free(d);
	return 0;
}

static void test_block(void **state)
{
	(void)state;
	v->info->evtchn_upcall_mask = 1;
	assert_int_equal(do_sched_op(v, SCHEDOP_block, 0), 0);
	assert_int_equal(v->not_runnable, VCPU_BLOCKED);

	v->not_runnable = 0;
	event_comes = true;
	assert_int_equal(do_sched_op(v, SCHEDOP_block, 0), 0);
	assert_int_equal(v->not_runnable, 0);
}

static long poll(uint64_t timeout)
{
	evtchn_port_t port = PORT;
	struct sched_poll req = { .ports.p = &port, .nr_ports = 1, .timeout = timeout };

	return do_sched_op(v, SCHEDOP_poll, va_of(&req));
}

static void test_poll(void **state)
{
	(void)state;
	assert_int_equal(poll(0), 0);
	assert_int_equal(v->not_runnable, VCPU_POLLING);
	assert_int_equal(polls, 1);
	assert_false(v->poll_timer.is_pending);

	v->not_runnable = 0;
	event_comes = true;
	assert_int_equal(poll(fake_now_ns + 100), 0);
	assert_int_equal(v->not_runnable, 0);
	assert_false(v->poll_timer.is_pending);

	/* an upcall that is due ends the poll, too */
	event_comes = is_pending = false;
	v->info->evtchn_upcall_pending = 1;
	assert_int_equal(poll(0), 0);
	assert_int_equal(v->not_runnable, 0);
	v->info->evtchn_upcall_mask = 1;
	assert_int_equal(poll(fake_now_ns + 100), 0);
	assert_int_equal(v->not_runnable, VCPU_POLLING);
	assert_true(v->poll_timer.is_pending);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_block), TEST(test_poll) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
