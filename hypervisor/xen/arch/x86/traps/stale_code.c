/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A breakpoint that is no longer there. A guest that patches its code while
 * other vCPUs run it covers the first byte by int3 for a while; who meets that
 * after the byte is back tries again (Linux: kprobe_int3_handler()). A processor
 * then finds the new byte. An emulator may not: QEMU before 8.1 translates code
 * without holding its page, so that a store by another CPU can slip in between
 * reading and entering the translation, which then stays for good, and so does
 * the vCPU. Storing the byte once more, unchanged, makes such an emulator drop
 * what it made of it.
 */
#include <asm/stale_code.h>

#include <hv/domain.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>

#include <asm/guest_walk.h>
#include <asm/traps.h>

#define INSN_INT3 0xcc

/* Frames that are nobody's RAM are devices': they are not stored to. */
static bool may_store_to(const struct domain *d, mfn_t m)
{
	const struct page_info *pg = page_of_mfn(m);

	return mfn_valid(m) && !(pg->flags & PAGE_NOT_RAM) && READ_ONCE(pg->owner) == d->id;
}

/* An atomic OR of nothing: whoever stores there at the same time loses nothing. */
static void store_unchanged(mfn_t m, unsigned long offset)
{
	uint8_t *page = frame_map(m);

	__asm__ __volatile__("lock orb $0, %0" : "+m"(page[offset]));
	frame_unmap(page);
}

void stale_breakpoint(const struct vcpu *v, const struct cpu_user_regs *regs)
{
	unsigned long va = regs->rip - 1;
	struct guest_walk w;
	uint8_t byte;

	if (likely(guest_read(&byte, va) || byte == INSN_INT3))
		return;
	if (guest_walk(v, guest_root(v), va, &w) && w.entry & PTE_P &&
	    may_store_to(v->domain, pte_mfn(w.entry)))
		store_unchanged(pte_mfn(w.entry), va & (PAGE_SIZE - 1));
}
