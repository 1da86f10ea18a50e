/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the decoders of this folder share: the stream they work on, how they
 * fail, unaligned loads, the copying of matches, and the checksums.
 */
#ifndef DECOMPRESS_STREAM_H
#define DECOMPRESS_STREAM_H

#include <hv/errno.h>
#include <hv/types.h>

#define __hot_inline inline __attribute__((always_inline))

/* A decoder moves @in and @out forward and leaves @in behind its last byte. */
struct stream {
	const uint8_t *in;
	const uint8_t *in_end;
	uint8_t *out_start;
	uint8_t *out;
	uint8_t *out_end;
	const char *why;	/* set when a decoder fails */
};

static inline int stream_corrupt(struct stream *s, const char *why)
{
	s->why = why;
	return -EINVAL;
}

static inline int stream_unsupported(struct stream *s, const char *why)
{
	s->why = why;
	return -EOPNOTSUPP;
}

static inline int stream_full(struct stream *s)
{
	s->why = "unpacked data does not fit its buffer";
	return -ENOSPC;
}

static inline size_t stream_in_left(const struct stream *s)
{
	return s->in_end - s->in;
}

static inline size_t stream_out_left(const struct stream *s)
{
	return s->out_end - s->out;
}

static __hot_inline uint16_t load_le16(const uint8_t *p)
{
	uint16_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static __hot_inline uint32_t load_le32(const uint8_t *p)
{
	uint32_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static __hot_inline uint64_t load_le64(const uint8_t *p)
{
	uint64_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* An integer of @len bytes, at most 8. */
static inline uint64_t load_le(const uint8_t *p, unsigned int len)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < len; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

static __hot_inline void store_le32(uint8_t *p, uint32_t v)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

static __hot_inline void store_le64(uint8_t *p, uint64_t v)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

/*
 * Write @len bytes at @dst that repeat what lies @distance bytes before. The
 * caller has checked that @distance bytes have been written and that @len
 * fits. Words are used where up to seven bytes more than @len fit before
 * @room_end; those bytes are overwritten later or lie beyond the output.
 */
static __hot_inline uint8_t *match_copy(uint8_t *dst, size_t distance, size_t len,
					const uint8_t *room_end)
{
	uint8_t *end = dst + len;

	if (unlikely(distance < 8)) {
		/* 14 bytes hold any multiple of the distance that is >= 8. */
		uint8_t *head = len < 14 ? end : dst + 14;

		while (dst < head) {
			*dst = *(dst - distance);
			dst++;
		}
		if (dst == end)
			return end;
		distance *= (7 + distance) / distance;
	}
	if (likely((size_t)(room_end - end) >= 7)) {
		while (dst < end) {
			store_le64(dst, load_le64(dst - distance));
			dst += 8;
		}
		return end;
	}
	while (dst < end) {
		*dst = *(dst - distance);
		dst++;
	}
	return end;
}

/*
 * Each reads one stream from @s->in; trailing bytes are left unread.
 * They return as decompress() does.
 */
int stream_gunzip(struct stream *s) __must_check;
int stream_unxz(struct stream *s) __must_check;
int stream_unlz4(struct stream *s) __must_check;
int stream_unzstd(struct stream *s) __must_check;

/* The LZMA2 chunks of one xz block, up to and with their end marker. */
int stream_unlzma2(struct stream *s) __must_check;

/* Undo the x86 branch filter in place; @start is the address of @buf[0]. */
void bcj_x86_decode(uint8_t *buf, size_t len, uint32_t start);

/* CRC-32 (IEEE 802.3) and CRC-64 (ECMA-182) as gzip and xz use them; 0 starts. */
uint32_t crc32(uint32_t crc, const uint8_t *p, size_t len);
uint64_t crc64(uint64_t crc, const uint8_t *p, size_t len);

/* XXH64 with seed 0, the checksum of zstd. */
uint64_t xxh64(const uint8_t *p, size_t len);

#endif
