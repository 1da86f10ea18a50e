/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GNTTABOP_transfer and _swap_grant_ref (xen/grant_table.h). Of a transfer:
 * "even if the transfer fails, the specified page no longer belongs to the
 * calling domain unless the error is GNTST_bad_page".
 */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/domain_pages.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

/* So many are done between two looks whether to stop. */
#define BATCH 16

/* The page is nobody's. True: it is @to's now. */
static bool page_transfer(const struct vcpu *v, struct domain *to, grant_ref_t ref,
			  struct page_info *pg)
{
	mfn_t frame = mfn_of_page(pg);

	if (READ_ONCE(to->total_pages) >= READ_ONCE(to->max_pages) ||
	    !grant_transfer_begin(to, ref, v->domain->id))
		return false;
	if (!domain_page_give(to, pg)) {
		/* too many at this moment, but the entry was promised something */
		grant_transfer_end(to, ref, mfn(0));
		return false;
	}
	grant_transfer_end(to, ref, frame);
	return true;
}

static int16_t transfer_one(struct vcpu *v, const struct gnttab_transfer *op)
{
	struct page_info *pg = page_of_mfn(mfn(op->mfn));
	int16_t status = GNTST_bad_domain;
	struct domain *to;

	if (!mfn_valid(mfn(op->mfn)) || pg->flags & PAGE_NOT_RAM ||
	    !domain_page_take(v->domain, pg))
		return GNTST_bad_page;
	to = op->domid < DOMID_FIRST_RESERVED ? domain_get(op->domid) : NULL;
	if (to) {
		status = page_transfer(v, to, op->ref, pg) ? GNTST_okay : GNTST_general_error;
		domain_put(to);
	}
	if (status != GNTST_okay)
		domain_page_discard(pg);
	return status;
}

long grant_transfer(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done)
{
	struct gnttab_transfer op;

	while (*done < count) {
		unsigned long at = arg + *done * sizeof(op);

		if (*done && !(*done % BATCH) && hypercall_preempt_check())
			return -ERESTART;
		if (guest_read(&op, at))
			return -EFAULT;
		op.status = transfer_one(v, &op);
		if (guest_copy_to(at + offsetof(struct gnttab_transfer, status), &op.status,
				  sizeof(op.status)))
			return -EFAULT;
		++*done;
	}
	return 0;
}

long grant_swap_refs(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done)
{
	struct gnttab_swap_grant_ref op;

	while (*done < count) {
		unsigned long at = arg + *done * sizeof(op);

		if (*done && !(*done % BATCH) && hypercall_preempt_check())
			return -ERESTART;
		if (guest_read(&op, at))
			return -EFAULT;
		op.status = grant_swap(v->domain, op.ref_a, op.ref_b);
		if (guest_copy_to(at + offsetof(struct gnttab_swap_grant_ref, status), &op.status,
				  sizeof(op.status)))
			return -EFAULT;
		++*done;
	}
	return 0;
}
