/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XENMEM_exchange: a domain hands in frames and gets as many others, e.g.
 * contiguous ones low in memory. It is done in chunks of the larger of both
 * extents' size. Of a chunk, everything that may fail comes first; until then
 * the frames handed in are only set aside, and can be given back.
 *
 * Frames set aside are linked through page_info.next, blocks to be given by a
 * second list of the same kind: nobody owns either. A chunk may be a gigabyte:
 * it can stop after any frame, and goes on by itself (hv/memory_work.h).
 */
#include <hv/memory_op.h>

#include <hv/domain.h>
#include <hv/domain_pages.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

#include <asm/tlb.h>

/* Frames dealt with between two looks whether to stop. */
#define STEP 32

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

/* Asked after each frame or block. */
static bool should_stop(struct exchange *x)
{
	return !(++x->count % STEP) && hypercall_preempt_check();
}

static void phase_begin(struct exchange *x, enum exchange_phase phase)
{
	x->phase = phase;
	x->count = 0;
}

/* Nothing will come of it but @rc. */
static void put_back_begin(struct exchange *x, int rc)
{
	x->rc = rc;
	phase_begin(x, EXCHANGE_PUT_BACK);
}

static int blocks_take(struct exchange *x)
{
	while (x->count < 1UL << (x->chunk_order - x->out_order)) {
		struct page_info *pg = pages_take(x->out_order, x->address_bits);

		if (!pg) {
			put_back_begin(x, -ENOMEM);
			return 0;
		}
		list_append(&x->fresh, pg);
		if (should_stop(x))
			return -ERESTART;
	}
	phase_begin(x, EXCHANGE_SET_ASIDE);
	return 0;
}

/* The frame that is next, of the extents handed in; -EFAULT, -EINVAL. */
static int frame_set_aside(struct exchange *x)
{
	unsigned long in_extent = x->count & ((1UL << x->in_order) - 1);
	unsigned long extent = (x->chunk << (x->chunk_order - x->in_order)) +
			       (x->count >> x->in_order);
	struct page_info *pg;
	xen_pfn_t frame;

	if (!in_extent) {
		if (guest_read(&frame, x->in_list + extent * sizeof(frame)))
			return -EFAULT;
		x->frame = frame;
	}
	pg = page_of_mfn(mfn(x->frame + in_extent));
	if (!mfn_valid(mfn(x->frame + in_extent)) || !domain_page_detach(x->d, pg))
		return -EINVAL;
	list_append(&x->aside, pg);
	return 0;
}

static int frames_set_aside(struct exchange *x)
{
	while (x->count < 1UL << x->chunk_order) {
		int rc = frame_set_aside(x);

		if (rc) {
			put_back_begin(x, rc);
			return 0;
		}
		if (should_stop(x))
			return -ERESTART;
	}
	phase_begin(x, EXCHANGE_DISCARD);
	return 0;
}

static int frames_discard(struct exchange *x)
{
	struct page_info *pg;

	while ((pg = list_take(&x->aside))) {
		domain_page_discard(pg);
		if (should_stop(x))
			return -ERESTART;
	}
	phase_begin(x, EXCHANGE_GIVE);
	return 0;
}

/*
 * What the guest is told of the new frames may fail to reach it: then it has
 * spoilt its own list, and the machine-to-physical table still tells.
 */
static void block_begin(struct exchange *x)
{
	unsigned long extent = (x->chunk << (x->chunk_order - x->out_order)) + x->count;
	unsigned long place = x->out_list + extent * sizeof(xen_pfn_t);
	xen_pfn_t gpfn, frame = mfn_raw(mfn_of_page(x->block.pg));

	x->block.order = x->out_order;
	x->block.done = 0;
	x->block.has_gfn = !x->is_abandoned && !guest_read(&gpfn, place) &&
			   !guest_write(place, &frame);
	if (x->block.has_gfn)
		x->block.gfn = gpfn;
	else
		x->rc = -EFAULT;
}

static int blocks_give(struct exchange *x)
{
	for (;;) {
		if (!x->block.pg) {
			x->block.pg = list_take(&x->fresh);
			if (!x->block.pg)
				break;
			block_begin(x);
		}
		if (domain_block_give(x->d, &x->block))
			return -ERESTART;
		x->block.pg = NULL;
		if (should_stop(x))
			return -ERESTART;
	}
	phase_begin(x, EXCHANGE_DONE);
	return 0;
}

static int all_put_back(struct exchange *x)
{
	struct page_info *pg;

	while ((pg = list_take(&x->aside))) {
		/* It comes back without a history, so a TLB must not have one either. */
		tlb_flush_before_reuse(pg, 1);
		domain_pages_attach(x->d, pg, 0);
		if (should_stop(x))
			return -ERESTART;
	}
	while ((pg = list_take(&x->fresh))) {
		pages_untake(pg, x->out_order);
		if (should_stop(x))
			return -ERESTART;
	}
	phase_begin(x, EXCHANGE_DONE);
	return 0;
}

void exchange_abandon(struct exchange *x)
{
	x->is_abandoned = true;
	/* what was only set aside comes back; what is discarded already is made up for by the blocks */
	if (x->phase == EXCHANGE_TAKE || x->phase == EXCHANGE_SET_ASIDE)
		put_back_begin(x, -EINVAL);
}

int exchange_run(struct exchange *x)
{
	int rc = 0;

	while (!rc) {
		switch (x->phase) {
		case EXCHANGE_TAKE:
			rc = blocks_take(x);
			break;
		case EXCHANGE_SET_ASIDE:
			rc = frames_set_aside(x);
			break;
		case EXCHANGE_DISCARD:
			rc = frames_discard(x);
			break;
		case EXCHANGE_GIVE:
			rc = blocks_give(x);
			break;
		case EXCHANGE_PUT_BACK:
			rc = all_put_back(x);
			break;
		case EXCHANGE_DONE:
			return 0;
		}
	}
	return rc;
}

/* Chunk @n from the beginning; -ERESTART: the rest of it is left to the vCPU's next call. */
static int chunk_exchange(struct vcpu *v, struct exchange *x, unsigned long n)
{
	x->chunk = n;
	x->phase = EXCHANGE_TAKE;
	x->aside = x->fresh = EMPTY_LIST;
	x->count = 0;
	x->block.pg = NULL;
	x->rc = 0;
	if (!exchange_run(x))
		return x->rc;
	memory_work_leave_exchange(v, x);
	return -ERESTART;
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

/* Chunks from @*n on, up to @total; *n counts those that are done. -ERESTART: there are more. */
static int chunks_exchange(struct vcpu *v, struct exchange *x, unsigned long *n,
			   unsigned long total)
{
	unsigned long first = *n;
	int rc = 0;

	while (*n < total && !rc) {
		if (memory_op_should_stop(*n - first))
			return -ERESTART;
		rc = chunk_exchange(v, x, *n);
		if (!rc)
			(*n)++;
	}
	return rc;
}

long memory_exchange(struct vcpu *v, unsigned long done, unsigned long arg)
{
	bool is_begun = v->memory_work.d && v->memory_work.is_exchange;
	struct xen_memory_exchange request;
	struct exchange x = { 0 };
	unsigned long n, total;
	long rc;

	/* Progress is in the argument itself, and within a chunk in the vCPU. */
	if (done)
		return -EINVAL;
	if (memory_work_resume(v))
		return memory_op_continue(XENMEM_exchange, 0, arg);
	if (guest_read(&request, arg))
		return -EFAULT;
	rc = exchange_init(v, &request, &x, &n, &total);
	if (rc)
		return rc;

	if (is_begun && n < total) {
		rc = v->memory_work.exchange.rc;
		if (!rc)
			n++;
	}
	if (!rc)
		rc = chunks_exchange(v, &x, &n, total);
	domain_put(x.d);

	request.nr_exchanged = n << (x.chunk_order - x.in_order);
	if (guest_write(arg + offsetof(struct xen_memory_exchange, nr_exchanged),
			&request.nr_exchanged))
		return -EFAULT;
	if (rc == -ERESTART)
		return memory_op_continue(XENMEM_exchange, 0, arg);
	return rc;
}
