/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container of xz, file format 1.1.0: stream header, blocks, index and
 * footer. Filters are LZMA2, alone or after x86; checks are none, CRC-32 and
 * CRC-64, and every one is verified.
 */
#include "stream.h"

#define HEADER_LEN 12
#define FOOTER_LEN 12

#define FILTER_X86   0x04
#define FILTER_LZMA2 0x21

#define BLOCK_FILTER_COUNT  0x03
#define BLOCK_RESERVED	    0x3c
#define BLOCK_HAS_PACKED    0x40
#define BLOCK_HAS_UNPACKED  0x80

#define SIZE_UNKNOWN UINT64_MAX	/* above what a variable-length integer can hold */

enum xz_check {
	CHECK_NONE = 0,
	CHECK_CRC32 = 1,
	CHECK_CRC64 = 4,
};

struct block_header {
	uint64_t packed;	/* or SIZE_UNKNOWN */
	uint64_t unpacked;
	uint32_t x86_start;
	bool has_x86;
};

/* What the index must say of the blocks: their count and a CRC over the pairs of sizes. */
struct block_sizes {
	uint64_t count;
	uint32_t crc;
};

static int truncated(struct stream *s)
{
	return stream_corrupt(s, "xz payload is truncated");
}

static void block_sizes_add(struct block_sizes *sizes, uint64_t unpadded, uint64_t unpacked)
{
	uint8_t pair[16];

	store_le64(pair, unpadded);
	store_le64(pair + 8, unpacked);
	sizes->count++;
	sizes->crc = crc32(sizes->crc, pair, sizeof(pair));
}

/*
 * Integers of seven bits a byte, least significant first, the top bit saying
 * that more follow; at most nine bytes, and the last of several is not zero.
 */
static int read_integer(struct stream *s, const uint8_t *end, uint64_t *value)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 63; shift += 7) {
		uint8_t b;

		if (s->in >= end)
			return truncated(s);
		b = *s->in++;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80)) {
			if (!b && shift)
				break;
			*value = v;
			return 0;
		}
	}
	return stream_corrupt(s, "xz payload is corrupt: bad integer");
}

static int read_stream_header(struct stream *s, enum xz_check *check)
{
	const uint8_t *p = s->in;

	if (stream_in_left(s) < HEADER_LEN)
		return truncated(s);
	if (crc32(0, p + 6, 2) != load_le32(p + 8))
		return stream_corrupt(s, "xz payload is corrupt: stream header checksum");
	if (p[6] || (p[7] != CHECK_NONE && p[7] != CHECK_CRC32 && p[7] != CHECK_CRC64))
		return stream_unsupported(s, "xz check is neither none, crc32 nor crc64");
	*check = p[7];
	s->in += HEADER_LEN;
	return 0;
}

/* The properties of the x86 filter: nothing, or the address its input starts at. */
static int read_x86_filter(struct stream *s, const uint8_t *end, struct block_header *block)
{
	uint64_t len;
	int err = read_integer(s, end, &len);

	if (err)
		return err;
	if (len == 4 && end - s->in >= 4) {
		block->x86_start = load_le32(s->in);
		s->in += 4;
	} else if (len) {
		return stream_corrupt(s, "xz payload is corrupt: bad x86 filter");
	}
	block->has_x86 = true;
	return 0;
}

static int read_filters(struct stream *s, const uint8_t *end, unsigned int count,
			struct block_header *block)
{
	uint64_t id, len;
	int err = read_integer(s, end, &id);

	if (!err && id == FILTER_X86 && count == 2) {
		err = read_x86_filter(s, end, block);
		if (!err)
			err = read_integer(s, end, &id);
		count--;
	}
	if (err)
		return err;
	if (id != FILTER_LZMA2 || count != 1)
		return stream_unsupported(s, "xz filters are neither lzma2 nor x86 and lzma2");
	err = read_integer(s, end, &len);
	if (err)
		return err;
	/* The one byte is the size of the dictionary; ours is the whole output. */
	if (len != 1 || s->in >= end || *s->in++ > 40)
		return stream_corrupt(s, "xz payload is corrupt: bad LZMA2 filter");
	return 0;
}

static int read_block_header(struct stream *s, struct block_header *block)
{
	size_t len = ((size_t)*s->in + 1) * 4;
	const uint8_t *end = s->in + len - 4;
	uint8_t flags;
	int err = 0;

	if (stream_in_left(s) < len)
		return truncated(s);
	if (crc32(0, s->in, len - 4) != load_le32(end))
		return stream_corrupt(s, "xz payload is corrupt: block header checksum");
	*block = (struct block_header){ .packed = SIZE_UNKNOWN, .unpacked = SIZE_UNKNOWN };
	flags = s->in[1];
	if (flags & BLOCK_RESERVED)
		return stream_unsupported(s, "xz block has unknown flags");
	s->in += 2;
	if (flags & BLOCK_HAS_PACKED)
		err = read_integer(s, end, &block->packed);
	if (!err && flags & BLOCK_HAS_UNPACKED)
		err = read_integer(s, end, &block->unpacked);
	if (!err)
		err = read_filters(s, end, (flags & BLOCK_FILTER_COUNT) + 1, block);
	if (err)
		return err;
	while (s->in < end)
		if (*s->in++)
			return stream_corrupt(s, "xz payload is corrupt: block header padding");
	s->in = end + 4;
	return 0;
}

/* Zero bytes up to a multiple of four, counted from @start. */
static int read_padding(struct stream *s, const uint8_t *start)
{
	for (; (s->in - start) & 3; s->in++) {
		if (!stream_in_left(s))
			return truncated(s);
		if (*s->in)
			return stream_corrupt(s, "xz payload is corrupt: padding");
	}
	return 0;
}

static int verify_check(struct stream *s, enum xz_check check, const uint8_t *out)
{
	size_t len = check == CHECK_NONE ? 0 : check == CHECK_CRC32 ? 4 : 8;
	bool good = true;

	if (stream_in_left(s) < len)
		return truncated(s);
	if (check == CHECK_CRC32)
		good = crc32(0, out, s->out - out) == load_le32(s->in);
	else if (check == CHECK_CRC64)
		good = crc64(0, out, s->out - out) == load_le64(s->in);
	if (!good)
		return stream_corrupt(s, "xz payload is corrupt: data checksum");
	s->in += len;
	return 0;
}

static int read_block(struct stream *s, enum xz_check check, struct block_sizes *sizes)
{
	const uint8_t *start = s->in, *packed, *check_start;
	uint8_t *out = s->out;
	struct block_header block;
	uint64_t packed_len, unpadded;
	int err;

	err = read_block_header(s, &block);
	if (err)
		return err;
	packed = s->in;
	err = stream_unlzma2(s);
	if (err)
		return err;
	packed_len = s->in - packed;
	unpadded = s->in - start;
	if ((block.packed != SIZE_UNKNOWN && block.packed != packed_len) ||
	    (block.unpacked != SIZE_UNKNOWN && block.unpacked != (uint64_t)(s->out - out)))
		return stream_corrupt(s, "xz payload is corrupt: block size");
	if (block.has_x86)
		bcj_x86_decode(out, s->out - out, block.x86_start);
	err = read_padding(s, start);
	if (err)
		return err;
	check_start = s->in;
	err = verify_check(s, check, out);
	if (err)
		return err;
	block_sizes_add(sizes, unpadded + (s->in - check_start), s->out - out);
	return 0;
}

/* @s->in is at the index indicator. */
static int read_index(struct stream *s, const struct block_sizes *sizes)
{
	const uint8_t *start = s->in++;
	struct block_sizes index = { 0 };
	uint64_t count;
	int err = read_integer(s, s->in_end, &count);

	if (err)
		return err;
	if (count != sizes->count)
		return stream_corrupt(s, "xz payload is corrupt: index");
	while (index.count < count) {
		uint64_t unpadded, unpacked;

		err = read_integer(s, s->in_end, &unpadded);
		if (!err)
			err = read_integer(s, s->in_end, &unpacked);
		if (err)
			return err;
		block_sizes_add(&index, unpadded, unpacked);
	}
	err = read_padding(s, start);
	if (err)
		return err;
	if (stream_in_left(s) < 4)
		return truncated(s);
	if (index.crc != sizes->crc || crc32(0, start, s->in - start) != load_le32(s->in))
		return stream_corrupt(s, "xz payload is corrupt: index");
	s->in += 4;
	return 0;
}

static int read_footer(struct stream *s, size_t index_len, enum xz_check check)
{
	const uint8_t *p = s->in;

	if (stream_in_left(s) < FOOTER_LEN)
		return truncated(s);
	if (crc32(0, p + 4, 6) != load_le32(p) ||
	    ((uint64_t)load_le32(p + 4) + 1) * 4 != index_len || p[8] || p[9] != check ||
	    p[10] != 'Y' || p[11] != 'Z')
		return stream_corrupt(s, "xz payload is corrupt: footer");
	s->in += FOOTER_LEN;
	return 0;
}

int stream_unxz(struct stream *s)
{
	struct block_sizes sizes = { 0 };
	const uint8_t *index;
	enum xz_check check;
	int err;

	err = read_stream_header(s, &check);
	if (err)
		return err;
	for (;;) {
		if (!stream_in_left(s))
			return truncated(s);
		if (!*s->in)
			break;
		err = read_block(s, check, &sizes);
		if (err)
			return err;
	}
	index = s->in;
	err = read_index(s, &sizes);
	if (err)
		return err;
	return read_footer(s, s->in - index, check);
}
