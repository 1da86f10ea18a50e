/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/timer.c common/softirq.c test/fake/cpu.c */
/* Timers fire once, not early, in order, whatever is set, stopped and moved; model: an array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/timer.h>

#include "cpu.h"

#define TIMERS 100
#define CPUS   3

struct model {
	struct timer timer;
	bool is_set;
	uint64_t expires_ns;
	unsigned int cpu;
	unsigned int fired;
};

static struct model models[TIMERS];
static unsigned int total_fired;
static uint64_t last_fired_ns; /* of this run of the softirq */

void schedule(void)
{
	fail();
}

/* Run the pending softirqs of one CPU. */
static void run_on(unsigned int cpu)
{
	unsigned int back = fake_cpu;

	fake_cpu = cpu;
	last_fired_ns = 0;
	softirq_run();
	fake_cpu = back;
}

static void fired(void *data)
{
	struct model *m = data;

	assert_true(m->is_set);
	assert_int_equal(m->cpu, fake_cpu);
	assert_true(m->expires_ns <= fake_now_ns);
	assert_true(m->expires_ns >= last_fired_ns);
	assert_false(m->timer.is_pending);
	last_fired_ns = m->expires_ns;
	m->is_set = false;
	m->fired++;
	total_fired++;
}

static int setup(void **state)
{
	unsigned int i;

	(void)state;
	fake_cpus_init();
	for (i = 0; i < CPUS; i++)
		timer_cpu_init(i);
	for (i = 0; i < TIMERS; i++) {
		models[i] = (struct model){ .cpu = i % CPUS };
		timer_init(&models[i].timer, fired, &models[i], models[i].cpu);
	}
	total_fired = 0;
	return 0;
}

static void set(struct model *m, uint64_t expires_ns)
{
	m->is_set = true;
	m->expires_ns = expires_ns;
	timer_set(&m->timer, expires_ns);
}

static void stop(struct model *m)
{
	m->is_set = false;
	timer_stop(&m->timer);
}

/* The interrupts that the hardware was asked for, up to now, and the softirqs that are raised. */
static void let_fire(void)
{
	unsigned int cpu, back = fake_cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		fake_cpu = cpu;
		if (fake_event_ns[cpu] && fake_event_ns[cpu] <= fake_now_ns) {
			fake_event_ns[cpu] = 0;
			timer_interrupt();
		}
		run_on(cpu);
	}
	fake_cpu = back;
}

static void check_model(void)
{
	unsigned int i;

	for (i = 0; i < TIMERS; i++) {
		assert_int_equal(models[i].is_set, models[i].timer.is_pending);
		assert_false(models[i].is_set && models[i].expires_ns <= fake_now_ns);
	}
}

static void test_one_shot(void **state)
{
	(void)state;
	set(&models[0], fake_now_ns + 100);
	assert_int_equal(fake_event_ns[0], fake_now_ns + 100);
	fake_now_ns += 99;
	let_fire();
	assert_int_equal(models[0].fired, 0);
	fake_now_ns += 1;
	let_fire();
	fake_now_ns += 1000;
	let_fire();
	assert_int_equal(models[0].fired, 1);
}

static void test_past_fires_at_once(void **state)
{
	(void)state;
	set(&models[0], 0);
	assert_true(softirq_pending());
	let_fire();
	set(&models[0], fake_now_ns);
	let_fire();
	assert_int_equal(models[0].fired, 2);
}

static void test_stopped_never_fires(void **state)
{
	(void)state;
	set(&models[0], fake_now_ns + 100);
	set(&models[3], fake_now_ns + 200);
	stop(&models[0]);
	stop(&models[0]);
	fake_now_ns += 150;
	let_fire();
	assert_int_equal(total_fired, 0);
	fake_now_ns += 50;
	let_fire();
	assert_int_equal(models[3].fired, 1);
}

static void test_remote_cpu_is_told(void **state)
{
	(void)state;
	set(&models[1], fake_now_ns + 500);
	assert_int_equal(fake_kicks[1], 1);
	assert_int_equal(fake_event_ns[1], 0);
	run_on(1);
	assert_int_equal(fake_event_ns[1], fake_now_ns + 500);
	set(&models[4], fake_now_ns + 600);
	assert_int_equal(fake_kicks[1], 1);
}

static void test_earlier_moves_the_event(void **state)
{
	(void)state;
	set(&models[0], fake_now_ns + 500);
	set(&models[3], fake_now_ns + 300);
	assert_int_equal(fake_event_ns[0], fake_now_ns + 300);
	set(&models[3], fake_now_ns + 900);
	fake_now_ns += 300;
	let_fire();
	assert_int_equal(total_fired, 0);
	assert_int_equal(fake_event_ns[0], fake_now_ns + 200);
}

static void test_migrated(void **state)
{
	(void)state;
	set(&models[0], fake_now_ns + 500);
	models[0].cpu = 2;
	timer_migrate(&models[0].timer, 2);
	timer_migrate(&models[0].timer, 2);
	run_on(2);
	assert_int_equal(fake_event_ns[2], fake_now_ns + 500);
	fake_now_ns += 500;
	let_fire();
	assert_int_equal(models[0].fired, 1);
}

static void test_all_leave(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		timer_migrate(&models[i].timer, 0);
		models[i].cpu = 0;
		set(&models[i], fake_now_ns + 500 - i * 100);
	}
	timers_leave(0, 2);
	timers_leave(0, 2);
	timers_leave(2, 2);
	for (i = 0; i < 5; i++) {
		assert_int_equal(models[i].timer.cpu, 2);
		models[i].cpu = 2;
	}
	run_on(2);
	assert_int_equal(fake_event_ns[2], fake_now_ns + 100);
	fake_now_ns += 500;
	let_fire();
	for (i = 0; i < 5; i++)
		assert_int_equal(models[i].fired, 1);
}

static struct timer again;
static unsigned int again_count;

static void rearm(void *data)
{
	again_count++;
	if (again_count < 1000)
		timer_set(data, 0);
}

/* A timer that always sets itself for the past does not keep the softirq from ending its round. */
static void test_rearming_is_bounded(void **state)
{
	(void)state;
	again_count = 0;
	timer_init(&again, rearm, &again, 0);
	timer_set(&again, 0);
	timer_softirq();
	assert_in_range(again_count, 1, 100);
	assert_true(softirq_pending());
	softirq_run();
	assert_int_equal(again_count, 1000);
}

static void random_step(struct model *m)
{
	switch (random() % 8) {
	case 0:
		stop(m);
		break;
	case 1:
		m->cpu = (unsigned int)random() % CPUS;
		timer_migrate(&m->timer, m->cpu);
		break;
	case 2:
		fake_now_ns += (uint64_t)random() % 2000;
		break;
	case 3:
		set(m, fake_now_ns - (uint64_t)random() % 1000);
		break;
	default:
		set(m, fake_now_ns + (uint64_t)random() % 10000);
	}
}

static void test_random(void **state)
{
	unsigned int i;

	(void)state;
	srandom(5);
	for (i = 0; i < 100000; i++) {
		fake_cpu = (unsigned int)random() % CPUS;
		random_step(&models[(unsigned int)random() % TIMERS]);
		if (random() % 4)
			continue;
		let_fire();
		check_model();
	}
	assert_true(total_fired > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_shot, setup),
		cmocka_unit_test_setup(test_past_fires_at_once, setup),
		cmocka_unit_test_setup(test_stopped_never_fires, setup),
		cmocka_unit_test_setup(test_remote_cpu_is_told, setup),
		cmocka_unit_test_setup(test_earlier_moves_the_event, setup),
		cmocka_unit_test_setup(test_migrated, setup),
		cmocka_unit_test_setup(test_all_leave, setup),
		cmocka_unit_test_setup(test_rearming_is_bounded, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
