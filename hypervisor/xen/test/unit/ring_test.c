/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/console/ring.c */
/* The ring keeps the newest text and survives the wrap of its indices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/ring.h>

static char data[16];

static struct text_ring ring_from(uint32_t index)
{
	return (struct text_ring){ .data = data, .size = 16, .start = index, .end = index };
}

static void put(struct text_ring *ring, const char *text)
{
	text_ring_put(ring, text, strlen(text));
}

static void assert_holds(const struct text_ring *ring, uint32_t index, const char *text)
{
	char buf[64];
	size_t length = text_ring_get(ring, &index, buf, sizeof(buf) - 1);

	buf[length] = '\0';
	assert_string_equal(buf, text);
	assert_int_equal(index, ring->end);
}

static void test_order_and_overflow(void **state)
{
	/* From the start, and across the end of the indices. */
	static const uint32_t starts[] = { 0, UINT32_MAX - 20, UINT32_MAX - 3 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		struct text_ring ring = ring_from(starts[i]);

		assert_holds(&ring, starts[i], "");
		put(&ring, "0123456789");
		assert_holds(&ring, starts[i], "0123456789");
		put(&ring, "abcdef");
		assert_holds(&ring, starts[i], "0123456789abcdef");
		put(&ring, "XY");
		assert_holds(&ring, ring.start, "23456789abcdefXY");
		/* What is gone is answered with the oldest there is. */
		assert_holds(&ring, starts[i], "23456789abcdefXY");
		assert_holds(&ring, ring.end - 3, "fXY");
		put(&ring, "a text that is longer than the whole ring");
		assert_holds(&ring, ring.start, "n the whole ring");
	}
}

static void test_parts(void **state)
{
	struct text_ring ring = ring_from(5);
	uint32_t index = ring.start;
	char buf[4];

	(void)state;
	put(&ring, "0123456789");
	assert_int_equal(text_ring_get(&ring, &index, buf, 4), 4);
	assert_memory_equal(buf, "0123", 4);
	assert_int_equal(text_ring_get(&ring, &index, buf, 4), 4);
	assert_int_equal(text_ring_get(&ring, &index, buf, 4), 2);
	assert_memory_equal(buf, "89", 2);
	assert_int_equal(text_ring_get(&ring, &index, buf, 4), 0);
	put(&ring, "n");
	assert_int_equal(text_ring_get(&ring, &index, buf, 4), 1);
	assert_int_equal(buf[0], 'n');
}

static void test_forget(void **state)
{
	struct text_ring ring = ring_from(UINT32_MAX - 4);

	(void)state;
	put(&ring, "0123456789");
	text_ring_forget(&ring, ring.start + 4);
	assert_holds(&ring, ring.start, "456789");
	/* An index that is none of ours changes nothing. */
	text_ring_forget(&ring, ring.end + 1);
	text_ring_forget(&ring, ring.start - 1);
	assert_holds(&ring, ring.start, "456789");
	text_ring_forget(&ring, ring.end);
	assert_holds(&ring, ring.start, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_overflow),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
