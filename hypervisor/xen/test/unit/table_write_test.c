/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stores to page tables: random instructions of every kind that is decoded
 * are executed twice, by this processor and by decode_table_write.c, and
 * must leave the same memory, registers and flags.
 */
/* sources: arch/x86/pv/decode_table_write.c arch/x86/pv/decode.c arch/x86/pv/code_fetch.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <asm/decode.h>
#include <asm/emulate.h>
#include <asm/segment_base.h>

#define ROUNDS 300000
#define BUFFER 256

#define CF 0x001UL
#define PF 0x004UL
#define AF 0x010UL
#define ZF 0x040UL
#define SF 0x080UL
#define OF 0x800UL
#define ALL_FLAGS (CF | PF | AF | ZF | SF | OF)

/* ---- the guest ---- */

static struct vcpu vcpu;
static unsigned long readable_end;	/* instruction bytes end here; 0: nowhere */
static const unsigned long gs_base = 0x12340;

struct vcpu *current_vcpu(void)
{
	return &vcpu;
}

int guest_copy_from(void *dst, unsigned long va, size_t len)
{
	if (readable_end && va + len > readable_end)
		return -EFAULT;
	memcpy(dst, (const void *)va, len);
	return 0;
}

unsigned long fs_base_read(void)
{
	return 0;
}

unsigned long gs_base_read(void)
{
	return gs_base;
}

void debug_trap(struct cpu_user_regs *regs, unsigned int causes)
{
	(void)regs;
	(void)causes;
}

/* ---- the processor: run what is in native_slot with these registers ---- */

struct native_state {
	uint64_t reg[16], flags, host_rsp;
};

struct native_state native_state;
void native_run(void);
extern uint8_t native_slot[16];

__asm__(".pushsection .native, \"ax\", @progbits\n"
	".global native_run, native_slot\n"
	"native_run:\n"
	"	push %rbx\n	push %rbp\n	push %r12\n"
	"	push %r13\n	push %r14\n	push %r15\n"
	"	lea native_state(%rip), %rax\n"
	"	mov %rsp, 136(%rax)\n"
	"	push 128(%rax)\n"
	"	popfq\n"
	"	mov 8(%rax), %rcx\n	mov 16(%rax), %rdx\n	mov 24(%rax), %rbx\n"
	"	mov 40(%rax), %rbp\n	mov 48(%rax), %rsi\n	mov 56(%rax), %rdi\n"
	"	mov 64(%rax), %r8\n	mov 72(%rax), %r9\n	mov 80(%rax), %r10\n"
	"	mov 88(%rax), %r11\n	mov 96(%rax), %r12\n	mov 104(%rax), %r13\n"
	"	mov 112(%rax), %r14\n	mov 120(%rax), %r15\n	mov 32(%rax), %rsp\n"
	"	mov (%rax), %rax\n"
	"native_slot:\n"
	"	.fill 16, 1, 0x90\n"
	"	mov %rax, native_state(%rip)\n"
	"	lea native_state(%rip), %rax\n"
	"	mov %rcx, 8(%rax)\n	mov %rdx, 16(%rax)\n	mov %rbx, 24(%rax)\n"
	"	mov %rsp, 32(%rax)\n	mov %rbp, 40(%rax)\n	mov %rsi, 48(%rax)\n"
	"	mov %rdi, 56(%rax)\n	mov %r8, 64(%rax)\n	mov %r9, 72(%rax)\n"
	"	mov %r10, 80(%rax)\n	mov %r11, 88(%rax)\n	mov %r12, 96(%rax)\n"
	"	mov %r13, 104(%rax)\n	mov %r14, 112(%rax)\n	mov %r15, 120(%rax)\n"
	"	mov 136(%rax), %rsp\n"
	"	pushfq\n"
	"	pop 128(%rax)\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n"
	"	pop %r12\n	pop %rbp\n	pop %rbx\n"
	"	ret\n"
	".popsection\n");

static uint64_t near_buffer[BUFFER / 8];	/* reached by rip-relative addresses */
static uint64_t *low_buffer;			/* below 4 GiB */

/* ---- random instructions ---- */

static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint64_t random64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static unsigned int below(unsigned int n)
{
	return (random64() >> 20) % n;
}

/* Often a value at which something happens. */
static uint64_t random_operand(void)
{
	static const uint64_t special[] = {
		0,
		1,
		0x7f,
		0x80,
		0xff,
		0x7fff,
		0x8000,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x7fffffffffffffff,
		0x8000000000000000,
		~0UL,
	};

	return below(3) ? random64() : special[below(ARRAY_SIZE(special))];
}

enum source { FROM_REGISTER, FROM_IMMEDIATE, FROM_IMMEDIATE_8, BIT_REGISTER, BIT_IMMEDIATE };

struct form {
	uint16_t opcode;	/* of the byte form, if there is one */
	uint8_t group;		/* ModRM.reg, when the source is no register */
	enum source source;
	bool has_byte_form, may_lock, only_wide;
	unsigned long undefined;	/* flags */
};

#define BITS_UNDEFINED (OF | SF | AF | PF)
static const struct form forms[] = {
	{ 0x88, 0, FROM_REGISTER, true, false, false, 0 },
	{ 0xc6, 0, FROM_IMMEDIATE, true, false, false, 0 },
	{ 0x0fc3, 0, FROM_REGISTER, false, false, true, 0 },
	{ 0x86, 0, FROM_REGISTER, true, true, false, 0 },
	{ 0x0fb0, 0, FROM_REGISTER, true, true, false, 0 },
	{ 0x0fc0, 0, FROM_REGISTER, true, true, false, 0 },
	{ 0x00, 0, FROM_REGISTER, true, true, false, 0 },
	{ 0x08, 0, FROM_REGISTER, true, true, false, AF },
	{ 0x20, 0, FROM_REGISTER, true, true, false, AF },
	{ 0x28, 0, FROM_REGISTER, true, true, false, 0 },
	{ 0x30, 0, FROM_REGISTER, true, true, false, AF },
	{ 0x80, 0, FROM_IMMEDIATE, true, true, false, 0 },
	{ 0x80, 1, FROM_IMMEDIATE, true, true, false, AF },
	{ 0x80, 4, FROM_IMMEDIATE, true, true, false, AF },
	{ 0x80, 5, FROM_IMMEDIATE, true, true, false, 0 },
	{ 0x80, 6, FROM_IMMEDIATE, true, true, false, AF },
	{ 0x83, 0, FROM_IMMEDIATE_8, false, true, false, 0 },
	{ 0x83, 1, FROM_IMMEDIATE_8, false, true, false, AF },
	{ 0x83, 4, FROM_IMMEDIATE_8, false, true, false, AF },
	{ 0x83, 5, FROM_IMMEDIATE_8, false, true, false, 0 },
	{ 0x83, 6, FROM_IMMEDIATE_8, false, true, false, AF },
	{ 0x0fab, 0, BIT_REGISTER, false, true, false, BITS_UNDEFINED },
	{ 0x0fb3, 0, BIT_REGISTER, false, true, false, BITS_UNDEFINED },
	{ 0x0fbb, 0, BIT_REGISTER, false, true, false, BITS_UNDEFINED },
	{ 0x0fba, 5, BIT_IMMEDIATE, false, true, false, BITS_UNDEFINED },
	{ 0x0fba, 6, BIT_IMMEDIATE, false, true, false, BITS_UNDEFINED },
	{ 0x0fba, 7, BIT_IMMEDIATE, false, true, false, BITS_UNDEFINED },
};

struct trial {
	const struct form *form;
	uint8_t code[16];
	unsigned int length, width;
	uint64_t reg[16];
	uint64_t *buffer;
	unsigned long target;		/* linear address of the store */
	unsigned int immediate_bytes;
};

static void emit(struct trial *t, uint64_t value, unsigned int bytes)
{
	memcpy(t->code + t->length, &value, bytes);
	t->length += bytes;
}

static int64_t sign_extend(uint64_t value, unsigned int bytes)
{
	return (int64_t)(value << (64 - 8 * bytes)) >> (64 - 8 * bytes);
}

/*
 * ModRM, SIB and displacement for an operand at @offset, of which @moved comes from a bit number in
 * register @reg; the registers that it needs are set so.
 */
static void emit_address(struct trial *t, uint8_t *rex, unsigned int reg, unsigned long offset,
			 bool addresses_are_32)
{
	unsigned int displacement_bytes = below(3) * 2, scale = below(4);
	unsigned int base = below(16), index = below(16);
	int64_t displacement;
	bool has_index = below(2), has_sib;

	while (t->form->source == BIT_REGISTER && base == reg)
		base = below(16);
	while (index == 4 || index == base || (t->form->source == BIT_REGISTER && index == reg))
		index = below(16);
	if (displacement_bytes == 2)	/* none, one or four */
		displacement_bytes = 1;
	if (!displacement_bytes && (base & 7) == 5)
		displacement_bytes = 1;
	has_sib = has_index || (base & 7) == 4;
	displacement = sign_extend(random64(), displacement_bytes ? displacement_bytes : 1);
	if (!displacement_bytes)
		displacement = 0;

	t->reg[base] = offset - displacement - (has_index ? t->reg[index] << scale : 0);
	if (addresses_are_32)
		t->reg[base] ^= random64() << 32;

	*rex |= (reg >> 3) << 2 | base >> 3 | (has_index ? index >> 3 << 1 : 0);
	emit(t,
	     (displacement_bytes == 4 ? 2 : displacement_bytes) << 6 | (reg & 7) << 3 |
		     (has_sib ? 4 : base & 7),
	     1);
	if (has_sib)
		emit(t, scale << 6 | (has_index ? index & 7 : 4) << 3 | (base & 7), 1);
	emit(t, displacement, displacement_bytes);
}

static void emit_rip_relative(struct trial *t, uint8_t *rex, unsigned int reg, unsigned long offset)
{
	*rex |= (reg >> 3) << 2;
	emit(t, (reg & 7) << 3 | 5, 1);
	emit(t, offset - ((unsigned long)native_slot + t->length + 4 + t->immediate_bytes), 4);
}

static void choose_width(struct trial *t, bool *is_byte)
{
	*is_byte = t->form->has_byte_form && !below(4);
	t->width = *is_byte ? 1 : t->form->only_wide ? 4U << below(2) : 2U << below(3);
	switch (t->form->source) {
	case FROM_IMMEDIATE:
		t->immediate_bytes = t->width == 8 ? 4 : t->width;
		break;
	case FROM_IMMEDIATE_8:
	case BIT_IMMEDIATE:
		t->immediate_bytes = 1;
		break;
	default:
		t->immediate_bytes = 0;
	}
}

/* Where the address without the bit number's part must point, so that the store hits the target. */
static unsigned long address_of_bit_zero(struct trial *t, unsigned int reg, bool is_rip_relative)
{
	int64_t bit;

	if (t->form->source != BIT_REGISTER)
		return t->target;
	if (is_rip_relative || below(2))	/* a displacement reaches 2 GiB */
		t->reg[reg] = sign_extend(random64(), 2);
	bit = sign_extend(t->reg[reg], t->width);
	return t->target - (bit >> 3 & ~(int64_t)(t->width - 1));
}

static void make_trial(struct trial *t)
{
	bool is_byte, is_rip_relative = !below(8), is_32 = !is_rip_relative && !below(8);
	bool has_gs = !below(8);
	unsigned int reg = below(16), i;
	unsigned long offset;
	uint8_t rex = 0, *rex_slot;

	memset(t, 0, sizeof(*t));
	t->form = &forms[below(ARRAY_SIZE(forms))];
	choose_width(t, &is_byte);
	for (i = 0; i < 16; i++)
		t->reg[i] = random_operand();
	t->buffer = is_32 || below(2) ? low_buffer : near_buffer;
	if (is_rip_relative)
		t->buffer = near_buffer;
	for (i = 0; i < BUFFER / 8; i++)
		t->buffer[i] = random_operand();
	t->target = (unsigned long)t->buffer + below(BUFFER / t->width) * t->width;

	if (t->form->source != FROM_REGISTER && t->form->source != BIT_REGISTER)
		reg = t->form->group | below(2) << 3;
	if (has_gs)
		emit(t, 0x65, 1);
	if (is_32)
		emit(t, 0x67, 1);
	if (t->width == 2)
		emit(t, 0x66, 1);
	if (t->form->may_lock && below(2))
		emit(t, 0xf0, 1);
	if (!t->form->may_lock && !t->form->only_wide && !below(8))
		emit(t, 0xf3, 1);
	rex_slot = t->code + t->length;
	emit(t, 0x40, 1);
	if (t->form->opcode >= 0x0f00)
		emit(t, 0x0f, 1);
	emit(t, (uint8_t)t->form->opcode | (t->form->has_byte_form && !is_byte), 1);

	offset = address_of_bit_zero(t, reg, is_rip_relative) - (has_gs ? gs_base : 0);
	if (is_rip_relative)
		emit_rip_relative(t, &rex, reg, offset);
	else
		emit_address(t, &rex, reg, offset, is_32);
	emit(t, random_operand(), t->immediate_bytes);
	if (t->width == 8)
		rex |= REX_W;
	if (!rex && below(2) && !is_rip_relative) {	/* without REX: AH to BH too */
		memmove(rex_slot, rex_slot + 1, t->code + t->length - rex_slot - 1);
		t->length--;
	} else {
		*rex_slot |= rex;
	}
	if (t->form->opcode == 0x0fb0 && below(2))
		memcpy((void *)t->target, &t->reg[0], t->width);
	if (t->length > 15)
		make_trial(t);
}

/* ---- both ways ---- */

static void run_natively(const struct trial *t, unsigned long flags)
{
	memcpy(native_state.reg, t->reg, sizeof(t->reg));
	native_state.flags = 0x202 | flags;
	memset(native_slot, 0x90, 16);
	memcpy(native_slot, t->code, t->length);
	native_run();
	native_state.flags &= ALL_FLAGS;
}

static void to_regs(struct cpu_user_regs *regs, const uint64_t *reg, unsigned long flags)
{
	unsigned int i;

	memset(regs, 0, sizeof(*regs));
	for (i = 0; i < 16; i++)
		register_write(regs, i, 8, reg[i]);
	regs->rip = (unsigned long)native_slot;
	regs->cs = FLAT_RING3_CS64;
	regs->rflags = 0x202 | flags;
}

static void show(const struct trial *t)
{
	unsigned int i;

	for (i = 0; i < t->length; i++)
		printf("%02x ", t->code[i]);
	printf(" width %u\n", t->width);
}

static void emulate_and_compare(const struct trial *t, unsigned long flags)
{
	uint64_t before[BUFFER / 8], old = 0, result;
	struct cpu_user_regs regs;
	struct table_write w;
	unsigned long mask = ALL_FLAGS & ~t->form->undefined;
	unsigned int i;
	int rc;

	memcpy(before, t->buffer, BUFFER);
	to_regs(&regs, t->reg, flags);
	run_natively(t, flags);
	rc = table_write_decode(&regs, t->target + below(t->width), &w);
	if (rc || w.address != t->target || w.width != t->width || w.length != t->length)
		show(t);
	assert_int_equal(rc, 0);
	assert_int_equal(w.address, t->target);
	assert_int_equal(w.width, t->width);
	assert_int_equal(w.length, t->length);

	memcpy(&old, (char *)before + (t->target - (unsigned long)t->buffer), t->width);
	result = table_write_result(&w, old);
	memcpy((char *)before + (t->target - (unsigned long)t->buffer), &result, t->width);
	table_write_retire(&regs, &w, old, old == w.expected);

	if (memcmp(before, t->buffer, BUFFER))
		show(t);
	assert_memory_equal(before, t->buffer, BUFFER);
	for (i = 0; i < 16; i++) {
		if (register_read(&regs, i) != native_state.reg[i])
			show(t);
		assert_int_equal(register_read(&regs, i), native_state.reg[i]);
	}
	if ((regs.rflags ^ native_state.flags) & mask)
		show(t);
	assert_int_equal(regs.rflags & mask, native_state.flags & mask);
	assert_int_equal(regs.rip, (unsigned long)native_slot + t->length);
}

static void differs_nowhere_from_the_processor(void **state)
{
	struct trial t;
	unsigned int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		make_trial(&t);
		emulate_and_compare(&t, random64() & ALL_FLAGS);
	}
}

/* ---- what is refused ---- */

static int decode_bytes(const void *code, size_t length, unsigned long rcx, unsigned long fault)
{
	struct cpu_user_regs regs;
	struct table_write w;
	uint64_t reg[16] = { 0 };

	reg[1] = rcx;
	memset(native_slot, 0x90, 16);
	memcpy(native_slot, code, length);
	to_regs(&regs, reg, 0);
	return table_write_decode(&regs, fault, &w);
}

#define DECODE(code, rcx, fault) decode_bytes(code, sizeof(code) - 1, rcx, fault)

static void other_instructions_are_refused(void **state)
{
	(void)state;
	assert_int_equal(DECODE("\x48\x89\x01", 0x1000, 0x1000), 0);	/* mov */
	assert_int_equal(DECODE("\xf0\x48\x89\x01", 0x1000, 0x1000), -EOPNOTSUPP);
	assert_int_equal(DECODE("\x48\x8b\x01", 0x1000, 0x1000), -EOPNOTSUPP);	/* load */
	assert_int_equal(DECODE("\x48\x89\xc1", 0x1000, 0x1000), -EOPNOTSUPP);	/* register */
	assert_int_equal(DECODE("\x48\x39\x01", 0x1000, 0x1000), -EOPNOTSUPP);	/* cmp */
	assert_int_equal(DECODE("\x48\x11\x01", 0x1000, 0x1000), -EOPNOTSUPP);	/* adc */
	assert_int_equal(DECODE("\x48\x0f\xc7\x09", 0x1000, 0x1000), -EOPNOTSUPP); /* cmpxchg16b */
	assert_int_equal(DECODE("\x48\x0f\xba\x21\x01", 0x1000, 0x1000), -EOPNOTSUPP); /* bt */
	assert_int_equal(DECODE("\xc5\xf8\x29\x01", 0x1000, 0x1000), -EOPNOTSUPP); /* vmovaps */
	assert_int_equal(DECODE("\xc7\xf8\0\0\0\0", 0x1000, 0x1000), -EOPNOTSUPP); /* xbegin */
	assert_int_equal(DECODE("\xf3\x48\xab", 0x1000, 0x1000), -EOPNOTSUPP);	/* rep stos */
}

static void the_address_must_be_the_fault(void **state)
{
	(void)state;
	assert_int_equal(DECODE("\x48\x89\x01", 0x1008, 0x1000), -EOPNOTSUPP);
	assert_int_equal(DECODE("\x48\x89\x01", 0xff8, 0x1000), -EOPNOTSUPP);
	assert_int_equal(DECODE("\x48\x89\x01", 0x1004, 0x1004), -EOPNOTSUPP);	/* two entries */
	assert_int_equal(DECODE("\x89\x01", 0x1002, 0x1002), -EOPNOTSUPP);	/* not aligned */
	assert_int_equal(DECODE("\x89\x01", 0x1004, 0x1004), 0);
	assert_int_equal(DECODE("\x88\x01", 0x1fff, 0x1fff), 0);
}

static void bytes_may_end_anywhere(void **state)
{
	static const char code[] = "\xf0\x48\x81\x89\x00\x01\x00\x00\x01\x00\x00\x00";
	const unsigned long page_end = ((unsigned long)low_buffer + 2 * PAGE_SIZE) & PAGE_MASK;
	struct cpu_user_regs regs;
	struct table_write w;
	uint64_t reg[16] = { 0 };
	unsigned int i;

	(void)state;
	reg[1] = 0x1000;
	to_regs(&regs, reg, 0);
	for (i = 0; i <= sizeof(code) - 1; i++) {	/* i bytes are readable */
		regs.rip = page_end - i;
		memcpy((void *)regs.rip, code, i);
		readable_end = page_end;
		if (i == sizeof(code) - 1)
			assert_int_equal(table_write_decode(&regs, 0x1100, &w), 0);
		else
			assert_int_not_equal(table_write_decode(&regs, 0x1100, &w), 0);
	}
	readable_end = 0;
}

static int set_up(void **state)
{
	void *slot_page = (void *)((unsigned long)native_slot & PAGE_MASK);

	(void)state;
	/* page by page: the slot may straddle two */
	if (mprotect(slot_page, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC) &&
	    mprotect(slot_page, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC))
		return -1;
	low_buffer = mmap(NULL, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low_buffer == MAP_FAILED)
		return -1;
	return syscall(SYS_arch_prctl, 0x1001 /* ARCH_SET_GS */, gs_base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differs_nowhere_from_the_processor),
		cmocka_unit_test(other_instructions_are_refused),
		cmocka_unit_test(the_address_must_be_the_fault),
		cmocka_unit_test(bytes_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
