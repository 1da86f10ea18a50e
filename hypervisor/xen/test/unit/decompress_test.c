/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decoders against the packers of the host: what gzip, xz, lz4 and zstd
 * make is unpacked, cut short and bent. Every buffer is as long as it is said
 * to be, so that ASan sees each step outside. A packer that is not installed
 * has its tests skipped.
 */
/* sources: common/lib/decompress/decompress.c common/lib/decompress/checksum.c */
/* sources: common/lib/decompress/gunzip.c common/lib/decompress/unlz4.c */
/* sources: common/lib/decompress/unxz.c common/lib/decompress/lzma2.c */
/* sources: common/lib/decompress/bcj_x86.c */
/* sources: common/lib/decompress/unzstd.c common/lib/decompress/zstd_entropy.c */
/* sources: common/lib/decompress/zstd_literals.c common/lib/decompress/zstd_sequences.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <hv/decompress.h>
#include <hv/errno.h>

struct blob {
	uint8_t *bytes;
	size_t len;
};

/* How the bytes of a sample come about. */
enum sample {
	SAMPLE_EMPTY,
	SAMPLE_BYTE,
	SAMPLE_ZEROS,
	SAMPLE_NOISE,
	SAMPLE_TEXT,
	SAMPLE_PERIODS,
	SAMPLE_CALLS,
	SAMPLE_COUNT
};

static uint32_t random_state = 1;

static uint32_t random_number(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

static struct blob blob_new(size_t len)
{
	struct blob b = { malloc(len ? len : 1), len };

	assert_non_null(b.bytes);
	return b;
}

static struct blob blob_copy(struct blob from, size_t len)
{
	struct blob b = blob_new(len);

	memcpy(b.bytes, from.bytes, len);
	return b;
}

/* Words of a small vocabulary. */
static void fill_text(struct blob b)
{
	char word[16];
	size_t i = 0;

	while (i < b.len) {
		int n = snprintf(word, sizeof(word), "%x ", random_number() % 500 * 77);

		for (int j = 0; j < n && i < b.len; j++)
			b.bytes[i++] = word[j];
	}
}

/* Runs with every short period: the matches that overlap their source. */
static void fill_periods(struct blob b)
{
	for (size_t i = 0; i < b.len; i++) {
		size_t period = i / 4096 % 40 + 1;

		b.bytes[i] = i % 4096 < period ? random_number() : b.bytes[i - period];
	}
}

/* Bytes that x86 branch filters trip over, and calls that they like. */
static void fill_calls(struct blob b)
{
	static const uint8_t bytes[] = { 0xe8, 0xe9, 0x00, 0xff, 0xe8, 0x00, 0x12, 0xfe, 0x01 };

	for (size_t i = 0; i < b.len; i++)
		b.bytes[i] = bytes[random_number() % sizeof(bytes)];
}

static struct blob make_sample(enum sample kind, size_t len)
{
	struct blob b = blob_new(kind == SAMPLE_EMPTY ? 0 : kind == SAMPLE_BYTE ? 1 : len);

	if (kind == SAMPLE_TEXT)
		fill_text(b);
	else if (kind == SAMPLE_PERIODS)
		fill_periods(b);
	else if (kind == SAMPLE_CALLS)
		fill_calls(b);
	else
		for (size_t i = 0; i < b.len; i++)
			b.bytes[i] = kind == SAMPLE_ZEROS ? 0 : random_number();
	return b;
}

/* Run @command from @data to what is returned. */
static struct blob pack(const char *command, struct blob data)
{
	char path[] = "/tmp/decompress_test.XXXXXX", line[256];
	size_t room = data.len + 4096;
	struct blob packed = { malloc(room), 0 }, exact;
	int fd = mkstemp(path);
	FILE *f;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data.bytes, data.len), data.len);
	close(fd);
	snprintf(line, sizeof(line), "%s < %s", command, path);
	f = popen(line, "r");
	assert_non_null(f);
	packed.len = fread(packed.bytes, 1, room, f);
	assert_int_equal(pclose(f), 0);
	unlink(path);
	assert_true(packed.len < room);
	exact = blob_copy(packed, packed.len);
	free(packed.bytes);
	return exact;
}

/* Skips the test if the program that @command starts with is missing. */
static void need(const char *command)
{
	char line[128];

	snprintf(line, sizeof(line), "command -v %.*s >/dev/null", (int)strcspn(command, " "),
		 command);
	if (system(line))
		skip();
}

/* Unpack into exactly @room bytes; on success what came out must be @want. */
static int unpack(struct blob packed, size_t room, struct blob want)
{
	struct blob out = blob_new(room);
	const char *why = NULL;
	size_t len = 0;
	int rc = decompress(packed.bytes, packed.len, out.bytes, room, &len, &why);

	if (rc) {
		assert_non_null(why);
	} else {
		assert_int_equal(len, want.len);
		assert_memory_equal(out.bytes, want.bytes, len);
	}
	free(out.bytes);
	return rc;
}

static void check_round_trip(const char *command, enum sample kind, size_t len)
{
	struct blob data = make_sample(kind, len), packed = pack(command, data), longer;
	int rc = unpack(packed, data.len, data);

	if (rc)
		fail_msg("%s, sample %d of %zu bytes: %d", command, kind, len, rc);
	/* With room to spare, and with the unpacked size behind, as Linux has it. */
	longer = blob_new(packed.len + 4);
	memcpy(longer.bytes, packed.bytes, packed.len);
	for (unsigned int i = 0; i < 4; i++)
		longer.bytes[packed.len + i] = data.len >> 8 * i;
	assert_int_equal(unpack(longer, data.len + 100, data), 0);
	if (data.len)
		assert_int_equal(unpack(packed, data.len - 1, data), -ENOSPC);
	free(longer.bytes);
	free(packed.bytes);
	free(data.bytes);
}

static void check_round_trips(const char *const *commands)
{
	static const size_t sizes[] = { 5, 12, 300, 5000, 70000, 700000 };

	need(commands[0]);
	for (; *commands; commands++)
		for (unsigned int kind = 0; kind < SAMPLE_COUNT; kind++)
			for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
				check_round_trip(*commands, kind, sizes[i]);
}

/* A payload that ends anywhere before its end is an error. */
static void check_truncated(const char *command)
{
	struct blob data, packed;

	need(command);
	data = make_sample(SAMPLE_TEXT, 3000);
	packed = pack(command, data);
	for (size_t len = 0; len < packed.len; len++) {
		struct blob cut = blob_copy(packed, len);

		assert_int_not_equal(unpack(cut, data.len, data), 0);
		free(cut.bytes);
	}
	free(packed.bytes);
	free(data.bytes);
}

/* One wrong bit: an error, or one of the bits that mean nothing to us. */
static void check_bit_flips(const char *command, enum sample kind)
{
	struct blob data, packed;

	need(command);
	data = make_sample(kind, 1500);
	packed = pack(command, data);
	for (size_t bit = 0; bit < packed.len * 8; bit++) {
		packed.bytes[bit / 8] ^= 1 << bit % 8;
		unpack(packed, data.len, data);
		packed.bytes[bit / 8] ^= 1 << bit % 8;
	}
	free(packed.bytes);
	free(data.bytes);
}

static void check_small_rooms(const char *command)
{
	struct blob data, packed;

	need(command);
	data = make_sample(SAMPLE_PERIODS, 9000);
	packed = pack(command, data);
	for (size_t room = 0; room < data.len; room += 1 + room / 50)
		assert_int_equal(unpack(packed, room, data), -ENOSPC);
	free(packed.bytes);
	free(data.bytes);
}

static void check_broken(const char *command)
{
	check_truncated(command);
	check_bit_flips(command, SAMPLE_TEXT);
	check_bit_flips(command, SAMPLE_CALLS);
	check_small_rooms(command);
}

static void test_gzip(void **state)
{
	static const char *const commands[] = { "gzip -9", "gzip -1", "gzip -6 -n", NULL };

	(void)state;
	check_round_trips(commands);
}

static void test_gzip_broken(void **state)
{
	(void)state;
	check_broken("gzip -9");
}

static void test_xz(void **state)
{
	static const char *const commands[] = {
		"xz -6 --check=crc32 --x86 --lzma2=dict=1MiB",
		"xz -0 --check=none",
		"xz -6 --check=crc64",
		"xz -T2 --check=crc32 --block-size=65536 --x86 --lzma2=preset=1",
		"xz --check=crc32 --lzma2=preset=6,lc=0,lp=4,pb=4",
		"xz --check=crc32 --x86=start=4096 --lzma2=preset=6,lc=4,lp=0,pb=0",
		NULL
	};

	(void)state;
	check_round_trips(commands);
}

static void test_xz_broken(void **state)
{
	(void)state;
	check_broken("xz -6 --check=crc32 --x86 --lzma2=dict=1MiB");
}

static void test_xz_unsupported(void **state)
{
	struct blob data = make_sample(SAMPLE_TEXT, 100), packed;

	(void)state;
	need("xz");
	packed = pack("xz --check=sha256", data);
	assert_int_equal(unpack(packed, data.len, data), -EOPNOTSUPP);
	free(packed.bytes);
	packed = pack("xz --check=crc32 --arm --lzma2=preset=1", data);
	assert_int_equal(unpack(packed, data.len, data), -EOPNOTSUPP);
	free(packed.bytes);
	free(data.bytes);
}

static void test_lz4(void **state)
{
	static const char *const commands[] = { "lz4 -l -9 -c -", "lz4 -l -1 -c -", NULL };

	(void)state;
	check_round_trips(commands);
}

/* lz4 has no checksum and no end mark, so most damage cannot be seen; but it must do no harm. */
static void test_lz4_broken(void **state)
{
	struct blob data, packed, out;
	const char *why;
	size_t len;

	(void)state;
	check_small_rooms("lz4 -l -9 -c -");
	data = make_sample(SAMPLE_TEXT, 1500);
	packed = pack("lz4 -l -9 -c -", data);
	out = blob_new(data.len);
	for (size_t bit = 0; bit < packed.len * 8; bit++) {
		packed.bytes[bit / 8] ^= 1 << bit % 8;
		(void)!decompress(packed.bytes, packed.len, out.bytes, out.len, &len, &why);
		packed.bytes[bit / 8] ^= 1 << bit % 8;
	}
	for (len = 9; len < packed.len; len++) {
		struct blob cut = blob_copy(packed, len);

		assert_int_equal(unpack(cut, data.len, data), -EINVAL);
		free(cut.bytes);
	}
	free(out.bytes);
	free(packed.bytes);
	free(data.bytes);
}

static void test_zstd(void **state)
{
	static const char *const commands[] = { "zstd -q -c -19", "zstd -q -c -1 --no-check",
						"zstd -q -c --ultra -22", "zstd -q -c --fast=5",
						NULL };

	(void)state;
	check_round_trips(commands);
}

static void test_zstd_broken(void **state)
{
	(void)state;
	check_broken("zstd -q -c --ultra -22 --check");
}

static void test_unknown_format(void **state)
{
	struct blob nothing = { NULL, 0 };
	char text[] = "\x7f"
		      "ELF and so on";
	struct blob elf = { (uint8_t *)text, sizeof(text) };

	(void)state;
	assert_int_equal(unpack(elf, 100, elf), -EOPNOTSUPP);
	assert_int_equal(unpack(nothing, 100, nothing), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_gzip_broken),
		cmocka_unit_test(test_xz),
		cmocka_unit_test(test_xz_broken),
		cmocka_unit_test(test_xz_unsupported),
		cmocka_unit_test(test_lz4),
		cmocka_unit_test(test_lz4_broken),
		cmocka_unit_test(test_zstd),
		cmocka_unit_test(test_zstd_broken),
		cmocka_unit_test(test_unknown_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
