/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/grant/grant_table_op.c common/grant/setup.c common/grant/entries.c */
/* sources: common/grant/map.c common/grant/unmap.c common/grant/copy.c common/grant/map_track.c */
/* sources: common/grant/transfer.c common/grant/cache_flush.c */
/* sources: common/memory/heap.c common/memory/page_allocator.c */
/* sources: test/fake/page_ref.c test/fake/frame.c test/fake/cpu.c test/fake/guest.c */
/* sources: test/fake/grant_world.c test/fake/grant_model.c */
/* Random uses of grants beside the model of test/fake/grant_model.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "grant_model.h"

#define RUNS 2000

static void test_random(void **state)
{
	static uint8_t bytes[2048];

	(void)state;
	srandom(20261122);
	for (unsigned int i = 0; i < RUNS; i++) {
		for (size_t n = 0; n < sizeof(bytes); n++)
			bytes[n] = (uint8_t)(random() >> 8);
		grant_model_run(bytes, sizeof(bytes));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
