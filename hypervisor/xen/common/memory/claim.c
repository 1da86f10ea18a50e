/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XENMEM_claim_pages (xen/memory.h): pages that are set aside for a domain which is to be built, so that nobody else
 * takes them meanwhile. Only arithmetic: guests' memory beyond what is claimed for others is refused. What the
 * hypervisor needs for itself it takes all the same.
 */
#include <hv/memory_op.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/page_allocator.h>
#include <hv/spinlock.h>

static struct spinlock claim_lock = SPINLOCK_INIT;
static unsigned long claimed_all __guarded_by(claim_lock);	/* the sum of all domains' */

unsigned long claimed_pages(void)
{
	return READ_ONCE(claimed_all);
}

/* What @d has claimed and not yet got becomes @count. */
static void claim_set(struct domain *d, unsigned long count) __must_hold(claim_lock)
{
	claimed_all += count - d->claimed_pages;
	WRITE_ONCE(d->claimed_pages, count);
}

bool claim_allows(const struct domain *d, unsigned long count)
{
	bool is_allowed = true;

	/* nearly always there are none */
	if (likely(!READ_ONCE(claimed_all)))
		return true;
	spin_lock(&claim_lock);
	if (d->claimed_pages < count)
		is_allowed = pages_free_count() >= claimed_all - d->claimed_pages + count;
	spin_unlock(&claim_lock);
	return is_allowed;
}

void claim_use(struct domain *d, unsigned long count)
{
	if (likely(!READ_ONCE(d->claimed_pages)))
		return;
	spin_lock(&claim_lock);
	claim_set(d, d->claimed_pages > count ? d->claimed_pages - count : 0);
	spin_unlock(&claim_lock);
}

void claim_end(struct domain *d)
{
	spin_lock(&claim_lock);
	claim_set(d, 0);
	spin_unlock(&claim_lock);
}

/* "if the domain's total page count is 3, and a claim is staked for 10, only 7 additional pages are claimed" */
static long claim(struct domain *d, unsigned long count)
{
	unsigned long have = READ_ONCE(d->total_pages), more = count - have;
	long rc = 0;

	spin_lock(&claim_lock);
	if (!count) {
		claim_set(d, 0);
	} else if (d->claimed_pages || count <= have || count > d->max_pages || d->is_dying) {
		/* "Any domain may have only one active claim." */
		rc = -EINVAL;
	} else if (pages_free_count() < claimed_all + more) {
		rc = -ENOMEM;
	} else {
		claim_set(d, more);
	}
	spin_unlock(&claim_lock);
	return rc;
}

/* -EPERM; -EFAULT; -EINVAL: what must be zero is not, a second claim, nothing to claim; -ESRCH; -ENOMEM. */
long memory_claim_pages(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_memory_reservation request;
	struct domain *d;
	long rc;

	(void)done;
	if (!v->domain->is_privileged)
		return -EPERM;
	if (guest_read(&request, arg))
		return -EFAULT;
	if ((unsigned long)request.extent_start.p || request.extent_order || request.mem_flags)
		return -EINVAL;
	d = domain_get(request.domid);
	if (!d)
		return -ESRCH;
	rc = claim(d, request.nr_extents);
	domain_put(d);
	return rc;
}
