/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/acpi/parse.c arch/x86/acpi/madt.c */
/* ACPI tables good and bad: what is right is found, what is wrong is refused, nothing is read beyond the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <asm/acpi.h>
#include <hv/errno.h>

static void checksum_fix(uint8_t *p, size_t len, size_t at)
{
	uint8_t sum = 0;

	p[at] = 0;
	for (size_t i = 0; i < len; i++)
		sum += p[i];
	p[at] = -sum;
}

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void put64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void table_make(uint8_t *p, size_t len, const char *signature)
{
	memcpy(p, signature, 4);
	put32(p + 4, len);
	checksum_fix(p, len, 9);
}

static void rsdp_make(uint8_t *p)
{
	memset(p, 0, 36);
	memcpy(p, "RSD PTR ", 8);
	p[15] = 2;
	put32(p + 16, 0x1000);
	put32(p + 20, 36);
	put64(p + 24, 0x123456000);
	checksum_fix(p, 20, 8);
	checksum_fix(p, 36, 32);
}

static void test_rsdp(void **state)
{
	uint8_t *p = malloc(36);
	paddr_t root;
	bool is_wide;

	(void)state;
	rsdp_make(p);
	assert_true(acpi_rsdp_parse(p, 36, &root, &is_wide));
	assert_true(is_wide);
	assert_int_equal(root, 0x123456000);

	/* Cut off, or with a bad second checksum: the old half is still good. */
	assert_true(acpi_rsdp_parse(p, 20, &root, &is_wide));
	assert_false(is_wide);
	assert_int_equal(root, 0x1000);
	p[32]++;
	assert_true(acpi_rsdp_parse(p, 36, &root, &is_wide));
	assert_false(is_wide);

	/* A length that reaches beyond the buffer. */
	put32(p + 20, 0xffffffff);
	assert_true(acpi_rsdp_parse(p, 36, &root, &is_wide));
	assert_false(is_wide);

	assert_false(acpi_rsdp_parse(p, 19, &root, &is_wide));
	p[8]++;
	assert_false(acpi_rsdp_parse(p, 36, &root, &is_wide));
	free(p);
}

static void test_table_and_root(void **state)
{
	uint8_t *p = calloc(1, 36 + 16);

	(void)state;
	put64(p + 36, 0xabcdef012345);
	put64(p + 44, 0x42);
	table_make(p, 36 + 16, "XSDT");
	assert_true(acpi_table_ok(p, 52, "XSDT"));
	assert_false(acpi_table_ok(p, 51, "XSDT"));
	assert_false(acpi_table_ok(p, 35, "XSDT"));
	assert_false(acpi_table_ok(p, 52, "RSDT"));
	assert_int_equal(acpi_root_count(52, true), 2);
	assert_int_equal(acpi_root_count(51, true), 1);
	assert_int_equal(acpi_root_count(52, false), 4);
	assert_int_equal(acpi_root_count(10, false), 0);
	assert_int_equal(acpi_root_entry(p, 0, true), 0xabcdef012345);
	assert_int_equal(acpi_root_entry(p, 1, true), 0x42);
	assert_int_equal(acpi_root_entry(p, 0, false), 0xef012345);
	p[20]++;
	assert_false(acpi_table_ok(p, 52, "XSDT"));
	free(p);
}

struct builder {
	uint8_t *p;
	size_t	 len;
};

static void add(struct builder *b, const void *entry, size_t len)
{
	b->p = realloc(b->p, b->len + len);
	memcpy(b->p + b->len, entry, len);
	b->len += len;
}

static void add_cpu(struct builder *b, uint8_t acpi_id, uint8_t apic_id, uint8_t flags)
{
	const uint8_t e[8] = { 0, 8, acpi_id, apic_id, flags };

	add(b, e, sizeof(e));
}

static struct builder madt_begin(void)
{
	struct builder b = { calloc(1, 44), 44 };

	return b;
}

/* NMI inputs, of one CPU and of all; a third input does not exist. */
static void test_madt_nmi(void **state)
{
	static const uint8_t all[6] = { 4, 6, 0xff, 5, 0, 1 };
	static const uint8_t one[12] = { 10, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
	static const uint8_t third[6] = { 4, 6, 0xff, 5, 0, 2 };
	struct acpi_madt *m = malloc(sizeof(*m));
	struct builder b = madt_begin();

	(void)state;
	add(&b, all, sizeof(all));
	add(&b, one, sizeof(one));
	add(&b, third, sizeof(third));
	assert_int_equal(acpi_madt_parse(b.p, b.len, m), 0);
	assert_int_equal(m->nmi_count, 2);
	assert_true(m->nmi[0].is_for_all);
	assert_int_equal(m->nmi[0].lint, 1);
	assert_false(m->nmi[1].is_for_all);
	assert_int_equal(m->nmi[1].acpi_id, 0x100);
	assert_int_equal(m->nmi[1].lint, 0);
	for (unsigned int i = 0; i < 2 * ACPI_NMI_MAX; i++)
		add(&b, all, sizeof(all));
	assert_int_equal(acpi_madt_parse(b.p, b.len, m), 0);
	assert_int_equal(m->nmi_count, ACPI_NMI_MAX);
	assert_int_equal(m->dropped, ACPI_NMI_MAX + 2);
	free(b.p);
	free(m);
}

static void test_madt(void **state)
{
	static const uint8_t io[12] = { 1, 12, 3, 0, 0x00, 0x00, 0xc0, 0xfe, 24, 0, 0, 0 };
	static const uint8_t override[10] = { 2, 10, 0, 9, 20, 0, 0, 0, 0x0f, 0 };
	static const uint8_t not_isa[10] = { 2, 10, 1, 9, 20, 0, 0, 0, 0x0f, 0 };
	static const uint8_t x2apic[16] = { 9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0 };
	static const uint8_t unknown[3] = { 0x7f, 3, 0 };
	struct builder b = madt_begin();
	struct acpi_madt m;

	(void)state;
	add_cpu(&b, 0, 0, 1);
	add_cpu(&b, 1, 4, 0);	/* not enabled */
	add_cpu(&b, 2, 0, 1);	/* again */
	add(&b, unknown, sizeof(unknown));
	add(&b, io, sizeof(io));
	add(&b, override, sizeof(override));
	add(&b, not_isa, sizeof(not_isa));
	add(&b, x2apic, sizeof(x2apic));
	assert_int_equal(acpi_madt_parse(b.p, b.len, &m), 0);
	assert_int_equal(m.cpu_count, 2);
	assert_int_equal(m.cpu[1].apic_id, 256);
	assert_int_equal(m.cpu[1].acpi_id, 7);
	assert_int_equal(m.ioapic_count, 1);
	assert_int_equal(m.ioapic[0].address, 0xfec00000);
	assert_int_equal(m.ioapic[0].gsi_base, 24);
	assert_int_equal(m.override_count, 1);
	assert_int_equal(m.override[0].gsi, 20);
	assert_int_equal(m.override[0].flags & MPS_TRIGGER_MASK, MPS_TRIGGER_LEVEL);
	free(b.p);
}

/* What is assumed takes nothing away that the MADT has told. */
static void test_madt_without_ioapic(void **state)
{
	static const uint8_t override[10] = { 2, 10, 0, 9, 20, 0, 0, 0, 0x0f, 0 };
	struct builder b = madt_begin();
	struct acpi_madt m = { 0 };

	(void)state;
	acpi_madt_assume_ioapic(&m);
	assert_int_equal(m.ioapic_count, 1);
	assert_int_equal(m.ioapic[0].address, 0xfec00000);
	assert_int_equal(m.ioapic[0].gsi_base, 0);
	assert_int_equal(m.override_count, 1);
	assert_int_equal(m.override[0].isa_irq, 0);
	assert_int_equal(m.override[0].gsi, 2);
	assert_int_equal(m.cpu_count, 0);
	assert_true(m.is_assumed);

	add_cpu(&b, 0, 3, 1);
	add(&b, override, sizeof(override));
	assert_int_equal(acpi_madt_parse(b.p, b.len, &m), 0);
	acpi_madt_assume_ioapic(&m);
	assert_int_equal(m.cpu_count, 1);
	assert_int_equal(m.ioapic_count, 1);
	assert_int_equal(m.override_count, 1);
	assert_int_equal(m.override[0].isa_irq, 9);
	free(b.p);
}

static void test_madt_bad(void **state)
{
	static const uint8_t no_length[2] = { 0, 0 };
	static const uint8_t too_long[2] = { 0, 8 };
	static const uint8_t too_short[4] = { 1, 4, 0, 0 };
	struct builder b = madt_begin();
	struct acpi_madt m;

	(void)state;
	assert_int_equal(acpi_madt_parse(b.p, 43, &m), -EINVAL);
	add(&b, too_short, sizeof(too_short));
	add_cpu(&b, 0, 3, 1);
	add(&b, too_long, sizeof(too_long));
	assert_int_equal(acpi_madt_parse(b.p, b.len, &m), 0);
	assert_int_equal(m.cpu_count, 1);
	assert_int_equal(m.ioapic_count, 0);
	b.len -= sizeof(too_long);
	add(&b, no_length, sizeof(no_length));
	add_cpu(&b, 1, 1, 1);
	assert_int_equal(acpi_madt_parse(b.p, b.len, &m), 0);
	assert_int_equal(m.cpu_count, 1);
	free(b.p);
}

static void test_madt_too_many(void **state)
{
	struct builder b = madt_begin();
	struct acpi_madt m;

	(void)state;
	for (unsigned int i = 0; i < 200; i++)
		add_cpu(&b, i, i, 1);
	assert_int_equal(acpi_madt_parse(b.p, b.len, &m), 0);
	assert_int_equal(m.cpu_count, MAX_CPUS);
	assert_int_equal(m.dropped, 200 - MAX_CPUS);
	free(b.p);
}

static void test_fadt(void **state)
{
	uint8_t *p = calloc(1, 276);
	struct acpi_fadt f;

	(void)state;
	p[46] = 9;				/* SCI */
	put32(p + 64, 0x604);			/* PM1a control */
	put32(p + 76, 0x608);			/* PM timer */
	put32(p + 112, 1U << 8 | 1U << 10);	/* 32 bits, reset register */
	p[116] = ACPI_SPACE_IO;
	put64(p + 120, 0xcf9);
	p[128] = 6;
	assert_int_equal(acpi_fadt_parse(p, 276, &f), 0);
	assert_int_equal(f.sci_irq, 9);
	assert_int_equal(f.pm1a_control.address, 0x604);
	assert_int_equal(f.pm1a_control.space, ACPI_SPACE_IO);
	assert_true(f.has_pm_timer && f.pm_timer_is_32bit);
	assert_true(f.has_reset);
	assert_int_equal(f.reset_value, 6);

	/* The extended register wins. */
	p[208] = ACPI_SPACE_IO;
	put64(p + 212, 0xb008);
	assert_int_equal(acpi_fadt_parse(p, 276, &f), 0);
	assert_int_equal(f.pm_timer.address, 0xb008);

	/* An ACPI 1.0 table ends before the reset register. */
	p = realloc(p, 116);
	assert_int_equal(acpi_fadt_parse(p, 116, &f), 0);
	assert_false(f.has_reset);
	assert_true(f.has_pm_timer);
	assert_int_equal(acpi_fadt_parse(p, 115, &f), -EINVAL);
	free(p);
}

static void test_hpet_and_mcfg(void **state)
{
	uint8_t *p = calloc(1, 44 + 2 * 16 + 8);
	struct acpi_mcfg_region r[4];
	struct acpi_hpet h;

	(void)state;
	put64(p + 44, 0xfed00000);
	assert_int_equal(acpi_hpet_parse(p, 56, &h), 0);
	assert_int_equal(h.address, 0xfed00000);
	assert_int_equal(acpi_hpet_parse(p, 55, &h), -EINVAL);
	p[40] = ACPI_SPACE_IO;
	assert_int_equal(acpi_hpet_parse(p, 56, &h), -EINVAL);

	put64(p + 44, 0xb0000000);
	p[44 + 11] = 0xff;
	put64(p + 60, 0xc0000001);	/* not aligned: dropped */
	assert_int_equal(acpi_mcfg_parse(p, 44 + 2 * 16 + 8, r, 4), 1);
	assert_int_equal(r[0].address, 0xb0000000);
	assert_int_equal(r[0].last_bus, 0xff);
	assert_int_equal(acpi_mcfg_parse(p, 44 + 2 * 16 + 8, r, 0), 0);
	assert_int_equal(acpi_mcfg_parse(p, 20, r, 4), 0);
	free(p);
}

/* A picture that is gone: no address, not displayed, and the table is whole. */
static void test_bgrt(void **state)
{
	uint8_t p[56] = { 'B', 'G', 'R', 'T', sizeof(p) };
	uint64_t address = 0x12fedcba9000;
	uint8_t sum = 0;

	(void)state;
	p[38] = 0x03;	/* displayed, turned by 90 degrees */
	memcpy(&p[40], &address, sizeof(address));
	for (size_t i = 0; i < sizeof(p); i++)
		sum += p[i];
	p[9] = (uint8_t)-sum;
	assert_true(acpi_table_ok(p, sizeof(p), "BGRT"));
	assert_int_equal(acpi_bgrt_image(p, sizeof(p)), address);
	assert_int_equal(acpi_bgrt_image(p, sizeof(p) - 1), 0);

	acpi_bgrt_forget(p);
	assert_true(acpi_table_ok(p, sizeof(p), "BGRT"));
	assert_int_equal(acpi_bgrt_image(p, sizeof(p)), 0);
	assert_int_equal(p[38], 0x02);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rsdp),
		cmocka_unit_test(test_table_and_root),
		cmocka_unit_test(test_madt_without_ioapic),
		cmocka_unit_test(test_madt),
		cmocka_unit_test(test_madt_nmi),
		cmocka_unit_test(test_madt_bad),
		cmocka_unit_test(test_madt_too_many),
		cmocka_unit_test(test_fadt),
		cmocka_unit_test(test_hpet_and_mcfg),
		cmocka_unit_test(test_bgrt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
