/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/lib/format.c */
/* What the C library's snprintf() makes of a format, ours makes of it too. */
#include <setjmp.h>
#include <stdarg.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <hv/format.h>

/* Formats that the compiler thinks unwise are tried on purpose. */
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-overflow"

#define assert_same(...)                                                        \
	do {                                                                    \
		char ours[256], theirs[256];                                    \
		size_t length = format_string(ours, sizeof(ours), __VA_ARGS__); \
		int expected = snprintf(theirs, sizeof(theirs), __VA_ARGS__);   \
		assert_string_equal(ours, theirs);                              \
		assert_int_equal(length, expected);                             \
	} while (0)

static void test_integers(void **state)
{
	(void)state;
	assert_same("%d %i %u", -1, INT_MIN, UINT_MAX);
	assert_same("%ld %lu %llx %lld", LONG_MIN, ULONG_MAX, 0x123456789abcdefULL, LLONG_MIN);
	assert_same("%zu %zx %jd %td", (size_t)12345, (size_t)-1, (intmax_t)-5, (ptrdiff_t)7);
	assert_same("%hhd %hhu %hd %hu", (signed char)-1, (unsigned char)200, (short)-300,
		    (unsigned short)60000);
	assert_same("%x %X %o %#x %#o", 0xbeef, 0xbeef, 0777, 0x12, 8);
	assert_same("%d|%x|%u", 0, 0, 0);
}

static void test_widths(void **state)
{
	(void)state;
	assert_same("[%5d][%-5d][%05d][%+d][% d]", 42, 42, 42, 42, 42);
	assert_same("[%05d][%+05d][%-05u]", -42, 42, 42);
	assert_same("[%08x][%#010x][%16lx][%016lx]", 0xabc, 0xabc, 0xdefUL, 0xdefUL);
	assert_same("[%.5d][%8.5d][%-8.5d][%08.5d]", 42, 42, -42, 42);
	assert_same("[%*d][%-*d][%*d]", 6, 1, 6, 2, -6, 3);
	assert_same("[%.0d]", 1);
	assert_same("[%200d]", 1);
}

static void test_strings(void **state)
{
	char unterminated[3] = { 'a', 'b', 'c' };

	(void)state;
	assert_same("[%s][%10s][%-10s]", "text", "right", "left");
	assert_same("[%.3s][%10.3s][%-10.3s]", "abcdef", "abcdef", "abcdef");
	assert_same("[%.*s][%.*s]", 3, unterminated, 0, unterminated);
	assert_same("[%c][%5c][%-5c]%%", 'x', 'y', 'z');
	assert_same("%s", "");
}

static void test_pointer(void **state)
{
	char buf[64];

	(void)state;
	format_string(buf, sizeof(buf), "%p %p", (void *)0xffff828000201234UL, (void *)0x10);
	assert_string_equal(buf, "ffff828000201234 0000000000000010");
	format_string(buf, sizeof(buf), "%s", (char *)NULL);
	assert_string_equal(buf, "(null)");
}

static void test_no_room(void **state)
{
	char buf[8];

	(void)state;
	memset(buf, '#', sizeof(buf));
	assert_int_equal(format_string(buf, 5, "%s", "123456789"), 9);
	assert_string_equal(buf, "1234");
	assert_int_equal(buf[5], '#');
	assert_int_equal(format_string(buf, 1, "abc"), 3);
	assert_string_equal(buf, "");
	buf[0] = '#';
	assert_int_equal(format_string(buf, 0, "abc"), 3);
	assert_int_equal(buf[0], '#');
	assert_int_equal(format_string(NULL, 0, "%d", 100), 3);
}

/* They are copied from there on. */
static void test_bad_formats(void **state)
{
	static const char *const bad[] = { "a %", "a %q b", "a %5", "a %-", "a %l", "a %." };
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		format_string(buf, sizeof(buf), bad[i]);
		assert_string_equal(buf, bad[i]);
	}
	/* A width is bounded, whatever its digits say. */
	assert_in_range(format_string(buf, sizeof(buf), "%99999999999d", 1), 31, 99999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers), cmocka_unit_test(test_widths),
		cmocka_unit_test(test_strings),	 cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_no_room),	 cmocka_unit_test(test_bad_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
