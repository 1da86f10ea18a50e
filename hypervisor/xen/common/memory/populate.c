/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XENMEM_increase_reservation, _decrease_reservation and _populate_physmap:
 * a domain gets and gives back memory, extent by extent. What they return is
 * the number of extents done; the first one that fails ends the work.
 */
#include <hv/memory_op.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

struct reservation {
	struct domain *d;
	unsigned long list;		/* guest address of the extents' array */
	unsigned int order, address_bits;
};

/* One extent, the @i-th of the list. True: done. */
typedef bool extent_function(const struct reservation *r, unsigned long i);

static unsigned long list_entry(const struct reservation *r, unsigned long i)
{
	return r->list + i * sizeof(xen_pfn_t);
}

/* Tell the guest the extent's first frame; what it cannot be told of it does not get. */
static bool extent_report(const struct reservation *r, unsigned long i, struct page_info *pg)
{
	xen_pfn_t frame = mfn_raw(mfn_of_page(pg));

	if (!guest_write(list_entry(r, i), &frame))
		return true;
	for (unsigned long j = 0; j < 1UL << r->order; j++)
		domain_page_release(r->d, pg + j);
	return false;
}

static bool increase_extent(const struct reservation *r, unsigned long i)
{
	struct page_info *pg = domain_pages_alloc(r->d, r->order, r->address_bits);

	return pg && (!r->list || extent_report(r, i, pg));
}

static bool populate_extent(const struct reservation *r, unsigned long i)
{
	unsigned long j, count = 1UL << r->order;
	struct page_info *pg;
	xen_pfn_t gpfn, frame;

	if (guest_read(&gpfn, list_entry(r, i)) || gpfn + count < gpfn)
		return false;
	pg = domain_pages_alloc(r->d, r->order, r->address_bits);
	if (!pg)
		return false;
	frame = mfn_raw(mfn_of_page(pg));
	for (j = 0; j < count; j++)
		m2p_set(mfn(frame + j), gpfn + j);
	return extent_report(r, i, pg);
}

/* The frame is freed when the guest's last mapping and use of it are gone. */
static bool page_remove(struct domain *d, mfn_t m)
{
	struct page_info *pg;

	if (!mfn_valid(m))
		return false;
	pg = page_of_mfn(m);
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

static bool decrease_extent(const struct reservation *r, unsigned long i)
{
	unsigned long j;
	xen_pfn_t frame;

	if (guest_read(&frame, list_entry(r, i)))
		return false;
	for (j = 0; j < 1UL << r->order; j++)
		if (!page_remove(r->d, mfn(frame + j)))
			return false;
	return true;
}

static long reservation_op(struct vcpu *v, unsigned int op, extent_function *one,
			   unsigned long done, unsigned long arg)
{
	struct xen_memory_reservation request;
	struct reservation r;
	unsigned long i;

	if (guest_read(&request, arg) || done >= request.nr_extents ||
	    request.nr_extents > ~0UL >> MEMOP_EXTENT_SHIFT ||
	    request.extent_order > memory_op_order_limit(v))
		return (long)done;

	r.list = (unsigned long)request.extent_start.p;
	r.order = request.extent_order;
	r.address_bits = XENMEMF_get_address_bits(request.mem_flags);
	if (!r.address_bits)
		r.address_bits = ADDRESS_BITS_ANY;
	if (memory_op_target(v, request.domid, &r.d))
		return (long)done;

	for (i = done; i < request.nr_extents; i++) {
		if (memory_op_should_stop(i - done)) {
			domain_put(r.d);
			return memory_op_continue(op, i, arg);
		}
		if (!one(&r, i))
			break;
	}
	domain_put(r.d);
	return (long)i;
}

long memory_increase_reservation(struct vcpu *v, unsigned long done, unsigned long arg)
{
	return reservation_op(v, XENMEM_increase_reservation, increase_extent, done, arg);
}

long memory_decrease_reservation(struct vcpu *v, unsigned long done, unsigned long arg)
{
	return reservation_op(v, XENMEM_decrease_reservation, decrease_extent, done, arg);
}

long memory_populate_physmap(struct vcpu *v, unsigned long done, unsigned long arg)
{
	return reservation_op(v, XENMEM_populate_physmap, populate_extent, done, arg);
}
