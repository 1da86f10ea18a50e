/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/cpu/microcode_container.c common/lib/cpio.c */
/* Which update is chosen of a file, and what of damaged ones is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/cpio.h>

#include <asm/microcode.h>

static const struct microcode_target target = {
	.signature = 0x506e3,
	.platform = 2,
	.revision = 0x10,
};

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, 4);
}

/* An update of 16 bytes of data, and its sum. */
static void intel_make(uint8_t *p, uint32_t revision, uint32_t signature, uint32_t platforms)
{
	const uint32_t words[] = { 1, revision, 0x01012020, signature, 0, 1, platforms, 16, 64 };
	uint32_t sum = 0, word;

	memset(p, 0, 64);
	memcpy(p, words, sizeof(words));
	for (unsigned int i = 0; i < 64; i += 4) {
		memcpy(&word, p + i, 4);
		sum += word;
	}
	put32(p + 16, -sum);
}

static void test_intel(void **state)
{
	uint8_t *p = malloc(4 * 64);
	uint32_t revision = 0;
	size_t size = 0;

	(void)state;
	intel_make(p, 0x20, 0x506e3, 1);	/* another platform */
	intel_make(p + 64, 0x11, 0x506e3, 3);
	intel_make(p + 128, 0x30, 0x906ea, 3);	/* another processor */
	intel_make(p + 192, 0x12, 0x506e3, 2);
	assert_ptr_equal(microcode_find_intel(p, 256, &target, false, &size, &revision), p + 192);
	assert_int_equal(revision, 0x12);
	assert_int_equal(size, 64);
	p[192 + 50]++;				/* damaged */
	assert_ptr_equal(microcode_find_intel(p, 256, &target, false, &size, &revision), p + 64);
	assert_null(microcode_find_intel(p, 127, &target, false, &size, &revision));
	intel_make(p + 64, 0x10, 0x506e3, 3);
	assert_null(microcode_find_intel(p, 128, &target, false, &size, &revision));
	assert_ptr_equal(microcode_find_intel(p, 128, &target, true, &size, &revision), p + 64);
	put32(p + 28, 0xfffffffc);		/* data beyond all */
	assert_null(microcode_find_intel(p, 128, &target, true, &size, &revision));
	free(p);
}

static void test_amd(void **state)
{
	const uint32_t table[] = { 0x00414d44, 0, 32, 0x506e3, 0, 0, 0x1234, 0, 0, 0, 0 };
	uint8_t *p = calloc(1, 44 + 2 * 72);
	uint32_t revision = 0;
	size_t size = 0;

	(void)state;
	memcpy(p, table, sizeof(table));
	for (unsigned int i = 0; i < 2; i++) {
		uint8_t *section = p + 44 + 72 * i;

		put32(section, 1);
		put32(section + 4, 64);
		put32(section + 12, 0x11 + i);
		section[32] = 0x34;
		section[33] = 0x12;
	}
	assert_ptr_equal(microcode_find_amd(p, 188, &target, false, &size, &revision), p + 124);
	assert_int_equal(revision, 0x12);
	assert_ptr_equal(microcode_find_amd(p, 187, &target, false, &size, &revision), p + 52);
	p[44 + 72 + 32]++;			/* for another processor */
	assert_ptr_equal(microcode_find_amd(p, 188, &target, false, &size, &revision), p + 52);
	p[0]++;
	assert_null(microcode_find_amd(p, 188, &target, false, &size, &revision));
	assert_null(microcode_find_amd(p, 3, &target, false, &size, &revision));
	free(p);
}

/* Append a member; returns the new length. */
static size_t cpio_add(char *p, size_t at, const char *name, const char *data)
{
	at += sprintf(p + at, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", 1,
		      0100644, 0, 0, 1, 0, strlen(data), 0, 0, 0, 0, strlen(name) + 1, 0);
	at += sprintf(p + at, "%s", name) + 1;
	at = (at + 3) & ~3UL;
	at += sprintf(p + at, "%s", data);
	return (at + 3) & ~3UL;
}

static void test_cpio(void **state)
{
	char *p = calloc(1, 1024);
	size_t len, size = 0;

	(void)state;
	len = cpio_add(p, 0, "first", "12345");
	len = cpio_add(p, len, "second", "abc");
	assert_memory_equal(cpio_find(p, len, "second", &size), "abc", 3);
	assert_int_equal(size, 3);
	assert_memory_equal(cpio_find(p, len, "first", &size), "12345", 5);
	assert_int_equal(size, 5);
	assert_null(cpio_find(p, len, "secon", &size));
	assert_null(cpio_find(p, len - 8, "second", &size));
	memcpy(p + 54, "FFFFFFFF", 8);		/* the first one's size */
	assert_null(cpio_find(p, len, "second", &size));
	assert_null(cpio_find(p, 0, "first", &size));
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_intel),
		cmocka_unit_test(test_amd),
		cmocka_unit_test(test_cpio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
