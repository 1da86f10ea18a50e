/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an instruction of the running guest is decoded with: its bytes, and
 * the segments' descriptors. These are read from the vCPU's own windows of
 * GDT and LDT, as the processor does; a page of the LDT that is not there
 * yet faults and is filled in by the page-fault handler, or it is not and
 * the exception table lets us go on.
 */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/types.h>

#include <asm/decode.h>
#include <asm/extable.h>
#include <asm/guest_access.h>
#include <asm/layout.h>
#include <asm/nospec.h>

#define SELECTOR_LDT   (1U << 2)
#define SELECTOR_INDEX 0xfff8U

/* Bits of a descriptor's upper half. */
#define DESCRIPTOR_WRITABLE (1U << 9)	/* of code: readable */
#define DESCRIPTOR_CODE	    (1U << 11)
#define DESCRIPTOR_USER	    (1U << 12)	/* code or data */
#define DESCRIPTOR_PRESENT  (1U << 15)
#define DESCRIPTOR_LONG	    (1U << 21)
#define DESCRIPTOR_32BIT    (1U << 22)
#define DESCRIPTOR_4K_LIMIT (1U << 23)

/* 0, or -EFAULT. */
static int read_window(unsigned long va, uint64_t *value)
{
	int rc = -EFAULT;
	uint64_t v = 0;

	__asm__ __volatile__("1:	mov (%[va]), %[v]\n"
			     "	xor %[rc], %[rc]\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : [v] "+&r"(v), [rc] "+&r"(rc)
			     : [va] "r"(va)
			     : "memory", "cc");
	*value = v;
	return rc;
}

static bool descriptor_read(const struct vcpu *v, uint16_t selector, uint64_t *value)
{
	unsigned long window = PERDOMAIN_START + ((unsigned long)v->id << VCPU_WINDOW_SHIFT);

	if (selector & SELECTOR_LDT) {
		if ((unsigned int)selector >> 3 >= v->arch.ldt_entries)
			return false;
		window += VCPU_LDT_OFFSET;
	} else if (!(selector & SELECTOR_INDEX)) {
		return false;
	}
	return !read_window(window + (selector & SELECTOR_INDEX), value);
}

bool segment_lookup(const struct vcpu *v, uint16_t selector, struct segment_info *info)
{
	uint32_t low, high;
	uint64_t value;

	if (!descriptor_read(v, selector, &value))
		return false;
	low = value;
	high = value >> 32;
	info->base = low >> 16 | (high & 0xff) << 16 | (high & 0xff000000);
	info->limit = (low & 0xffff) | (high & 0xf0000);
	if (high & DESCRIPTOR_4K_LIMIT)
		info->limit = info->limit << PAGE_SHIFT | (PAGE_SIZE - 1);
	info->is_usable = (high & DESCRIPTOR_PRESENT) && (high & DESCRIPTOR_USER);
	info->is_writable = !(high & DESCRIPTOR_CODE) && (high & DESCRIPTOR_WRITABLE);
	info->is_readable = !(high & DESCRIPTOR_CODE) || (high & DESCRIPTOR_WRITABLE);
	info->mode = high & DESCRIPTOR_LONG ? CODE_64 : high & DESCRIPTOR_32BIT ? CODE_32 : CODE_16;
	return true;
}

/* Two words at @va. False: a fault. (gcc 12 crashes when it inlines this.) */
static __attribute__((noinline)) bool words_load(uint8_t *bytes, unsigned long va)
{
	uint64_t low, high;

	guest_access_begin();
	guest_load(low, va, failed);
	guest_load(high, va + 8, failed);
	guest_access_end();
	__builtin_memcpy(bytes, &low, 8);
	__builtin_memcpy(bytes + 8, &high, 8);
	return true;
failed:
	guest_access_end();
	return false;
}

/* Up to 15 bytes: less where the page after the first cannot be read. */
static bool fetch_bytes(struct insn *insn, unsigned long va)
{
	unsigned long to_page_end = PAGE_SIZE - (va & (PAGE_SIZE - 1));

	static_assert(sizeof(insn->bytes) == 16, "two words");
	insn->available = INSN_MAX;
	/* Two whole words are quicker than 15 bytes; the last one is not looked at. */
	if (likely(to_page_end >= sizeof(insn->bytes)) &&
	    likely(guest_range_ok(va, sizeof(insn->bytes)))) {
		branch_barrier();
		/* read again: no, these are two words side by side */
		if (words_load(insn->bytes, va))
			return true;
	}
	/* read again: what was not read at once */
	if (!guest_copy_from(insn->bytes, va, INSN_MAX))
		return true;
	if (to_page_end >= INSN_MAX)
		return false;
	insn->available = to_page_end;
	/* read again: the same */
	return !guest_copy_from(insn->bytes, va, to_page_end);
}

/* Is @selector, the present CS, 64-bit code? Then nothing else of its descriptor matters. */
static bool is_long_code(const struct vcpu *v, uint16_t selector)
{
	const uint64_t wanted = DESCRIPTOR_LONG | DESCRIPTOR_PRESENT | DESCRIPTOR_USER;
	uint64_t value;

	return selector == FLAT_RING3_CS64 ||
	       (descriptor_read(v, selector, &value) && (value >> 32 & wanted) == wanted);
}

bool code_fetch(const struct vcpu *v, const struct cpu_user_regs *regs, struct insn *insn)
{
	struct segment_info code;
	unsigned long va = regs->rip;

	insn->mode = CODE_64;
	if (!likely(is_long_code(v, regs->cs))) {
		if (!segment_lookup(v, regs->cs, &code) || !code.is_usable)
			return false;
		insn->mode = code.mode;
		if (code.mode != CODE_64)
			va = (uint32_t)(code.base + regs->rip);
	}
	/* read again: as fetch_bytes() says */
	return fetch_bytes(insn, va);
}
