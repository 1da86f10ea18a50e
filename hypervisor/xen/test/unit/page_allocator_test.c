/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/memory/page_allocator.c test/fake/frame.c */
/*
 * The buddy allocator against a model: a byte for each frame that says what
 * the allocator may think of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/frame.h>
#include <hv/page_allocator.h>

enum model_state { NOT_RAM, FREE, TAKEN };

static unsigned char model[FAKE_FRAMES];
static unsigned long model_free, model_total;

/*
 * The allocator's state is static and lasts from test to test, so there is
 * one machine for all of them: holes, odd borders, memory above 4 GiB.
 */
static void machine_add(unsigned long first, unsigned long last)
{
	unsigned long i;

	page_allocator_add(mfn(first), mfn(last));
	for (i = first ? first : 1; i < last; i++) {
		model[i] = FREE;
		model_free++;
		model_total++;
	}
}

static int machine_setup(void **state)
{
	(void)state;
	fake_frames_init();
	machine_add(0, 0x9f);
	machine_add(0x100, 0x7ffe);
	machine_add(0x8003, 0xc0000);
	machine_add(0xffff0, 0x100000);
	machine_add(0x100000, FAKE_FRAMES);
	machine_add(0x50, 0x50);
	return 0;
}

static void model_take(const struct page_info *pg, unsigned int order, unsigned int address_bits)
{
	unsigned long frame = mfn_raw(mfn_of_page(pg)), count = 1UL << order, i;

	assert_int_equal(frame & (count - 1), 0);
	if (address_bits < 64)
		assert_true((frame + count) << PAGE_SHIFT <= 1UL << address_bits);
	for (i = 0; i < count; i++) {
		assert_int_equal(model[frame + i], FREE);
		assert_int_equal(pg[i].flags, 0);
		assert_int_equal(pg[i].state, 0);
		assert_int_equal(pg[i].owner, OWNER_NONE);
		model[frame + i] = TAKEN;
	}
	model_free -= count;
	assert_int_equal(pages_free_count(), model_free);
}

static void model_give(struct page_info *pg, unsigned int order)
{
	memset(&model[mfn_raw(mfn_of_page(pg))], FREE, 1UL << order);
	model_free += 1UL << order;
	pages_free(pg, order);
	assert_int_equal(pages_free_count(), model_free);
}

static bool model_has_block(unsigned int order, unsigned int address_bits)
{
	unsigned long count = 1UL << order, end = FAKE_FRAMES, frame, i;

	if (address_bits < 52 && 1UL << (address_bits - PAGE_SHIFT) < end)
		end = 1UL << (address_bits - PAGE_SHIFT);
	for (frame = 0; frame + count <= end; frame += count) {
		for (i = 0; i < count && model[frame + i] == FREE; i++)
			;
		if (i == count)
			return true;
	}
	return false;
}

static void test_counts(void **state)
{
	(void)state;
	assert_int_equal(pages_total_count(), model_total);
	assert_int_equal(pages_free_count(), model_total);
}

static void test_high_memory_first(void **state)
{
	struct page_info *pg = pages_alloc(0, ADDRESS_BITS_ANY);

	(void)state;
	assert_non_null(pg);
	assert_true(mfn_raw(mfn_of_page(pg)) >= 0x100000);
	model_take(pg, 0, 64);
	model_give(pg, 0);
}

static void test_limits_are_exact(void **state)
{
	unsigned int bits;

	(void)state;
	for (bits = 0; bits <= 255; bits++) {
		struct page_info *pg = pages_alloc(3, bits);

		if (bits <= 15) {	/* frames 0 to 7 are not all ours */
			assert_null(pg);
			continue;
		}
		assert_non_null(pg);
		model_take(pg, 3, bits);
		model_give(pg, 3);
	}
	assert_null(pages_alloc(PAGE_ORDER_MAX + 1, 64));
	assert_null(pages_alloc(0, 12));
	assert_null(pages_alloc(~0U, 64));
}

static void test_frame_0_is_never_given(void **state)
{
	struct page_info *pg[8];
	unsigned int i, n = 0;

	(void)state;
	while (n < ARRAY_SIZE(pg)) {
		pg[n] = pages_alloc(0, 15);
		if (!pg[n])
			break;
		model_take(pg[n++], 0, 15);
	}
	assert_int_equal(n, 7);
	for (i = 0; i < n; i++)
		model_give(pg[i], 0);
}

/* A block given back in unequal parts must become whole again. */
static void test_parts_coalesce(void **state)
{
	struct page_info *pg = pages_alloc(PAGE_ORDER_MAX, ADDRESS_BITS_ANY), *again;

	(void)state;
	assert_non_null(pg);
	model_take(pg, PAGE_ORDER_MAX, 64);
	model_give(pg + 1, 0);
	model_give(pg + 4, 2);
	model_give(pg, 0);
	model_give(pg + 2, 1);
	for (unsigned int order = 3; order < PAGE_ORDER_MAX; order++)
		model_give(pg + (1UL << order), order);
	again = pages_alloc(PAGE_ORDER_MAX, ADDRESS_BITS_ANY);
	assert_ptr_equal(again, pg);
	model_take(again, PAGE_ORDER_MAX, 64);
	model_give(again, PAGE_ORDER_MAX);
}

static void test_unaligned_block_is_accepted(void **state)
{
	struct page_info *pg = pages_alloc(4, ADDRESS_BITS_ANY);

	(void)state;
	assert_non_null(pg);
	model_take(pg, 4, 64);
	model_give(pg + 3, 3);
	model_give(pg, 0);
	model_give(pg + 1, 1);
	model_give(pg + 11, 2);
	model_give(pg + 15, 0);
}

struct held {
	struct page_info *pg;
	unsigned int order;
};

static void test_random_against_model(void **state)
{
	static struct held held[3000];
	unsigned int n = 0, step;

	(void)state;
	srand(20230610);
	for (step = 0; step < 60000; step++) {
		bool grow = (step / 4000) % 2 == 0;

		if (n < ARRAY_SIZE(held) && rand() % 100 < (grow ? 70 : 30)) {
			unsigned int order = (unsigned int)(rand() % (rand() % 8 ? 7 : 17));
			unsigned int bits = rand() % 3 ? 64 : 13 + (unsigned int)(rand() % 24);
			struct page_info *pg = pages_alloc(order, bits);

			if (pg) {
				model_take(pg, order, bits);
				held[n++] = (struct held){ pg, order };
			} else if (step % 16 == 0) {
				assert_false(model_has_block(order, bits));
			}
		} else if (n) {
			unsigned int i = (unsigned int)rand() % n;

			model_give(held[i].pg, held[i].order);
			held[i] = held[--n];
		}
	}
	while (n) {
		n--;
		model_give(held[n].pg, held[n].order);
	}
	assert_int_equal(pages_free_count(), model_total);
}

/* All memory can be had, frame by frame, each once; and then it is whole again. */
static void test_exhaustion(void **state)
{
	unsigned long taken = 0, frame;
	struct page_info *pg;

	(void)state;
	while ((pg = pages_alloc(0, ADDRESS_BITS_ANY))) {
		model_take(pg, 0, 64);
		taken++;
	}
	assert_int_equal(taken, model_total);
	assert_int_equal(pages_free_count(), 0);
	for (frame = 0; frame < FAKE_FRAMES; frame++)
		if (model[frame] == TAKEN)
			model_give(page_of_mfn(mfn(frame)), 0);
	pg = pages_alloc(PAGE_ORDER_MAX, ADDRESS_BITS_ANY);
	assert_non_null(pg);
	model_take(pg, PAGE_ORDER_MAX, 64);
	model_give(pg, PAGE_ORDER_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_high_memory_first),
		cmocka_unit_test(test_limits_are_exact),
		cmocka_unit_test(test_frame_0_is_never_given),
		cmocka_unit_test(test_parts_coalesce),
		cmocka_unit_test(test_unaligned_block_is_accepted),
		cmocka_unit_test(test_random_against_model),
		cmocka_unit_test(test_exhaustion),
	};

	return cmocka_run_group_tests(tests, machine_setup, NULL);
}
