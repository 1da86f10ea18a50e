/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instruction decoding: prefixes, opcode, ModRM, SIB, displacement, immediate.
 * What an instruction means is its emulator's business. AMD64 manual volume 3,
 * chapter 1. Touches no memory but the fetched bytes; runs on the build host.
 */
#include <hv/types.h>

#include <asm/decode.h>

#define OFFSET_OF(reg) offsetof(struct cpu_user_regs, reg)

const uint8_t register_offset[16] = {
	OFFSET_OF(rax), OFFSET_OF(rcx), OFFSET_OF(rdx), OFFSET_OF(rbx),
	OFFSET_OF(rsp), OFFSET_OF(rbp), OFFSET_OF(rsi), OFFSET_OF(rdi),
	OFFSET_OF(r8),	OFFSET_OF(r9),	OFFSET_OF(r10), OFFSET_OF(r11),
	OFFSET_OF(r12), OFFSET_OF(r13), OFFSET_OF(r14), OFFSET_OF(r15),
};

static_assert(offsetof(struct cpu_user_regs, gs) < 256, "offsets fit a byte");

static uint64_t *register_slot(struct cpu_user_regs *regs, unsigned int number)
{
	return (uint64_t *)(void *)((char *)regs + register_offset[number & 15]);
}

void register_write(struct cpu_user_regs *regs, unsigned int number, unsigned int bytes,
		    uint64_t value)
{
	uint64_t *slot = register_slot(regs, number);

	if (bytes == 8)
		*slot = value;
	else if (bytes == 4)
		*slot = (uint32_t)value;
	else
		*slot = (*slot & ~width_mask(bytes)) | (value & width_mask(bytes));
}

void register_write_high_byte(struct cpu_user_regs *regs, unsigned int number, uint8_t value)
{
	uint64_t *slot = register_slot(regs, number);

	*slot = (*slot & ~0xff00UL) | (uint64_t)value << 8;
}

static bool next_byte(struct insn *insn, uint8_t *byte)
{
	if (insn->length >= insn->available)
		return false;
	*byte = insn->bytes[insn->length++];
	return true;
}

/* @bytes of little-endian number, sign-extended. */
static bool next_number(struct insn *insn, unsigned int bytes, int64_t *value)
{
	uint64_t raw = 0;
	unsigned int i;

	if (insn->available < insn->length + bytes)
		return false;
	for (i = 0; i < bytes; i++)
		raw |= (uint64_t)insn->bytes[insn->length + i] << (8 * i);
	insn->length += bytes;
	*value = (int64_t)(raw << (64 - 8 * bytes)) >> (64 - 8 * bytes);
	return true;
}

/* Takes note of a legacy prefix; false: it is none. */
static bool take_prefix(struct insn *insn, uint8_t byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
		insn->segment = SEGMENT_ES + ((byte >> 3) & 3);
		return true;
	case 0x64:
	case 0x65:
		insn->segment = SEGMENT_FS + (byte & 1);
		return true;
	case 0x66:
		insn->operand_prefix = true;
		return true;
	case 0x67:
		insn->address_prefix = true;
		return true;
	case 0xf0:
		insn->lock = true;
		return true;
	case 0xf2:
	case 0xf3:
		insn->repeat = byte;
		return true;
	default:
		return false;
	}
}

bool insn_start(struct insn *insn)
{
	uint8_t byte;

	insn->length = 0;
	insn->rex = 0;
	insn->segment = SEGMENT_DEFAULT;
	insn->repeat = 0;
	insn->operand_prefix = insn->address_prefix = insn->lock = false;
	insn->is_memory = insn->is_rip_relative = false;

	/* Nothing below 0x26 is a prefix, and most opcodes are not either. */
	do {
		if (!next_byte(insn, &byte))
			return false;
	} while (take_prefix(insn, byte));

	if (insn->mode == CODE_64 && (byte & 0xf0) == 0x40) {
		insn->rex = byte;
		if (!next_byte(insn, &byte))
			return false;
	}
	insn->opcode = byte;
	if (byte == 0x0f) {
		if (!next_byte(insn, &byte))
			return false;
		insn->opcode = 0x0f00 | byte;
	}
	return true;
}

unsigned int insn_operand_bytes(const struct insn *insn)
{
	if (insn->rex & REX_W)
		return 8;
	return (insn->mode == CODE_16) == insn->operand_prefix ? 4 : 2;
}

unsigned int insn_address_bytes(const struct insn *insn)
{
	if (insn->mode == CODE_64)
		return insn->address_prefix ? 4 : 8;
	return (insn->mode == CODE_16) == insn->address_prefix ? 4 : 2;
}

/* The byte after ModRM when it announces one. May replace the displacement's size. */
static bool take_sib(struct insn *insn, const struct cpu_user_regs *regs, unsigned int mod,
		     unsigned int *displacement_bytes)
{
	unsigned int base, index;
	uint8_t sib;

	if (!next_byte(insn, &sib))
		return false;
	base = sib & 7;
	index = ((sib >> 3) & 7) | (insn->rex & REX_X) << 2;
	if (index != 4)
		insn->offset += register_read(regs, index) << (sib >> 6);
	if (base == 5 && mod == 0) {
		*displacement_bytes = 4;
		return true;
	}
	base |= (insn->rex & REX_B) << 3;
	insn->offset += register_read(regs, base);
	if ((base == 4 || base == 5) && insn->segment == SEGMENT_DEFAULT)
		insn->segment = SEGMENT_SS;
	return true;
}

static bool take_memory_operand(struct insn *insn, const struct cpu_user_regs *regs, uint8_t modrm)
{
	unsigned int mod = modrm >> 6, rm = modrm & 7;
	unsigned int displacement_bytes = mod == 1 ? 1 : mod == 2 ? 4 : 0;
	int64_t displacement;

	insn->is_memory = true;
	insn->offset = 0;
	if (rm == 4) {
		if (!take_sib(insn, regs, mod, &displacement_bytes))
			return false;
	} else if (rm == 5 && mod == 0) {
		displacement_bytes = 4;
		insn->is_rip_relative = insn->mode == CODE_64;
	} else {
		insn->offset = register_read(regs, insn->mod_rm);
		if (insn->mod_rm == 5 && insn->segment == SEGMENT_DEFAULT)
			insn->segment = SEGMENT_SS;
	}
	if (displacement_bytes) {
		if (!next_number(insn, displacement_bytes, &displacement))
			return false;
		insn->offset += displacement;
	}
	return true;
}

bool insn_modrm(struct insn *insn, const struct cpu_user_regs *regs)
{
	uint8_t modrm;

	if (!next_byte(insn, &modrm))
		return false;
	insn->mod_reg = ((modrm >> 3) & 7) | (insn->rex & REX_R) << 1;
	insn->mod_rm = (modrm & 7) | (insn->rex & REX_B) << 3;
	if (modrm >= 0xc0)
		return true;
	if (insn_address_bytes(insn) == 2)
		return false;
	return take_memory_operand(insn, regs, modrm);
}

bool insn_immediate(struct insn *insn, unsigned int bytes, uint64_t *value)
{
	int64_t number;

	if (!next_number(insn, bytes, &number))
		return false;
	*value = number;
	return true;
}

uint64_t insn_offset(const struct insn *insn, const struct cpu_user_regs *regs)
{
	uint64_t offset = insn->offset;

	if (insn->is_rip_relative)
		offset += regs->rip + insn->length;
	return offset & width_mask(insn_address_bytes(insn));
}
