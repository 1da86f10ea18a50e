/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/acpi/iommu_tables.c */
/* DMAR and IVRS as firmware writes them, and as it should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/errno.h>

#include <asm/acpi.h>

static uint8_t *p;
static size_t len;

static void begin(void)
{
	free(p);
	len = 48;
	p = calloc(1, len);
}

/* A block of @size bytes: its head, and 64-bit words at 8, 16 and 24 as far as they fit. */
static uint8_t *add(size_t size, uint64_t at8, uint64_t at16, uint64_t at24)
{
	const uint64_t words[] = { at8, at16, at24 };
	uint8_t *block;

	p = realloc(p, len + size);
	block = p + len;
	memset(block, 0, size);
	block[2] = size;
	for (unsigned int i = 0; i < 3 && 16 + 8 * i <= size; i++)
		memcpy(block + 8 + 8 * i, &words[i], 8);
	len += size;
	return block;
}

static int teardown(void **state)
{
	(void)state;
	free(p);
	p = NULL;
	return 0;
}

static void test_dmar(void **state)
{
	struct acpi_iommu t;

	(void)state;
	begin();
	p[37] = 3;
	add(24, 0xfed90000, 0, 0);
	add(24, 0xfed91000, 0, 0);
	add(24, 0x7f001800, 0x7f0027ff, 0)[0] = 1;	/* RMRR */
	add(8, 0, 0, 0)[0] = 9;				/* unknown */
	assert_int_equal(acpi_dmar_parse(p, len, &t), 0);
	assert_int_equal(t.kind, ACPI_IOMMU_INTEL);
	assert_true(t.may_remap_interrupts && t.opts_out_of_x2apic);
	assert_int_equal(t.unit_count, 2);
	assert_int_equal(t.unit[1], 0xfed91000);
	assert_int_equal(t.range_count, 1);
	assert_int_equal(t.range[0].start, 0x7f001000);
	assert_int_equal(t.range[0].end, 0x7f003000);
}

static void test_dmar_bad(void **state)
{
	struct acpi_iommu t;
	uint8_t *block;

	(void)state;
	begin();
	assert_int_equal(acpi_dmar_parse(p, 47, &t), -EINVAL);
	assert_int_equal(acpi_dmar_parse(p, len, &t), -ENOENT);
	add(24, 0xfed90800, 0, 0);			/* not at a page */
	add(24, 0x2000, 0x1000, 0)[0] = 1;		/* ends before it begins */
	assert_int_equal(acpi_dmar_parse(p, len, &t), -ENOENT);
	assert_int_equal(t.range_count, 0);
	block = add(24, 0xfed90000, 0, 0);
	block[2] = 25;					/* beyond the end */
	assert_int_equal(acpi_dmar_parse(p, len, &t), -ENOENT);
	block[2] = 0;
	assert_int_equal(acpi_dmar_parse(p, len, &t), -ENOENT);
	for (unsigned int i = 0; i < ACPI_IOMMU_MAX + 3; i++)
		add(24, 0xfed90000 + 4096UL * i, 0, 0);
	p[48 + 24 + 24 + 2] = 24;
	assert_int_equal(acpi_dmar_parse(p, len, &t), 0);
	assert_int_equal(t.unit_count, ACPI_IOMMU_MAX);
	assert_int_equal(t.dropped, 3);
}

static void test_ivrs(void **state)
{
	struct acpi_iommu t;

	(void)state;
	begin();
	add(28, 0xfed80000, 0, 0)[0] = 0x10;
	add(48, 0xfed80000, 0, 0)[0] = 0x11;	/* the same again */
	add(32, 0, 0x7f000000, 0x2000)[0] = 0x20;
	add(32, 0, ~0UL - 0xfff, 0x2000)[0] = 0x21;	/* wraps */
	assert_int_equal(acpi_ivrs_parse(p, len, &t), 0);
	assert_int_equal(t.kind, ACPI_IOMMU_AMD);
	assert_int_equal(t.unit_count, 1);
	assert_int_equal(t.range_count, 1);
	assert_int_equal(t.range[0].end, 0x7f002000);
	assert_int_equal(acpi_ivrs_parse(p, 40, &t), -EINVAL);
	assert_int_equal(t.unit_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_dmar, teardown),
		cmocka_unit_test_teardown(test_dmar_bad, teardown),
		cmocka_unit_test_teardown(test_ivrs, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
