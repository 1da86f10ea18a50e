/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second half of a zstd block: its sequences, each some literals and a
 * match (RFC 8878, 3.1.1.3.2 to 3.1.1.5).
 */
#include "zstd.h"

#define LITERAL_LENGTH_MAX 35	/* the highest codes */
#define OFFSET_MAX	   31
#define MATCH_LENGTH_MAX   52

#define LITERAL_LENGTH_LOG 9
#define OFFSET_LOG	   8
#define MATCH_LENGTH_LOG   9

enum table_mode {
	TABLE_PREDEFINED,
	TABLE_RLE,
	TABLE_COMPRESSED,
	TABLE_REPEAT,
};

/* The lowest length of a code, and how many bits are read to be added to it. */
struct length_code {
	uint32_t base;
	uint8_t bits;
};

/* What is known about each of the three tables beforehand. */
struct table_kind {
	const int16_t *predefined;
	unsigned int predefined_count;
	unsigned int predefined_log;
	unsigned int max_symbol;
	unsigned int max_log;
};

static const struct length_code literal_length_codes[LITERAL_LENGTH_MAX + 1] = {
	{ 0, 0 },     { 1, 0 },	    { 2, 0 },	  { 3, 0 },	 { 4, 0 },	{ 5, 0 },
	{ 6, 0 },     { 7, 0 },	    { 8, 0 },	  { 9, 0 },	 { 10, 0 },	{ 11, 0 },
	{ 12, 0 },    { 13, 0 },    { 14, 0 },	  { 15, 0 },	 { 16, 1 },	{ 18, 1 },
	{ 20, 1 },    { 22, 1 },    { 24, 2 },	  { 28, 2 },	 { 32, 3 },	{ 40, 3 },
	{ 48, 4 },    { 64, 6 },    { 128, 7 },	  { 256, 8 },	 { 512, 9 },	{ 1024, 10 },
	{ 2048, 11 }, { 4096, 12 }, { 8192, 13 }, { 16384, 14 }, { 32768, 15 }, { 65536, 16 },
};

static const struct length_code match_length_codes[MATCH_LENGTH_MAX + 1] = {
	{ 3, 0 },     { 4, 0 },	    { 5, 0 },	   { 6, 0 },	  { 7, 0 },	 { 8, 0 },
	{ 9, 0 },     { 10, 0 },    { 11, 0 },	   { 12, 0 },	  { 13, 0 },	 { 14, 0 },
	{ 15, 0 },    { 16, 0 },    { 17, 0 },	   { 18, 0 },	  { 19, 0 },	 { 20, 0 },
	{ 21, 0 },    { 22, 0 },    { 23, 0 },	   { 24, 0 },	  { 25, 0 },	 { 26, 0 },
	{ 27, 0 },    { 28, 0 },    { 29, 0 },	   { 30, 0 },	  { 31, 0 },	 { 32, 0 },
	{ 33, 0 },    { 34, 0 },    { 35, 1 },	   { 37, 1 },	  { 39, 1 },	 { 41, 1 },
	{ 43, 2 },    { 47, 2 },    { 51, 3 },	   { 59, 3 },	  { 67, 4 },	 { 83, 4 },
	{ 99, 5 },    { 131, 7 },   { 259, 8 },	   { 515, 9 },	  { 1027, 10 },	 { 2051, 11 },
	{ 4099, 12 }, { 8195, 13 }, { 16387, 14 }, { 32771, 15 }, { 65539, 16 },
};

static const int16_t literal_length_predefined[] = {
	4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
};

static const int16_t offset_predefined[] = {
	1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
};

static const int16_t match_length_predefined[] = {
	1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
};

/* Sets @*count; false if the header is cut off. */
static bool read_count(struct span *in, unsigned int *count)
{
	unsigned int first, len;

	if (!span_left(in))
		return false;
	first = *in->p;
	len = first < 128 ? 1 : first < 255 ? 2 : 3;
	if (len > span_left(in))
		return false;
	if (len == 1)
		*count = first;
	else if (len == 2)
		*count = (first - 128) << 8 | in->p[1];
	else
		*count = load_le16(in->p + 1) + 0x7f00;
	in->p += len;
	return true;
}

static bool read_table(struct fse_table *t, struct span *in, enum table_mode mode,
		       const struct table_kind *kind)
{
	switch (mode) {
	case TABLE_PREDEFINED:
		return fse_build(t, kind->predefined, kind->predefined_count, kind->predefined_log);
	case TABLE_RLE:
		if (!span_left(in) || *in->p > kind->max_symbol)
			return false;
		fse_build_single(t, *in->p++);
		return true;
	case TABLE_COMPRESSED:
		return fse_read(t, in, kind->max_symbol, kind->max_log);
	default:
		return t->is_set;
	}
}

static bool read_tables(struct zstd_frame *frame, struct span *in)
{
	const struct table_kind literal_length = {
		literal_length_predefined,
		ARRAY_SIZE(literal_length_predefined),
		6,
		LITERAL_LENGTH_MAX,
		LITERAL_LENGTH_LOG,
	};
	const struct table_kind offset = {
		offset_predefined, ARRAY_SIZE(offset_predefined), 5, OFFSET_MAX, OFFSET_LOG,
	};
	const struct table_kind match_length = {
		match_length_predefined, ARRAY_SIZE(match_length_predefined), 6, MATCH_LENGTH_MAX,
		MATCH_LENGTH_LOG,
	};
	unsigned int modes;

	if (!span_left(in))
		return false;
	modes = *in->p++;
	return !(modes & 3) &&
	       read_table(&frame->literal_length, in, modes >> 6, &literal_length) &&
	       read_table(&frame->offset, in, modes >> 4 & 3, &offset) &&
	       read_table(&frame->match_length, in, modes >> 2 & 3, &match_length);
}

/*
 * The offset that @value stands for: 1 to 3 are the last three offsets, the
 * one in front being skipped if there are no literals, as a match there would
 * have been part of the one before. Returns 0 if it is none.
 */
static __hot_inline uint32_t resolve_offset(uint32_t *repeat, uint32_t value, bool has_literals)
{
	uint32_t offset;

	if (likely(value > 3)) {
		offset = value - 3;
		repeat[2] = repeat[1];
		repeat[1] = repeat[0];
		repeat[0] = offset;
		return offset;
	}
	value -= has_literals;	/* the index in @repeat, and 3 for one less than the first */
	if (!value)
		return repeat[0];
	offset = value == 3 ? repeat[0] - 1 : repeat[value];
	if (value > 1)
		repeat[2] = repeat[1];
	repeat[1] = repeat[0];
	repeat[0] = offset;
	return offset;
}

static bool put_literals(struct stream *s, struct span *literals, size_t len)
{
	if (len > stream_out_left(s))
		return false;
	__builtin_memcpy(s->out, literals->p, len);
	literals->p += len;
	s->out += len;
	return true;
}

/* The literals and the match of one sequence. */
static __hot_inline int put_sequence(struct stream *s, const struct zstd_frame *frame,
				     struct span *literals, size_t literal_len, size_t match_len,
				     uint32_t offset)
{
	if (unlikely(literal_len > span_left(literals)))
		return zstd_corrupt(s);
	if (unlikely(!put_literals(s, literals, literal_len)))
		return stream_full(s);
	if (unlikely(!offset || offset > (size_t)(s->out - frame->out_start)))
		return zstd_corrupt(s);
	if (unlikely(match_len > stream_out_left(s)))
		return stream_full(s);
	s->out = match_copy(s->out, offset, match_len, s->out_end);
	return 0;
}

static int run_sequences(struct stream *s, struct zstd_frame *frame, struct backward_bits b,
			 struct span *literals, unsigned int count)
{
	const struct fse_table *ll = &frame->literal_length, *of = &frame->offset;
	const struct fse_table *ml = &frame->match_length;
	unsigned int ll_state = fse_start(&b, ll), of_state = fse_start(&b, of);
	unsigned int ml_state = fse_start(&b, ml);

	while (count--) {
		unsigned int of_code = of->entry[of_state].symbol;
		struct length_code ml_code = match_length_codes[ml->entry[ml_state].symbol];
		struct length_code ll_code = literal_length_codes[ll->entry[ll_state].symbol];
		uint32_t offset = (1U << of_code) + backward_take(&b, of_code);
		uint32_t match_len = ml_code.base + backward_take(&b, ml_code.bits);
		uint32_t literal_len = ll_code.base + backward_take(&b, ll_code.bits);
		int err;

		if (count) {
			ll_state = fse_next(&b, ll, ll_state);
			ml_state = fse_next(&b, ml, ml_state);
			of_state = fse_next(&b, of, of_state);
		}
		if (unlikely(b.left < 0))
			return zstd_corrupt(s);
		offset = resolve_offset(frame->repeat, offset, literal_len != 0);
		err = put_sequence(s, frame, literals, literal_len, match_len, offset);
		if (err)
			return err;
	}
	return b.left ? zstd_corrupt(s) : 0;
}

int zstd_run_sequences(struct stream *s, struct zstd_frame *frame, struct span *in,
		       struct span *literals)
{
	struct backward_bits b;
	unsigned int count;

	if (!read_count(in, &count))
		return zstd_corrupt(s);
	if (count) {
		int err;

		if (!read_tables(frame, in) || !backward_init(&b, in))
			return zstd_corrupt(s);
		err = run_sequences(s, frame, b, literals, count);
		if (err)
			return err;
	} else if (span_left(in)) {
		return zstd_corrupt(s);
	}
	return put_literals(s, literals, span_left(literals)) ? 0 : stream_full(s);
}
