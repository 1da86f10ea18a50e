/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * string.c against libc, on every small length and alignment. The file is
 * included with its functions renamed, as libc has the names already.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define memcpy	our_memcpy
#define memmove our_memmove
#define memset	our_memset
#define memcmp	our_memcmp
#define memchr	our_memchr
#define strlen	our_strlen
#define strnlen our_strnlen
#define strcmp	our_strcmp
#define strncmp our_strncmp
#define strchr	our_strchr
#define strstr	our_strstr
#define strtoull our_strtoull
#include "../../common/lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strstr
#undef strtoull

#define ROOM 64

static void fill(uint8_t *p)
{
	for (unsigned int i = 0; i < ROOM; i++)
		p[i] = i * 7 + 1;
}

static void test_copy_and_set(void **state)
{
	uint8_t ours[ROOM], libc[ROOM], from[ROOM];

	(void)state;
	fill(from);
	for (unsigned int to = 0; to < 10; to++)
		for (unsigned int len = 0; len < 40; len++) {
			fill(ours);
			fill(libc);
			assert_ptr_equal(our_memcpy(ours + to, from + 3, len), ours + to);
			memcpy(libc + to, from + 3, len);
			assert_memory_equal(ours, libc, ROOM);
			assert_ptr_equal(our_memset(ours + to, 0x1a5, len), ours + to);
			memset(libc + to, 0xa5, len);
			assert_memory_equal(ours, libc, ROOM);
		}
}

static void test_move(void **state)
{
	uint8_t ours[ROOM], libc[ROOM];

	(void)state;
	for (unsigned int to = 0; to < 20; to++)
		for (unsigned int from = 0; from < 20; from++)
			for (unsigned int len = 0; len < 40; len++) {
				fill(ours);
				fill(libc);
				assert_ptr_equal(our_memmove(ours + to, ours + from, len),
						 ours + to);
				memmove(libc + to, libc + from, len);
				assert_memory_equal(ours, libc, ROOM);
			}
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void test_compare(void **state)
{
	uint8_t a[ROOM], b[ROOM];

	(void)state;
	for (unsigned int at = 0; at < 20; at++)
		for (unsigned int len = 0; len < 20; len++) {
			fill(a);
			fill(b);
			b[at] ^= 0x80;
			assert_int_equal(sign(our_memcmp(a, b, len)), sign(memcmp(a, b, len)));
		}
	fill(a);
	assert_ptr_equal(our_memchr(a, 1 + 7 * 9, ROOM), a + 9);
	assert_null(our_memchr(a, 1 + 7 * 9, 9));
}

static void test_text(void **state)
{
	static const char *const texts[] = { "", "a", "b", "ab", "abc", "\xff", "console=hvc0" };
	char small[4];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t j = 0; j < ARRAY_SIZE(texts); j++) {
			const char *a = texts[i], *b = texts[j];

			assert_int_equal(our_strlen(a), strlen(a));
			assert_int_equal(our_strnlen(a, j), strnlen(a, j));
			assert_int_equal(sign(our_strcmp(a, b)), sign(strcmp(a, b)));
			assert_int_equal(sign(our_strncmp(a, b, 2)), sign(strncmp(a, b, 2)));
			assert_ptr_equal(our_strchr(a, *b), strchr(a, *b));
			assert_ptr_equal(our_strstr(a, b), strstr(a, b));
		}
	assert_ptr_equal(our_strstr(texts[6], "hvc"), texts[6] + 8);
	string_copy(small, "abcdef", sizeof(small));
	assert_string_equal(small, "abc");
	string_copy(small, "x", sizeof(small));
	assert_string_equal(small, "x");
}

static void test_numbers(void **state)
{
	static const char *const texts[] = {
		"",
		"0",
		"12",
		" +12x",
		"-1",
		"0x1f",
		"0x",
		"0xg",
		"077",
		"08",
		"z",
		"0XaB",
		"18446744073709551615",
		"18446744073709551616",
		"0x10000000000000000",
		"-",
		"1G",
	};
	static const int bases[] = { 0, 10, 16, 8, 36 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t j = 0; j < ARRAY_SIZE(bases); j++) {
			char *ours, *libc;
			unsigned long long v = our_strtoull(texts[i], &ours, bases[j]);

			assert_true(v == strtoull(texts[i], &libc, bases[j]));
			assert_ptr_equal(ours, libc);
		}
	assert_true(our_strtoull("5", NULL, 0) == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy_and_set), cmocka_unit_test(test_move),
		cmocka_unit_test(test_compare),	     cmocka_unit_test(test_text),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
