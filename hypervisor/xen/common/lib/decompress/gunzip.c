/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gzip (RFC 1952) around deflate (RFC 1951). Codes of up to FAST_BITS bits are
 * looked up in one step, longer ones are compared length by length.
 */
#include "stream.h"

#define FAST_BITS 10
#define CODE_BITS 15

#define LITLEN_MAX   286	/* 286 and 287 take part in the code, but mean nothing */
#define DISTANCE_MAX 30
#define END_OF_BLOCK 256
#define LENGTH_FIRST 257

#define FLAG_HEADER_CRC 0x02
#define FLAG_EXTRA	0x04
#define FLAG_NAME	0x08
#define FLAG_COMMENT	0x10
#define FLAG_RESERVED	0xe0

#define NO_SYMBOL -1

struct huffman {
	uint16_t fast[1 << FAST_BITS];	/* symbol << 4 | length, 0 if longer or unused */
	uint16_t count[CODE_BITS + 1];	/* codes of each length */
	uint16_t symbol[LITLEN_MAX + 2];	/* in the order of their codes */
};

/*
 * The input as a number whose lowest bits come next. Behind the end zero bytes
 * are appended and counted, so that truncation is seen when one is used.
 */
struct bit_reader {
	uint64_t bits;
	unsigned int count;
	unsigned int invented;	/* bits appended behind the end */
	const uint8_t *in;
	const uint8_t *in_end;
};

static struct huffman litlen_code __boot_only, distance_code __boot_only;

static int truncated(struct stream *s)
{
	return stream_corrupt(s, "gzip payload is truncated");
}

/* Afterwards at least 56 bits are there. */
static __hot_inline void refill(struct bit_reader *r)
{
	if (likely(r->in_end - r->in >= 8)) {
		r->bits |= load_le64(r->in) << r->count;
		r->in += (63 - r->count) >> 3;
		r->count |= 56;
		return;
	}
	for (; r->count < 56; r->count += 8) {
		if (r->in < r->in_end)
			r->bits |= (uint64_t)*r->in++ << r->count;
		else
			r->invented += 8;
	}
}

/* At most 32 of the bits that refill() left. */
static __hot_inline uint32_t take(struct bit_reader *r, unsigned int n)
{
	uint32_t v = r->bits & ((1ULL << n) - 1);

	r->bits >>= n;
	r->count -= n;
	return v;
}

static __hot_inline bool is_overrun(const struct bit_reader *r)
{
	return r->count < r->invented;
}

/* Go back to the first byte of which no bit was used. */
static void align_to_byte(struct bit_reader *r)
{
	r->in -= (r->count - r->invented) / 8;
	r->bits = 0;
	r->count = 0;
	r->invented = 0;
}

static unsigned int reverse_bits(unsigned int code, unsigned int len)
{
	unsigned int v = 0;

	for (; len; len--, code >>= 1)
		v = v << 1 | (code & 1);
	return v;
}

/*
 * Build the canonical code for the lengths of @n symbols. Fails if there are
 * more codes than fit, or fewer than needed; a code of a single one-bit
 * symbol, or of none, is allowed if @may_be_short.
 */
static bool huffman_build(struct huffman *h, const uint8_t *lengths, unsigned int n,
			  bool may_be_short)
{
	unsigned int first[CODE_BITS + 2], next[CODE_BITS + 1], code = 0;
	int room = 1;

	for (unsigned int len = 0; len <= CODE_BITS; len++)
		h->count[len] = 0;
	for (unsigned int i = 0; i < n; i++)
		h->count[lengths[i]]++;
	first[1] = 0;
	for (unsigned int len = 1; len <= CODE_BITS; len++) {
		room = room * 2 - h->count[len];
		if (room < 0)
			return false;
		next[len] = code;
		code = (code + h->count[len]) << 1;
		first[len + 1] = first[len] + h->count[len];
	}
	if (room && !(may_be_short && h->count[0] + h->count[1] == n && h->count[1] <= 1))
		return false;
	for (unsigned int i = 0; i < ARRAY_SIZE(h->fast); i++)
		h->fast[i] = 0;
	for (unsigned int i = 0; i < n; i++) {
		unsigned int len = lengths[i];

		if (!len)
			continue;
		h->symbol[first[len]++] = i;
		if (len > FAST_BITS)
			continue;
		code = reverse_bits(next[len]++, len);
		for (; code < 1U << FAST_BITS; code += 1U << len)
			h->fast[code] = i << 4 | len;
	}
	return true;
}

/* A code longer than FAST_BITS, or none. */
static int huffman_decode_long(struct bit_reader *r, const struct huffman *h)
{
	int code = 0, first = 0, index = 0;
	uint64_t bits = r->bits;

	for (unsigned int len = 1; len <= CODE_BITS; len++, bits >>= 1) {
		int count = h->count[len];

		code |= bits & 1;
		if (code - first < count) {
			take(r, len);
			return h->symbol[index + code - first];
		}
		index += count;
		first = (first + count) << 1;
		code <<= 1;
	}
	return NO_SYMBOL;
}

/* Needs 15 bits. Returns the symbol or NO_SYMBOL. */
static __hot_inline int huffman_decode(struct bit_reader *r, const struct huffman *h)
{
	unsigned int entry = h->fast[r->bits & ((1U << FAST_BITS) - 1)];

	if (unlikely(!entry))
		return huffman_decode_long(r, h);
	take(r, entry & 15);
	return entry >> 4;
}

/* The length a symbol stands for: RFC 1951, 3.2.5. */
static __hot_inline unsigned int read_length(struct bit_reader *r, unsigned int symbol)
{
	unsigned int n = symbol - LENGTH_FIRST, extra;

	if (n < 8)
		return 3 + n;
	if (n == 28)
		return 258;
	extra = (n >> 2) - 1;
	return 3 + ((4 + (n & 3)) << extra) + take(r, extra);
}

static __hot_inline unsigned int read_distance(struct bit_reader *r, unsigned int symbol)
{
	unsigned int extra;

	if (symbol < 4)
		return 1 + symbol;
	extra = (symbol >> 1) - 1;
	return 1 + ((2 + (symbol & 1)) << extra) + take(r, extra);
}

static int inflate_symbols(struct stream *s, struct bit_reader *reader)
{
	struct bit_reader r = *reader;
	uint8_t *out = s->out;

	for (;;) {
		unsigned int len, distance;
		int symbol;

		refill(&r);	/* the longest symbol has 15 + 5 + 15 + 13 bits */
		symbol = huffman_decode(&r, &litlen_code);
		if (unlikely(is_overrun(&r)))
			return truncated(s);
		if (symbol < END_OF_BLOCK) {
			if (unlikely(symbol == NO_SYMBOL))
				return stream_corrupt(s, "gzip payload is corrupt: bad code");
			if (unlikely(out == s->out_end))
				return stream_full(s);
			*out++ = symbol;
			continue;
		}
		if (symbol == END_OF_BLOCK)
			break;
		if (unlikely(symbol >= LITLEN_MAX))
			return stream_corrupt(s, "gzip payload is corrupt: bad length");
		len = read_length(&r, symbol);
		symbol = huffman_decode(&r, &distance_code);
		if (unlikely(symbol == NO_SYMBOL || symbol >= DISTANCE_MAX))
			return stream_corrupt(s, "gzip payload is corrupt: bad distance");
		distance = read_distance(&r, symbol);
		if (unlikely(is_overrun(&r)))
			return truncated(s);
		if (unlikely(distance > (size_t)(out - s->out_start)))
			return stream_corrupt(s, "gzip payload is corrupt: match before the start");
		if (unlikely(len > (size_t)(s->out_end - out)))
			return stream_full(s);
		out = match_copy(out, distance, len, s->out_end);
	}
	*reader = r;
	s->out = out;
	return 0;
}

static int inflate_stored(struct stream *s, struct bit_reader *r)
{
	size_t len;

	align_to_byte(r);
	if (r->in_end - r->in < 4)
		return truncated(s);
	len = load_le16(r->in);
	if ((len ^ load_le16(r->in + 2)) != 0xffff)
		return stream_corrupt(s, "gzip payload is corrupt: stored block");
	r->in += 4;
	if ((size_t)(r->in_end - r->in) < len)
		return truncated(s);
	if (stream_out_left(s) < len)
		return stream_full(s);
	__builtin_memcpy(s->out, r->in, len);
	s->out += len;
	r->in += len;
	return 0;
}

/* The code of the lengths of the codes; distance_code is its place meanwhile. */
static bool read_length_code(struct bit_reader *r, unsigned int count)
{
	static const uint8_t order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5,
					   11, 4, 12, 3, 13, 2, 14, 1, 15 };
	uint8_t lengths[ARRAY_SIZE(order)] = { 0 };

	for (unsigned int i = 0; i < count; i++) {
		refill(r);
		lengths[order[i]] = take(r, 3);
	}
	return !is_overrun(r) && huffman_build(&distance_code, lengths, ARRAY_SIZE(lengths), false);
}

/* Fill @lengths with @n run-length coded code lengths: RFC 1951, 3.2.7. */
static bool read_lengths(struct bit_reader *r, uint8_t *lengths, unsigned int n)
{
	unsigned int i = 0;

	while (i < n) {
		unsigned int repeat = 1;
		uint8_t len = 0;
		int symbol;

		refill(r);
		symbol = huffman_decode(r, &distance_code);
		if (symbol == NO_SYMBOL || is_overrun(r))
			return false;
		if (symbol < 16) {
			len = symbol;
		} else if (symbol == 16) {
			if (!i)
				return false;
			len = lengths[i - 1];
			repeat = 3 + take(r, 2);
		} else {
			repeat = symbol == 17 ? 3 + take(r, 3) : 11 + take(r, 7);
		}
		if (repeat > n - i)
			return false;
		while (repeat--)
			lengths[i++] = len;
	}
	return !is_overrun(r);
}

static int inflate_dynamic(struct stream *s, struct bit_reader *r)
{
	uint8_t lengths[LITLEN_MAX + DISTANCE_MAX];
	unsigned int litlen_count, distance_count, length_count;

	refill(r);
	litlen_count = 257 + take(r, 5);
	distance_count = 1 + take(r, 5);
	length_count = 4 + take(r, 4);
	if (litlen_count > LITLEN_MAX || distance_count > DISTANCE_MAX)
		return stream_corrupt(s, "gzip payload is corrupt: too many codes");
	if (!read_length_code(r, length_count) ||
	    !read_lengths(r, lengths, litlen_count + distance_count) || !lengths[END_OF_BLOCK] ||
	    !huffman_build(&litlen_code, lengths, litlen_count, true) ||
	    !huffman_build(&distance_code, lengths + litlen_count, distance_count, true)) {
		if (is_overrun(r))
			return truncated(s);
		return stream_corrupt(s, "gzip payload is corrupt: bad code lengths");
	}
	return inflate_symbols(s, r);
}

/* The code of blocks that bring none: RFC 1951, 3.2.6. */
static int inflate_fixed(struct stream *s, struct bit_reader *r)
{
	uint8_t lengths[LITLEN_MAX + 2];

	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++)
		lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	huffman_build(&litlen_code, lengths, ARRAY_SIZE(lengths), false);
	for (unsigned int i = 0; i < 32; i++)
		lengths[i] = 5;
	huffman_build(&distance_code, lengths, 32, false);
	return inflate_symbols(s, r);
}

static int inflate(struct stream *s)
{
	struct bit_reader r = { .in = s->in, .in_end = s->in_end };
	bool is_last;
	int err;

	do {
		unsigned int type;

		refill(&r);
		is_last = take(&r, 1);
		type = take(&r, 2);
		if (is_overrun(&r))
			return truncated(s);
		if (type == 0)
			err = inflate_stored(s, &r);
		else if (type == 1)
			err = inflate_fixed(s, &r);
		else if (type == 2)
			err = inflate_dynamic(s, &r);
		else
			err = stream_corrupt(s, "gzip payload is corrupt: bad block type");
		if (err)
			return err;
	} while (!is_last);
	align_to_byte(&r);
	s->in = r.in;
	return 0;
}

static int skip(struct stream *s, size_t len)
{
	if (stream_in_left(s) < len)
		return truncated(s);
	s->in += len;
	return 0;
}

/* A text that ends with a zero byte. */
static int skip_text(struct stream *s)
{
	while (stream_in_left(s))
		if (!*s->in++)
			return 0;
	return truncated(s);
}

static int read_header(struct stream *s)
{
	const uint8_t *start = s->in;
	unsigned int flags;
	int err = skip(s, 10);

	if (err)
		return err;
	flags = start[3];
	if (start[2] != 8 || flags & FLAG_RESERVED)
		return stream_unsupported(s, "gzip method or flags are unknown");
	if (flags & FLAG_EXTRA) {
		err = skip(s, 2);
		if (!err)
			err = skip(s, load_le16(s->in - 2));
	}
	if (!err && flags & FLAG_NAME)
		err = skip_text(s);
	if (!err && flags & FLAG_COMMENT)
		err = skip_text(s);
	if (!err && flags & FLAG_HEADER_CRC)
		err = skip(s, 2);
	return err;
}

int stream_gunzip(struct stream *s)
{
	uint8_t *out = s->out;
	size_t len;
	int err = read_header(s);

	if (!err)
		err = inflate(s);
	if (err)
		return err;
	if (stream_in_left(s) < 8)
		return truncated(s);
	len = s->out - out;
	if (crc32(0, out, len) != load_le32(s->in) || (uint32_t)len != load_le32(s->in + 4))
		return stream_corrupt(s, "gzip payload is corrupt: data checksum");
	s->in += 8;
	return 0;
}
