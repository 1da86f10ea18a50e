/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interrupt for the next timer: the local APIC's, by TSC deadline where
 * the CPU can, else by counting. common/timer.c asks; an interrupt that comes
 * early (a clamped wait) makes it ask again.
 */
#include <hv/time.h>

#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/types.h>

#include <asm/apic.h>
#include <asm/clock.h>
#include <asm/system.h>

#define MSR_TSC_DEADLINE 0x6e0
#define CPUID_1_ECX_TSC_DEADLINE (1U << 24)

#define WAIT_NS_MAX NS_PER_SECOND

/* Set at boot, then constant. */
static bool has_deadline;
static uint64_t timer_hz;

void clock_event_cpu_init(void)
{
	apic_timer_mode_set(has_deadline ? APIC_TIMER_DEADLINE : APIC_TIMER_ONE_SHOT);
}

void clock_event_init(uint64_t hz)
{
	has_deadline = cpuid(1, 0).ecx & CPUID_1_ECX_TSC_DEADLINE;
	timer_hz = hz;
	if (!has_deadline && !timer_hz)
		panic("time: the local APIC's timer does not count\n");
	clock_event_cpu_init();
	log_debug("time: timers by %s\n", has_deadline ? "TSC deadline" : "APIC counter");
}

static void wait_start(uint64_t ns)
{
	uint64_t count;

	if (has_deadline) {
		wrmsr(MSR_TSC_DEADLINE, rdtsc() + tsc_ticks_of_ns(ns));
		return;
	}
	/* ns is a second at most; a zero would be "never". */
	count = ns * (timer_hz / 1000) / NS_PER_MS + 1;
	apic_timer_count_set(count < UINT32_MAX ? count : UINT32_MAX);
}

void clock_event_set(uint64_t ns)
{
	uint64_t now;

	if (!ns) {
		if (has_deadline)
			wrmsr(MSR_TSC_DEADLINE, 0);
		else
			apic_timer_count_set(0);
		return;
	}
	now = system_time_ns();
	ns = ns > now ? ns - now : 0;
	wait_start(ns < WAIT_NS_MAX ? ns : WAIT_NS_MAX);
}
