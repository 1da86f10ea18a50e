/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zstd (RFC 8878): one frame, without a dictionary. The window does not
 * matter, as all of the output stays in reach.
 */
#include "zstd.h"

#define FLAG_SINGLE_SEGMENT 0x20
#define FLAG_RESERVED	    0x08
#define FLAG_CHECKSUM	    0x04

#define BLOCK_HEADER_LEN 3

enum block_type {
	BLOCK_RAW,
	BLOCK_RLE,
	BLOCK_COMPRESSED,
	BLOCK_RESERVED,
};

struct frame_header {
	bool has_checksum;
	bool has_size;
	uint64_t size;
};

static struct zstd_frame frame __boot_only;

static int truncated(struct stream *s)
{
	return stream_corrupt(s, "zstd payload is truncated");
}

/* An integer of @len bytes, which have to be there. */
static uint64_t take_le(struct stream *s, unsigned int len)
{
	s->in += len;
	return load_le(s->in - len, len);
}

/* Magic, flags, then window, dictionary and size, of lengths that the flags tell. */
static int read_header(struct stream *s, struct frame_header *h)
{
	static const uint8_t dictionary_lens[4] = { 0, 1, 2, 4 }, size_lens[4] = { 0, 2, 4, 8 };
	unsigned int flags, window_len, size_len, dictionary_len;

	if (stream_in_left(s) < 5)
		return truncated(s);
	flags = s->in[4];
	s->in += 5;
	window_len = !(flags & FLAG_SINGLE_SEGMENT);
	dictionary_len = dictionary_lens[flags & 3];
	size_len = size_lens[flags >> 6];
	if (!size_len && flags & FLAG_SINGLE_SEGMENT)
		size_len = 1;
	if (stream_in_left(s) < window_len + dictionary_len + size_len)
		return truncated(s);
	s->in += window_len;
	if (take_le(s, dictionary_len) || flags & FLAG_RESERVED)
		return stream_unsupported(s, "zstd frame has unknown flags or a dictionary");
	h->has_checksum = flags & FLAG_CHECKSUM;
	h->has_size = size_len;
	h->size = take_le(s, size_len) + (size_len == 2 ? 256 : 0);
	return 0;
}

static int raw_block(struct stream *s, size_t len)
{
	if (stream_in_left(s) < len)
		return truncated(s);
	if (stream_out_left(s) < len)
		return stream_full(s);
	__builtin_memcpy(s->out, s->in, len);
	s->in += len;
	s->out += len;
	return 0;
}

static int rle_block(struct stream *s, size_t len)
{
	if (!stream_in_left(s))
		return truncated(s);
	if (stream_out_left(s) < len)
		return stream_full(s);
	__builtin_memset(s->out, *s->in++, len);
	s->out += len;
	return 0;
}

static int compressed_block(struct stream *s, size_t len)
{
	struct span in = { s->in, s->in + len, s->in_end }, literals;
	int err;

	if (stream_in_left(s) < len)
		return truncated(s);
	s->in += len;
	err = zstd_read_literals(s, &frame, &in, &literals);
	if (err)
		return err;
	return zstd_run_sequences(s, &frame, &in, &literals);
}

static int read_blocks(struct stream *s)
{
	bool is_last;

	do {
		uint32_t header;
		size_t len;
		int err;

		if (stream_in_left(s) < BLOCK_HEADER_LEN)
			return truncated(s);
		header = take_le(s, BLOCK_HEADER_LEN);
		is_last = header & 1;
		len = header >> 3;
		if (len > ZSTD_BLOCK_MAX)
			return zstd_corrupt(s);
		switch ((enum block_type)(header >> 1 & 3)) {
		case BLOCK_RAW:
			err = raw_block(s, len);
			break;
		case BLOCK_RLE:
			err = rle_block(s, len);
			break;
		case BLOCK_COMPRESSED:
			err = compressed_block(s, len);
			break;
		default:
			err = zstd_corrupt(s);
		}
		if (err)
			return err;
	} while (!is_last);
	return 0;
}

int stream_unzstd(struct stream *s)
{
	struct frame_header h;
	size_t len;
	int err;

	err = read_header(s, &h);
	if (err)
		return err;
	frame.out_start = s->out;
	frame.literal_code.is_set = false;
	frame.literal_length.is_set = false;
	frame.offset.is_set = false;
	frame.match_length.is_set = false;
	frame.repeat[0] = 1;
	frame.repeat[1] = 4;
	frame.repeat[2] = 8;
	err = read_blocks(s);
	if (err)
		return err;
	len = s->out - frame.out_start;
	if (h.has_size && h.size != len)
		return stream_corrupt(s, "zstd payload is corrupt: size");
	if (!h.has_checksum)
		return 0;
	if (stream_in_left(s) < 4)
		return truncated(s);
	if ((uint32_t)xxh64(frame.out_start, len) != load_le32(s->in))
		return stream_corrupt(s, "zstd payload is corrupt: data checksum");
	s->in += 4;
	return 0;
}
