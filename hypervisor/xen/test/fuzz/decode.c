/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a guest's instruction, with any registers: decoded as a store to a page table. */
/* sources: arch/x86/pv/decode_table_write.c arch/x86/pv/decode.c arch/x86/pv/code_fetch.c */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>

#include <asm/decode.h>
#include <asm/emulate.h>
#include <asm/segment_base.h>

#define CODE_END 0x401000UL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vcpu vcpu;
static const uint8_t *code;
static size_t code_size;

struct vcpu *current_vcpu(void)
{
	return &vcpu;
}

/* The code lies at the end of a page. */
int guest_copy_from(void *dst, unsigned long va, size_t len)
{
	size_t offset = va & (PAGE_SIZE - 1);

	if (offset + len > PAGE_SIZE || PAGE_SIZE - offset > code_size)
		return -EFAULT;
	memcpy(dst, code + code_size - (PAGE_SIZE - offset), len);
	return 0;
}

unsigned long fs_base_read(void)
{
	return 0x7000;
}

unsigned long gs_base_read(void)
{
	return 0xffff888000000000;
}

/* The input may have the trap flag set; none of it hits a breakpoint. */
void debug_trap(struct cpu_user_regs *regs, unsigned int causes)
{
	(void)regs;
	if (causes)
		abort();
}

/* What is promised to the page-table code. */
static void check(const struct table_write *w, unsigned long fault)
{
	if (w->width != 1 && w->width != 2 && w->width != 4 && w->width != 8)
		abort();
	if (w->address & (w->width - 1) || (w->address & 7) + w->width > 8)
		abort();
	if (fault < w->address || fault - w->address >= w->width)
		abort();
	if ((w->operand | w->expected * (w->op == TABLE_WRITE_CMPXCHG)) & ~width_mask(w->width))
		abort();
	if (w->op >= TABLE_WRITE_BTS && w->operand >= 8 * w->width)
		abort();
	if (w->length > code_size || w->reg > 15)
		abort();
}

/* Where the words are loaded from that are fetched at once: the last bytes of a page, as the guest has it mapped. */
static void code_lay(unsigned long va)
{
	static void *page;

	if (!page)
		page = mmap((void *)(CODE_END - PAGE_SIZE), PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (page == MAP_FAILED)
		abort();
	memcpy((void *)va, code, code_size);
}

/* One instruction in each mode: the decoder must stay within its bytes. */
static void decode_any_mode(const struct cpu_user_regs *regs)
{
	struct insn insn;
	uint64_t value;
	int mode;

	for (mode = CODE_16; mode <= CODE_64; mode++) {
		memset(&insn, 0, sizeof(insn));
		insn.available = code_size < INSN_MAX ? code_size : INSN_MAX;
		memcpy(insn.bytes, code, insn.available);
		insn.mode = mode;
		if (insn_start(&insn) && insn_modrm(&insn, regs) &&
		    insn_immediate(&insn, insn.opcode & 1 ? 4 : 1, &value))
			(void)insn_offset(&insn, regs);
		if (insn.length > insn.available)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct table_write w = { 0 };
	struct cpu_user_regs regs;
	unsigned long fault;
	uint64_t old;

	if (size < sizeof(regs) + 16 + 1)
		return 0;
	memcpy(&regs, data, sizeof(regs));
	memcpy(&fault, data + sizeof(regs), 8);
	memcpy(&old, data + sizeof(regs) + 8, 8);
	code = data + sizeof(regs) + 16;
	code_size = size - sizeof(regs) - 16;
	if (code_size > 64)
		code_size = 64;
	regs.cs = FLAT_RING3_CS64;
	regs.rip = CODE_END - code_size;
	code_lay(regs.rip);
	if (!(fault & 1))	/* fuzzers do not guess addresses: take what the code says */
		(void)table_write_decode(&regs, 0, &w), fault = w.address;

	if (!table_write_decode(&regs, fault, &w)) {
		check(&w, fault);
		if (table_write_result(&w, old) & ~width_mask(w.width))
			abort();
		table_write_retire(&regs, &w, old, old & 1);
	}
	decode_any_mode(&regs);
	return 0;
}
