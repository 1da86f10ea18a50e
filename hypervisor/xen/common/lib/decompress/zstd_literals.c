/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first half of a zstd block: its literals, plain or Huffman coded (RFC 8878, 3.1.1.3.1). */
#include "zstd.h"

enum literals_type {
	LITERALS_RAW,
	LITERALS_RLE,
	LITERALS_COMPRESSED,
	LITERALS_TREELESS,	/* with the code of an earlier block */
};

struct literals_header {
	enum literals_type type;
	size_t len;
	size_t packed_len;
	bool has_four_streams;
};

static uint8_t buffer[ZSTD_BLOCK_MAX] __boot_only;

static bool read_header(struct span *in, struct literals_header *h)
{
	static const uint8_t coded_len[4] = { 3, 3, 4, 5 }, coded_bits[4] = { 10, 10, 14, 18 };
	unsigned int format, len, bits;
	uint64_t v;

	if (!span_left(in))
		return false;
	h->type = *in->p & 3;
	format = *in->p >> 2 & 3;
	if (h->type == LITERALS_RAW || h->type == LITERALS_RLE)
		len = format == 1 ? 2 : format == 3 ? 3 : 1;
	else
		len = coded_len[format];
	if (len > span_left(in))
		return false;
	v = load_le(in->p, len);
	in->p += len;
	if (h->type == LITERALS_RAW || h->type == LITERALS_RLE) {
		h->len = v >> (format & 1 ? 4 : 3);
		h->packed_len = h->type == LITERALS_RLE ? 1 : h->len;
	} else {
		bits = coded_bits[format];
		h->len = v >> 4 & ((1U << bits) - 1);
		h->packed_len = v >> (4 + bits);
		h->has_four_streams = format != 0;
	}
	return h->len <= ZSTD_BLOCK_MAX && h->packed_len <= span_left(in);
}

static bool decode_stream(const struct huffman_table *t, struct span in, uint8_t *out, size_t len)
{
	const uint8_t *end = out + len;
	unsigned int log = t->log;
	struct backward_bits b;

	if (!backward_init(&b, &in))
		return false;
	while (out < end) {
		struct huffman_entry e = t->entry[backward_peek(&b, log)];

		*out++ = e.symbol;
		b.left -= e.bits;
	}
	return b.left == 0;
}

/* Four streams for a quarter of the literals each, behind the lengths of the first three. */
static bool decode_four_streams(const struct huffman_table *t, struct span in, size_t len)
{
	size_t quarter = (len + 3) / 4;
	const uint8_t *sizes = in.p;

	if (span_left(&in) < 6 || quarter * 3 > len)
		return false;
	in.p += 6;
	for (unsigned int i = 0; i < 3; i++) {
		struct span part = in;

		if (load_le16(sizes + 2 * i) > span_left(&in))
			return false;
		in.p += load_le16(sizes + 2 * i);
		part.end = in.p;
		if (!decode_stream(t, part, buffer + i * quarter, quarter))
			return false;
	}
	return decode_stream(t, in, buffer + 3 * quarter, len - 3 * quarter);
}

static bool decode_literals(struct zstd_frame *frame, const struct literals_header *h,
			    struct span in)
{
	struct huffman_table *t = &frame->literal_code;

	if (h->type == LITERALS_COMPRESSED ? !huffman_read(t, &in) : !t->is_set)
		return false;
	if (h->has_four_streams)
		return decode_four_streams(t, in, h->len);
	return decode_stream(t, in, buffer, h->len);
}

int zstd_read_literals(struct stream *s, struct zstd_frame *frame, struct span *in,
		       struct span *literals)
{
	struct literals_header h = { 0 };
	struct span packed;

	if (!read_header(in, &h))
		return zstd_corrupt(s);
	packed = (struct span){ in->p, in->p + h.packed_len, in->in_end };
	in->p = packed.end;
	*literals = (struct span){ buffer, buffer + h.len, buffer + h.len };
	if (h.type == LITERALS_RAW)
		*literals = packed;
	else if (h.type == LITERALS_RLE)
		__builtin_memset(buffer, *packed.p, h.len);
	else if (!decode_literals(frame, &h, packed))
		return zstd_corrupt(s);
	return 0;
}
