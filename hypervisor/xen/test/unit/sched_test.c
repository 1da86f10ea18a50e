/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/sched/run_queue.c common/sched/placement.c common/sched/share.c common/sched/affinity.c */
/* sources: common/sched/block_and_wake.c common/sched/runstate.c */
/* sources: common/sched/sched_op.c common/sched/vcpu_timer.c common/sched/watchdog.c */
/* sources: common/evtchn/event_channel_op.c common/evtchn/ports.c common/evtchn/send.c */
/* sources: common/evtchn/bind_interdomain.c common/evtchn/bind_local.c common/evtchn/status.c */
/* sources: common/evtchn/two_level.c common/evtchn/fifo.c common/evtchn/poll.c common/evtchn/pirq_affinity.c */
/* sources: test/fake/frame.c test/fake/page_ref.c */
/* sources: common/timer.c common/softirq.c test/fake/cpu.c test/fake/guest.c test/fake/sched_machine.c */
/* Blocking, waking, turns, accounts, with real timers and events; the test moves the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

#define CPUS  2
#define VCPUS 6
#define MS    NS_PER_MS

static struct domain *d;

/* vCPUs with even numbers are bound to CPU 0, the others to CPU 1. */
static int setup(void **state)
{
	unsigned int i;

	(void)state;
	fake_machine_make(CPUS);
	d = fake_sched_domain_make(0, VCPUS);
	for (i = 0; i < VCPUS; i++) {
		struct cpu_mask m = { 0 };

		cpu_mask_add(&m, i % CPUS);
		assert_int_equal(sched_affinity_set(d->vcpu[i], &m, NULL), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < VCPUS; i++)
		vcpu_sleep(d->vcpu[i], VCPU_DOWN);
	fake_settle();
	assert_int_equal(d->refs, 1);
	fake_sched_domain_free(d);
	return 0;
}

static void up(unsigned int id)
{
	vcpu_wake(d->vcpu[id], VCPU_DOWN);
	fake_settle();
}

static bool runs(unsigned int id)
{
	return fake_runs_on(d->vcpu[id], id % CPUS);
}

static bool is_idle(unsigned int cpu)
{
	return fake_is_idle(cpu);
}

static long sched_op(unsigned int id, unsigned int cmd, void *arg)
{
	long rc;

	fake_cpu = id % CPUS;
	assert_true(runs(id));
	rc = do_sched_op(d->vcpu[id], cmd, va_of(arg));
	fake_cpu = 0;
	fake_settle();
	return rc;
}

static unsigned int bind_timer(unsigned int id)
{
	struct evtchn_bind_virq req = { .virq = VIRQ_TIMER, .vcpu = id };

	assert_int_equal(do_event_channel_op(d->vcpu[id], EVTCHNOP_bind_virq, va_of(&req)), 0);
	return req.port;
}

static unsigned int bind_ipi(unsigned int id)
{
	struct evtchn_bind_ipi req = { .vcpu = id };

	assert_int_equal(do_event_channel_op(d->vcpu[id], EVTCHNOP_bind_ipi, va_of(&req)), 0);
	return req.port;
}

static void send(unsigned int port)
{
	assert_int_equal(do_event_channel_op(d->vcpu[0], EVTCHNOP_send, va_of(&port)), 0);
}

static void upcall_done(unsigned int id)
{
	d->vcpu[id]->info->evtchn_upcall_pending = 0;
	d->vcpu[id]->info->evtchn_pending_sel = 0;
	memset(d->shared->evtchn_pending, 0, sizeof(d->shared->evtchn_pending));
}

static void test_up_and_down(void **state)
{
	(void)state;
	assert_true(is_idle(0) && is_idle(1));
	up(0);
	up(1);
	assert_true(runs(0) && runs(1));
	vcpu_sleep(d->vcpu[0], VCPU_PAUSED);
	fake_settle();
	assert_true(is_idle(0) && runs(1));
	vcpu_sleep(d->vcpu[0], VCPU_DOWN);
	vcpu_wake(d->vcpu[0], VCPU_PAUSED);
	fake_settle();
	assert_true(is_idle(0));
	up(0);
	up(0);
	assert_true(runs(0));
}

static void test_block_and_event(void **state)
{
	unsigned int port;

	(void)state;
	up(0);
	port = bind_ipi(0);
	d->vcpu[0]->info->evtchn_upcall_mask = 1;
	assert_int_equal(sched_op(0, SCHEDOP_block, NULL), 0);
	assert_int_equal(d->vcpu[0]->info->evtchn_upcall_mask, 0);
	assert_true(is_idle(0));
	assert_int_equal(d->vcpu[0]->runstate.state, RUNSTATE_blocked);
	send(port);
	fake_settle();
	assert_true(runs(0));

	/* it is still pending: no sleep */
	sched_op(0, SCHEDOP_block, NULL);
	assert_true(runs(0));
	upcall_done(0);
	sched_op(0, SCHEDOP_block, NULL);
	assert_true(is_idle(0));
}

/* An event between the decision to block and the switch away. */
static void test_no_lost_wakeup(void **state)
{
	unsigned int port;

	(void)state;
	up(0);
	port = bind_ipi(0);
	assert_int_equal(do_sched_op(d->vcpu[0], SCHEDOP_block, 0), 0);
	assert_int_equal(d->vcpu[0]->not_runnable, VCPU_BLOCKED);
	fake_cpu = 1;
	send(port);
	fake_cpu = 0;
	fake_settle();
	assert_true(runs(0));
	assert_int_equal(d->vcpu[0]->not_runnable, 0);
}

static void test_running_remote_is_kicked(void **state)
{
	unsigned int port, before;

	(void)state;
	up(0);
	up(1);
	port = bind_ipi(1);
	before = fake_kicks[1];
	send(port);
	assert_int_equal(fake_kicks[1], before + 1);
	port = bind_ipi(0);
	before = fake_kicks[0];
	send(port);
	assert_int_equal(fake_kicks[0], before);
}

static void test_set_timer(void **state)
{
	unsigned int port;

	(void)state;
	up(0);
	port = bind_timer(0);
	do_set_timer_op(d->vcpu[0], fake_now_ns + 5 * MS);
	sched_op(0, SCHEDOP_block, NULL);
	fake_pass(4 * MS);
	assert_true(is_idle(0));
	fake_pass(1 * MS);
	assert_true(runs(0));
	assert_int_equal(evtchn_port_is_pending(d, port), 1);

	upcall_done(0);
	do_set_timer_op(d->vcpu[0], fake_now_ns + MS);
	do_set_timer_op(d->vcpu[0], 0);
	fake_pass(5 * MS);
	assert_int_equal(evtchn_port_is_pending(d, port), 0);
	do_set_timer_op(d->vcpu[0], fake_now_ns - 1);
	fake_settle();
	assert_int_equal(evtchn_port_is_pending(d, port), 1);
	upcall_done(0);
	do_set_timer_op(d->vcpu[0], ~0UL - 5);
	fake_settle();
	assert_int_equal(evtchn_port_is_pending(d, port), 1);
}

static void test_periodic(void **state)
{
	unsigned int port, i;

	(void)state;
	up(0);
	port = bind_timer(0);
	d->vcpu[0]->periodic_ns = 10 * MS;
	timer_set(&d->vcpu[0]->periodic_timer, fake_now_ns + 10 * MS);
	for (i = 0; i < 5; i++) {
		fake_pass(9 * MS);
		assert_int_equal(evtchn_port_is_pending(d, port), 0);
		fake_pass(1 * MS);
		assert_int_equal(evtchn_port_is_pending(d, port), 1);
		upcall_done(0);
	}
	d->vcpu[0]->periodic_ns = 0;
	timer_stop(&d->vcpu[0]->periodic_timer);
}

static long poll(unsigned int id, evtchn_port_t *ports, unsigned int count, uint64_t timeout)
{
	struct sched_poll req = { .ports.p = ports, .nr_ports = count, .timeout = timeout };

	return sched_op(id, SCHEDOP_poll, &req);
}

static void test_poll(void **state)
{
	evtchn_port_t ports[128] = { 0 }, bad[] = { 4096 };

	(void)state;
	up(0);
	ports[0] = bind_ipi(0);
	ports[1] = bind_ipi(0);
	d->shared->evtchn_mask[0] = ~0UL;
	assert_int_equal(poll(0, ports, 129, 0), -EINVAL);
	assert_int_equal(poll(0, bad, 1, 0), -EINVAL);
	assert_int_equal(poll(0, (evtchn_port_t *)FAKE_BAD_ADDRESS, 1, 0), -EFAULT);
	assert_true(runs(0));

	assert_int_equal(poll(0, ports, 1, 0), 0);
	assert_true(is_idle(0));
	send(ports[1]);
	fake_settle();
	assert_true(is_idle(0));
	send(ports[0]);
	fake_settle();
	assert_true(runs(0));

	assert_int_equal(poll(0, ports, 2, fake_now_ns + MS), 0);
	assert_true(runs(0));
	upcall_done(0);
	assert_int_equal(poll(0, ports, 2, fake_now_ns + MS), 0);
	assert_true(is_idle(0));
	fake_pass(MS);
	assert_true(runs(0));

	/* a time-out in the past, and one that is no longer meant */
	assert_int_equal(poll(0, ports, 2, 1), 0);
	assert_true(runs(0));
	poll(0, ports, 2, fake_now_ns + 2 * MS);
	send(ports[0]);
	fake_settle();
	upcall_done(0);
	poll(0, ports, 2, 0);
	fake_pass(5 * MS);
	assert_true(is_idle(0));
	send(ports[1]);
	fake_settle();
	assert_true(runs(0));
}

static void test_slices(void **state)
{
	unsigned int i, turns[VCPUS] = { 0 };

	(void)state;
	up(0);
	up(2);
	up(4);
	fake_pass(MS);
	for (i = 0; i < 90; i++) {
		unsigned int id;

		for (id = 0; id < VCPUS; id += 2)
			turns[id] += runs(id);
		fake_pass(10 * MS);
	}
	assert_int_equal(turns[0], 30);
	assert_int_equal(turns[2], 30);
	assert_int_equal(turns[4], 30);

	/* alone: no timer interrupts it */
	vcpu_sleep(d->vcpu[2], VCPU_DOWN);
	vcpu_sleep(d->vcpu[4], VCPU_DOWN);
	fake_settle();
	fake_pass(100 * MS);
	assert_true(runs(0));
	assert_true(fake_event_ns[0] <= fake_now_ns);
}

/* Who wakes waits a millisecond at most for one that runs; so long the latter keeps the CPU. */
static void test_wake_cuts_the_slice(void **state)
{
	unsigned int port;

	(void)state;
	up(2);
	port = bind_ipi(2);
	sched_op(2, SCHEDOP_block, NULL);
	up(0);
	fake_pass(10 * MS);
	send(port);
	fake_settle();
	assert_true(runs(2));
	upcall_done(2);
	sched_op(2, SCHEDOP_block, NULL);
	assert_true(runs(0));
	send(port);
	fake_settle();
	assert_true(runs(0));
	fake_pass(MS);
	assert_true(runs(2));
}

static void test_yield(void **state)
{
	(void)state;
	up(0);
	assert_int_equal(sched_op(0, SCHEDOP_yield, NULL), 0);
	assert_true(runs(0));
	up(2);
	sched_op(0, SCHEDOP_yield, NULL);
	assert_true(runs(2));
	fake_cpu = 0;
	assert_int_equal(do_sched_op_compat(d->vcpu[2], SCHEDOP_yield, 0), 0);
	fake_settle();
	assert_true(runs(0));
}

static void test_runstate(void **state)
{
	vcpu_runstate_info_t area = { 0 }, r;

	(void)state;
	up(0);
	fake_pass(10 * MS);
	d->vcpu[0]->runstate_guest = va_of(&area);
	assert_int_equal(runstate_publish(d->vcpu[0]), 0);
	assert_int_equal(area.state, RUNSTATE_running);
	assert_int_equal(area.state_entry_time, fake_now_ns - 10 * MS);
	sched_op(0, SCHEDOP_block, NULL);
	fake_pass(7 * MS);
	vcpu_sleep(d->vcpu[0], VCPU_PAUSED);
	vcpu_wake(d->vcpu[0], VCPU_BLOCKED);
	fake_pass(3 * MS);
	runstate_read(d->vcpu[0], &r);
	assert_int_equal(r.state, RUNSTATE_offline);
	assert_int_equal(r.time[RUNSTATE_running], 10 * MS);
	assert_int_equal(r.time[RUNSTATE_blocked], 7 * MS);
	assert_int_equal(r.time[RUNSTATE_offline], 3 * MS);

	d->vm_assist = 1UL << VMASST_TYPE_runstate_update_flag;
	assert_int_equal(runstate_publish(d->vcpu[0]), 0);
	assert_int_equal(area.state_entry_time & XEN_RUNSTATE_UPDATE, 0);
	d->vcpu[0]->runstate_guest = FAKE_BAD_ADDRESS;
	assert_int_equal(runstate_publish(d->vcpu[0]), -EFAULT);
}

static long watchdog(uint32_t id, uint32_t timeout)
{
	struct sched_watchdog req = { .id = id, .timeout = timeout };

	return sched_op(0, SCHEDOP_watchdog, &req);
}

static void test_watchdog(void **state)
{
	(void)state;
	up(0);
	assert_int_equal(watchdog(~0U, 0), -EINVAL);
	assert_int_equal(watchdog(0, 0), -EINVAL);
	assert_int_equal(watchdog(1, 1), -EINVAL);
	assert_int_equal(watchdog(0, 10), 1);
	assert_int_equal(watchdog(0, 20), 2);
	assert_int_equal(watchdog(0, 20), -ENOSPC);
	fake_pass(9 * NS_PER_SECOND);
	assert_int_equal(watchdog(1, 10), 0);
	fake_pass(9 * NS_PER_SECOND);
	assert_int_equal(watchdog(1, 0), 0);
	assert_int_equal(fake_shutdown_code, -1);
	fake_pass(2 * NS_PER_SECOND);
	assert_int_equal(fake_shutdown_code, SHUTDOWN_watchdog);
}

static void test_shutdown(void **state)
{
	struct sched_shutdown code = { .reason = SHUTDOWN_reboot };
	struct sched_remote_shutdown remote = { .domain_id = 2, .reason = SHUTDOWN_crash };
	struct sched_pin_override pin = { .pcpu = 0 };

	(void)state;
	up(0);
	assert_int_equal(sched_op(0, SCHEDOP_shutdown_code, &code), 0);
	assert_true(d->is_shutdown_code_latched);
	assert_int_equal(d->shutdown_code, SHUTDOWN_reboot);
	assert_int_equal(sched_op(0, SCHEDOP_remote_shutdown, &remote), -ESRCH);
	assert_int_equal(sched_op(0, SCHEDOP_pin_override, &pin), 0);
	assert_int_equal(sched_op(0, SCHEDOP_pin_override, &pin), -EBUSY);
	pin.pcpu = -1;
	assert_int_equal(sched_op(0, SCHEDOP_pin_override, &pin), 0);
	pin.pcpu = CPUS;
	assert_int_equal(sched_op(0, SCHEDOP_pin_override, &pin), -EINVAL);
	assert_int_equal(sched_op(0, 99, NULL), -ENOSYS);

	d->is_privileged = d->is_hardware = false;
	assert_int_equal(sched_op(0, SCHEDOP_remote_shutdown, &remote), -EPERM);
	assert_int_equal(sched_op(0, SCHEDOP_pin_override, &pin), -EPERM);
	assert_int_equal(fake_shutdown_code, -1);
	assert_int_equal(sched_op(0, SCHEDOP_shutdown, &code), 0);
	assert_int_equal(fake_shutdown_code, SHUTDOWN_reboot);
}

/* What must hold whenever it is quiet. */
static void check(uint64_t start_ns)
{
	unsigned int id, sum_state;

	for (id = 0; id < VCPUS; id++) {
		const struct vcpu *v = d->vcpu[id];
		vcpu_runstate_info_t r;
		uint64_t sum = 0;

		assert_int_equal(v->is_running, runs(id));
		assert_int_equal(v->is_running || v->sched.is_queued, !v->not_runnable);
		assert_false(v->is_running && v->sched.is_queued);
		if (v->sched.is_queued)
			assert_false(is_idle(id % CPUS));
		runstate_read(v, &r);
		for (sum_state = 0; sum_state < 4; sum_state++)
			sum += r.time[sum_state];
		assert_int_equal(sum, fake_now_ns - start_ns);
		assert_int_equal(r.state == RUNSTATE_running, v->is_running);
		assert_int_equal(r.state == RUNSTATE_runnable, v->sched.is_queued);
	}
}

static void random_step(const unsigned int *port)
{
	unsigned int id = (unsigned int)random() % VCPUS;
	struct vcpu *v = d->vcpu[id];
	evtchn_port_t polled = port[id];
	struct sched_poll req = { .ports.p = &polled,
				  .nr_ports = 1,
				  .timeout = fake_now_ns + 3 * MS };

	fake_cpu = (unsigned int)random() % CPUS;
	switch (random() % 8) {
	case 0:
		vcpu_sleep(v, VCPU_PAUSED);
		break;
	case 1:
	case 2:
		vcpu_wake(v, VCPU_PAUSED | VCPU_DOWN);
		break;
	case 3:
		send(port[id]);
		break;
	case 4:
		fake_now_ns += (uint64_t)random() % (20 * MS);
		break;
	default:
		/* what the vCPU itself does, should it be running */
		if (!runs(id))
			break;
		fake_cpu = id % CPUS;
		upcall_done(id);
		do_sched_op(v,
			    random() % 3 ? SCHEDOP_block :
			    random() % 2 ? SCHEDOP_yield :
					   SCHEDOP_poll,
			    va_of(&req));
	}
	fake_cpu = 0;
}

static void test_random(void **state)
{
	unsigned int port[VCPUS], i;
	uint64_t start_ns = fake_now_ns;

	(void)state;
	srandom(11);
	for (i = 0; i < VCPUS; i++)
		port[i] = bind_ipi(i);
	for (i = 0; i < 100000; i++) {
		random_step(port);
		if (random() % 3)
			continue;
		fake_settle();
		check(start_ns);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_up_and_down),
		TEST(test_block_and_event),
		TEST(test_no_lost_wakeup),
		TEST(test_running_remote_is_kicked),
		TEST(test_set_timer),
		TEST(test_periodic),
		TEST(test_poll),
		TEST(test_slices),
		TEST(test_wake_cuts_the_slice),
		TEST(test_yield),
		TEST(test_runstate),
		TEST(test_watchdog),
		TEST(test_shutdown),
		TEST(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
