/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is below the size stays, everything else is 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hv/nospec.h>

static const unsigned long sizes[] = {
	1, 2, 3, 8, 24, 0xfff, 0x1000, 1UL << 32, (1UL << 63) - 1, 1UL << 63
};
static const unsigned long far[] = { 1UL << 31, 1UL << 32, 1UL << 62, (1UL << 63) - 1,
				     1UL << 63, ~0UL - 1,  ~0UL };

static void stays_below_the_size(void **state)
{
	(void)state;
	for (unsigned int s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		unsigned long size = sizes[s];

		assert_int_equal(index_nospec(0, size), 0);
		assert_int_equal(index_nospec(size - 1, size), size - 1);
		assert_int_equal(index_nospec(size / 2, size), size / 2);
		assert_int_equal(index_nospec(size, size), 0);
		assert_int_equal(index_nospec(size + 1, size), 0);
		for (unsigned int i = 0; i < sizeof(far) / sizeof(*far); i++)
			assert_int_equal(index_nospec(far[i], size), far[i] < size ? far[i] : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(stays_below_the_size) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
