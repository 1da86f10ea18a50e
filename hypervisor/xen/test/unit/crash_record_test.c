/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/crash_record.c */
/* Crash records: what was kept is read again; garbage, and records with any byte changed, are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/crash_record.h>

static void test_kept(void **state)
{
	struct crash_record r;
	char text[CRASH_TEXT_MAX];

	(void)state;
	crash_record_fill(&r, "Panic on CPU 3:\nBUG at\tx.c:1\n");
	assert_true(crash_record_read(&r, sizeof(r), text, sizeof(text)));
	assert_string_equal(text, "Panic on CPU 3: BUG at x.c:1");
	assert_true(crash_record_read(&r, crash_record_size(&r), text, sizeof(text)));
	assert_true(crash_record_read(&r, sizeof(r), text, 6));
	assert_string_equal(text, "Panic");
}

static void test_sizes(void **state)
{
	struct crash_record r;
	char text[CRASH_TEXT_MAX], longer[3 * CRASH_TEXT_MAX];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	crash_record_fill(&r, longer);
	assert_true(crash_record_read(&r, sizeof(r), text, sizeof(text)));
	assert_int_equal(strlen(text), CRASH_TEXT_MAX - 1);
	crash_record_fill(&r, "");
	assert_true(crash_record_read(&r, sizeof(r), text, sizeof(text)));
	assert_string_equal(text, "");
	crash_record_fill(&r, "\x01\x1b[2J\xff");
	assert_true(crash_record_read(&r, sizeof(r), text, sizeof(text)));
	assert_null(strchr(text, '\x1b'));
}

/* The bytes are in an allocation of just that size, so that ASan sees what lies beyond. */
static bool reads(const void *bytes, size_t size)
{
	char text[CRASH_TEXT_MAX];
	void *copy = malloc(size ? size : 1);
	bool is_record;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	is_record = crash_record_read(copy, size, text, sizeof(text));
	free(copy);
	return is_record;
}

static void test_damaged(void **state)
{
	struct crash_record r;
	size_t used;

	(void)state;
	crash_record_fill(&r, "the reason");
	used = crash_record_size(&r);
	assert_true(reads(&r, used));
	for (size_t i = 0; i < used; i++) {
		((uint8_t *)&r)[i] ^= 0x40;
		assert_false(reads(&r, used));
		((uint8_t *)&r)[i] ^= 0x40;
		assert_false(reads(&r, i));
	}
	r.length = UINT32_MAX;
	assert_false(reads(&r, sizeof(r)));
}

static void test_garbage(void **state)
{
	uint8_t bytes[sizeof(struct crash_record)];

	(void)state;
	srand(1);
	for (unsigned int n = 0; n < 20000; n++) {
		for (size_t i = 0; i < sizeof(bytes); i += 1 + n % 7)
			bytes[i] = (uint8_t)rand();
		assert_false(reads(bytes, (size_t)rand() % (sizeof(bytes) + 1)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests_name("crash_record", tests, NULL, NULL);
}
