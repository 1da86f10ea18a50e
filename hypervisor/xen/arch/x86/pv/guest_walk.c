/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks guests' page tables by software. Another vCPU may change and free
 * tables meanwhile, so nothing of what is read is believed: a frame is looked
 * into only while the domain owns it as RAM, and what is found is advice.
 */
#include <asm/guest_walk.h>

#include <hv/domain.h>
#include <hv/frame.h>

#include <asm/frame.h>
#include <asm/layout.h>

mfn_t guest_root(const struct vcpu *v)
{
	if (v->arch.in_kernel || mfn_eq(v->arch.user_root, INVALID_MFN))
		return v->arch.kernel_root;
	return v->arch.user_root;
}

static inline pte_t table_read(mfn_t m, unsigned int index)
{
	const pte_t *t = frame_map(m);
	pte_t e = READ_ONCE(t[index]);

	frame_unmap(t);
	return e;
}

/* One level down, to the table that *@m is then. False: there is none that may be looked into. */
static inline bool step(domid_t owner, mfn_t *m, unsigned int index, pte_t *all)
{
	pte_t e = table_read(*m, index);
	const struct page_info *pg = page_of_mfn(pte_mfn(e));

	*m = pte_mfn(e);
	*all &= e;
	return (e & (PTE_P | PTE_PSE)) == PTE_P && likely(mfn_valid(*m)) &&
	       likely(page_is_ram_of(pg, owner));
}

bool guest_walk(const struct vcpu *v, mfn_t root, unsigned long va, struct guest_walk *w)
{
	domid_t owner = v->domain->id;
	pte_t all = ~0UL;
	mfn_t m = root;

	if (!address_is_canonical(va) || (va >= HV_VIRT_START && va < HV_VIRT_END))
		return false;
	if (!step(owner, &m, table_index(va, 4), &all) ||
	    !step(owner, &m, table_index(va, 3), &all) ||
	    !step(owner, &m, table_index(va, 2), &all))
		return false;
	w->l1 = page_of_mfn(m);
	w->index = table_index(va, 1);
	w->entry = table_read(m, w->index);
	w->is_writable = all & w->entry & PTE_RW;
	return true;
}
