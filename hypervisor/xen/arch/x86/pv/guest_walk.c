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

static pte_t table_read(mfn_t m, unsigned int index)
{
	const pte_t *t = frame_map(m);
	pte_t e = READ_ONCE(t[index]);

	frame_unmap(t);
	return e;
}

static bool may_look_into(const struct vcpu *v, mfn_t m)
{
	const struct page_info *pg = page_of_mfn(m);

	return mfn_valid(m) && !(pg->flags & PAGE_NOT_RAM) && READ_ONCE(pg->owner) == v->domain->id;
}

bool guest_walk(const struct vcpu *v, mfn_t root, unsigned long va, struct guest_walk *w)
{
	pte_t all = ~0UL, any = 0;
	mfn_t m = root;

	if (!address_is_canonical(va) || (va >= HV_VIRT_START && va < HV_VIRT_END))
		return false;
	for (unsigned int level = 4; level > 1; level--) {
		pte_t e = table_read(m, table_index(va, level));

		m = pte_mfn(e);
		if (!(e & PTE_P) || e & PTE_PSE || !may_look_into(v, m))
			return false;
		all &= e;
		any |= e;
	}
	w->l1 = page_of_mfn(m);
	w->index = table_index(va, 1);
	w->entry = table_read(m, w->index);
	w->is_writable = all & w->entry & PTE_RW;
	w->is_executable = !((any | w->entry) & PTE_NX);
	return true;
}
