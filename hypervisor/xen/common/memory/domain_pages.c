/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames a domain owns: given zeroed, linked on its page list by
 * page_info.next and .prev, and back to the allocator with the last of their
 * references (hv/page_ref.h).
 */
#include <hv/domain_pages.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>
#include <hv/panic.h>
#include <hv/string.h>

#include <asm/cache.h>
#include <asm/tlb.h>

/* Frames that are zeroed between two looks whether to stop: some ten microseconds. */
#define GIVE_STEP 64
/* ... and that are taken from a domain that ends. */
#define RELINQUISH_STEP 32

static void list_add(uint32_t *list, struct page_info *pg)
{
	uint32_t frame = (uint32_t)mfn_raw(mfn_of_page(pg));

	pg->prev = FRAME_NO_LINK;
	pg->next = *list;
	if (pg->next != FRAME_NO_LINK)
		page_of_mfn(mfn(pg->next))->prev = frame;
	*list = frame;
}

static void list_remove(struct domain *d, struct page_info *pg) __must_hold(d->page_list_lock)
{
	if (pg->prev != FRAME_NO_LINK)
		page_of_mfn(mfn(pg->prev))->next = pg->next;
	else if (d->page_list == (uint32_t)mfn_raw(mfn_of_page(pg)))
		d->page_list = pg->next;
	else
		d->given_up_list = pg->next;
	if (pg->next != FRAME_NO_LINK)
		page_of_mfn(mfn(pg->next))->prev = pg->prev;
}

static void page_zero(struct page_info *pg)
{
	void *bytes = frame_map(mfn_of_page(pg));

	memset(bytes, 0, PAGE_SIZE);
	frame_unmap(bytes);
}

static void pages_zero(struct page_info *pg, unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		page_zero(&pg[i]);
}

/*
 * A domain stays as long as it has pages: who frees the last one finds it by the frame's owner.
 * The first of them takes a reference, ...
 */
static bool count_add(struct domain *d, unsigned long count) __must_hold(d->page_list_lock)
{
	if (unlikely(d->is_dying) || d->total_pages + count > d->max_pages)
		return false;
	if (!d->total_pages && count)
		__atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
	d->total_pages += count;
	return true;
}

/* ... which is to be given back, without locks, if this was the last of them. */
static bool count_remove(struct domain *d, unsigned long count) __must_hold(d->page_list_lock)
{
	d->total_pages -= count;
	return !d->total_pages && count;
}

/* The frames are nobody's and zeroed; from here on @d can reach them. */
static void pages_own(struct domain *d, struct page_info *pg, unsigned long count)
	__must_hold(d->page_list_lock)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		pg[i].owner = d->id;
		pg[i].aux = 0;
		list_add(&d->page_list, &pg[i]);
		__atomic_store_n(&pg[i].state, FRAME_ALLOCATED | FRAME_REF_ONE, __ATOMIC_RELEASE);
	}
}

bool domain_pages_reserve(struct domain *d, unsigned long count)
{
	bool fits;

	spin_lock(&d->page_list_lock);
	fits = count_add(d, count);
	spin_unlock(&d->page_list_lock);
	return fits;
}

void domain_pages_unreserve(struct domain *d, unsigned long count)
{
	bool was_last;

	spin_lock(&d->page_list_lock);
	was_last = count_remove(d, count);
	spin_unlock(&d->page_list_lock);
	if (was_last)
		domain_put(d);
}

/* Frames that were on their way to a domain, which counts them, when its end began. */
static void pages_refuse(struct domain *d, struct page_info *pg, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		domain_page_discard(&pg[i]);
	domain_pages_unreserve(d, count);
}

/* The next frames of @b: no TLB has them, nothing is in them, the M2P knows them. */
static void block_give_step(struct domain *d, struct page_block *b, unsigned long count)
{
	struct page_info *pg = b->pg + b->done;
	bool is_wanted;
	unsigned long i;

	pages_prepare(pg, count);
	pages_zero(pg, count);
	if (b->has_gfn)
		for (i = 0; i < count; i++)
			m2p_set(mfn_add(mfn_of_page(pg), i), b->gfn + b->done + i);
	spin_lock(&d->page_list_lock);
	is_wanted = !d->is_dying;
	if (is_wanted)
		pages_own(d, pg, count);
	spin_unlock(&d->page_list_lock);
	b->done += count;
	if (!is_wanted)
		pages_refuse(d, pg, count);
}

int domain_block_give(struct domain *d, struct page_block *b)
{
	unsigned long size = 1UL << b->order;

	while (b->done < size) {
		unsigned long left = size - b->done;

		block_give_step(d, b, left < GIVE_STEP ? left : GIVE_STEP);
		if (b->done < size && hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}

/* Count @count more pages of @d if it may have them, and give it these. */
static bool pages_give(struct domain *d, struct page_info *pg, unsigned long count)
{
	bool fits;

	spin_lock(&d->page_list_lock);
	fits = count_add(d, count);
	if (fits)
		pages_own(d, pg, count);
	spin_unlock(&d->page_list_lock);
	return fits;
}

static bool may_have(const struct domain *d, unsigned int order)
{
	/* A first look, so that what is refused is not zeroed before. */
	return order <= PAGE_ORDER_MAX &&
	       READ_ONCE(d->total_pages) + (1UL << order) <= READ_ONCE(d->max_pages);
}

struct page_info *domain_pages_alloc(struct domain *d, unsigned int order,
				     unsigned int address_bits)
{
	struct page_info *pg;

	if (!may_have(d, order))
		return NULL;
	pg = pages_alloc(order, address_bits);
	if (pg)
		pages_zero(pg, 1UL << order);
	if (!pg || pages_give(d, pg, 1UL << order))
		return pg;
	pages_free(pg, order);
	return NULL;
}

struct page_info *domain_pages_alloc_unclean(struct domain *d, unsigned int order)
{
	struct page_info *pg;

	if (!may_have(d, order))
		return NULL;
	pg = pages_alloc(order, ADDRESS_BITS_ANY);
	if (!pg || pages_give(d, pg, 1UL << order))
		return pg;
	pages_free(pg, order);
	return NULL;
}

/*
 * Take a frame that nothing but ownership holds off @d's list; 0: there is more, or it is not @d's. What its state was
 * otherwise. Under the lock, without which no frame of @d's becomes another domain's: its state could else be the same
 * again, and its owner not.
 */
static uint64_t detach(struct domain *d, struct page_info *pg) __must_hold(d->page_list_lock)
{
	uint64_t state = __atomic_load_n(&pg->state, __ATOMIC_ACQUIRE);

	do {
		if (!(state & FRAME_ALLOCATED) || frame_ref_count(state) != 1 ||
		    frame_type_count(state) != 0 || pg->owner != d->id ||
		    state & (FRAME_HYPERVISOR | FRAME_LOCKED | FRAME_PINNED | FRAME_PARTIAL))
			return 0;
	} while (!__atomic_compare_exchange_n(&pg->state, &state, 0, false, __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	list_remove(d, pg);
	return state;
}

/* The rest, without the lock: what was written past the caches, while a TLB lets the guest, would stay there. */
static void detached(struct page_info *pg, uint64_t state)
{
	pg->owner = OWNER_NONE;
	if (unlikely(state & FRAME_UNCACHED)) {
		tlb_stamp_freed(pg);
		tlb_flush_before_reuse(pg, 1);
		frame_cache_flush(mfn_of_page(pg));
	}
}

bool domain_page_detach(struct domain *d, struct page_info *pg)
{
	uint64_t state;

	spin_lock(&d->page_list_lock);
	state = detach(d, pg);
	spin_unlock(&d->page_list_lock);
	if (state)
		detached(pg, state);
	return state != 0;
}

void domain_pages_attach(struct domain *d, struct page_info *pg, unsigned int order)
{
	bool is_wanted;

	spin_lock(&d->page_list_lock);
	is_wanted = !d->is_dying;
	if (is_wanted)
		pages_own(d, pg, 1UL << order);
	spin_unlock(&d->page_list_lock);
	if (!is_wanted)
		pages_refuse(d, pg, 1UL << order);
}

bool domain_page_take(struct domain *d, struct page_info *pg)
{
	bool was_last = false;
	uint64_t state;

	spin_lock(&d->page_list_lock);
	state = detach(d, pg);
	if (state)
		was_last = count_remove(d, 1);
	spin_unlock(&d->page_list_lock);
	if (!state)
		return false;
	detached(pg, state);
	if (was_last)
		domain_put(d);
	return true;
}

bool domain_page_give(struct domain *d, struct page_info *pg)
{
	tlb_stamp_freed(pg);
	tlb_flush_before_reuse(pg, 1);
	return pages_give(d, pg, 1);
}

void domain_page_discard(struct page_info *pg)
{
	m2p_set(mfn_of_page(pg), mfn_raw(INVALID_MFN));
	tlb_stamp_freed(pg);
	pages_free(pg, 0);
}

void domain_page_release(struct domain *d, struct page_info *pg)
{
	uint64_t s = READ_ONCE(pg->state), n;

	(void)d;
	/* its mark and its reference in one step */
	do {
		if (!(s & FRAME_ALLOCATED))
			return;
		n = (s & ~FRAME_ALLOCATED) - FRAME_REF_ONE;
	} while (!__atomic_compare_exchange_n(&pg->state, &s, n, false, __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	if (!frame_ref_count(n))
		domain_page_free(pg);
}

void domain_page_free(struct page_info *pg)
{
	/* A frame of ours that its owner could map (FRAME_SHARED) is on no list. */
	struct domain *d = NULL;
	bool was_last = false;

	if (!(pg->state & FRAME_HYPERVISOR)) {
		d = domain_owning(pg->owner);
		BUG_ON(!d);
		spin_lock(&d->page_list_lock);
		list_remove(d, pg);
		was_last = count_remove(d, 1);
		spin_unlock(&d->page_list_lock);
	}
	pg->owner = OWNER_NONE;
	if (pg->state & FRAME_UNCACHED)
		frame_cache_flush(mfn_of_page(pg));
	domain_page_discard(pg);
	if (was_last)
		domain_put(d);
}

/* The next frame of @d's list with a reference, or one that has been given up already: out of the way then. */
static struct page_info *next_relinquished(struct domain *d)
{
	struct page_info *pg = NULL;

	spin_lock(&d->page_list_lock);
	while (!pg && d->page_list != FRAME_NO_LINK) {
		struct page_info *first = page_of_mfn(mfn(d->page_list));

		if (page_get(first, d)) {
			pg = first;
		} else {
			list_remove(d, first);
			list_add(&d->given_up_list, first);
		}
	}
	spin_unlock(&d->page_list_lock);
	return pg;
}

int domain_pages_relinquish(struct domain *d)
{
	unsigned int done = 0;
	struct page_info *pg;

	while ((pg = next_relinquished(d))) {
		int rc = page_relinquish(pg, d);

		if (!rc)
			domain_page_release(d, pg);
		page_put(pg);
		if (rc || (++done % RELINQUISH_STEP == 0 && hypercall_preempt_check()))
			return -ERESTART;
	}
	return 0;
}
