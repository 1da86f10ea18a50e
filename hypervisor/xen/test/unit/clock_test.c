/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/time/scale.c arch/x86/time/calendar.c */
/* The guests' clock formula: exact enough, never backwards; and the calendar against libc's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include <asm/clock.h>
#include <hv/time.h>

static const uint64_t frequencies[] = {
	1000000,    999999999,	1000000000, 1000000001, 1999999999, 2000000000,
	2000000001, 2596150437, 3400000000, 4000000001, 5800000000, 16000000000,
};

/* What the ABI's formula loses is a part in 2^29 of the time, which is two seconds in 30 years, and 2 ns. */
static void test_scale_is_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(frequencies) / sizeof(frequencies[0]); i++) {
		uint64_t hz = frequencies[i];
		struct tsc_scale scale = tsc_scale_make(hz);

		assert_true(scale.mul >> 31);
		for (uint64_t seconds = 1; seconds < 100000000; seconds *= 10) {
			uint64_t want = seconds * NS_PER_SECOND;
			uint64_t got = tsc_scale_apply(scale, hz * seconds);

			uint64_t error = got > want ? got - want : want - got;

			assert_true(error <= (want >> 29) + 2);
		}
	}
}

/* A guest adds to an older record what we have in a newer one: its clock must not go back. */
static void test_scale_is_monotonic_over_records(void **state)
{
	struct tsc_scale scale = tsc_scale_make(2596150437);
	uint64_t tsc = 0, last = 0;

	(void)state;
	srandom(1);
	for (unsigned int i = 0; i < 100000; i++) {
		uint64_t record = tsc_scale_apply(scale, tsc);
		uint64_t step = (uint64_t)random() % 5000000 & ~1UL;

		assert_true(record >= last);
		last = record + tsc_scale_apply(scale, step);
		tsc += step;
	}
}

static void test_calendar(void **state)
{
	(void)state;
	for (time_t t = 0; t < 8000000000; t += 86399 * 3 + 17) {
		struct tm tm;

		gmtime_r(&t, &tm);
		assert_int_equal(wallclock_seconds(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
						   tm.tm_hour, tm.tm_min, tm.tm_sec),
				 t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scale_is_exact),
		cmocka_unit_test(test_scale_is_monotonic_over_records),
		cmocka_unit_test(test_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
