/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XENMEM_increase_reservation, _decrease_reservation and _populate_physmap:
 * a domain gets and gives back memory, extent by extent. What they return is
 * the number of extents done; the first one that fails ends the work.
 */
#include <hv/memory_op.h>

#include <hv/domain.h>
#include <hv/domain_pages.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

/* Frames that are taken away between two looks whether to stop. */
#define TAKE_STEP 32

struct reservation {
	struct domain *d;
	unsigned long list;		/* guest address of the extents' array */
	unsigned long count;
	unsigned int order, address_bits;
};

typedef int extent_function(const struct reservation *r, unsigned long i, struct page_block *b);

static unsigned long list_entry(const struct reservation *r, unsigned long i)
{
	return r->list + i * sizeof(xen_pfn_t);
}

/* A block for an extent, counted as the domain's. NULL: there is none. */
static struct page_info *extent_take(const struct reservation *r)
{
	struct page_info *pg;

	if (!domain_pages_reserve(r->d, 1UL << r->order))
		return NULL;
	pg = claim_allows(r->d, 1UL << r->order) ? pages_take(r->order, r->address_bits) : NULL;
	if (pg)
		claim_use(r->d, 1UL << r->order);
	else
		domain_pages_unreserve(r->d, 1UL << r->order);
	return pg;
}

/*
 * The @i-th extent. The guest is told of it first: what it cannot be told of it
 * does not get. -EFAULT, -ENOMEM; -ERESTART: it gets the rest later.
 */
static int extent_give(const struct reservation *r, unsigned long i, struct page_block *b)
{
	xen_pfn_t frame;

	b->order = r->order;
	b->pg = extent_take(r);
	if (!b->pg)
		return -ENOMEM;
	frame = mfn_raw(mfn_of_page(b->pg));
	if (r->list && guest_write(list_entry(r, i), &frame)) {
		pages_untake(b->pg, r->order);
		domain_pages_unreserve(r->d, 1UL << r->order);
		return -EFAULT;
	}
	return domain_block_give(r->d, b);
}

static int increase_extent(const struct reservation *r, unsigned long i, struct page_block *b)
{
	return extent_give(r, i, b);
}

static int populate_extent(const struct reservation *r, unsigned long i, struct page_block *b)
{
	xen_pfn_t gpfn;

	if (guest_read(&gpfn, list_entry(r, i)))
		return -EFAULT;
	if (gpfn + (1UL << r->order) < gpfn)
		return -EINVAL;
	b->has_gfn = true;
	b->gfn = gpfn;
	return extent_give(r, i, b);
}

/* The frame is freed when the guest's last mapping and use of it are gone. */
static bool page_remove(struct domain *d, mfn_t m)
{
	struct page_info *pg;

	if (!mfn_valid(m))
		return false;
	pg = page_of_mfn(m);
	if (likely(domain_page_take(d, pg))) {
		domain_page_discard(pg);
		return true;
	}
	if (!page_get(pg, d))
		return false;
	/* A page shared by the hypervisor is its owner's to map, not to give away. */
	if (!(pg->state & FRAME_HYPERVISOR))
		domain_page_release(d, pg);
	else
		d = NULL;
	page_put(pg);
	return d != NULL;
}

/* -EFAULT; -ESRCH: another domain's; -EINVAL: too much. */
static int reservation_read(struct vcpu *v, unsigned long arg, struct reservation *r)
{
	struct xen_memory_reservation request;

	if (guest_read(&request, arg))
		return -EFAULT;
	if (request.extent_order > memory_op_order_limit(v) ||
	    request.nr_extents > ~0UL >> MEMOP_EXTENT_SHIFT >> request.extent_order)
		return -EINVAL;
	r->list = (unsigned long)request.extent_start.p;
	r->count = request.nr_extents;
	r->order = request.extent_order;
	r->address_bits = XENMEMF_get_address_bits(request.mem_flags);
	if (!r->address_bits)
		r->address_bits = ADDRESS_BITS_ANY;
	return memory_op_target(v, request.domid, &r->d);
}

/* An extent that is given in part counts as done: it needs nothing more of the guest's. */
static long extents_give(struct vcpu *v, unsigned int op, extent_function *one, unsigned long done,
			 unsigned long arg)
{
	struct reservation r;
	unsigned long i;
	int rc = 0;

	if (memory_work_resume(v))
		return memory_op_continue(op, done, arg);
	if (reservation_read(v, arg, &r))
		return (long)done;
	for (i = done; i < r.count && !rc; i++) {
		struct page_block b = { 0 };

		if (memory_op_should_stop(i - done))
			break;
		rc = one(&r, i, &b);
		if (rc == -ERESTART)
			memory_work_leave_block(v, r.d, &b);
		else if (rc)
			break;
	}
	domain_put(r.d);
	if (rc == -ERESTART || (!rc && i < r.count))
		return memory_op_continue(op, i, arg);
	return (long)i;
}

long memory_increase_reservation(struct vcpu *v, unsigned long done, unsigned long arg)
{
	return extents_give(v, XENMEM_increase_reservation, increase_extent, done, arg);
}

long memory_populate_physmap(struct vcpu *v, unsigned long done, unsigned long arg)
{
	return extents_give(v, XENMEM_populate_physmap, populate_extent, done, arg);
}

/* Progress is counted in frames here: any extent may be done in part. */
long memory_decrease_reservation(struct vcpu *v, unsigned long done, unsigned long arg)
{
	unsigned long n, in_extent;
	struct reservation r;
	xen_pfn_t frame = 0;

	if (memory_work_resume(v))
		return memory_op_continue(XENMEM_decrease_reservation, done, arg);
	if (reservation_read(v, arg, &r))
		return 0;
	for (n = done; n < r.count << r.order; n++) {
		in_extent = n & ((1UL << r.order) - 1);
		if (!(n % TAKE_STEP) && memory_op_should_stop(n - done)) {
			domain_put(r.d);
			return memory_op_continue(XENMEM_decrease_reservation, n, arg);
		}
		if ((n == done || !in_extent) && guest_read(&frame, list_entry(&r, n >> r.order)))
			break;
		if (!page_remove(r.d, mfn(frame + in_extent)))
			break;
	}
	domain_put(r.d);
	return (long)(n >> r.order);
}
