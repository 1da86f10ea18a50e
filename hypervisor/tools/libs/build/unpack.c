/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One loop for each library: feed all input, pass on each full buffer. Memory is
 * bounded by each format's own limit on its window.
 */
#include "unpack.h"

#include <errno.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#define CHUNK	     (256 << 10)
#define XZ_MEMORY    (256ULL << 20)
#define ZSTD_WINDOW  27			/* 128 MiB, what Linux itself allows */
#define LZ4_MAGIC    0x184c2102U	/* of the legacy frame */
#define LZ4_BLOCK    (8 << 20)		/* bytes that a block of it unpacks to, at most */
#define INPUT_AT_ONCE (1U << 30)	/* zlib counts in unsigned int */

static int corrupt(struct build_why *why)
{
	return fail(why, -EINVAL, "is truncated or corrupt: it cannot be unpacked");
}

static int no_memory(struct build_why *why)
{
	return fail(why, -ENOMEM, "cannot be unpacked: out of memory");
}

static int pass_on(struct unpack_sink *sink, const void *bytes, size_t len, struct build_why *why)
{
	int rc;

	if (len > UNPACK_LIMIT - sink->len)
		return fail(why, -E2BIG, "unpacks to more than 1 GiB");
	rc = len ? sink->write(sink, bytes, len) : 0;
	if (rc)
		return fail(why, rc, "cannot be unpacked: %s", strerror(-rc));
	sink->len += len;
	return 0;
}

static int gunzip(const uint8_t *in, size_t len, uint8_t *buffer, struct unpack_sink *sink,
		  struct build_why *why)
{
	z_stream z = { .next_in = in };
	int r, rc;

	if (len > INPUT_AT_ONCE)
		return fail(why, -E2BIG, "is too large to be unpacked");
	z.avail_in = len;
	if (inflateInit2(&z, 15 + 16) != Z_OK)		/* the largest window, a gzip header */
		return no_memory(why);
	do {
		z.next_out = buffer;
		z.avail_out = CHUNK;
		r = inflate(&z, Z_NO_FLUSH);
		rc = pass_on(sink, buffer, CHUNK - z.avail_out, why);
	} while (!rc && r == Z_OK);
	if (!rc && r != Z_STREAM_END)
		rc = r == Z_MEM_ERROR ? no_memory(why) : corrupt(why);
	inflateEnd(&z);
	return rc;
}

static int unxz(const uint8_t *in, size_t len, uint8_t *buffer, struct unpack_sink *sink,
		struct build_why *why)
{
	lzma_stream x = LZMA_STREAM_INIT;
	lzma_ret r;
	int rc;

	if (lzma_stream_decoder(&x, XZ_MEMORY, 0) != LZMA_OK)
		return no_memory(why);
	x.next_in = in;
	x.avail_in = len;
	do {
		x.next_out = buffer;
		x.avail_out = CHUNK;
		r = lzma_code(&x, LZMA_FINISH);
		rc = pass_on(sink, buffer, CHUNK - x.avail_out, why);
	} while (!rc && r == LZMA_OK);
	if (!rc && r == LZMA_MEMLIMIT_ERROR)
		rc = fail(why, -E2BIG, "takes too much memory to be unpacked");
	else if (!rc && r != LZMA_STREAM_END)
		rc = r == LZMA_MEM_ERROR ? no_memory(why) : corrupt(why);
	lzma_end(&x);
	return rc;
}

static int unzstd(const uint8_t *in, size_t len, uint8_t *buffer, struct unpack_sink *sink,
		  struct build_why *why)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();
	ZSTD_inBuffer input = { in, len, 0 };
	int rc = 0;
	size_t r;

	if (!z)
		return no_memory(why);
	ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, ZSTD_WINDOW);
	do {
		ZSTD_outBuffer output = { buffer, CHUNK, 0 };

		r = ZSTD_decompressStream(z, &output, &input);
		if (ZSTD_isError(r) || (r && !output.pos && input.pos == len))
			rc = corrupt(why);
		else
			rc = pass_on(sink, buffer, output.pos, why);
	} while (!rc && r);
	ZSTD_freeDCtx(z);
	return rc;
}

static uint32_t word_at(const uint8_t *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/*
 * Blocks, each after its packed length, until the input or what can be a block ends: the
 * frame has no end mark, and Linux appends the unpacked size.
 */
static int unlz4(const uint8_t *in, size_t len, struct unpack_sink *sink, struct build_why *why)
{
	char *block = malloc(LZ4_BLOCK);
	size_t pos = sizeof(uint32_t);
	int rc = 0;

	if (!block)
		return no_memory(why);
	while (!rc && len - pos > sizeof(uint32_t)) {
		uint32_t packed = word_at(in + pos);
		int n;

		pos += sizeof(packed);
		if (packed == LZ4_MAGIC)	/* another frame */
			continue;
		if (!packed || packed > len - pos ||
		    packed > (uint32_t)LZ4_compressBound(LZ4_BLOCK)) {
			rc = corrupt(why);
			break;
		}
		n = LZ4_decompress_safe((const char *)in + pos, block, packed, LZ4_BLOCK);
		rc = n < 0 ? corrupt(why) : pass_on(sink, block, n, why);
		pos += packed;
	}
	if (!rc && !sink->len)
		rc = corrupt(why);
	free(block);
	return rc;
}

/* The first bytes of each format. */
static const char gzip_magic[] = "\x1f\x8b\x08", xz_magic[] = "\xfd"
							      "7zXZ";
static const char zstd_magic[] = "\x28\xb5\x2f\xfd", lz4_magic[] = "\x02\x21\x4c\x18";

static bool begins(const void *bytes, size_t len, const char *magic)
{
	return len >= strlen(magic) && !memcmp(bytes, magic, strlen(magic));
}

bool unpack_knows(const void *bytes, size_t len)
{
	return begins(bytes, len, gzip_magic) || begins(bytes, len, xz_magic) ||
	       begins(bytes, len, zstd_magic) || begins(bytes, len, lz4_magic);
}

int unpack(const void *in, size_t len, struct unpack_sink *sink, struct build_why *why)
{
	uint8_t *buffer;
	int rc;

	sink->len = 0;
	if (begins(in, len, lz4_magic))
		return unlz4(in, len, sink, why);
	buffer = malloc(CHUNK);
	if (!buffer)
		return no_memory(why);
	if (begins(in, len, gzip_magic))
		rc = gunzip(in, len, buffer, sink, why);
	else if (begins(in, len, xz_magic))
		rc = unxz(in, len, buffer, sink, why);
	else if (begins(in, len, zstd_magic))
		rc = unzstd(in, len, buffer, sink, why);
	else
		rc = fail(why, -EINVAL, "is packed in an unknown way");
	free(buffer);
	return rc;
}
