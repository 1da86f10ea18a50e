/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XENMEM_exchange: a domain hands in frames and gets as many others, e.g.
 * contiguous ones low in memory. It is done in chunks of the larger of both
 * extents' size. Of a chunk, everything that may fail comes first; until then
 * the frames handed in are only set aside, and can be given back.
 *
 * Frames set aside are linked through page_info.next, those to be given by a
 * second list of the same kind: nobody owns either.
 */
#include <hv/memory_op.h>

#include <hv/domain.h>
#include <hv/domain_pages.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

#include <asm/tlb.h>

struct exchange {
	struct domain *d;
	unsigned long in_list, out_list;	/* guest addresses of arrays of frame numbers */
	unsigned int in_order, out_order, chunk_order, address_bits;
};

/* A list of frames or heads of extents, in the order they were added. */
struct frame_list {
	uint32_t first, last;
};

#define EMPTY_LIST ((struct frame_list){ FRAME_NO_LINK, FRAME_NO_LINK })

static void list_append(struct frame_list *l, struct page_info *pg)
{
	uint32_t frame = (uint32_t)mfn_raw(mfn_of_page(pg));

	pg->next = FRAME_NO_LINK;
	if (l->first == FRAME_NO_LINK)
		l->first = frame;
	else
		page_of_mfn(mfn(l->last))->next = frame;
	l->last = frame;
}

static struct page_info *list_take(struct frame_list *l)
{
	struct page_info *pg;

	if (l->first == FRAME_NO_LINK)
		return NULL;
	pg = page_of_mfn(mfn(l->first));
	l->first = pg->next;
	return pg;
}

/* Take the frames of the chunk's input extents out of the domain. */
static int chunk_set_aside(const struct exchange *x, unsigned long first, struct frame_list *aside)
{
	unsigned long i, j;

	for (i = 0; i < 1UL << (x->chunk_order - x->in_order); i++) {
		xen_pfn_t frame;

		if (guest_read(&frame, x->in_list + (first + i) * sizeof(frame)))
			return -EFAULT;
		for (j = 0; j < 1UL << x->in_order; j++) {
			struct page_info *pg;

			if (!mfn_valid(mfn(frame + j)))
				return -EINVAL;
			pg = page_of_mfn(mfn(frame + j));
			if (!domain_page_detach(x->d, pg))
				return -EINVAL;
			list_append(aside, pg);
		}
	}
	return 0;
}

static void chunk_put_back(const struct exchange *x, struct frame_list *aside)
{
	struct page_info *pg;

	while ((pg = list_take(aside))) {
		/* It comes back without a history, so a TLB must not have one either. */
		tlb_flush_before_reuse(pg, 1);
		domain_pages_attach(x->d, pg, 0);
	}
}

static int chunk_allocate(const struct exchange *x, struct frame_list *fresh)
{
	unsigned long i;

	for (i = 0; i < 1UL << (x->chunk_order - x->out_order); i++) {
		struct page_info *pg = domain_pages_detached(x->out_order, x->address_bits);

		if (!pg)
			return -ENOMEM;
		list_append(fresh, pg);
	}
	return 0;
}

static void chunk_free(const struct exchange *x, struct frame_list *fresh)
{
	struct page_info *pg;

	while ((pg = list_take(fresh)))
		pages_free(pg, x->out_order);
}

/*
 * The new frames become the domain's and the old ones free. What the guest
 * is told of them may fail to reach it: then it has spoilt its own list,
 * and the machine-to-physical table still tells.
 */
static int chunk_commit(const struct exchange *x, unsigned long first, struct frame_list *aside,
			struct frame_list *fresh)
{
	unsigned long i, j;
	struct page_info *pg;
	int rc = 0;

	while ((pg = list_take(aside)))
		domain_page_discard(pg);

	for (i = first; (pg = list_take(fresh)); i++) {
		unsigned long place = x->out_list + i * sizeof(xen_pfn_t);
		xen_pfn_t gpfn, frame = mfn_raw(mfn_of_page(pg));
		bool is_told = !guest_read(&gpfn, place) && !guest_write(place, &frame);

		domain_pages_attach(x->d, pg, x->out_order);
		for (j = 0; is_told && j < 1UL << x->out_order; j++)
			m2p_set(mfn(frame + j), gpfn + j);
		if (!is_told)
			rc = -EFAULT;
	}
	return rc;
}

/* Chunk @n. 0: done; else nothing has changed, but for -EFAULT on the output list. */
static int chunk_exchange(const struct exchange *x, unsigned long n)
{
	struct frame_list aside = EMPTY_LIST, fresh = EMPTY_LIST;
	int rc;

	rc = chunk_allocate(x, &fresh);
	if (!rc)
		rc = chunk_set_aside(x, n << (x->chunk_order - x->in_order), &aside);
	if (rc) {
		chunk_put_back(x, &aside);
		chunk_free(x, &fresh);
		return rc;
	}
	return chunk_commit(x, n << (x->chunk_order - x->out_order), &aside, &fresh);
}

static bool size_matches(const struct xen_memory_exchange *a)
{
	const struct xen_memory_reservation *in = &a->in, *out = &a->out;

	return in->nr_extents <= ~0UL >> in->extent_order >> 1 &&
	       out->nr_extents <= ~0UL >> out->extent_order >> 1 &&
	       in->nr_extents << in->extent_order == out->nr_extents << out->extent_order;
}

/* The request judged; *@done and *@total in chunks. */
static int exchange_init(struct vcpu *v, const struct xen_memory_exchange *a, struct exchange *x,
			 unsigned long *done, unsigned long *total)
{
	unsigned int limit = memory_op_order_limit(v), in_shift;

	if (a->in.domid != a->out.domid || a->in.extent_order > limit ||
	    a->out.extent_order > limit)
		return a->in.domid != a->out.domid ? -EINVAL : -EPERM;
	if (!size_matches(a) || a->nr_exchanged > a->in.nr_extents)
		return -EINVAL;

	x->in_list = (unsigned long)a->in.extent_start.p;
	x->out_list = (unsigned long)a->out.extent_start.p;
	x->in_order = a->in.extent_order;
	x->out_order = a->out.extent_order;
	x->chunk_order = x->in_order > x->out_order ? x->in_order : x->out_order;
	x->address_bits = XENMEMF_get_address_bits(a->out.mem_flags);
	if (!x->address_bits)
		x->address_bits = ADDRESS_BITS_ANY;

	in_shift = x->chunk_order - x->in_order;
	*done = a->nr_exchanged >> in_shift;
	*total = a->in.nr_extents >> in_shift;
	if (*done << in_shift != a->nr_exchanged || *total << in_shift != a->in.nr_extents)
		return -EINVAL;
	return memory_op_target(v, a->in.domid, &x->d);
}

long memory_exchange(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_memory_exchange request;
	unsigned long n, first, total;
	struct exchange x;
	long rc;

	/* Progress is in the argument itself. */
	if (done)
		return -EINVAL;
	if (guest_read(&request, arg))
		return -EFAULT;
	rc = exchange_init(v, &request, &x, &first, &total);
	if (rc)
		return rc;

	for (n = first; n < total && !memory_op_should_stop(n - first); n++) {
		rc = chunk_exchange(&x, n);
		if (rc)
			break;
	}
	domain_put(x.d);

	request.nr_exchanged = n << (x.chunk_order - x.in_order);
	if (guest_write(arg + offsetof(struct xen_memory_exchange, nr_exchanged),
			&request.nr_exchanged))
		return -EFAULT;
	if (!rc && n < total)
		return memory_op_continue(XENMEM_exchange, 0, arg);
	return rc;
}
