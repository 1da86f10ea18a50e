/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instruction decoder: prefixes, operand and address sizes in each mode,
 * every way to name a memory operand, and where instructions end.
 */
/* sources: arch/x86/pv/decode.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <asm/decode.h>

static struct cpu_user_regs regs;

static void load(struct insn *insn, enum code_mode mode, const char *code, unsigned int length)
{
	memset(insn, 0xee, sizeof(*insn));
	memcpy(insn->bytes, code, length);
	insn->available = length;
	insn->mode = mode;
}

#define LOAD(insn, mode, code) load(insn, mode, code, sizeof(code) - 1)

static int set_registers(void **state)
{
	unsigned int i;

	(void)state;
	memset(&regs, 0, sizeof(regs));
	for (i = 0; i < 16; i++)
		register_write(&regs, i, 8, 0x1111000011110000 * (i & 7) + 0x100 * i);
	regs.rip = 0xffffffff81000000;
	return 0;
}

static void registers_are_found_by_number(void **state)
{
	(void)state;
	regs.rax = 1;
	regs.rsp = 5;
	regs.rdi = 8;
	regs.r15 = 16;
	assert_int_equal(register_read(&regs, 0), 1);
	assert_int_equal(register_read(&regs, 4), 5);
	assert_int_equal(register_read(&regs, 7), 8);
	assert_int_equal(register_read(&regs, 15), 16);
}

static void partial_writes_keep_the_rest(void **state)
{
	(void)state;
	regs.rbx = ~0UL;
	register_write(&regs, 3, 1, 0x1234);
	assert_int_equal(regs.rbx, 0xffffffffffffff34);
	register_write(&regs, 3, 2, 0x15678);
	assert_int_equal(regs.rbx, 0xffffffffffff5678);
	register_write_high_byte(&regs, 3, 0xab);
	assert_int_equal(regs.rbx, 0xffffffffffffab78);
	register_write(&regs, 3, 4, 0x9999999987654321);
	assert_int_equal(regs.rbx, 0x87654321);
}

static void prefixes_are_noted(void **state)
{
	struct insn insn;

	(void)state;
	LOAD(&insn, CODE_64, "\xf0\x66\x67\x64\xf3\x48\x0f\xb1");
	assert_true(insn_start(&insn));
	assert_true(insn.lock && insn.operand_prefix && insn.address_prefix);
	assert_int_equal(insn.segment, SEGMENT_FS);
	assert_int_equal(insn.repeat, 0xf3);
	assert_int_equal(insn.rex, 0x48);
	assert_int_equal(insn.opcode, 0x0fb1);
	assert_int_equal(insn.length, 8);

	LOAD(&insn, CODE_32, "\x36\x48");	/* dec %eax */
	assert_true(insn_start(&insn));
	assert_int_equal(insn.segment, SEGMENT_SS);
	assert_int_equal(insn.rex, 0);
	assert_int_equal(insn.opcode, 0x48);
}

static void rex_counts_only_before_the_opcode(void **state)
{
	struct insn insn;

	(void)state;
	LOAD(&insn, CODE_64, "\x48\x66\x89\x01");
	assert_true(insn_start(&insn));
	assert_int_equal(insn.opcode, 0x66);	/* no opcode that anybody knows */
}

static void sizes_follow_mode_and_prefixes(void **state)
{
	static const struct {
		const char *code;
		enum code_mode mode;
		unsigned int operand, address;
	} cases[] = {
		{ "\x90", CODE_64, 4, 8 },     { "\x66\x90", CODE_64, 2, 8 },
		{ "\x48\x90", CODE_64, 8, 8 }, { "\x66\x48\x90", CODE_64, 8, 8 },
		{ "\x67\x90", CODE_64, 4, 4 }, { "\x90", CODE_32, 4, 4 },
		{ "\x66\x90", CODE_32, 2, 4 }, { "\x67\x90", CODE_32, 4, 2 },
		{ "\x90", CODE_16, 2, 2 },     { "\x66\x90", CODE_16, 4, 2 },
		{ "\x67\x90", CODE_16, 2, 4 },
	};
	struct insn insn;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		load(&insn, cases[i].mode, cases[i].code, strlen(cases[i].code));
		assert_true(insn_start(&insn));
		assert_int_equal(insn_operand_bytes(&insn), cases[i].operand);
		assert_int_equal(insn_address_bytes(&insn), cases[i].address);
	}
}

struct address_case {
	enum code_mode mode;
	unsigned int length;
	const char *code;	/* from the opcode, 89, on */
	uint64_t offset;
	uint8_t segment;
};

static void check_address(const struct address_case *c)
{
	struct insn insn;

	load(&insn, c->mode, c->code, c->length);
	assert_true(insn_start(&insn));
	assert_true(insn_modrm(&insn, &regs));
	assert_true(insn.is_memory);
	assert_int_equal(insn.length, c->length);
	assert_int_equal(insn_offset(&insn, &regs), c->offset);
	assert_int_equal(insn.segment, c->segment);
}

#define CASE(mode, code, offset, segment) \
	{                                                               \
		mode, sizeof(code) - 1, code, offset, SEGMENT_##segment \
	}

static void every_address_form(void **state)
{
	regs.rax = 0x10;
	regs.rcx = 0x200;
	regs.rbp = 0x3000;
	regs.rsp = 0x40000;
	regs.r12 = 0x500000;
	regs.r13 = 0x6000000;
	const struct address_case cases[] = {
		CASE(CODE_64, "\x89\x01", 0x200, DEFAULT),
		CASE(CODE_64, "\x89\x41\xff", 0x1ff, DEFAULT),
		CASE(CODE_64, "\x89\x81\x00\x00\x00\x80", 0xffffffff80000200, DEFAULT),
		CASE(CODE_64, "\x89\x05\x00\x01\x00\x00", 0xffffffff81000106, DEFAULT),
		CASE(CODE_64, "\x89\x45\x08", 0x3008, SS),
		CASE(CODE_64, "\x89\x04\x24", 0x40000, SS),
		CASE(CODE_64, "\x89\x44\x24\x08", 0x40008, SS),
		CASE(CODE_64, "\x89\x04\x88", 0x810, DEFAULT),		/* rax + rcx * 4 */
		CASE(CODE_64, "\x89\x04\x25\x00\x10\x00\x00", 0x1000, DEFAULT),
		CASE(CODE_64, "\x89\x04\x0d\x00\x10\x00\x00", 0x1200, DEFAULT),
		CASE(CODE_64, "\x89\x44\x4d\x00", 0x3400, SS),		/* rbp + rcx * 2 */
		CASE(CODE_64, "\x41\x89\x04\x24", 0x500000, DEFAULT),	/* r12 */
		CASE(CODE_64, "\x41\x89\x45\x00", 0x6000000, DEFAULT),	/* r13 */
		CASE(CODE_64, "\x42\x89\x04\xe0", 0x2800010, DEFAULT),	/* rax + r12 * 8 */
		CASE(CODE_64, "\x67\x89\x41\xf0", 0x1f0, DEFAULT),
		CASE(CODE_64, "\x67\x89\x81\x00\x00\x00\x80", 0x80000200, DEFAULT),
		CASE(CODE_64, "\x65\x89\x45\x08", 0x3008, GS),
		CASE(CODE_32, "\x89\x05\x00\x01\x00\x00", 0x100, DEFAULT), /* no rip */
		CASE(CODE_32, "\x89\x81\x00\xfe\xff\xff", 0, DEFAULT),
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check_address(&cases[i]);
}

static void rip_is_that_of_the_next_instruction(void **state)
{
	struct insn insn;
	uint64_t value;

	(void)state;
	LOAD(&insn, CODE_64, "\x48\xc7\x05\x00\x00\x00\x00\xff\xff\xff\x7f");
	assert_true(insn_start(&insn));
	assert_true(insn_modrm(&insn, &regs));
	assert_true(insn_immediate(&insn, 4, &value));
	assert_int_equal(value, 0x7fffffff);
	assert_int_equal(insn_offset(&insn, &regs), regs.rip + 11);
}

static void sixteen_bit_addresses_are_refused(void **state)
{
	struct insn insn;

	(void)state;
	LOAD(&insn, CODE_16, "\x89\x07");
	assert_true(insn_start(&insn));
	assert_false(insn_modrm(&insn, &regs));
}

static void truncated_ones_are_refused(void **state)
{
	static const char code[] = "\x66\xf0\x41\x0f\xba\xac\x8c\x11\x22\x33\x44\x05";
	struct insn insn;
	unsigned int i;
	uint64_t value;

	(void)state;
	for (i = 0; i < sizeof(code) - 1; i++) {
		load(&insn, CODE_64, code, i);
		assert_false(insn_start(&insn) && insn_modrm(&insn, &regs) &&
			     insn_immediate(&insn, 1, &value));
	}
	load(&insn, CODE_64, "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66", 15);
	assert_false(insn_start(&insn));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(registers_are_found_by_number, set_registers),
		cmocka_unit_test_setup(partial_writes_keep_the_rest, set_registers),
		cmocka_unit_test_setup(prefixes_are_noted, set_registers),
		cmocka_unit_test_setup(rex_counts_only_before_the_opcode, set_registers),
		cmocka_unit_test_setup(sizes_follow_mode_and_prefixes, set_registers),
		cmocka_unit_test_setup(every_address_form, set_registers),
		cmocka_unit_test_setup(rip_is_that_of_the_next_instruction, set_registers),
		cmocka_unit_test_setup(sixteen_bit_addresses_are_refused, set_registers),
		cmocka_unit_test_setup(truncated_ones_are_refused, set_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
