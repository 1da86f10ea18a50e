/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LZMA2: a sequence of chunks, each stored or LZMA coded, as in the xz file
 * format 1.1.0, section 5.3.1, and the LZMA specification.
 *
 * Bounds of the input are checked once a symbol. A symbol reads at most 20
 * bytes (22 modelled bits that halve the range at most 6.05 times each, 26
 * direct bits), and a well-formed xz stream has at least 21 bytes behind the
 * last chunk: end marker, index, footer. So a chunk with fewer than
 * LZMA_READ_AHEAD bytes behind it is truncated, and in any other one a
 * symbol may read past the chunk's end without leaving the input.
 */
#include "stream.h"

#define LZMA_READ_AHEAD 21

#define PROB_BITS  11
#define PROB_INIT  (1U << (PROB_BITS - 1))
#define PROB_SHIFT 5
#define RANGE_MIN  (1U << 24)

#define LZMA_STATES	  12
#define STATES_LITERAL	  7	/* states below: the last symbol was a literal */
#define POS_STATES	  16
#define MATCH_LEN_MIN	  2
#define LITERAL_TREE	  0x300
#define LITERAL_TREES	  16	/* LZMA2 allows lc + lp <= 4 */
#define SLOT_MODEL_FIRST  4	/* slots below are distances themselves */
#define SLOT_DIRECT_FIRST 14	/* slots from here have direct bits */
#define ALIGN_BITS	  4

struct length_probs {
	uint16_t is_long;	/* not low */
	uint16_t is_longest;	/* not mid */
	uint16_t low[POS_STATES][8];
	uint16_t mid[POS_STATES][8];
	uint16_t high[256];
};

struct lzma_probs {
	uint16_t is_match[LZMA_STATES][POS_STATES];
	uint16_t is_rep[LZMA_STATES];
	uint16_t is_rep_older[LZMA_STATES];	/* not the last distance */
	uint16_t is_rep0_long[LZMA_STATES][POS_STATES];
	uint16_t is_rep2_or_3[LZMA_STATES];
	uint16_t is_rep3[LZMA_STATES];
	struct length_probs match_len;
	struct length_probs rep_len;
	uint16_t slot[4][64];
	uint16_t reverse[SLOT_DIRECT_FIRST - SLOT_MODEL_FIRST][32];
	uint16_t align[1 << ALIGN_BITS];
	uint16_t literal[LITERAL_TREES][LITERAL_TREE];
};

/* What lives on from chunk to chunk. */
struct lzma {
	struct lzma_probs probs;
	uint8_t *dict_start;	/* matches do not reach below */
	unsigned int state;
	uint32_t rep0, rep1, rep2, rep3;	/* distances minus one */
	unsigned int lc;
	uint32_t lp_mask, pb_mask;
	bool need_dict_reset;
	bool need_properties;
};

struct range_coder {
	uint32_t range;
	uint32_t code;
	const uint8_t *in;
};

static struct lzma lzma __boot_only;

static __hot_inline void rc_normalise(struct range_coder *rc)
{
	if (unlikely(rc->range < RANGE_MIN)) {
		rc->range <<= 8;
		rc->code = rc->code << 8 | *rc->in++;
	}
}

static __hot_inline bool rc_bit(struct range_coder *rc, uint16_t *prob)
{
	uint32_t p = *prob, bound;

	rc_normalise(rc);
	bound = (rc->range >> PROB_BITS) * p;
	if (rc->code < bound) {
		rc->range = bound;
		*prob = p + (((1U << PROB_BITS) - p) >> PROB_SHIFT);
		return false;
	}
	rc->range -= bound;
	rc->code -= bound;
	*prob = p - (p >> PROB_SHIFT);
	return true;
}

/* One step down a bit tree whose nodes are numbered as in a heap. */
static __hot_inline unsigned int rc_step(struct range_coder *rc, uint16_t *tree, unsigned int node)
{
	if (rc_bit(rc, &tree[node]))
		return node * 2 + 1;
	return node * 2;
}

/* A value of @bits bits, most significant first. */
static __hot_inline unsigned int rc_tree(struct range_coder *rc, uint16_t *tree, unsigned int bits)
{
	unsigned int node = 1;

	do
		node = rc_step(rc, tree, node);
	while (node < 1U << bits);
	return node - (1U << bits);
}

/* A value of @bits bits, least significant first. */
static __hot_inline uint32_t rc_reverse(struct range_coder *rc, uint16_t *tree, unsigned int bits)
{
	unsigned int node = 1;
	uint32_t value = 0;

	for (unsigned int i = 0; i < bits; i++) {
		node = rc_step(rc, tree, node);
		value |= (uint32_t)(node & 1) << i;
	}
	return value;
}

/* @bits bits of even probability, appended to @value. */
static __hot_inline uint32_t rc_direct(struct range_coder *rc, uint32_t value, unsigned int bits)
{
	do {
		uint32_t below;

		rc_normalise(rc);
		rc->range >>= 1;
		below = -(uint32_t)(rc->code < rc->range);
		rc->code -= rc->range & ~below;
		value = (value << 1) + 1 + below;
	} while (--bits);
	return value;
}

static __hot_inline uint8_t decode_literal(struct range_coder *rc, uint16_t *tree)
{
	unsigned int node = 1;

	do
		node = rc_step(rc, tree, node);
	while (node < 0x100);
	return node;
}

/*
 * A literal after a match: it differs from the byte the match would have gone
 * on with, so that byte selects the tree until the first bit that differs.
 */
static __hot_inline uint8_t decode_literal_matched(struct range_coder *rc, uint16_t *tree,
						   unsigned int match)
{
	unsigned int node = 1, offset = 0x100;

	do {
		unsigned int bit;

		match <<= 1;
		bit = match & offset;
		if (rc_bit(rc, &tree[offset + bit + node])) {
			node = node * 2 + 1;
			offset &= bit;
		} else {
			node = node * 2;
			offset &= ~bit;
		}
	} while (node < 0x100);
	return node;
}

static __hot_inline unsigned int decode_length(struct range_coder *rc, struct length_probs *probs,
					       unsigned int pos_state)
{
	if (!rc_bit(rc, &probs->is_long))
		return MATCH_LEN_MIN + rc_tree(rc, probs->low[pos_state], 3);
	if (!rc_bit(rc, &probs->is_longest))
		return MATCH_LEN_MIN + 8 + rc_tree(rc, probs->mid[pos_state], 3);
	return MATCH_LEN_MIN + 16 + rc_tree(rc, probs->high, 8);
}

/* Returns the distance minus one. */
static __hot_inline uint32_t decode_distance(struct range_coder *rc, struct lzma_probs *probs,
					     unsigned int len)
{
	unsigned int len_state = len - MATCH_LEN_MIN < 3 ? len - MATCH_LEN_MIN : 3;
	unsigned int slot = rc_tree(rc, probs->slot[len_state], 6);
	unsigned int bits = (slot >> 1) - 1;
	uint32_t base = 2 | (slot & 1);

	if (slot < SLOT_MODEL_FIRST)
		return slot;
	if (slot < SLOT_DIRECT_FIRST) {
		uint16_t *tree = probs->reverse[slot - SLOT_MODEL_FIRST];

		return (base << bits) + rc_reverse(rc, tree, bits);
	}
	base = rc_direct(rc, base, bits - ALIGN_BITS);
	return (base << ALIGN_BITS) + rc_reverse(rc, probs->align, ALIGN_BITS);
}

/* A match at one of the last four distances moves that one to the front. */
static __hot_inline void decode_older_rep(struct range_coder *rc, struct lzma *lz,
					  unsigned int state)
{
	uint32_t distance;

	if (!rc_bit(rc, &lz->probs.is_rep2_or_3[state])) {
		distance = lz->rep1;
	} else {
		if (!rc_bit(rc, &lz->probs.is_rep3[state])) {
			distance = lz->rep2;
		} else {
			distance = lz->rep3;
			lz->rep3 = lz->rep2;
		}
		lz->rep2 = lz->rep1;
	}
	lz->rep1 = lz->rep0;
	lz->rep0 = distance;
}

/*
 * What follows a match bit: sets *@state and the distances; returns the length,
 * 1 for a byte repeated at the last distance.
 */
static __hot_inline unsigned int decode_match(struct range_coder *rc, struct lzma *lz,
					      unsigned int *state, unsigned int pos_state)
{
	unsigned int old = *state, len;

	if (!rc_bit(rc, &lz->probs.is_rep[old])) {
		*state = old < STATES_LITERAL ? 7 : 10;
		lz->rep3 = lz->rep2;
		lz->rep2 = lz->rep1;
		lz->rep1 = lz->rep0;
		len = decode_length(rc, &lz->probs.match_len, pos_state);
		lz->rep0 = decode_distance(rc, &lz->probs, len);
		return len;
	}
	if (rc_bit(rc, &lz->probs.is_rep_older[old])) {
		decode_older_rep(rc, lz, old);
	} else if (!rc_bit(rc, &lz->probs.is_rep0_long[old][pos_state])) {
		*state = old < STATES_LITERAL ? 9 : 11;
		return 1;
	}
	*state = old < STATES_LITERAL ? 8 : 11;
	return decode_length(rc, &lz->probs.rep_len, pos_state);
}

static __hot_inline unsigned int state_after_literal(unsigned int state)
{
	if (state < 4)
		return 0;
	return state < 10 ? state - 3 : state - 6;
}

/* The symbols of one chunk: fills @s->out up to @out_end from what ends at @in_end. */
static int decode_symbols(struct stream *s, struct lzma *lz, struct range_coder rc,
			  const uint8_t *in_end, uint8_t *out_end)
{
	uint8_t *const dict_start = lz->dict_start;
	unsigned int state = lz->state;
	uint8_t *out = s->out;

	while (out < out_end) {
		uint32_t pos = out - dict_start;
		unsigned int pos_state = pos & lz->pb_mask, len;

		if (unlikely(rc.in > in_end))
			return stream_corrupt(s, "xz payload is corrupt: chunk is too short");
		if (!rc_bit(&rc, &lz->probs.is_match[state][pos_state])) {
			unsigned int last = pos ? *(out - 1) : 0;
			uint16_t *tree = lz->probs.literal[((pos & lz->lp_mask) << lz->lc) +
							   (last >> (8 - lz->lc))];

			/* State tells that a match was made: rep0 was checked then. */
			if (state < STATES_LITERAL)
				*out = decode_literal(&rc, tree);
			else
				*out = decode_literal_matched(&rc, tree, *(out - lz->rep0 - 1));
			out++;
			state = state_after_literal(state);
			continue;
		}
		len = decode_match(&rc, lz, &state, pos_state);
		if (unlikely(lz->rep0 >= (size_t)(out - dict_start)))
			return stream_corrupt(s, "xz payload is corrupt: match before the start");
		if (unlikely(len > (size_t)(out_end - out)))
			return stream_corrupt(s, "xz payload is corrupt: match is too long");
		out = match_copy(out, (size_t)lz->rep0 + 1, len, s->out_end);
	}
	rc_normalise(&rc);
	if (rc.in != in_end || rc.code)
		return stream_corrupt(s, "xz payload is corrupt: chunk ends badly");
	lz->state = state;
	s->out = out;
	return 0;
}

static void reset_state(struct lzma *lz)
{
	uint16_t *prob = (uint16_t *)&lz->probs;

	static_assert(sizeof(lz->probs) % sizeof(*prob) == 0 && _Alignof(struct lzma_probs) == 2,
		      "struct lzma_probs is all probabilities");
	for (size_t i = 0; i < sizeof(lz->probs) / sizeof(*prob); i++)
		prob[i] = PROB_INIT;
	lz->state = 0;
	lz->rep0 = lz->rep1 = lz->rep2 = lz->rep3 = 0;
}

static int set_properties(struct stream *s, struct lzma *lz, unsigned int byte)
{
	unsigned int lc = byte % 9, lp = byte / 9 % 5, pb = byte / 45;

	if (pb > 4 || lc + lp > 4)
		return stream_corrupt(s, "xz payload is corrupt: bad LZMA properties");
	lz->lc = lc;
	lz->lp_mask = (1U << lp) - 1;
	lz->pb_mask = (1U << pb) - 1;
	lz->need_properties = false;
	reset_state(lz);
	return 0;
}

/* @control is the chunk's first byte, @s->in is behind it. */
static int lzma_chunk(struct stream *s, struct lzma *lz, unsigned int control)
{
	bool new_properties = control >= 0xc0;
	size_t head = 4 + new_properties, unpacked, packed;
	struct range_coder rc;
	const uint8_t *in_end;
	int err;

	if (stream_in_left(s) < head)
		return stream_corrupt(s, "xz payload is truncated");
	unpacked = ((control & 0x1f) << 16 | s->in[0] << 8 | s->in[1]) + 1;
	packed = (s->in[2] << 8 | s->in[3]) + 1;
	if (new_properties) {
		err = set_properties(s, lz, s->in[4]);
		if (err)
			return err;
	} else if (lz->need_properties) {
		return stream_corrupt(s, "xz payload is corrupt: no LZMA properties");
	} else if (control >= 0xa0) {
		reset_state(lz);
	}
	s->in += head;
	if (stream_in_left(s) < packed + LZMA_READ_AHEAD)
		return stream_corrupt(s, "xz payload is truncated");
	if (packed < 5 || s->in[0])
		return stream_corrupt(s, "xz payload is corrupt: bad range coder");
	if (stream_out_left(s) < unpacked)
		return stream_full(s);
	in_end = s->in + packed;
	rc.range = ~0U;
	rc.code = __builtin_bswap32(load_le32(s->in + 1));
	rc.in = s->in + 5;
	err = decode_symbols(s, lz, rc, in_end, s->out + unpacked);
	s->in = in_end;
	return err;
}

static int stored_chunk(struct stream *s)
{
	size_t len;

	if (stream_in_left(s) < 2)
		return stream_corrupt(s, "xz payload is truncated");
	len = (s->in[0] << 8 | s->in[1]) + 1;
	s->in += 2;
	if (stream_in_left(s) < len)
		return stream_corrupt(s, "xz payload is truncated");
	if (stream_out_left(s) < len)
		return stream_full(s);
	__builtin_memcpy(s->out, s->in, len);
	s->in += len;
	s->out += len;
	return 0;
}

int stream_unlzma2(struct stream *s)
{
	struct lzma *lz = &lzma;
	unsigned int control;
	int err;

	lz->need_dict_reset = true;
	lz->need_properties = true;
	for (;;) {
		if (!stream_in_left(s))
			return stream_corrupt(s, "xz payload is truncated");
		control = *s->in++;
		if (!control)
			return 0;
		if (control >= 0xe0 || control == 1) {
			lz->need_dict_reset = false;
			lz->need_properties = true;
			lz->dict_start = s->out;
		} else if (lz->need_dict_reset) {
			return stream_corrupt(s, "xz payload is corrupt: no dictionary reset");
		}
		if (control >= 0x80)
			err = lzma_chunk(s, lz, control);
		else if (control <= 2)
			err = stored_chunk(s);
		else
			err = stream_corrupt(s, "xz payload is corrupt: bad LZMA2 chunk");
		if (err)
			return err;
	}
}
