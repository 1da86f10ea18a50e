/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HYPERVISOR_update_va_mapping: one L1 entry by linear address, with a TLB flush (xen/xen.h). */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#include <asm/guest_flush.h>
#include <asm/guest_walk.h>
#include <asm/mmu_hypercalls.h>
#include <asm/page_types.h>
#include <asm/system.h>
#include <asm/tlb.h>

/* UVMF_*: what to flush, and where: a pointer to a mask of vCPUs, unless it means all or this one. */
static int flush(const struct domain *d, unsigned long va, unsigned long flags)
{
	unsigned long type = flags & UVMF_FLUSHTYPE_MASK, where = flags & ~UVMF_FLUSHTYPE_MASK;
	struct vcpu_mask vcpus;

	if (type != UVMF_TLB_FLUSH && type != UVMF_INVLPG)
		return 0;
	if (type == UVMF_TLB_FLUSH)
		va = TLB_WHOLE;
	if (where == UVMF_ALL) {
		guest_tlb_flush_all(d, va);
	} else if (where != UVMF_LOCAL) {
		if (vcpu_mask_read(d, where, &vcpus))
			return -EFAULT;
		guest_tlb_flush_multi(d, &vcpus, va);
	} else if (va == TLB_WHOLE) {
		tlb_flush_local();
	} else {
		invlpg(va);
	}
	return 0;
}

static long update(struct vcpu *v, unsigned long va, unsigned long value, unsigned long flags,
		   const struct domain *frames)
{
	struct guest_walk w;
	pte_t old;
	int rc;

	if (!guest_walk(v, guest_root(v), va, &w))
		return -EINVAL;
	rc = table_entry_write(v->domain, frames, w.l1, w.index, value, ENTRY_STORE, &old);
	return rc ? rc : flush(v->domain, va, flags);
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
