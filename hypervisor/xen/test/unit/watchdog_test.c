/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/traps/watchdog.c test/fake/cpu.c */
/* Which CPU the watchdog finds stuck, and what it does then, with a clock and CPUs of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/options.h>
#include <hv/panic.h>
#include <hv/time.h>
#include <hv/timer.h>

#include <asm/apic.h>
#include <asm/backtrace.h>
#include <asm/irq.h>
#include <asm/nmi.h>
#include <asm/percpu.h>
#include <asm/smp.h>

#include "cpu.h"

struct boot_options boot_options;
unsigned int cpus_online = 3;

struct cpu_info *cpu_infos[MAX_CPUS];

static unsigned int line_rc, nmi_to, dumps;
static struct timer *timer_of[3];
static jmp_buf on_panic;

void outb(uint16_t port, uint8_t value)
{
	(void)port;
	(void)value;
}

void timer_init(struct timer *t, void (*function)(void *data), void *data, unsigned int cpu)
{
	t->function = function;
	t->data = data;
	t->cpu = cpu;
	timer_of[cpu] = t;
}

void timer_set(struct timer *t, uint64_t expires_ns)
{
	t->expires_ns = expires_ns;
}

unsigned int isa_irq_to_gsi(unsigned int isa_irq)
{
	return isa_irq + 2;
}

int ioapic_line_to_nmi(unsigned int gsi)
{
	assert_int_equal(gsi, 2);
	return line_rc;
}

void apic_send_nmi(unsigned int cpu)
{
	nmi_to = cpu;
}

void crash_dump(const struct cpu_user_regs *regs)
{
	(void)regs;
	dumps++;
}

void panic(const char *fmt, ...)
{
	(void)fmt;
	longjmp(on_panic, 1);
}

/* All CPUs but @stuck show that they live, at the present time. */
static void live(unsigned int stuck)
{
	for (unsigned int cpu = 0; cpu < cpus_online; cpu++) {
		if (cpu == stuck)
			continue;
		fake_cpu = cpu;
		timer_of[cpu]->function(timer_of[cpu]->data);
	}
	fake_cpu = 0;
}

static void test_off(void **state)
{
	(void)state;
	watchdog_init();
	assert_false(watchdog_nmi(NULL));
	boot_options.watchdog = true;
	watchdog_init();
	assert_false(watchdog_nmi(NULL));
	boot_options.watchdog_timeout_s = 5;
	line_rc = 1;
	watchdog_init();
	assert_false(watchdog_nmi(NULL));
}

static void test_stuck_cpu(void **state)
{
	(void)state;
	line_rc = 0;
	boot_options.watchdog = boot_options.ignores_unknown_nmis = true;
	boot_options.watchdog_timeout_s = 5;
	watchdog_init();
	for (unsigned int s = 1; s < 20; s++) {
		fake_now_ns += NS_PER_SECOND;
		live(3);
		assert_true(watchdog_nmi(NULL));
	}
	assert_int_equal(nmi_to, 0);

	/* CPU 2 is silent from now on: told after five seconds, and ends the machine itself. */
	for (unsigned int s = 0; s < 5; s++) {
		fake_now_ns += NS_PER_SECOND;
		live(2);
		assert_true(watchdog_nmi(NULL));
		assert_int_equal(nmi_to, 0);
	}
	fake_now_ns += NS_PER_SECOND;
	live(2);
	assert_true(watchdog_nmi(NULL));
	assert_int_equal(nmi_to, 2);
	assert_true(watchdog_nmi(NULL));
	assert_int_equal(dumps, 0);
	fake_cpu = 2;
	if (!setjmp(on_panic)) {
		watchdog_nmi(NULL);
		fail();
	}
	assert_int_equal(dumps, 1);
	fake_cpu = 0;
}

/* With watchdog=force an NMI out of step is somebody else's. */
static void test_force(void **state)
{
	(void)state;
	line_rc = 0;
	boot_options.ignores_unknown_nmis = false;
	fake_now_ns += NS_PER_SECOND;
	watchdog_init();
	assert_true(watchdog_nmi(NULL));
	fake_now_ns += 55000000;
	assert_true(watchdog_nmi(NULL));
	fake_now_ns += 1000000;
	assert_false(watchdog_nmi(NULL));
}

static void test_find_stuck(void **state)
{
	static const uint64_t last[] = { 100, 0, 80, 0, 200, 0 };

	(void)state;
	assert_int_equal(watchdog_find_stuck(last, 16, 3, 150, 70), -1);
	assert_int_equal(watchdog_find_stuck(last, 16, 3, 151, 70), 1);
	assert_int_equal(watchdog_find_stuck(last, 16, 3, 271, 70), 0);
	assert_int_equal(watchdog_find_stuck(last, 16, 0, 271, 70), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_force),
		cmocka_unit_test(test_stuck_cpu),
		cmocka_unit_test(test_find_stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
