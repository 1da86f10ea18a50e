/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checksums inside packed data. CRC-32 works on eight bytes at a time
 * with eight tables, as it runs over the whole kernel; the tables are
 * computed at first use.
 */
#include "stream.h"

#define CRC32_POLYNOMIAL 0xedb88320U		/* bits reversed */
#define CRC64_POLYNOMIAL 0xc96c5795d7870f42ULL	/* bits reversed */

#define XXH_PRIME1 0x9e3779b185ebca87ULL
#define XXH_PRIME2 0xc2b2ae3d27d4eb4fULL
#define XXH_PRIME3 0x165667b19e3779f9ULL
#define XXH_PRIME4 0x85ebca77c2b2ae63ULL
#define XXH_PRIME5 0x27d4eb2f165667c5ULL

/* crc32_table[n][b]: what the byte b does to the CRC, n bytes later. */
static uint32_t crc32_table[8][256] __boot_only;
static uint64_t crc64_table[256] __boot_only;

static void crc32_init(void)
{
	for (unsigned int b = 0; b < 256; b++) {
		uint32_t v = b;

		for (unsigned int i = 0; i < 8; i++)
			v = v >> 1 ^ (v & 1 ? CRC32_POLYNOMIAL : 0);
		crc32_table[0][b] = v;
	}
	for (unsigned int n = 1; n < 8; n++)
		for (unsigned int b = 0; b < 256; b++) {
			uint32_t v = crc32_table[n - 1][b];

			crc32_table[n][b] = v >> 8 ^ crc32_table[0][v & 0xff];
		}
}

uint32_t crc32(uint32_t crc, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	if (!crc32_table[0][1])
		crc32_init();
	crc = ~crc;
	for (; end - p >= 8; p += 8) {
		uint32_t lo = load_le32(p) ^ crc;
		uint32_t hi = load_le32(p + 4);

		crc = crc32_table[7][lo & 0xff] ^ crc32_table[6][lo >> 8 & 0xff] ^
		      crc32_table[5][lo >> 16 & 0xff] ^ crc32_table[4][lo >> 24] ^
		      crc32_table[3][hi & 0xff] ^ crc32_table[2][hi >> 8 & 0xff] ^
		      crc32_table[1][hi >> 16 & 0xff] ^ crc32_table[0][hi >> 24];
	}
	for (; p < end; p++)
		crc = crc >> 8 ^ crc32_table[0][(crc ^ *p) & 0xff];
	return ~crc;
}

static void crc64_init(void)
{
	for (unsigned int b = 0; b < 256; b++) {
		uint64_t v = b;

		for (unsigned int i = 0; i < 8; i++)
			v = v >> 1 ^ (v & 1 ? CRC64_POLYNOMIAL : 0);
		crc64_table[b] = v;
	}
}

uint64_t crc64(uint64_t crc, const uint8_t *p, size_t len)
{
	if (!crc64_table[1])
		crc64_init();
	crc = ~crc;
	for (const uint8_t *end = p + len; p < end; p++)
		crc = crc >> 8 ^ crc64_table[(crc ^ *p) & 0xff];
	return ~crc;
}

static __hot_inline uint64_t rotate_left(uint64_t v, unsigned int n)
{
	return v << n | v >> (64 - n);
}

static __hot_inline uint64_t xxh_round(uint64_t acc, uint64_t v)
{
	return rotate_left(acc + v * XXH_PRIME2, 31) * XXH_PRIME1;
}

static uint64_t xxh_merge(uint64_t h, uint64_t acc)
{
	return (h ^ xxh_round(0, acc)) * XXH_PRIME1 + XXH_PRIME4;
}

/* All whole stripes of 32 bytes; moves *@pp behind them. */
static uint64_t xxh_stripes(const uint8_t **pp, const uint8_t *end)
{
	uint64_t a = XXH_PRIME1 + XXH_PRIME2, b = XXH_PRIME2, c = 0, d = -XXH_PRIME1;
	const uint8_t *p = *pp;
	uint64_t h;

	for (; end - p >= 32; p += 32) {
		a = xxh_round(a, load_le64(p));
		b = xxh_round(b, load_le64(p + 8));
		c = xxh_round(c, load_le64(p + 16));
		d = xxh_round(d, load_le64(p + 24));
	}
	*pp = p;
	h = rotate_left(a, 1) + rotate_left(b, 7) + rotate_left(c, 12) + rotate_left(d, 18);
	return xxh_merge(xxh_merge(xxh_merge(xxh_merge(h, a), b), c), d);
}

uint64_t xxh64(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	uint64_t h = len >= 32 ? xxh_stripes(&p, end) : XXH_PRIME5;

	h += len;
	for (; end - p >= 8; p += 8)
		h = rotate_left(h ^ xxh_round(0, load_le64(p)), 27) * XXH_PRIME1 + XXH_PRIME4;
	if (end - p >= 4) {
		h = rotate_left(h ^ load_le32(p) * XXH_PRIME1, 23) * XXH_PRIME2 + XXH_PRIME3;
		p += 4;
	}
	for (; p < end; p++)
		h = rotate_left(h ^ *p * XXH_PRIME5, 11) * XXH_PRIME1;
	h = (h ^ h >> 33) * XXH_PRIME2;
	h = (h ^ h >> 29) * XXH_PRIME3;
	return h ^ h >> 32;
}
