/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Headers of bzImages, good and bad, and the whole way from a real kernel to
 * its notes: $KERNEL, else /boot/vmlinuz-*; skipped if there is none.
 */
/* sources: common/lib/bzimage.c common/lib/elf.c */
/* sources: common/lib/decompress/decompress.c common/lib/decompress/checksum.c */
/* sources: common/lib/decompress/gunzip.c common/lib/decompress/unlz4.c */
/* sources: common/lib/decompress/unxz.c common/lib/decompress/lzma2.c */
/* sources: common/lib/decompress/bcj_x86.c */
/* sources: common/lib/decompress/unzstd.c common/lib/decompress/zstd_entropy.c */
/* sources: common/lib/decompress/zstd_literals.c common/lib/decompress/zstd_sequences.c */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/abi.h>
#include <hv/bzimage.h>
#include <hv/decompress.h>
#include <hv/elf.h>
#include <hv/errno.h>

#define IMAGE_LEN      2048
#define PAYLOAD_OFFSET 100	/* from the end of the setup code, at 1024 */
#define PAYLOAD_LEN    50

static void put(uint8_t *p, uint64_t v, unsigned int len)
{
	for (; len; len--, v >>= 8)
		*p++ = v;
}

/* A bzImage with one sector of setup code; free it. */
static uint8_t *make_image(void)
{
	uint8_t *image = calloc(1, IMAGE_LEN);

	assert_non_null(image);
	image[0x1f1] = 1;
	put(image + 0x1fe, 0xaa55, 2);
	memcpy(image + 0x202, "HdrS", 4);
	put(image + 0x206, 0x020f, 2);
	put(image + 0x248, PAYLOAD_OFFSET, 4);
	put(image + 0x24c, PAYLOAD_LEN, 4);
	put(image + 1024 + PAYLOAD_OFFSET + PAYLOAD_LEN - 4, 0x12345678, 4);
	return image;
}

/* Parse a copy that is exactly @len bytes long. */
static int parse(const uint8_t *image, size_t len, struct bzimage *info)
{
	uint8_t *copy = malloc(len ? len : 1);
	const char *why = NULL;
	int rc;

	assert_non_null(copy);
	memcpy(copy, image, len);
	rc = bzimage_parse(copy, len, info, &why);
	if (rc)
		assert_non_null(why);
	else
		assert_ptr_equal(info->payload, copy + 1024 + PAYLOAD_OFFSET);
	free(copy);
	return rc;
}

static void test_good(void **state)
{
	uint8_t *image = make_image();
	struct bzimage info;

	(void)state;
	assert_int_equal(parse(image, IMAGE_LEN, &info), 0);
	assert_int_equal(info.payload_len, PAYLOAD_LEN);
	assert_int_equal(info.unpacked_size, 0x12345678);
	assert_int_equal(info.version, 0x020f);
	free(image);
}

static void test_setup_sects_of_zero(void **state)
{
	uint8_t *image = make_image();
	struct bzimage info;

	(void)state;
	image[0x1f1] = 0;	/* stands for 4, and 2560 + 100 is behind the end */
	assert_int_equal(parse(image, IMAGE_LEN, &info), -EINVAL);
	image[0x1f1] = 1;
	assert_int_equal(parse(image, IMAGE_LEN, &info), 0);
	free(image);
}

static void test_truncated(void **state)
{
	uint8_t *image = make_image();
	struct bzimage info;

	(void)state;
	for (size_t len = 0; len < IMAGE_LEN; len++) {
		int want = len < 0x208 ? -ENOEXEC :
			   len < 1024 + PAYLOAD_OFFSET + PAYLOAD_LEN ? -EINVAL :
								       0;

		assert_int_equal(parse(image, len, &info), want);
	}
	free(image);
}

static void test_bad_fields(void **state)
{
	static const struct {
		size_t offset;
		uint64_t value;
		unsigned int len;
		int want;
	} cases[] = {
		{ 0x202, 0, 4, -ENOEXEC },	   { 0x1fe, 0, 2, -ENOEXEC },
		{ 0x206, 0x0207, 2, -EINVAL },	   { 0x1f1, 255, 1, -EINVAL },
		{ 0x248, 0xffffffff, 4, -EINVAL }, { 0x248, 1024 - PAYLOAD_LEN + 1, 4, -EINVAL },
		{ 0x24c, 0xffffffff, 4, -EINVAL }, { 0x24c, 4, 4, -EINVAL },
		{ 0x24c, 0, 4, -EINVAL },
	};
	struct bzimage info;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t *image = make_image();

		put(image + cases[i].offset, cases[i].value, cases[i].len);
		assert_int_equal(parse(image, IMAGE_LEN, &info), cases[i].want);
		free(image);
	}
}

/* The kernel to try, read whole into a buffer that is to be freed; NULL if there is none. */
static uint8_t *read_kernel(size_t *len)
{
	const char *path = getenv("KERNEL");
	uint8_t *bytes = NULL;
	glob_t found = { 0 };
	FILE *f;

	if (!path && !glob("/boot/vmlinuz-*", 0, NULL, &found))
		path = found.gl_pathv[0];
	f = path ? fopen(path, "rb") : NULL;
	globfree(&found);
	if (!f)
		return NULL;
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	*len = ftell(f);
	rewind(f);
	bytes = malloc(*len);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *len, f), *len);
	fclose(f);
	return bytes;
}

/* What stock amd64 Linux says of itself. */
static void check_linux_notes(const struct elf_image *elf)
{
	struct xen_notes notes;
	const char *why;

	assert_int_equal(elf_notes(elf, &notes, &why), 0);
	assert_true(notes.present);
	assert_string_equal(notes.guest_os, "linux");
	assert_string_equal(notes.guest_version, "2.6");
	assert_string_equal(notes.xen_version, "xen-3.0");
	assert_string_equal(notes.loader, "generic");
	assert_true(notes.has_virt_base);
	assert_true(notes.virt_base == 0xffffffff80000000ULL);
	assert_true(notes.has_init_p2m);
	assert_true(notes.init_p2m == 0x8000000000ULL);
	assert_true(notes.has_entry);
	assert_true(notes.entry - notes.virt_base >= elf->paddr_start);
	assert_true(notes.entry - notes.virt_base < elf->paddr_end);
	assert_true(notes.mod_start_pfn);
	assert_true(notes.supported_features & 1U << XENFEAT_dom0);
	assert_true(notes.required_features & 1U << XENFEAT_writable_page_tables);
	assert_true(notes.has_l1_mfn_valid && notes.l1_mfn_valid.mask == 1);
}

static void test_real_kernel(void **state)
{
	uint8_t *unpacked, *loaded, *image;
	struct bzimage info;
	struct elf_image elf;
	const char *why;
	size_t len;

	(void)state;
	image = read_kernel(&len);
	if (!image)
		skip();
	assert_int_equal(bzimage_parse(image, len, &info, &why), 0);
	unpacked = malloc(info.unpacked_size);
	assert_non_null(unpacked);
	assert_int_equal(decompress(info.payload, info.payload_len, unpacked, info.unpacked_size,
				    &len, &why),
			 0);
	assert_int_equal(len, info.unpacked_size);
	assert_int_equal(elf_parse(unpacked, len, &elf, &why), 0);
	check_linux_notes(&elf);

	len = elf.paddr_end - elf.paddr_start;
	loaded = malloc(len);
	assert_non_null(loaded);
	assert_int_equal(elf_load(&elf, loaded, elf.paddr_start, len), 0);
	assert_int_equal(elf_load(&elf, loaded, elf.paddr_start, len - 1), -EINVAL);
	free(loaded);
	free(unpacked);
	free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	    cmocka_unit_test(test_setup_sects_of_zero),
		cmocka_unit_test(test_truncated),   cmocka_unit_test(test_bad_fields),
		cmocka_unit_test(test_real_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
