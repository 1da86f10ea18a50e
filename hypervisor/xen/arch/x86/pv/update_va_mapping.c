/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HYPERVISOR_update_va_mapping: one L1 entry by linear address, with a TLB flush (xen/xen.h). */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#include <asm/mmu_hypercalls.h>
#include <asm/page_types.h>
#include <asm/system.h>
#include <asm/tlb.h>

static pte_t table_read(mfn_t m, unsigned int index)
{
	const pte_t *t = frame_map(m);
	pte_t e = READ_ONCE(t[index]);

	frame_unmap(t);
	return e;
}

struct page_info *guest_l1_of(const struct vcpu *v, unsigned long va, unsigned int *index)
{
	mfn_t m = v->arch.in_kernel || mfn_eq(v->arch.user_root, INVALID_MFN) ?
			  v->arch.kernel_root :
			  v->arch.user_root;

	if (!address_is_canonical(va) || (va >= HV_VIRT_START && va < HV_VIRT_END))
		return NULL;
	for (unsigned int level = 4; level > 1; level--) {
		pte_t e = table_read(m, table_index(va, level));

		m = pte_mfn(e);
		/* Another vCPU may change tables while we walk: believe nothing. */
		if (!(e & PTE_P) || e & PTE_PSE || !mfn_valid(m))
			return NULL;
	}
	*index = table_index(va, 1);
	return page_of_mfn(m);
}

pte_t guest_l1_entry(const struct vcpu *v, unsigned long va)
{
	unsigned int index;
	struct page_info *pg = guest_l1_of(v, va, &index);

	return pg ? table_read(mfn_of_page(pg), index) : 0;
}

/* UVMF_*: single-CPU domains have one TLB, so that "multi" and "all" are the local one. */
static int flush(unsigned long va, unsigned long flags)
{
	unsigned long mask;

	switch (flags & UVMF_FLUSHTYPE_MASK) {
	case UVMF_TLB_FLUSH:
		break;
	case UVMF_INVLPG:
		break;
	case UVMF_NONE:
		return 0;
	default:
		return 0;
	}
	/* UVMF_MULTI: the rest is a pointer to the vCPU mask, unless it means all or this one. */
	mask = flags & ~UVMF_FLUSHTYPE_MASK;
	if (mask != UVMF_LOCAL && mask != UVMF_ALL && guest_read(&mask, mask))
		return -EFAULT;
	if ((flags & UVMF_FLUSHTYPE_MASK) == UVMF_TLB_FLUSH)
		tlb_flush_local();
	else
		invlpg(va);
	return 0;
}

static long update(struct vcpu *v, unsigned long va, unsigned long value, unsigned long flags,
		   const struct domain *frames)
{
	unsigned int index;
	struct page_info *pt = guest_l1_of(v, va, &index);
	pte_t old;
	int rc;

	if (!pt)
		return -EINVAL;
	rc = table_entry_write(v->domain, frames, pt, index, value, ENTRY_STORE, &old);
	return rc ? rc : flush(va, flags);
}

long do_update_va_mapping(struct vcpu *v, unsigned long va, unsigned long value,
			  unsigned long flags)
{
	long rc = table_drop_resume(v);

	if (!rc)
		rc = update(v, va, value, flags, v->domain);
	if (rc == -ERESTART) {
		unsigned long again[] = { va, value, flags };

		return hypercall_continue(__HYPERVISOR_update_va_mapping, 3, again);
	}
	return rc;
}

long do_update_va_mapping_otherdomain(struct vcpu *v, unsigned long va, unsigned long value,
				      unsigned long flags, unsigned long domid)
{
	struct domain *frames;
	long rc = mmu_frames_owner(v, domid, &frames);

	if (rc)
		return rc;
	rc = table_drop_resume(v);
	if (!rc)
		rc = update(v, va, value, flags, frames);
	if (frames)
		domain_put(frames);
	if (rc == -ERESTART) {
		unsigned long again[] = { va, value, flags, domid };

		return hypercall_continue(__HYPERVISOR_update_va_mapping_otherdomain, 4, again);
	}
	return rc;
}
