/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system clock: the time stamp counter, measured once at boot against HPET, PM
 * timer or PIT for 10 ms, together with the APIC's timer. What CPUID says of
 * the frequency is used only where it agrees with the measurement: it is exact on
 * real machines and invented on some emulated ones.
 */
#include <hv/time.h>

#include <hv/options.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/types.h>

#include <asm/apic.h>
#include <asm/clock.h>
#include <asm/system.h>

#define WINDOW_MS	  10
#define SAMPLE_TRIES	  8
#define POLLS_MAX	  4000000	/* seconds: a counter that stands still */
#define AGREEMENT	  500		/* one part in so many */
#define TSC_HZ_MIN	  1000000UL
#define TSC_HZ_MAX	  16000000000UL

#define CPUID_TSC_RATIO	  0x15
#define CPUID_HV_BASE	  0x40000000
#define CPUID_HV_TIMING	  0x40000010
#define CPUID_EXT_MAX	  0x80000000
#define CPUID_POWER	  0x80000007

/* Set by time_init(), then constant. */
struct tsc_scale tsc_scale;
uint64_t tsc_base;
static uint64_t tsc_hz;

/* All counters at one moment. */
struct sample {
	uint64_t tsc, reference;
	uint32_t timer;
};

/* The best of some tries: the one least disturbed on the way (by SMIs, or an emulator's host). */
static struct sample sample_take(const struct clock_reference *ref)
{
	uint64_t shortest = UINT64_MAX;
	struct sample best = { 0 };

	for (unsigned int i = 0; i < SAMPLE_TRIES; i++) {
		uint64_t before = rdtsc(), reference = ref->read(), after = rdtsc();
		uint32_t timer = apic_timer_count_read();
		uint64_t width = rdtsc() - before;

		if (width >= shortest)
			continue;
		shortest = width;
		best.tsc = before + (after - before) / 2;
		best.reference = reference;
		best.timer = timer;
	}
	return best;
}

/* Frequencies of TSC and APIC timer. False: the reference stands still, or is absurd. */
static bool measure(const struct clock_reference *ref, uint64_t *tsc, uint64_t *timer)
{
	uint64_t window = ref->hz * WINDOW_MS / 1000, elapsed;
	struct sample first, last;

	apic_timer_mode_set(APIC_TIMER_MASKED);
	apic_timer_count_set(UINT32_MAX);
	first = sample_take(ref);
	for (unsigned int i = 0; ((ref->read() - first.reference) & ref->mask) < window; i++) {
		if (i == POLLS_MAX)
			return false;
		cpu_relax();
	}
	last = sample_take(ref);
	apic_timer_count_set(0);

	elapsed = (last.reference - first.reference) & ref->mask;
	*tsc = (last.tsc - first.tsc) * ref->hz / elapsed;
	*timer = (uint64_t)(first.timer - last.timer) * ref->hz / elapsed;
	return *tsc >= TSC_HZ_MIN && *tsc <= TSC_HZ_MAX;
}

static uint64_t cpuid_tsc_hz(void)
{
	struct cpuid_result r;

	if (cpuid(0, 0).eax >= CPUID_TSC_RATIO) {
		r = cpuid(CPUID_TSC_RATIO, 0);
		if (r.eax && r.ebx && r.ecx)
			return (uint64_t)r.ecx * r.ebx / r.eax;
	}
	if (cpuid(1, 0).ecx & 1U << 31) {
		r = cpuid(CPUID_HV_BASE, 0);
		if (r.eax >= CPUID_HV_TIMING && r.eax < CPUID_HV_BASE + 0x1000)
			return (uint64_t)cpuid(CPUID_HV_TIMING, 0).eax * 1000;
	}
	return 0;
}

/* What the CPU claims, if the measurement bears it out. */
static uint64_t frequency_refine(uint64_t measured)
{
	uint64_t claimed = cpuid_tsc_hz(), error;

	error = claimed > measured ? claimed - measured : measured - claimed;
	return error <= measured / AGREEMENT ? claimed : measured;
}

static const struct {
	enum clock_source name;
	bool (*describe)(struct clock_reference *out);
} references[] = {
	{ CLOCK_HPET, hpet_reference },
	{ CLOCK_ACPI, pm_timer_reference },
	{ CLOCK_PIT, pit_reference },
};

/* The one that was asked for first, then the others in their order. */
static bool measure_by_any(struct clock_reference *ref, uint64_t *timer)
{
	enum clock_source wanted = boot_options.clock_source;

	for (size_t i = 0; i < ARRAY_SIZE(references) && wanted != CLOCK_DEFAULT; i++)
		if (references[i].name == wanted && references[i].describe(ref) &&
		    measure(ref, &tsc_hz, timer))
			return true;
	if (wanted != CLOCK_DEFAULT)
		log_warning(
			"time: the clock of clocksource= does not work: another one is taken\n");
	for (size_t i = 0; i < ARRAY_SIZE(references); i++)
		if (references[i].name != wanted && references[i].describe(ref) &&
		    measure(ref, &tsc_hz, timer))
			return true;
	return false;
}

void time_init(void)
{
	struct clock_reference ref;
	uint64_t timer_hz = 0;

	if (!measure_by_any(&ref, &timer_hz))
		panic("time: no working HPET, PM timer or PIT to measure the CPU's clock with\n");

	log_debug("time: measured TSC at %lu Hz, APIC timer at %lu Hz\n", tsc_hz, timer_hz);
	tsc_hz = frequency_refine(tsc_hz);
	tsc_scale = tsc_scale_make(tsc_hz);
	tsc_base = rdtsc();
	clock_event_init(timer_hz);
	wallclock_init();
	log_info("time: TSC of %lu.%03lu MHz, measured against the %s%s\n", tsc_hz / 1000000,
		 tsc_hz / 1000 % 1000, ref.name, tsc_is_invariant() ? "; invariant" : "");
}

uint64_t tsc_khz(void)
{
	return tsc_hz / 1000;
}

/* Before time_init(), and for a TSC that lags behind the boot CPU's, it is 0. */
uint64_t system_time_of_tsc(uint64_t tsc)
{
	if (!tsc_hz || tsc < tsc_base)
		return 0;
	return tsc_scale_apply(tsc_scale, tsc - tsc_base);
}

uint64_t system_time_ns(void)
{
	return system_time_of_tsc(rdtsc());
}

uint64_t tsc_ticks_of_ns(uint64_t ns)
{
	return (unsigned __int128)ns * ((tsc_hz << 30) / NS_PER_SECOND) >> 30;
}

bool tsc_is_invariant(void)
{
	return cpuid(CPUID_EXT_MAX, 0).eax >= CPUID_POWER && cpuid(CPUID_POWER, 0).edx & 1U << 8;
}

void delay_us(unsigned int us)
{
	uint64_t start = rdtsc(), ticks = tsc_ticks_of_ns((uint64_t)us * 1000);

	while (rdtsc() - start < ticks)
		cpu_relax();
}
