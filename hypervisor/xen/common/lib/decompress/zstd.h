/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the zstd decoder (RFC 8878): frames are read in unzstd.c, the
 * two halves of a block in zstd_literals.c and zstd_sequences.c, and their
 * codes are built in zstd_entropy.c.
 */
#ifndef DECOMPRESS_ZSTD_H
#define DECOMPRESS_ZSTD_H

#include "stream.h"

#define ZSTD_BLOCK_MAX (128 * 1024)

#define FSE_LOG_MAX	9
#define HUFFMAN_LOG_MAX 11

/* The state itself is the index; the next one is base plus @bits bits. */
struct fse_entry {
	uint16_t base;
	uint8_t symbol;
	uint8_t bits;
};

struct fse_table {
	struct fse_entry entry[1 << FSE_LOG_MAX];
	unsigned int log;
	bool is_set;	/* in this frame */
};

struct huffman_entry {
	uint8_t symbol;
	uint8_t bits;
};

struct huffman_table {
	struct huffman_entry entry[1 << HUFFMAN_LOG_MAX];
	unsigned int log;
	bool is_set;
};

/* A part of the input, and where the whole input ends. */
struct span {
	const uint8_t *p;
	const uint8_t *end;
	const uint8_t *in_end;
};

/* A stream of bits that is read from its end. Before its start there are zeros. */
struct backward_bits {
	const uint8_t *start;
	const uint8_t *in_end;	/* words may be loaded up to here */
	int64_t left;		/* bits; negative after reading too many */
};

/* What blocks of one frame hand on to the next ones. */
struct zstd_frame {
	uint8_t *out_start;
	struct huffman_table literal_code;
	struct fse_table literal_length;
	struct fse_table offset;
	struct fse_table match_length;
	uint32_t repeat[3];	/* the last offsets */
};

static inline int zstd_corrupt(struct stream *s)
{
	return stream_corrupt(s, "zstd payload is corrupt");
}

static inline size_t span_left(const struct span *in)
{
	return in->end - in->p;
}

/* Fails if the last byte, which holds the end mark, is zero or missing. */
static inline bool backward_init(struct backward_bits *b, const struct span *in)
{
	size_t len = span_left(in);

	if (!len || !in->end[-1])
		return false;
	b->start = in->p;
	b->in_end = in->in_end;
	b->left = (int64_t)len * 8 - 1 - (__builtin_clz(in->end[-1]) - 24);
	return true;
}

/* The next @n bits, at most 32, without going on. */
static __hot_inline uint32_t backward_peek(const struct backward_bits *b, unsigned int n)
{
	int64_t from = b->left - n;
	uint64_t mask = (1ULL << n) - 1, v = 0;
	const uint8_t *p;

	if (unlikely(from < 0)) {
		if (b->left <= 0)
			return 0;
		mask >>= -from;
	}
	p = b->start + (from < 0 ? 0 : from >> 3);
	if (likely(b->in_end - p >= 8))
		v = load_le64(p);
	else
		for (unsigned int i = 0; p + i < b->in_end; i++)
			v |= (uint64_t)p[i] << 8 * i;
	if (unlikely(from < 0))
		return (v & mask) << -from;
	return v >> (from & 7) & mask;
}

static __hot_inline uint32_t backward_take(struct backward_bits *b, unsigned int n)
{
	uint32_t v = backward_peek(b, n);

	b->left -= n;
	return v;
}

static __hot_inline unsigned int fse_start(struct backward_bits *b, const struct fse_table *t)
{
	return backward_take(b, t->log);
}

static __hot_inline unsigned int fse_next(struct backward_bits *b, const struct fse_table *t,
					  unsigned int state)
{
	return t->entry[state].base + backward_take(b, t->entry[state].bits);
}

/* Build a table for @count symbols from probabilities in units of 2^-log; -1 is less than one. */
bool fse_build(struct fse_table *t, const int16_t *probability, unsigned int count,
	       unsigned int log);
/* The table of one symbol that takes no bits. */
void fse_build_single(struct fse_table *t, uint8_t symbol);
/* Read the description of a table: RFC 8878, 4.1.1. */
bool fse_read(struct fse_table *t, struct span *in, unsigned int max_symbol, unsigned int max_log);
/* Read the description of a Huffman code: RFC 8878, 4.2.1. */
bool huffman_read(struct huffman_table *t, struct span *in);

/*
 * Read the literals of a block. Sets @*literals to them: they stay in the
 * input or in a static buffer. Returns as decompress() does.
 */
int zstd_read_literals(struct stream *s, struct zstd_frame *frame, struct span *in,
		       struct span *literals) __must_check;
/* Read the sequences, up to the end of the block, and make the block's output. */
int zstd_run_sequences(struct stream *s, struct zstd_frame *frame, struct span *in,
		       struct span *literals) __must_check;

#endif
