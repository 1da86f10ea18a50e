/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The legacy frame of lz4, which Linux uses: blocks of at most 8 MiB, each
 * behind its packed size. The frame has no end mark and no checksum; it ends
 * with the input, or before four bytes that hold the unpacked size.
 */
#include "stream.h"

#define LZ4_MAGIC     0x184c2102U
#define BLOCK_MAX     MIB(8)
#define MIN_MATCH     4
#define LENGTH_EXTEND 15	/* more of the length follows */

/* The rest of a length: bytes are added up to the first that is not 255. */
static bool read_length(const uint8_t **in, const uint8_t *in_end, size_t *len)
{
	uint8_t b;

	do {
		if (*in >= in_end)
			return false;
		b = *(*in)++;
		*len += b;
	} while (b == 255);
	return true;
}

/* The output reached @limit: the end of the buffer, or of what a block may hold. */
static int block_full(struct stream *s, const uint8_t *limit)
{
	if (limit == s->out_end)
		return stream_full(s);
	return stream_corrupt(s, "lz4 payload is corrupt: block is too big");
}

/* One block, which ends at @in_end: literals and a match in turn, literals last. */
static int unpack_block(struct stream *s, const uint8_t *in_end)
{
	uint8_t *const block = s->out;
	uint8_t *const limit = stream_out_left(s) < BLOCK_MAX ? s->out_end : block + BLOCK_MAX;
	const uint8_t *in = s->in;
	uint8_t *out = block;

	while (in < in_end) {
		unsigned int token = *in++;
		size_t len = token >> 4, distance;

		if (len == LENGTH_EXTEND && !read_length(&in, in_end, &len))
			return stream_corrupt(s, "lz4 payload is corrupt: bad length");
		if (len > (size_t)(in_end - in))
			return stream_corrupt(s, "lz4 payload is corrupt: literals are cut off");
		if (len > (size_t)(limit - out))
			return block_full(s, limit);
		__builtin_memcpy(out, in, len);
		out += len;
		in += len;
		if (in == in_end) {
			s->in = in;
			s->out = out;
			return 0;
		}
		if (in_end - in < 2)
			break;
		distance = load_le16(in);
		in += 2;
		if (!distance || distance > (size_t)(out - block))
			return stream_corrupt(s, "lz4 payload is corrupt: match before the start");
		len = token & 15;
		if (len == LENGTH_EXTEND && !read_length(&in, in_end, &len))
			return stream_corrupt(s, "lz4 payload is corrupt: bad length");
		len += MIN_MATCH;
		if (len > (size_t)(limit - out))
			return block_full(s, limit);
		out = match_copy(out, distance, len, s->out_end);
	}
	return stream_corrupt(s, "lz4 payload is corrupt: block ends badly");
}

int stream_unlz4(struct stream *s)
{
	s->in += 4;
	while (stream_in_left(s)) {
		uint32_t len;
		int err;

		if (stream_in_left(s) < 4)
			return stream_corrupt(s, "lz4 payload is truncated");
		len = load_le32(s->in);
		if (stream_in_left(s) == 4 && len == (size_t)(s->out - s->out_start))
			return 0;	/* not a block's size, but the unpacked size */
		s->in += 4;
		if (len == LZ4_MAGIC)	/* another frame, as cat(1) makes them */
			continue;
		if (stream_in_left(s) < len)
			return stream_corrupt(s, "lz4 payload is truncated");
		err = unpack_block(s, s->in + len);
		if (err)
			return err;
	}
	return 0;
}
