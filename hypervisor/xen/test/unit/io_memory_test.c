/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/pv/io_memory.c */
/* What of device memory dom0 may map, and what becomes of its stores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hv/domain.h>
#include <hv/errno.h>

#include <asm/io_memory.h>
#include <asm/system.h>

#define DENIED	 0xf0000000UL
#define READ	 0xf1000000UL
#define TABLE	 0xf2000800UL
#define FREE	 0xf3000000UL
#define DEVICES	 256

static struct domain dom0 = { .is_hardware = true }, domu;

/* Of 40 bits of physical addresses. */
struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf)
{
	(void)leaf;
	(void)subleaf;
	return (struct cpuid_result){ .eax = leaf == 0x80000000 ? 0x80000008 : 40 };
}

static bool permitted(const struct domain *d, paddr_t pa, bool *writable)
{
	*writable = true;
	return io_memory_permitted(d, mfn_of_paddr(pa), writable);
}

static int setup(void **state)
{
	(void)state;
	io_memory_deny(DENIED, PAGE_SIZE);
	io_memory_read_only(READ, PAGE_SIZE);
	return io_memory_message_table_set(1, TABLE, 0x40);
}

static void test_mappings(void **state)
{
	bool writable;

	(void)state;
	assert_false(permitted(&dom0, DENIED, &writable));
	assert_false(permitted(&domu, FREE, &writable));
	assert_true(permitted(&dom0, READ, &writable));
	assert_false(writable);
	assert_true(permitted(&dom0, TABLE, &writable));
	assert_false(writable);
	assert_true(permitted(&dom0, TABLE + PAGE_SIZE, &writable));
	assert_true(writable);
	assert_true(permitted(&dom0, FREE, &writable));
	assert_true(writable);
}

static void test_stores(void **state)
{
	(void)state;
	assert_int_equal(io_memory_store_judge(&dom0, DENIED, 4), IO_STORE_FAULTS);
	assert_int_equal(io_memory_store_judge(&dom0, FREE, 4), IO_STORE_FAULTS);
	assert_int_equal(io_memory_store_judge(&domu, READ, 4), IO_STORE_FAULTS);
	assert_int_equal(io_memory_store_judge(&dom0, READ + 8, 4), IO_STORE_LOST);
	assert_int_equal(io_memory_store_judge(&dom0, TABLE - 4, 4), IO_STORE_ARRIVES);
	assert_int_equal(io_memory_store_judge(&dom0, TABLE - 4, 8), IO_STORE_LOST);
	assert_int_equal(io_memory_store_judge(&dom0, TABLE, 1), IO_STORE_LOST);
	assert_int_equal(io_memory_store_judge(&dom0, TABLE + 0x3f, 1), IO_STORE_LOST);
	assert_int_equal(io_memory_store_judge(&dom0, TABLE + 0x40, 4), IO_STORE_ARRIVES);
}

/* A table moves with its device's BAR, and may be nowhere; there is an end to how many there are. */
static void test_tables(void **state)
{
	bool writable;

	(void)state;
	assert_int_equal(io_memory_message_table_set(1, FREE, 0x1001), 0);
	assert_true(permitted(&dom0, TABLE, &writable) && writable);
	assert_true(permitted(&dom0, FREE + PAGE_SIZE, &writable) && !writable);
	assert_true(permitted(&dom0, FREE + 2 * PAGE_SIZE, &writable) && writable);
	assert_int_equal(io_memory_message_table_set(1, FREE, 0), 0);
	assert_true(permitted(&dom0, FREE, &writable) && writable);
	for (unsigned int i = 1; i <= DEVICES; i++)
		assert_int_equal(io_memory_message_table_set(i, TABLE, 16), 0);
	assert_int_equal(io_memory_message_table_set(DEVICES + 1, TABLE, 16), -ENOSPC);
	assert_int_equal(io_memory_message_table_set(DEVICES, FREE, 16), 0);
	assert_true(permitted(&dom0, FREE, &writable) && !writable);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mappings),
		cmocka_unit_test(test_stores),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests_name("io_memory", tests, setup, NULL);
}
