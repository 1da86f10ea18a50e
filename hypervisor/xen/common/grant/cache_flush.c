/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GNTTABOP_cache_flush (xen/grant_table.h): lines of a page of the caller's
 * own, or of one that it maps through a grant, go to memory. Caches of this
 * architecture are coherent, so nothing else is ever needed: a wish to lose
 * lines that were not written is refused, with a clean it is granted by one.
 */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/page_ref.h>

#include <asm/guest_flush.h>

/* So many are done between two looks whether to stop. */
#define BATCH 16

static int may_flush(struct domain *d, struct page_info *pg, unsigned int *from)
{
	int rc;

	if (page_get(pg, d)) {
		page_put(pg);
		return 0;
	}
	rc = map_track_find(d, pg, from);
	return rc == -ENOENT ? -EPERM : rc;
}

/* -EINVAL, -EOPNOTSUPP, -EPERM, -ERESTART. */
static int flush_one(struct vcpu *v, const struct gnttab_cache_flush *op, unsigned int *from)
{
	mfn_t m = mfn_of_paddr(op->a.dev_bus_addr);
	struct page_info *pg = page_of_mfn(m);
	const char *page;
	int rc;

	if (op->op & ~(GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL) ||
	    op->offset + op->length > PAGE_SIZE)
		return -EINVAL;
	if (!op->op || !op->length)
		return 0;
	if (op->op == GNTTAB_CACHE_INVAL)
		return -EOPNOTSUPP;
	if (!mfn_valid(m))
		return -EINVAL;
	rc = may_flush(v->domain, pg, from);
	if (rc)
		return rc;
	*from = 0;
	/* if it has been unmapped since, its lines may be flushed as well: that changes nothing */
	page = frame_map(m);
	cache_lines_flush(page + op->offset, op->length);
	frame_unmap(page);
	return 0;
}

long grant_cache_flush(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done,
		       unsigned int *from)
{
	struct gnttab_cache_flush op;

	for (; *done < count; ++*done) {
		int rc;

		if (*done && !(*done % BATCH) && hypercall_preempt_check())
			return -ERESTART;
		if (guest_read(&op, arg + *done * sizeof(op)))
			return -EFAULT;
		rc = flush_one(v, &op, from);
		if (rc)
			return rc;
	}
	return 0;
}
