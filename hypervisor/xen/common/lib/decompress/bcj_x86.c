/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undoes the x86 filter of xz: the operands of call and jmp were turned from
 * relative into absolute, so that calls of one function look alike. The
 * filter judges an opcode by the top byte of its operand, which has to be 00
 * or ff, and distrusts opcodes that lie within the operand of an earlier one.
 */
#include "stream.h"

#define OPERAND_LEN 4
#define INSN_LEN    (1 + OPERAND_LEN)

static __hot_inline bool is_sign_byte(uint8_t b)
{
	return b == 0x00 || b == 0xff;
}

/* The next byte e8 or e9 in [p, end), or end. */
static __hot_inline uint8_t *find_opcode(uint8_t *p, uint8_t *end)
{
	const uint64_t ones = 0x0101010101010101ULL;

	/* A zero byte borrows into its top bit; a false alarm only costs time. */
	for (; end - p >= 8; p += 8) {
		uint64_t v = (load_le64(p) | ones) ^ 0xe9 * ones;

		if ((v - ones) & ~v & 0x80 * ones)
			break;
	}
	while (p < end && (*p & 0xfe) != 0xe8)
		p++;
	return p;
}

/*
 * Absolute to relative. @shadow is how many bytes before this opcode another
 * one was left alone, 0 if none; then the bytes that both operands share must
 * not look like an operand's sign, or the encoder has inverted them.
 */
static uint32_t make_relative(uint32_t operand, uint32_t next_insn, unsigned int shadow)
{
	uint32_t relative = operand - next_insn;

	if (shadow && is_sign_byte(relative >> (24 - 8 * shadow)))
		relative = (relative ^ ((1U << (32 - 8 * shadow)) - 1)) - next_insn;
	relative &= 0x01ffffff;
	return relative | -(relative & 0x01000000);
}

void bcj_x86_decode(uint8_t *buf, size_t len, uint32_t start)
{
	uint8_t *p = buf, *end = len < INSN_LEN ? buf : buf + len - OPERAND_LEN;
	uint8_t *last = NULL;		/* the last opcode that was seen */
	unsigned int skipped = 0;	/* bit n: one was left alone n bytes before @last */

	for (; (p = find_opcode(p, end)) < end; p++) {
		unsigned int shadow = 0;

		/* Now bit n means n bytes before @p; only three bytes matter. */
		skipped = last && p - last <= 3 ? skipped << (p - last) & 0xe : 0;
		last = p;
		if (skipped) {
			shadow = __builtin_ctz(skipped);
			if (skipped != 1U << shadow || is_sign_byte(p[OPERAND_LEN - shadow])) {
				skipped |= 1;
				continue;
			}
		}
		if (!is_sign_byte(p[OPERAND_LEN])) {
			skipped |= 1;
			continue;
		}
		store_le32(p + 1, make_relative(load_le32(p + 1),
						start + (uint32_t)(p - buf) + INSN_LEN, shadow));
		p += OPERAND_LEN;
	}
}
