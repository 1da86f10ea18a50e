/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/memory/heap.c common/memory/page_allocator.c test/fake/frame.c */
/* Objects do not overlap, are zeroed and aligned, and all pages come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/frame.h>
#include <hv/page_allocator.h>

static int machine_setup(void **state)
{
	(void)state;
	fake_frames_init();
	page_allocator_add(mfn(0x100), mfn(0x2000));
	/* Old contents must not show. */
	memset(fake_memory + (0x100UL << PAGE_SHIFT), 0xaa, 0x1f00UL << PAGE_SHIFT);
	return 0;
}

static bool is_filled(const unsigned char *p, size_t size, unsigned char with)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (p[i] != with)
			return false;
	return true;
}

static void test_sizes_and_alignment(void **state)
{
	unsigned long before = pages_free_count();
	size_t size;

	(void)state;
	for (size = 0; size < 20000; size += size < 4200 ? 1 : 997) {
		unsigned char *p = heap_alloc(size);

		assert_non_null(p);
		assert_int_equal((unsigned long)(p - fake_memory) & (size >= 2048 ? 4095 : 15), 0);
		assert_true(is_filled(p, size, 0));
		assert_true(virt_to_page(p)->state & FRAME_HYPERVISOR);
		memset(p, 0x55, size);
		heap_free(p);
	}
	heap_free(NULL);
	assert_int_equal(pages_free_count(), before);
}

static void test_large_is_page_backed(void **state)
{
	unsigned long before = pages_free_count();
	void *p = heap_alloc(5 * PAGE_SIZE);

	(void)state;
	assert_int_equal(before - pages_free_count(), 8);
	heap_free(p);
	assert_int_equal(pages_free_count(), before);
	assert_null(heap_alloc((size_t)1 << 40));
	assert_null(heap_alloc(~(size_t)0));
}

struct object {
	unsigned char *p;
	size_t size;
	unsigned char fill;
};

static void test_random_objects(void **state)
{
	static struct object held[4000];
	unsigned long before = pages_free_count();
	unsigned int n = 0, step;

	(void)state;
	srand(42);
	for (step = 0; step < 200000; step++) {
		if (n < ARRAY_SIZE(held) && rand() % 100 < ((step / 20000) % 2 ? 40 : 60)) {
			struct object o = {
				.size = (size_t)(rand() % (rand() % 20 ? 300 : 6000)),
				.fill = (unsigned char)(1 + rand() % 255),
			};

			o.p = heap_alloc(o.size);
			assert_non_null(o.p);
			assert_true(is_filled(o.p, o.size, 0));
			memset(o.p, o.fill, o.size);
			held[n++] = o;
		} else if (n) {
			unsigned int i = (unsigned int)rand() % n;

			assert_true(is_filled(held[i].p, held[i].size, held[i].fill));
			heap_free(held[i].p);
			held[i] = held[--n];
		}
	}
	while (n) {
		n--;
		assert_true(is_filled(held[n].p, held[n].size, held[n].fill));
		heap_free(held[n].p);
	}
	assert_int_equal(pages_free_count(), before);
}

static void test_out_of_memory(void **state)
{
	unsigned long before = pages_free_count(), n = 0;
	void **chain = NULL, **p;

	(void)state;
	while ((p = heap_alloc(1000))) {
		*p = chain;
		chain = p;
		n++;
	}
	assert_int_equal(n, before * 4);
	while (chain) {
		p = *chain;
		heap_free(chain);
		chain = p;
	}
	assert_int_equal(pages_free_count(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes_and_alignment),
		cmocka_unit_test(test_large_is_page_backed),
		cmocka_unit_test(test_random_objects),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, machine_setup, NULL);
}
