/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the benchmark in the guest tells the counting plugin: a seven-byte NOP,
 * `nopl disp32(%rax)`, whose displacement no compiler would choose. It costs one
 * instruction and does nothing where no plugin listens.
 */
#ifndef MARKER_H
#define MARKER_H

#ifndef MARKER_MAGIC
#define MARKER_MAGIC 0x425a5aU	/* the upper 24 bits of the displacement */
#endif

enum marker {
	MARKER_FORGET = 1,	/* drop what was counted for the row (its warm-up) */
	MARKER_BEGIN = 2,	/* count from here for the row */
	MARKER_END = 3,		/* to here */
	MARKER_STAGE = 4,	/* write down the running totals */
	MARKER_ROW = 5,		/* write down the row; rows are numbered from 1 */
};

/* The displacement is not an operand's value in memory: %rax is not dereferenced. */
#define MARK(code) \
	__asm__ volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0" \
			 :                                     \
			 : "i"(MARKER_MAGIC << 8 | (code))     \
			 : "memory")

#endif
