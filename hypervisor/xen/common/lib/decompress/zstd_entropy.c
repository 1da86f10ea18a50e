/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codes of zstd: FSE tables and Huffman tables, built and read (RFC 8878, 4.1 and 4.2). */
#include "zstd.h"

#define SYMBOLS_MAX	   256
#define WEIGHT_LOG_MAX	   6
#define WEIGHT_DIRECT_FIRST 128	/* header bytes from here: weights of four bits */
#define FSE_LOG_MIN	   5

/* A stream of bits read from its start, for the descriptions of tables. */
struct forward_bits {
	const uint8_t *start;
	size_t len;	/* bytes */
	size_t pos;	/* bits; beyond the end there are zeros */
};

static struct fse_table weight_table __boot_only;

static unsigned int log2_floor(uint32_t v)
{
	return 31 - __builtin_clz(v);
}

/* The next @n bits, at most 16, without going on. */
static uint32_t forward_peek(const struct forward_bits *b, unsigned int n)
{
	size_t byte = b->pos / 8;
	uint32_t v = 0;

	for (unsigned int i = 0; i < 3 && byte + i < b->len; i++)
		v |= (uint32_t)b->start[byte + i] << 8 * i;
	return v >> b->pos % 8 & ((1U << n) - 1);
}

static uint32_t forward_take(struct forward_bits *b, unsigned int n)
{
	uint32_t v = forward_peek(b, n);

	b->pos += n;
	return v;
}

void fse_build_single(struct fse_table *t, uint8_t symbol)
{
	t->entry[0] = (struct fse_entry){ .symbol = symbol };
	t->log = 0;
	t->is_set = true;
}

/* Give each state its symbol. Rare symbols (-1) have one state each, from the top down. */
static bool spread_symbols(struct fse_table *t, const int16_t *probability, unsigned int count)
{
	unsigned int size = 1U << t->log, top = size, pos = 0, used = 0;
	unsigned int step = (size >> 1) + (size >> 3) + 3;

	for (unsigned int i = 0; i < count; i++)
		used += probability[i] < 0 ? 1 : probability[i];
	if (used != size)
		return false;
	for (unsigned int i = 0; i < count; i++)
		if (probability[i] < 0)
			t->entry[--top].symbol = i;
	for (unsigned int i = 0; i < count; i++)
		for (int n = 0; n < probability[i]; n++) {
			t->entry[pos].symbol = i;
			do
				pos = (pos + step) & (size - 1);
			while (pos >= top);
		}
	return true;
}

bool fse_build(struct fse_table *t, const int16_t *probability, unsigned int count,
	       unsigned int log)
{
	uint16_t next[SYMBOLS_MAX];

	t->log = log;
	if (!spread_symbols(t, probability, count))
		return false;
	for (unsigned int i = 0; i < count; i++)
		next[i] = probability[i] < 0 ? 1 : probability[i];
	for (unsigned int i = 0; i < 1U << log; i++) {
		struct fse_entry *e = &t->entry[i];
		unsigned int n = next[e->symbol]++;

		e->bits = log - log2_floor(n);
		e->base = (n << e->bits) - (1U << log);
	}
	t->is_set = true;
	return true;
}

/*
 * One probability plus one, 0 to @left + 1. As that many values rarely fill
 * their bits, the smallest ones are one bit shorter.
 */
static unsigned int read_value(struct forward_bits *b, unsigned int left)
{
	unsigned int max = left + 1, bits = log2_floor(max) + 1;
	unsigned int short_values = (1U << bits) - 1 - max;
	unsigned int half = 1U << (bits - 1);
	unsigned int value = forward_peek(b, bits);

	if ((value & (half - 1)) < short_values) {
		b->pos += bits - 1;
		return value & (half - 1);
	}
	b->pos += bits;
	return value < half ? value : value - short_values;
}

bool fse_read(struct fse_table *t, struct span *in, unsigned int max_symbol, unsigned int max_log)
{
	struct forward_bits b = { .start = in->p, .len = span_left(in) };
	int16_t probability[SYMBOLS_MAX];
	unsigned int count = 0, log, left;

	log = forward_take(&b, 4) + FSE_LOG_MIN;
	if (log > max_log)
		return false;
	left = 1U << log;
	while (left) {
		int p = (int)read_value(&b, left) - 1;
		unsigned int repeat;

		if (count > max_symbol)
			return false;
		probability[count++] = p;
		left -= p < 0 ? 1 : p;
		if (p)
			continue;
		do {	/* more zeros; three of them may go on */
			repeat = forward_take(&b, 2);
			if (repeat > max_symbol + 1 - count)
				return false;
			for (unsigned int i = 0; i < repeat; i++)
				probability[count++] = 0;
		} while (repeat == 3);
	}
	if (b.pos > b.len * 8)
		return false;
	in->p += (b.pos + 7) / 8;
	return fse_build(t, probability, count, log);
}

/*
 * Weights that are themselves FSE coded, by two states in turn. The last ones
 * are those that the states hold when the bits run out. Returns their count, 0
 * if something is wrong.
 */
static unsigned int read_packed_weights(struct span in, uint8_t *weight)
{
	const struct fse_table *t = &weight_table;
	unsigned int count = 0, now, other;
	struct backward_bits b;

	if (!fse_read(&weight_table, &in, HUFFMAN_LOG_MAX + 1, WEIGHT_LOG_MAX) ||
	    !backward_init(&b, &in))
		return 0;
	now = fse_start(&b, t);
	other = fse_start(&b, t);
	if (b.left < 0)
		return 0;
	while (count < SYMBOLS_MAX - 2) {
		unsigned int next;

		weight[count++] = t->entry[now].symbol;
		next = fse_next(&b, t, now);
		if (b.left < 0) {
			weight[count++] = t->entry[other].symbol;
			return count;
		}
		now = other;
		other = next;
	}
	return 0;
}

/* Weights of four bits each. */
static void read_direct_weights(const uint8_t *p, uint8_t *weight, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		weight[i] = i & 1 ? p[i / 2] & 15 : p[i / 2] >> 4;
}

/*
 * The weight of the last symbol is not written: it fills the code to a power
 * of two. Sets the log of @t; returns false if no weight can do that.
 */
static bool add_last_weight(struct huffman_table *t, uint8_t *weight, unsigned int count)
{
	uint32_t total = 0, left;

	for (unsigned int i = 0; i < count; i++) {
		if (weight[i] > HUFFMAN_LOG_MAX)
			return false;
		total += 1U << weight[i] >> 1;
	}
	if (!total || log2_floor(total) + 1 > HUFFMAN_LOG_MAX)
		return false;
	t->log = log2_floor(total) + 1;
	left = (1U << t->log) - total;
	weight[count] = log2_floor(left) + 1;
	return !(left & (left - 1));
}

/* Long codes, of low weight, come first; a symbol fills 2^(weight - 1) entries. */
static void huffman_build(struct huffman_table *t, const uint8_t *weight, unsigned int count)
{
	unsigned int pos = 0;

	for (unsigned int w = 1; w <= t->log; w++)
		for (unsigned int i = 0; i < count; i++) {
			if (weight[i] != w)
				continue;
			for (unsigned int n = 0; n < 1U << (w - 1); n++)
				t->entry[pos++] = (struct huffman_entry){
					.symbol = i,
					.bits = t->log + 1 - w,
				};
		}
	t->is_set = true;
}

bool huffman_read(struct huffman_table *t, struct span *in)
{
	uint8_t weight[SYMBOLS_MAX];
	unsigned int header, count, len;
	struct span packed;

	if (!span_left(in))
		return false;
	header = *in->p++;
	count = header - WEIGHT_DIRECT_FIRST + 1;
	len = header < WEIGHT_DIRECT_FIRST ? header : (count + 1) / 2;
	if (len > span_left(in))
		return false;
	packed = (struct span){ in->p, in->p + len, in->in_end };
	in->p = packed.end;
	if (header < WEIGHT_DIRECT_FIRST)
		count = read_packed_weights(packed, weight);
	else
		read_direct_weights(packed.p, weight, count);
	if (!count || !add_last_weight(t, weight, count))
		return false;
	huffman_build(t, weight, count + 1);
	return true;
}
