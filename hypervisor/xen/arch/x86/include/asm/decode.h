/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoding of the few instructions that are executed for a guest. Pure: it
 * looks at the fetched bytes and the registers only.
 */
#ifndef ASM_DECODE_H
#define ASM_DECODE_H

#include <hv/abi.h>
#include <hv/types.h>

#define INSN_MAX 15	/* the processor refuses longer ones */

enum code_mode {
	CODE_16,
	CODE_32,
	CODE_64,
};

enum segment {
	/* as encoded in mov */
	SEGMENT_ES,
	SEGMENT_CS,
	SEGMENT_SS,
	SEGMENT_DS,
	SEGMENT_FS,
	SEGMENT_GS,
	SEGMENT_DEFAULT,
};

#define REX_B 1
#define REX_X 2
#define REX_R 4
#define REX_W 8

struct insn {
	uint8_t	 bytes[INSN_MAX + 1];	/* fetched once */
	uint8_t	 available;		/* how many of them could be */
	uint8_t	 length;		/* consumed so far: at the end, the instruction's */
	uint8_t	 mode;			/* enum code_mode */
	uint8_t	 rex;			/* 0x40 to 0x4f, or 0 */
	uint8_t	 segment;		/* enum segment: the override */
	uint8_t	 repeat;		/* 0, 0xf2 or 0xf3 */
	bool	 operand_prefix, address_prefix, lock;
	uint16_t opcode;		/* second byte of two: + 0x0f00 */
	bool	 is_memory;		/* r/m is memory, of which: */
	bool	 is_rip_relative;
	uint8_t	 mod_reg, mod_rm;	/* ModRM fields with their REX bits */
	uint64_t offset;		/* register part and displacement */
};

/* Prefixes and opcode. ->bytes, ->available and ->mode are given. false: not an instruction. */
bool insn_start(struct insn *insn) __must_check;

/* ModRM, SIB, displacement. false: bytes end, or 16-bit addressing. */
bool insn_modrm(struct insn *insn, const struct cpu_user_regs *regs) __must_check;

/* An immediate of @bytes (1, 2, 4), sign-extended. Last, so that insn_offset() knows the length. */
bool insn_immediate(struct insn *insn, unsigned int bytes, uint64_t *value) __must_check;

/* Offset in its segment of the memory operand. */
uint64_t insn_offset(const struct insn *insn, const struct cpu_user_regs *regs);

/* 2, 4 or 8. */
unsigned int insn_operand_bytes(const struct insn *insn);
unsigned int insn_address_bytes(const struct insn *insn);

/* All ones in the low @bytes (1 to 8). */
static inline uint64_t width_mask(unsigned int bytes)
{
	return ~0UL >> (64 - 8 * bytes);
}

/* Is register @number of a byte operand AH, CH, DH, BH (of register @number - 4)? */
static inline bool insn_is_high_byte(const struct insn *insn, unsigned int number)
{
	return !insn->rex && number >= 4 && number < 8;
}

/* A general register as encoded, 0 to 15. Writing 4 bytes clears the rest, 1 and 2 keep it. */
extern const uint8_t register_offset[16];

static inline uint64_t register_read(const struct cpu_user_regs *regs, unsigned int number)
{
	return *(const uint64_t *)(const void *)((const char *)regs + register_offset[number & 15]);
}

static inline void register_write_word(struct cpu_user_regs *regs, unsigned int number,
				       uint64_t value)
{
	*(uint64_t *)(void *)((char *)regs + register_offset[number & 15]) = value;
}

void register_write(struct cpu_user_regs *regs, unsigned int number, unsigned int bytes,
		    uint64_t value);
void register_write_high_byte(struct cpu_user_regs *regs, unsigned int number, uint8_t value);

struct vcpu;

/* ---- code_fetch.c: what decoding needs of the running guest ---- */

/* A segment of the guest's as its descriptor tells. */
struct segment_info {
	unsigned long base;
	uint32_t limit;		/* last byte */
	bool	 is_usable;	/* present, code or data */
	bool	 is_writable, is_readable;
	enum code_mode mode;	/* of code */
};

/* false: no such descriptor. */
bool segment_lookup(const struct vcpu *v, uint16_t selector,
		    struct segment_info *info) __must_check;

/* The bytes at @regs->rip of the running vCPU @v, for insn_start(). false: none can be read. */
bool code_fetch(const struct vcpu *v, const struct cpu_user_regs *regs,
		struct insn *insn) __must_check;

#endif
