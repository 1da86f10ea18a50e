/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stores to page tables, decoded, computed and retired: the hot path of a
 * guest that changes its tables by plain instructions. Nothing here touches
 * the table; results and flags are those of the processor, flags that the
 * manual leaves undefined excepted. AMD64 manual volume 3.
 */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/types.h>

#include <asm/decode.h>
#include <asm/emulate.h>
#include <asm/segment_base.h>

#define FLAG_CF (1UL << 0)
#define FLAG_PF (1UL << 2)
#define FLAG_AF (1UL << 4)
#define FLAG_ZF (1UL << 6)
#define FLAG_SF (1UL << 7)
#define FLAG_OF (1UL << 11)
#define FLAGS_ARITHMETIC (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

/* The register operand goes to memory. */
static bool source_register(struct table_write *out, const struct insn *insn,
			    const struct cpu_user_regs *regs)
{
	unsigned int number = insn->mod_reg;

	out->reg = number;
	out->high_byte = out->width == 1 && insn_is_high_byte(insn, number);
	if (out->high_byte)
		out->operand = register_read(regs, number - 4) >> 8 & 0xff;
	else
		out->operand = register_read(regs, number) & width_mask(out->width);
	return true;
}

static bool source_immediate(struct table_write *out, struct insn *insn, unsigned int bytes)
{
	if (!insn_immediate(insn, bytes, &out->operand))
		return false;
	out->operand &= width_mask(out->width);
	return true;
}

/* An immediate as wide as the operand, but at most 4 bytes. */
static unsigned int immediate_bytes(const struct table_write *out)
{
	return out->width == 8 ? 4 : out->width;
}

/* The eight operations of opcodes 00 to 3f and of group 1, as encoded. */
static bool arithmetic_operation(struct table_write *out, unsigned int code)
{
	switch (code) {
	case 0:
		out->op = TABLE_WRITE_ADD;
		return true;
	case 1:
		out->op = TABLE_WRITE_OR;
		return true;
	case 4:
		out->op = TABLE_WRITE_AND;
		return true;
	case 5:
		out->op = TABLE_WRITE_SUB;
		return true;
	case 6:
		out->op = TABLE_WRITE_XOR;
		return true;
	default:	/* adc, sbb: not on page tables; cmp stores nothing */
		return false;
	}
}

/* bts, btr, btc as numbered in group 8. */
static bool bit_operation(struct table_write *out, unsigned int code)
{
	if (code < 5 || code > 7)
		return false;
	out->op = code == 5 ? TABLE_WRITE_BTS : code == 6 ? TABLE_WRITE_BTR : TABLE_WRITE_BTC;
	return true;
}

/* A bit number in a register reaches beyond the operand: whole operands go to the address. */
static bool source_bit_register(struct table_write *out, struct insn *insn,
				const struct cpu_user_regs *regs)
{
	unsigned int shift = 64 - 8 * out->width;
	int64_t bit = (int64_t)(register_read(regs, insn->mod_reg) << shift) >> shift;
	unsigned int bits = 8 * out->width;

	out->operand = bit & (bits - 1);
	insn->offset += (bit - (int64_t)out->operand) / 8;
	return true;
}

static bool source_bit_immediate(struct table_write *out, struct insn *insn)
{
	if (!insn_immediate(insn, 1, &out->operand))
		return false;
	out->operand &= 8 * out->width - 1;
	return true;
}

static bool decode_two_byte(struct table_write *out, struct insn *insn,
			    const struct cpu_user_regs *regs)
{
	switch (insn->opcode) {
	case 0x0fb0:
	case 0x0fb1:
		out->op = TABLE_WRITE_CMPXCHG;
		(void)source_register(out, insn, regs);
		out->reg = 0;
		out->high_byte = false;
		out->expected = regs->rax & width_mask(out->width);
		return true;
	case 0x0fc0:
	case 0x0fc1:
		out->op = TABLE_WRITE_XADD;
		return source_register(out, insn, regs);
	case 0x0fab:
	case 0x0fb3:
	case 0x0fbb:
		return bit_operation(out, insn->opcode >> 3 & 7) &&
		       source_bit_register(out, insn, regs);
	case 0x0fba:
		return bit_operation(out, insn->mod_reg & 7) && source_bit_immediate(out, insn);
	case 0x0fc3:	/* movnti */
		out->op = TABLE_WRITE_STORE;
		return out->width >= 4 && !insn->lock && source_register(out, insn, regs);
	default:
		return false;
	}
}

static bool decode_one_byte(struct table_write *out, struct insn *insn,
			    const struct cpu_user_regs *regs)
{
	switch (insn->opcode) {
	case 0x88:
	case 0x89:
		out->op = TABLE_WRITE_STORE;
		return !insn->lock && source_register(out, insn, regs);
	case 0x86:
	case 0x87:
		out->op = TABLE_WRITE_XCHG;
		return source_register(out, insn, regs);
	case 0xc6:
	case 0xc7:
		out->op = TABLE_WRITE_STORE;
		return !insn->lock && !(insn->mod_reg & 7) &&
		       source_immediate(out, insn, immediate_bytes(out));
	case 0x80:
	case 0x81:
		return arithmetic_operation(out, insn->mod_reg & 7) &&
		       source_immediate(out, insn, immediate_bytes(out));
	case 0x83:
		return arithmetic_operation(out, insn->mod_reg & 7) &&
		       source_immediate(out, insn, 1);
	case 0x00:
	case 0x01:
	case 0x08:
	case 0x09:
	case 0x20:
	case 0x21:
	case 0x28:
	case 0x29:
	case 0x30:
	case 0x31:
		return arithmetic_operation(out, insn->opcode >> 3) &&
		       source_register(out, insn, regs);
	default:
		return false;
	}
}

/* Even opcodes have a byte operand, but for group 8. */
static bool has_byte_operand(uint16_t opcode)
{
	return !(opcode & 1) && opcode != 0x0fba;
}

static unsigned long segment_base(const struct insn *insn)
{
	switch (insn->segment) {
	case SEGMENT_FS:
		return fs_base_read();
	case SEGMENT_GS:
		return gs_base_read();
	default:	/* of 64-bit code */
		return 0;
	}
}

/* Naturally aligned, thus within one entry, and what faulted. */
static int judge_address(const struct table_write *out, unsigned long fault_address)
{
	if (out->address & (out->width - 1) || fault_address - out->address >= out->width)
		return -EOPNOTSUPP;
	return 0;
}

/* Opcodes of the quick path and their 64-bit operands. */
static bool quick_operation(struct table_write *out, unsigned int opcode, unsigned int number,
			    const struct cpu_user_regs *regs)
{
	switch (opcode) {
	case 0x89:
		out->op = TABLE_WRITE_STORE;
		break;
	case 0x87:
		out->op = TABLE_WRITE_XCHG;
		break;
	case 0x0fb1:
		out->op = TABLE_WRITE_CMPXCHG;
		out->expected = regs->rax;
		out->operand = register_read(regs, number);
		out->reg = 0;
		return true;
	default:
		return false;
	}
	out->operand = register_read(regs, number);
	out->reg = number;
	return true;
}

/*
 * A memory operand as page-table code has it, whose ModRM is at @p: base register, maybe an index, and a
 * displacement. Where it ends, or NULL: another form. At most 6 bytes.
 */
static const uint8_t *quick_operand(struct table_write *out, const uint8_t *p, unsigned int rex,
				    const struct cpu_user_regs *regs)
{
	unsigned int modrm = *p++, base = modrm & 7;
	unsigned long address = 0;
	int32_t displacement;

	if (modrm >= 0xc0 || (modrm & 0xc7) == 5)
		return NULL;
	if (base == 4) {
		unsigned int sib = *p++, index = (sib >> 3 & 7) | (rex & REX_X) << 2;

		base = sib & 7;
		if (base == 5 && modrm < 0x40)
			return NULL;
		if (index != 4)
			address = register_read(regs, index) << (sib >> 6);
	}
	address += register_read(regs, base | (rex & REX_B) << 3);
	if (modrm & 0x40) {
		address += (int8_t)*p++;
	} else if (modrm & 0x80) {
		__builtin_memcpy(&displacement, p, 4);
		address += displacement;
		p += 4;
	}
	out->address = address;
	return p;
}

/*
 * The other way: lock bts, btr, btc of a quadword in memory, the bit as an immediate. @p is behind the lock
 * prefix. At most eleven bytes. False: anything else.
 */
static bool decode_bit_change(struct table_write *out, const uint8_t *code, const uint8_t *p,
			      const struct cpu_user_regs *regs)
{
	unsigned int rex = p[0];

	if ((rex & 0xf8) != 0x48 || p[1] != 0x0f || p[2] != 0xba ||
	    !bit_operation(out, p[3] >> 3 & 7))
		return false;
	p = quick_operand(out, p + 3, rex, regs);
	if (!p)
		return false;
	out->operand = *p++ & 63;
	out->width = 8;
	out->high_byte = false;
	out->reg = 0;
	out->length = p - code;
	return true;
}

/*
 * How kernels clear and set a flag of an entry: lock and/or of a byte in memory
 * with an immediate. (With one CPU Linux makes the lock prefix a ds override.) At most ten bytes. False: anything else.
 */
static bool decode_flag_change(struct table_write *out, const uint8_t *code,
			       const struct cpu_user_regs *regs)
{
	const uint8_t *p = code + 1;	/* the prefix */
	unsigned int rex = 0, operation;

	if ((*p & 0xf0) == 0x40)
		rex = *p++;
	if (*p++ != 0x80)
		return decode_bit_change(out, code, code + 1, regs);
	operation = *p >> 3 & 7;
	if (operation == 4)
		out->op = TABLE_WRITE_AND;
	else if (operation == 1)
		out->op = TABLE_WRITE_OR;
	else
		return false;
	p = quick_operand(out, p, rex, regs);
	if (!p)
		return false;
	out->operand = *p++;
	out->width = 1;
	out->high_byte = false;
	out->reg = 0;
	out->length = p - code;
	return true;
}

/*
 * What page-table code is made of: mov, xchg or cmpxchg of a 64-bit register to
 * memory. At most ten bytes. false: anything else, which the whole decoder gets.
 */
static bool decode_quickly(struct table_write *out, const uint8_t *code,
			   const struct cpu_user_regs *regs)
{
	const uint8_t *p = code;
	bool has_lock = *p == 0xf0;
	unsigned int rex, opcode;

	if (has_lock || *p == 0x3e) {
		if (decode_flag_change(out, code, regs))
			return true;
		p++;
	}
	rex = *p++;
	if ((rex & 0xf8) != 0x48)
		return false;
	opcode = *p++;
	if (opcode == 0x0f)
		opcode = 0x0f00 | *p++;
	if (!quick_operation(out, opcode, (*p >> 3 & 7) | (rex & REX_R) << 1, regs) ||
	    (has_lock && out->op == TABLE_WRITE_STORE))
		return false;
	p = quick_operand(out, p, rex, regs);
	if (!p)
		return false;
	out->width = 8;
	out->high_byte = false;
	out->length = p - code;
	return true;
}

static int decode_thoroughly(struct table_write *out, struct insn *insn,
			     const struct cpu_user_regs *regs)
{
	if (insn->mode != CODE_64 || !insn_start(insn) || !insn_modrm(insn, regs) ||
	    !insn->is_memory)
		return -EOPNOTSUPP;

	out->width = has_byte_operand(insn->opcode) ? 1 : insn_operand_bytes(insn);
	out->high_byte = false;
	out->reg = 0;
	if (insn->opcode < 0x0f00 ? !decode_one_byte(out, insn, regs) :
				    !decode_two_byte(out, insn, regs))
		return -EOPNOTSUPP;

	out->length = insn->length;
	out->address = insn_offset(insn, regs) + segment_base(insn);
	return 0;
}

int table_write_decode(const struct cpu_user_regs *regs, unsigned long fault_address,
		       struct table_write *out)
{
	struct insn insn;
	int rc;

	if (!code_fetch(current_vcpu(), regs, &insn))
		return -EFAULT;
	if (insn.mode != CODE_64 || insn.available < INSN_MAX ||
	    !decode_quickly(out, insn.bytes, regs)) {
		rc = decode_thoroughly(out, &insn, regs);
		if (rc)
			return rc;
	}
	return judge_address(out, fault_address);
}

uint64_t table_write_result(const struct table_write *w, uint64_t old)
{
	uint64_t bit, result;

	if (w->op <= TABLE_WRITE_XCHG)	/* the common ones */
		return w->operand;
	old &= width_mask(w->width);
	bit = 1UL << (w->operand & 63);
	switch (w->op) {
	case TABLE_WRITE_CMPXCHG:
		return old == w->expected ? w->operand : old;
	case TABLE_WRITE_AND:
		result = old & w->operand;
		break;
	case TABLE_WRITE_OR:
		result = old | w->operand;
		break;
	case TABLE_WRITE_XOR:
		result = old ^ w->operand;
		break;
	case TABLE_WRITE_ADD:
	case TABLE_WRITE_XADD:
		result = old + w->operand;
		break;
	case TABLE_WRITE_SUB:
		result = old - w->operand;
		break;
	case TABLE_WRITE_BTS:
		result = old | bit;
		break;
	case TABLE_WRITE_BTR:
		result = old & ~bit;
		break;
	default:	/* TABLE_WRITE_BTC */
		result = old ^ bit;
		break;
	}
	return result & width_mask(w->width);
}

/* SF, ZF and PF, which only the result decides. */
static unsigned long flags_of_result(uint64_t result, unsigned int width)
{
	unsigned long flags = 0;

	if (!result)
		flags |= FLAG_ZF;
	if (result >> (8 * width - 1) & 1)
		flags |= FLAG_SF;
	if (!__builtin_parity((unsigned int)result & 0xff))
		flags |= FLAG_PF;
	return flags;
}

static unsigned long flags_of_sum(uint64_t a, uint64_t b, unsigned int width)
{
	uint64_t sum = (a + b) & width_mask(width);
	unsigned long flags = flags_of_result(sum, width);

	if (sum < a)
		flags |= FLAG_CF;
	if ((a ^ b ^ sum) & 0x10)
		flags |= FLAG_AF;
	if (((a ^ sum) & (b ^ sum)) >> (8 * width - 1) & 1)
		flags |= FLAG_OF;
	return flags;
}

static unsigned long flags_of_difference(uint64_t a, uint64_t b, unsigned int width)
{
	uint64_t difference = (a - b) & width_mask(width);
	unsigned long flags = flags_of_result(difference, width);

	if (a < b)
		flags |= FLAG_CF;
	if ((a ^ b ^ difference) & 0x10)
		flags |= FLAG_AF;
	if (((a ^ b) & (a ^ difference)) >> (8 * width - 1) & 1)
		flags |= FLAG_OF;
	return flags;
}

static void set_flags(struct cpu_user_regs *regs, unsigned long mask, unsigned long flags)
{
	regs->rflags = (regs->rflags & ~mask) | flags;
}

/* The register that an exchange gives the old value. */
static void write_back(struct cpu_user_regs *regs, const struct table_write *w, uint64_t old)
{
	if (likely(w->width == 8))
		register_write_word(regs, w->reg, old);
	else if (w->high_byte)
		register_write_high_byte(regs, w->reg - 4, old);
	else
		register_write(regs, w->reg, w->width, old);
}

void table_write_retire(struct cpu_user_regs *regs, const struct table_write *w, uint64_t old,
			bool success)
{
	if (w->op <= TABLE_WRITE_XCHG) {	/* the common ones: no flags */
		if (w->op == TABLE_WRITE_XCHG)
			write_back(regs, w, old & width_mask(w->width));
		instruction_retire(regs, w->length, 0);
		return;
	}
	old &= width_mask(w->width);
	switch (w->op) {
	case TABLE_WRITE_STORE:	/* done */
	case TABLE_WRITE_XCHG:
		break;
	case TABLE_WRITE_CMPXCHG:
		set_flags(regs, FLAGS_ARITHMETIC, flags_of_difference(w->expected, old, w->width));
		if (!success)
			write_back(regs, w, old);
		break;
	case TABLE_WRITE_XADD:
		set_flags(regs, FLAGS_ARITHMETIC, flags_of_sum(old, w->operand, w->width));
		write_back(regs, w, old);
		break;
	case TABLE_WRITE_ADD:
		set_flags(regs, FLAGS_ARITHMETIC, flags_of_sum(old, w->operand, w->width));
		break;
	case TABLE_WRITE_SUB:
		set_flags(regs, FLAGS_ARITHMETIC, flags_of_difference(old, w->operand, w->width));
		break;
	case TABLE_WRITE_AND:
	case TABLE_WRITE_OR:
	case TABLE_WRITE_XOR:
		set_flags(regs, FLAGS_ARITHMETIC,
			  flags_of_result(table_write_result(w, old), w->width));
		break;
	case TABLE_WRITE_BTS:
	case TABLE_WRITE_BTR:
	case TABLE_WRITE_BTC:
		set_flags(regs, FLAG_CF, old >> w->operand & 1);
		break;
	}
	instruction_retire(regs, w->length, 0);
}
