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
#include <asm/layout.h>

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

/* Up to 15 bytes: less where the page after the first cannot be read. */
static bool fetch_bytes(struct insn *insn, unsigned long va)
{
	unsigned long to_page_end = PAGE_SIZE - (va & (PAGE_SIZE - 1));

	insn->available = INSN_MAX;
	/* Two whole words are quicker than 15 bytes; the last one is not looked at. */
	if (likely(to_page_end >= sizeof(insn->bytes) &&
		   !guest_copy_from(insn->bytes, va, sizeof(insn->bytes))))
		return true;
	if (!guest_copy_from(insn->bytes, va, INSN_MAX))
		return true;
	if (to_page_end >= INSN_MAX)
		return false;
	insn->available = to_page_end;
	return !guest_copy_from(insn->bytes, va, to_page_end);
}

bool code_fetch(const struct vcpu *v, const struct cpu_user_regs *regs, struct insn *insn)
{
	struct segment_info code;
	unsigned long va = regs->rip;

	insn->mode = CODE_64;
	if (unlikely(regs->cs != FLAT_RING3_CS64)) {
		if (!segment_lookup(v, regs->cs, &code) || !code.is_usable)
			return false;
		insn->mode = code.mode;
		if (code.mode != CODE_64)
			va = (uint32_t)(code.base + regs->rip);
	}
	return fetch_bytes(insn, va);
}
