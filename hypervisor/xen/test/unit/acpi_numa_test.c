/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/acpi/numa.c */
/* Affinity and locality tables, good and bad: nothing is read beyond the end, nothing is kept beyond the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <asm/acpi.h>
#include <hv/errno.h>

#include "log.h"

/* ---- tables, each in an allocation of its exact size ---- */

struct builder {
	uint8_t *p;
	size_t	 len;
};

static uint8_t *add(struct builder *b, size_t len)
{
	b->p = realloc(b->p, b->len + len);
	assert_non_null(b->p);
	memset(b->p + b->len, 0, len);
	b->len += len;
	return b->p + b->len - len;
}

static void add_cpu(struct builder *b, uint32_t domain, uint8_t flags)
{
	uint8_t *e = add(b, 16);

	e[1] = 16;
	e[2] = domain;
	e[4] = flags;
	e[9] = domain >> 8;
	e[10] = domain >> 16;
	e[11] = domain >> 24;
}

static void add_x2apic(struct builder *b, uint32_t domain)
{
	uint8_t *e = add(b, 24);

	e[0] = 2;
	e[1] = 24;
	memcpy(e + 4, &domain, 4);
	e[12] = 1;
}

static void add_memory(struct builder *b, uint32_t domain, uint64_t start, uint64_t size,
		       uint8_t flags)
{
	uint8_t *e = add(b, 40);

	e[0] = 1;
	e[1] = 40;
	memcpy(e + 2, &domain, 4);
	memcpy(e + 8, &start, 8);
	memcpy(e + 16, &size, 8);
	e[28] = flags;
}

static void add_slit(struct builder *b, uint64_t count, const uint8_t *matrix)
{
	add(b, 36);
	memcpy(add(b, 8), &count, 8);
	memcpy(add(b, count * count), matrix, count * count);
}

/* ---- tests ---- */

static void test_srat(void **state)
{
	struct acpi_numa n = { 0 };
	struct builder b = { 0 };

	(void)state;
	add(&b, 48);
	add_cpu(&b, 7, 1);
	add_cpu(&b, 7, 0);
	add_x2apic(&b, 0x01000002);
	add_cpu(&b, 0x01000002, 1);
	add_memory(&b, 7, 0, MIB(640), 1);
	add_memory(&b, 0x01000002, GIB(4), GIB(1), 1);
	add_memory(&b, 7, GIB(8), GIB(1), 0);
	add_memory(&b, 7, ~0UL - 10, GIB(1), 1);
	assert_int_equal(acpi_srat_parse(b.p, b.len, &n), 0);
	assert_int_equal(n.node_count, 2);
	assert_int_equal(n.node[0].domain, 7);
	assert_int_equal(n.node[0].cpu_count, 1);
	assert_int_equal(n.node[0].memory_bytes, MIB(640));
	assert_int_equal(n.node[1].domain, 0x01000002);
	assert_int_equal(n.node[1].cpu_count, 2);
	assert_int_equal(n.memory_count, 2);
	assert_int_equal(n.memory[1].start, GIB(4));
	assert_int_equal(n.memory[1].node, 1);

	fake_log_clear();
	acpi_numa_log(&n);
	assert_non_null(strstr(fake_log_text(), "node 0 (domain 7): 1 CPUs, 640 MiB"));
	free(b.p);
}

static void test_srat_bad(void **state)
{
	struct acpi_numa n = { 0 };
	struct builder b = { 0 };
	uint8_t *e;

	(void)state;
	add(&b, 47);
	assert_int_equal(acpi_srat_parse(b.p, b.len, &n), -EINVAL);
	add(&b, 1);
	e = add(&b, 8);	/* too short for its kind */
	e[0] = 1;
	e[1] = 8;
	add_cpu(&b, 1, 1);
	e = add(&b, 4);	/* longer than the table */
	e[1] = 16;
	assert_int_equal(acpi_srat_parse(b.p, b.len, &n), 0);
	assert_int_equal(n.node_count, 1);
	assert_int_equal(n.memory_count, 0);

	/* A length of nothing ends it. */
	b.p[49] = 0;
	n = (struct acpi_numa){ 0 };
	assert_int_equal(acpi_srat_parse(b.p, b.len, &n), 0);
	assert_int_equal(n.node_count, 0);
	free(b.p);
}

static void test_too_many(void **state)
{
	struct acpi_numa n = { 0 };
	struct builder b = { 0 };

	(void)state;
	add(&b, 48);
	for (unsigned int i = 0; i < ACPI_NODES_MAX + 3; i++)
		add_cpu(&b, i, 1);
	for (unsigned int i = 0; i < ACPI_NODE_MEMORIES_MAX + 2; i++)
		add_memory(&b, 0, GIB(i), GIB(1), 1);
	assert_int_equal(acpi_srat_parse(b.p, b.len, &n), 0);
	assert_int_equal(n.node_count, ACPI_NODES_MAX);
	assert_int_equal(n.memory_count, ACPI_NODE_MEMORIES_MAX);
	assert_int_equal(n.dropped, 5);
	free(b.p);
}

static void test_slit(void **state)
{
	static const uint8_t good[] = { 10, 20, 30, 21, 10, 31, 32, 33, 10 };
	static const uint8_t self[] = { 11, 20, 20, 10 };
	static const uint8_t near[] = { 10, 9, 20, 10 };
	struct acpi_numa n = { .node = { { .domain = 2 }, { .domain = 0 }, { .domain = 9 } },
			       .node_count = 3 };
	struct builder b = { 0 };

	(void)state;
	add_slit(&b, 3, good);
	assert_int_equal(acpi_slit_parse(b.p, b.len - 1, &n), -EINVAL);
	assert_int_equal(acpi_numa_distance(&n, 0, 1), 0);
	assert_int_equal(acpi_slit_parse(b.p, b.len, &n), 0);
	assert_int_equal(acpi_numa_distance(&n, 0, 1), 32);
	assert_int_equal(acpi_numa_distance(&n, 1, 0), 30);
	assert_int_equal(acpi_numa_distance(&n, 0, 0), 10);
	assert_int_equal(acpi_numa_distance(&n, 0, 2), 0);
	free(b.p);

	b = (struct builder){ 0 };
	add_slit(&b, 2, self);
	assert_int_equal(acpi_slit_parse(b.p, b.len, &n), -EINVAL);
	memcpy(b.p + 44, near, sizeof(near));
	assert_int_equal(acpi_slit_parse(b.p, b.len, &n), -EINVAL);
	memset(b.p + 36, 0xff, 8);
	assert_int_equal(acpi_slit_parse(b.p, b.len, &n), -EINVAL);
	memset(b.p + 36, 0, 8);
	assert_int_equal(acpi_slit_parse(b.p, b.len, &n), -EINVAL);
	assert_int_equal(acpi_slit_parse(b.p, 43, &n), -EINVAL);
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_srat),
		cmocka_unit_test(test_srat_bad),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_slit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
