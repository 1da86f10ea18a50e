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
 * Who gets how much of which CPU, measured over seconds of the fake clock and compared with a model: CPU time is
 * poured into the vCPUs in proportion to their weights until each is full (one CPU, or its part of a cap) or all is given.
 */
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

#include "../../common/sched/sched_private.h"

#include "cpu.h"
#include "guest.h"
#include "sched_machine.h"

#define MS	 NS_PER_MS
#define DOMAINS	 FAKE_DOMAINS
#define VCPU_MAX 8

static struct domain *domain[DOMAINS];
static unsigned int cpus;

static void machine(unsigned int count)
{
	fake_machine_make(count);
	cpus = count;
}

static struct domain *spinners(domid_t id, unsigned int vcpus, unsigned int weight,
			       unsigned int cap)
{
	domain[id] = fake_sched_domain_make(id, vcpus);
	assert_int_equal(sched_share_set(domain[id], weight, cap), 0);
	for (unsigned int i = 0; i < vcpus; i++)
		vcpu_wake(domain[id]->vcpu[i], VCPU_DOWN);
	fake_settle();
	return domain[id];
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < DOMAINS; i++) {
		if (!domain[i])
			continue;
		for (unsigned int n = 0; n < domain[i]->max_vcpus; n++)
			vcpu_sleep(domain[i]->vcpu[n], VCPU_DOWN);
		fake_settle();
		fake_sched_domain_free(domain[i]);
		domain[i] = NULL;
	}
	return 0;
}

static uint64_t ran_ns(const struct vcpu *v)
{
	vcpu_runstate_info_t r;

	runstate_read(v, &r);
	return r.time[RUNSTATE_running];
}

/* Thousandths of a CPU that @v gets while @ns pass. */
static unsigned int share_of(const struct vcpu *v, uint64_t ns)
{
	uint64_t before = ran_ns(v);

	fake_pass(ns);
	return (unsigned int)((ran_ns(v) - before) * 1000 / ns);
}

static struct cpu_mask mask(unsigned int first, unsigned int count)
{
	struct cpu_mask m = { 0 };

	while (count--)
		cpu_mask_add(&m, first + count);
	return m;
}

static void bind(struct vcpu *v, unsigned int first, unsigned int count)
{
	struct cpu_mask m = mask(first, count);

	assert_int_equal(sched_affinity_set(v, &m, NULL), 0);
	fake_settle();
}

/* Nobody where he may not be; no CPU idle that somebody waits for. */
static void check_places(void)
{
	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		const struct vcpu *v = run_queue.cpu[cpu].running;

		assert_true(fake_runs_on(v, cpu));
		if (v->domain)
			assert_true(affinity_allows(v, cpu) && v->cpu == cpu && v->is_running);
		else if (cpu_mask_has(&run_queue.active, cpu))
			assert_null(queue_best(cpu));
	}
}

static void near(unsigned int got, unsigned int want, unsigned int slack)
{
	if (got + slack < want || got > want + slack)
		fail_msg("got %u of 1000, the model says %u", got, want);
}

/* The model: @full is what each can take, all in thousandths of a CPU. */
static void pour(unsigned int count, const unsigned int *weight, const double *full, double *level)
{
	double rest = 1000.0 * cpus;
	bool is_full[VCPU_MAX] = { 0 };

	memset(level, 0, count * sizeof(*level));
	for (unsigned int round = 0; round < count && rest > 0.5; round++) {
		double sum = 0, given = 0;

		for (unsigned int i = 0; i < count; i++)
			sum += is_full[i] ? 0 : weight[i];
		for (unsigned int i = 0; i < count && sum > 0; i++) {
			double part = is_full[i] ? 0 : rest * weight[i] / sum;

			if (level[i] + part >= full[i]) {
				part = full[i] - level[i];
				is_full[i] = true;
			}
			level[i] += part;
			given += part;
		}
		rest -= given;
	}
}

static void test_equal(void **state)
{
	static const unsigned int cases[][2] = { { 1, 2 }, { 1, 5 }, { 2, 3 }, { 3, 4 }, { 4, 7 } };

	(void)state;
	for (unsigned int n = 0; n < ARRAY_SIZE(cases); n++) {
		struct domain *d;

		machine(cases[n][0]);
		d = spinners(0, cases[n][1], 256, 0);
		fake_pass(200 * MS);
		for (unsigned int i = 0; i < d->max_vcpus; i++)
			near(share_of(d->vcpu[i], 3 * NS_PER_SECOND), 1000 * cpus / d->max_vcpus,
			     20);
		check_places();
		teardown(NULL);
	}
}

/* Four domains of one vCPU each, whatever their weights and caps. */
static void test_model(void **state)
{
	(void)state;
	srandom(4);
	for (unsigned int n = 0; n < 40; n++) {
		unsigned int weight[DOMAINS];
		double full[DOMAINS], level[DOMAINS];
		uint64_t before[DOMAINS];

		machine(1 + (unsigned int)random() % 3);
		for (unsigned int i = 0; i < DOMAINS; i++) {
			/* one only: while two wait for their next period a CPU has nobody, which the model does not know */
			unsigned int cap = !i && n % 2 ? 10 + (unsigned int)random() % 80 : 0;

			weight[i] = 32U << random() % 6;
			full[i] = cap ? 10.0 * cap : 1000;
			spinners((domid_t)i, 1, weight[i], cap);
		}
		pour(DOMAINS, weight, full, level);
		fake_pass(500 * MS);
		for (unsigned int i = 0; i < DOMAINS; i++)
			before[i] = ran_ns(domain[i]->vcpu[0]);
		fake_pass(10 * NS_PER_SECOND);
		for (unsigned int i = 0; i < DOMAINS; i++)
			near((unsigned int)((ran_ns(domain[i]->vcpu[0]) - before[i]) / 10 / MS),
			     (unsigned int)level[i], n % 2 ? 60 : 30);
		check_places();
		teardown(NULL);
	}
}

/* A cap is the domain's, however many vCPUs it has, and whether anybody else wants the time. */
static void test_cap(void **state)
{
	struct domain *d;
	uint64_t before;

	(void)state;
	machine(2);
	d = spinners(0, 1, 256, 30);
	near(share_of(d->vcpu[0], 2 * NS_PER_SECOND), 300, 10);
	teardown(NULL);

	machine(2);
	d = spinners(0, 2, 256, 50);
	before = ran_ns(d->vcpu[0]) + ran_ns(d->vcpu[1]);
	fake_pass(2 * NS_PER_SECOND);
	near((unsigned int)((ran_ns(d->vcpu[0]) + ran_ns(d->vcpu[1]) - before) / 2 / MS), 500, 15);
	assert_int_equal(sched_share_set(d, 256, 0), 0);
	fake_settle();
	near(share_of(d->vcpu[0], NS_PER_SECOND), 1000, 5);
	assert_int_equal(sched_share_set(d, 256, 150), 0);
	before = ran_ns(d->vcpu[0]) + ran_ns(d->vcpu[1]);
	fake_pass(2 * NS_PER_SECOND);
	near((unsigned int)((ran_ns(d->vcpu[0]) + ran_ns(d->vcpu[1]) - before) / 2 / MS), 1500, 40);

	assert_int_equal(sched_share_set(d, 0, 0), -EINVAL);
	assert_int_equal(sched_share_set(d, SCHED_WEIGHT_MAX + 1, 0), -EINVAL);
	assert_int_equal(sched_share_set(d, 256, 201), -EINVAL);
}

/* Who sleeps most of the time runs soon after it wakes, however many never sleep. */
static void test_latency(void **state)
{
	struct domain *busy, *d;
	uint64_t woken;

	(void)state;
	machine(2);
	busy = spinners(0, 6, 256, 0);
	d = spinners(1, 1, 256, 0);
	fake_pass(NS_PER_SECOND);
	for (unsigned int i = 0; i < 200; i++) {
		vcpu_sleep(d->vcpu[0], VCPU_PAUSED);
		fake_pass(5 * MS + i * 13337);
		woken = fake_now_ns;
		vcpu_wake(d->vcpu[0], VCPU_PAUSED);
		fake_settle();
		while (!d->vcpu[0]->is_running)
			fake_pass(MS / 10);
		assert_true(fake_now_ns - woken <= MIN_RUN_NS + MS / 10);
		fake_pass(MS / 2);
	}
	assert_int_equal(busy->max_vcpus, 6);
}

/* Time passes at different paces where affinities divide the CPUs; who leaves one part joins the other at once. */
static void test_islands(void **state)
{
	struct domain *d;

	(void)state;
	machine(2);
	d = spinners(0, 4, 256, 0);
	bind(d->vcpu[0], 1, 1);
	for (unsigned int i = 1; i < 4; i++)
		bind(d->vcpu[i], 0, 1);
	fake_pass(30 * NS_PER_SECOND);
	near(share_of(d->vcpu[0], NS_PER_SECOND), 1000, 1);
	near(share_of(d->vcpu[1], 3 * NS_PER_SECOND), 333, 10);
	check_places();

	/* had three times as much so far: that is no debt */
	bind(d->vcpu[0], 0, 1);
	fake_pass(100 * MS);
	near(share_of(d->vcpu[0], 4 * NS_PER_SECOND), 250, 20);
	/* and who comes with little is not owed the difference */
	bind(d->vcpu[0], 1, 1);
	fake_pass(20 * NS_PER_SECOND);
	bind(d->vcpu[1], 1, 1);
	fake_pass(100 * MS);
	near(share_of(d->vcpu[0], 2 * NS_PER_SECOND), 500, 20);
	check_places();
}

static void test_affinity(void **state)
{
	struct cpu_mask none = { 0 }, beyond = mask(4, 3), hard, soft = mask(2, 1);
	struct domain *d;

	(void)state;
	machine(4);
	d = spinners(0, 3, 256, 0);
	assert_int_equal(sched_affinity_set(d->vcpu[0], &none, NULL), -EINVAL);
	assert_int_equal(sched_affinity_set(d->vcpu[0], &beyond, NULL), -EINVAL);
	assert_int_equal(sched_pinned_cpu(d->vcpu[0]), -1);
	bind(d->vcpu[0], 3, 1);
	assert_true(fake_runs_on(d->vcpu[0], 3));
	assert_int_equal(sched_pinned_cpu(d->vcpu[0]), 3);
	sched_affinity_get(d->vcpu[0], &hard, &soft);
	assert_true(cpu_mask_has(&hard, 3) && !cpu_mask_has(&hard, 0) && cpu_mask_has(&soft, 0));

	/* a wish: followed where it costs nobody his turn */
	soft = mask(2, 1);
	assert_int_equal(sched_affinity_set(d->vcpu[1], NULL, &soft), 0);
	vcpu_sleep(d->vcpu[1], VCPU_PAUSED);
	fake_settle();
	vcpu_wake(d->vcpu[1], VCPU_PAUSED);
	fake_settle();
	assert_true(fake_runs_on(d->vcpu[1], 2) || !fake_is_idle(2));

	/* an override, and back */
	assert_int_equal(sched_pin_override(d->vcpu[2], 4), -EINVAL);
	assert_int_equal(sched_pin_override(d->vcpu[2], 3), 0);
	fake_settle();
	assert_int_equal(sched_pin_override(d->vcpu[2], 3), -EBUSY);
	assert_int_equal(sched_affinity_set(d->vcpu[2], &hard, NULL), -EBUSY);
	near(share_of(d->vcpu[2], NS_PER_SECOND), 500, 20);
	assert_int_equal(sched_pin_override(d->vcpu[2], -1), 0);
	fake_settle();
	near(share_of(d->vcpu[2], NS_PER_SECOND), 1000, 10);
	check_places();
}

static void test_cpus_come_and_go(void **state)
{
	struct domain *d;

	(void)state;
	machine(3);
	d = spinners(0, 3, 256, 0);
	bind(d->vcpu[2], 2, 1);
	sched_cpu_set_active(2, false);
	sched_cpu_set_active(1, false);
	fake_settle();
	assert_true(sched_cpu_is_idle(1) && sched_cpu_is_idle(2) && !sched_cpu_is_idle(0));
	check_places();
	/* its only CPU is gone: it runs nonetheless */
	near(share_of(d->vcpu[2], 3 * NS_PER_SECOND), 333, 20);
	sched_cpu_set_active(2, true);
	fake_pass(50 * MS);
	assert_false(fake_runs_on(d->vcpu[2], 0));
	near(share_of(d->vcpu[2], 3 * NS_PER_SECOND), 667, 20);
	near(share_of(d->vcpu[0], 3 * NS_PER_SECOND), 667, 20);
	sched_cpu_set_active(1, true);
	fake_settle();
	near(share_of(d->vcpu[0], NS_PER_SECOND), 1000, 1);
	check_places();
}

static void test_null(void **state)
{
	struct domain *d;

	(void)state;
	machine(2);
	boot_options.scheduler = XEN_SCHEDULER_NULL;
	d = spinners(0, 3, 256, 0);
	near(share_of(d->vcpu[0], NS_PER_SECOND), 1000, 1);
	near(share_of(d->vcpu[1], NS_PER_SECOND), 1000, 1);
	near(share_of(d->vcpu[2], NS_PER_SECOND), 0, 0);
	/* who sleeps keeps his CPU; who goes down gives it to who waits */
	vcpu_sleep(d->vcpu[0], VCPU_PAUSED);
	fake_settle();
	assert_false(d->vcpu[2]->is_running);
	vcpu_sleep(d->vcpu[0], VCPU_DOWN);
	fake_settle();
	assert_true(fake_runs_on(d->vcpu[2], 0));
	vcpu_wake(d->vcpu[0], VCPU_PAUSED | VCPU_DOWN);
	fake_settle();
	assert_false(d->vcpu[0]->is_running);
	/* a CPU that goes takes nobody with it for longer than another is taken */
	vcpu_sleep(d->vcpu[1], VCPU_DOWN);
	fake_settle();
	assert_true(fake_runs_on(d->vcpu[0], 1));
	sched_cpu_set_active(1, false);
	fake_settle();
	assert_true(fake_is_idle(1));
	sched_cpu_set_active(1, true);
	fake_settle();
	assert_true(fake_runs_on(d->vcpu[0], 1));
	check_places();
}

static void test_pinned_dom0(void **state)
{
	(void)state;
	machine(3);
	boot_options.dom0_vcpus_pin = true;
	spinners(0, 5, 256, 0);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(sched_pinned_cpu(domain[0]->vcpu[i]), i % 3);
	spinners(1, 1, 256, 0);
	assert_int_equal(sched_pinned_cpu(domain[1]->vcpu[0]), -1);
}

static void random_step(void)
{
	struct vcpu *v = domain[random() % DOMAINS]->vcpu[random() % 2];
	unsigned int first = (unsigned int)random() % cpus;
	struct cpu_mask m = mask(first, 1 + (unsigned int)random() % (cpus - first));
	int rc;

	fake_cpu = (unsigned int)random() % cpus;
	switch (random() % 9) {
	case 0:
		vcpu_sleep(v, VCPU_PAUSED);
		break;
	case 1:
	case 2:
		vcpu_wake(v, VCPU_PAUSED | VCPU_DOWN);
		break;
	case 3:
		rc = sched_affinity_set(v, &m, NULL);
		assert_true(!rc || rc == -EINVAL);
		break;
	case 4:
		assert_int_equal(sched_affinity_set(v, NULL, &m), 0);
		break;
	case 5:
		assert_int_equal(sched_share_set(v->domain, 1 + (unsigned int)random() % 1000,
						 random() % 2 ? 0 : (unsigned int)random() % 150),
				 0);
		break;
	case 6:
		/* never the last one */
		sched_cpu_set_active(1 + (unsigned int)random() % (cpus - 1), random() % 2);
		break;
	case 7:
		vcpu_yield();
		break;
	default:
		fake_now_ns += (uint64_t)random() % (15 * MS);
	}
	fake_cpu = 0;
}

static void test_random(void **state)
{
	(void)state;
	srandom(7);
	machine(4);
	for (unsigned int i = 0; i < DOMAINS; i++)
		spinners((domid_t)i, 2, 256, 0);
	for (unsigned int i = 0; i < 30000; i++) {
		random_step();
		if (random() % 3)
			continue;
		fake_settle();
		check_places();
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_equal),
		TEST(test_model),
		TEST(test_cap),
		TEST(test_latency),
		TEST(test_islands),
		TEST(test_affinity),
		TEST(test_cpus_come_and_go),
		TEST(test_null),
		TEST(test_pinned_dom0),
		TEST(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
