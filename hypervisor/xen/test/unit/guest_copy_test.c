/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/mm/guest_copy.c */
/* The range of a copy by guest address: all that is not ours may be tried, nothing of ours ever is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/guest_copy.h>

#include <asm/layout.h>

/* The instructions that may fault: here they only note what they were asked for. */
int guest_copy_bytes(void *to, const void *from, size_t len);

static unsigned int copies;
static const void *last_from;
static void *last_to;
static size_t last_len;
static bool faults;

int guest_copy_bytes(void *to, const void *from, size_t len)
{
	copies++;
	last_to = to;
	last_from = from;
	last_len = len;
	return faults ? -EFAULT : 0;
}

static int forget(void **state)
{
	(void)state;
	copies = 0;
	faults = false;
	return 0;
}

struct range {
	unsigned long va;
	size_t len;
	bool may_be_tried;
};

static const struct range ranges[] = {
	{ 0, 0, true },
	{ 0, 1, true },
	{ 0x1000, 1UL << 20, true },
	{ (1UL << 47) - 8, 8, true },
	{ (1UL << 47) - 8, 16, true },	/* not canonical: the processor says so */
	{ HV_VIRT_START - 8, 8, true },
	{ HV_VIRT_START - 8, 9, false },
	{ HV_VIRT_START - 8, 1UL << 46, false },
	{ HV_VIRT_START, 1, false },
	{ HV_VIRT_START + 0x1000, 8, false },
	{ HV_VIRT_END - 1, 1, false },
	{ HV_VIRT_END - 1, 2, false },
	{ HV_VIRT_END, 1, true },
	{ ~0UL - 7, 7, true },
	{ ~0UL - 7, 9, false },	/* around the end */
	{ ~0UL, 2, false },
	{ 8, ~0UL, false },
	{ 0, ~0UL, false },
};

static void ours_is_never_touched(void **state)
{
	char buffer[8];

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(ranges); i++) {
		const struct range *r = &ranges[i];

		copies = 0;
		assert_int_equal(guest_copy_from(buffer, r->va, r->len),
				 r->may_be_tried ? 0 : -EFAULT);
		assert_int_equal(copies, r->may_be_tried);
		assert_int_equal(guest_copy_to(r->va, buffer, r->len),
				 r->may_be_tried ? 0 : -EFAULT);
		assert_int_equal(copies, 2 * r->may_be_tried);
	}
}

static void copies_go_the_right_way(void **state)
{
	char buffer[24];

	(void)state;
	assert_int_equal(guest_copy_from(buffer, 0x1234, 24), 0);
	assert_ptr_equal(last_to, buffer);
	assert_int_equal((unsigned long)last_from, 0x1234);
	assert_int_equal(last_len, 24);
	assert_int_equal(guest_copy_to(0x5678, buffer, 23), 0);
	assert_int_equal((unsigned long)last_to, 0x5678);
	assert_ptr_equal(last_from, buffer);
	assert_int_equal(last_len, 23);
}

static void faults_are_efault(void **state)
{
	uint64_t word = 0;

	(void)state;
	faults = true;
	assert_int_equal(guest_read(&word, 0x1000), -EFAULT);
	assert_int_equal(last_len, sizeof(word));
	assert_int_equal(guest_write(0x1000, &word), -EFAULT);
	assert_int_equal(copies, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ours_is_never_touched, forget),
		cmocka_unit_test_setup(copies_go_the_right_way, forget),
		cmocka_unit_test_setup(faults_are_efault, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
