/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests map their page tables read-only, and their kernels write to L1 tables
 * all the same: the instruction is decoded and the entry written by the rules
 * of mmu_update. Stores of less than eight bytes change a part of the entry.
 * Higher tables are changed by hypercalls only, as Xen has it.
 */
#include <hv/domain.h>
#include <hv/errno.h>

#include <asm/emulate.h>
#include <asm/guest_walk.h>
#include <asm/page_fault.h>
#include <asm/page_types.h>
#include <asm/system.h>

/* The entry that @value of @w's width makes of @entry. */
static uint64_t part_replace(uint64_t entry, const struct table_write *w, uint64_t value)
{
	unsigned int shift = (w->address & 7) * 8;
	uint64_t mask = w->width == 8 ? ~0UL : ((1UL << w->width * 8) - 1) << shift;

	return (entry & ~mask) | (value << shift & mask);
}

static uint64_t part_of(uint64_t entry, const struct table_write *w)
{
	uint64_t v = entry >> (w->address & 7) * 8;

	return w->width == 8 ? v : v & ((1UL << w->width * 8) - 1);
}

static uint64_t entry_read(const struct page_info *pg, unsigned int index)
{
	const uint64_t *t = frame_map(mfn_of_page(pg));
	uint64_t e = READ_ONCE(t[index]);

	frame_unmap(t);
	return e;
}

/*
 * Read, compute, write if still the same; *old is what the instruction saw. A
 * comparison that fails writes what it found: so that what the guest is told
 * has been read from a table of its own, locked.
 */
static int read_modify_write(struct domain *d, struct page_info *pg, unsigned int index,
			     const struct table_write *w, uint64_t *old, bool *success)
{
	uint64_t entry, value;
	int rc;

	do {
		entry = value = entry_read(pg, index);
		*old = part_of(entry, w);
		*success = w->op != TABLE_WRITE_CMPXCHG || *old == w->expected;
		if (*success)
			value = part_replace(entry, w, table_write_result(w, *old));
		rc = table_entry_write(d, d, pg, index, value, ENTRY_COMPARE, &entry);
	} while (rc == 1);
	return rc;
}

static int execute(struct domain *d, struct page_info *pg, const struct table_write *w,
		   uint64_t *old, bool *success)
{
	unsigned int index = (w->address & (PAGE_SIZE - 1)) / 8;

	*success = true;
	if (w->width == 8 && (w->op == TABLE_WRITE_STORE || w->op == TABLE_WRITE_XCHG))
		return table_entry_write(d, d, pg, index, w->operand,
					 w->op == TABLE_WRITE_XCHG ? ENTRY_EXCHANGE : ENTRY_STORE,
					 old);
	return read_modify_write(d, pg, index, w, old, success);
}

bool emulate_page_table_write(struct vcpu *v, struct cpu_user_regs *regs, unsigned long addr)
{
	struct page_info *pg;
	struct guest_walk at;
	struct table_write w;
	uint64_t old = 0, state;
	bool success;
	int rc;

	if (!guest_walk(v, v->arch.kernel_root, addr, &at) || !(at.entry & PTE_P) ||
	    !mfn_valid(pte_mfn(at.entry)))
		return false;
	if (at.is_writable) {	/* by now: the TLB is behind */
		invlpg(addr);
		return true;
	}
	if (at.entry & PTE_RW)	/* a table above says no, as the guest wanted it */
		return false;
	pg = page_of_mfn(pte_mfn(at.entry));
	state = READ_ONCE(pg->state);
	if (frame_type(state) != TYPE_L1 || !frame_type_count(state))
		return false;
	/* Another CPU makes it one, or ends that, just now: the instruction is executed again. */
	if (!(state & FRAME_VALIDATED))
		return true;
	if (table_write_decode(regs, addr, &w))
		return false;
	rc = unlikely(v->arch.dropping_table) ? table_drop_resume(v) : 0;
	if (!rc)
		rc = execute(v->domain, pg, &w, &old, &success);
	if (rc == -ERESTART)
		return true;	/* the instruction is executed again */
	if (rc)
		return false;
	table_write_retire(regs, &w, old, success);
	return true;
}
