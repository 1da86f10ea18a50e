/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/symbols.c */
/* Addresses find their function, at its edges too; others find none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <hv/symbols.h>

#include <asm/image.h>

/* "Code" of 0x100 bytes: nothing, then alpha, beta of one byte, gamma. */
char text_start[0x100];
const uint32_t symbol_count = 3;
const uint32_t symbol_offsets[] = { 0x10, 0x40, 0x41, 0x100 };
const uint32_t symbol_name_offsets[] = { 0, 6, 11 };
const char symbol_names[] = "alpha\0beta\0gamma";

static void assert_found(unsigned long at, const char *name, unsigned long offset,
			 unsigned long size)
{
	unsigned long found_offset, found_size;
	const char *found = symbol_lookup((unsigned long)text_start + at, &found_offset,
					  &found_size);

	if (name)
		assert_string_equal(found, name);
	else
		assert_null(found);
	assert_int_equal(found_offset, offset);
	assert_int_equal(found_size, size);
}

static void test_lookup(void **state)
{
	(void)state;
	assert_found(0x10, "alpha", 0, 0x30);
	assert_found(0x3f, "alpha", 0x2f, 0x30);
	assert_found(0x40, "beta", 0, 1);
	assert_found(0x41, "gamma", 0, 0xbf);
	assert_found(0xff, "gamma", 0xbe, 0xbf);
}

static void test_outside(void **state)
{
	(void)state;
	assert_found(0, NULL, 0, 0);
	assert_found(0xf, NULL, 0, 0);
	assert_found(0x100, NULL, 0, 0);
	assert_found(-1UL, NULL, 0, 0);
	assert_found(0x100000010UL, NULL, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
