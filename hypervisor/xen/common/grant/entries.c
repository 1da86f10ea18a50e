/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Use of a grant: the entry that the granter wrote is judged and marked as
 * in use (GTF_reading, GTF_writing), and what it grants is remembered.
 *
 * In version 1 the marks are in the entry itself, and set in the same step
 * in which its flags are judged. In version 2 they are in the status frames:
 * they are set first, then the entry is looked at again, as a guest that takes
 * a grant back first clears the entry, then looks at the status.
 */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/nospec.h>
#include <hv/page_ref.h>
#include <hv/string.h>

/* A granter that changes the entry more often than this while we look has lost. */
#define TRIES 8

/* What we read of an entry in one piece: grant_entry_header_t. */
union header {
	uint32_t word;
	grant_entry_header_t field;
};

static_assert(sizeof(union header) == 4, "flags and domid are one word");

static uint32_t *header_of(const struct grant_table *gt, grant_ref_t ref)
{
	unsigned int per_frame = gt->version == 1 ? V1_PER_FRAME : V2_PER_FRAME;
	char *frame = gt->frame[ref / per_frame];

	return (uint32_t *)(void *)(frame + ref % per_frame * (PAGE_SIZE / per_frame));
}

static grant_status_t *status_of(const struct grant_table *gt, grant_ref_t ref)
{
	return &gt->status_frame[ref / STATUS_PER_FRAME][ref % STATUS_PER_FRAME];
}

/* May @user use the entry like that? */
static int16_t header_judge(const struct grant_table *gt, union header h, domid_t user,
			    bool is_writing)
{
	uint16_t type = h.field.flags & GTF_type_mask;

	if (type != GTF_permit_access && (type != GTF_transitive || gt->version == 1))
		return GNTST_general_error;
	if (gt->version == 1 && h.field.flags & GTF_sub_page)
		return GNTST_general_error;
	if (h.field.domid != user || (is_writing && h.field.flags & GTF_readonly))
		return GNTST_general_error;
	return GNTST_okay;
}

static uint16_t marks_of(bool is_writing)
{
	return is_writing ? GTF_reading | GTF_writing : GTF_reading;
}

static int16_t mark_v1(struct grant_table *gt, grant_ref_t ref, domid_t user, bool is_writing,
		       union header *h)
{
	uint32_t *place = header_of(gt, ref);
	union header marked;

	h->word = READ_ONCE(*place);
	for (unsigned int i = 0; i < TRIES; i++) {
		int16_t status = header_judge(gt, *h, user, is_writing);

		if (status != GNTST_okay)
			return status;
		marked = *h;
		marked.field.flags |= marks_of(is_writing);
		if (__atomic_compare_exchange_n(place, &h->word, marked.word, false,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return GNTST_okay;
	}
	return GNTST_general_error;
}

static void unmark(struct grant_table *gt, grant_ref_t ref, uint16_t marks)
{
	uint16_t *place = gt->version == 1 ? (uint16_t *)header_of(gt, ref) : status_of(gt, ref);

	__atomic_and_fetch(place, (uint16_t)~marks, __ATOMIC_ACQ_REL);
}

static int16_t mark_v2(struct grant_table *gt, grant_ref_t ref, domid_t user, bool is_writing,
		       union header *h)
{
	const uint32_t *place = header_of(gt, ref);
	uint16_t before;

	for (unsigned int i = 0; i < TRIES; i++) {
		int16_t status;

		h->word = READ_ONCE(*place);
		status = header_judge(gt, *h, user, is_writing);
		if (status != GNTST_okay)
			return status;
		before = __atomic_fetch_or(status_of(gt, ref), marks_of(is_writing),
					   __ATOMIC_SEQ_CST);
		if (READ_ONCE(*place) == h->word)
			return GNTST_okay;
		unmark(gt, ref, marks_of(is_writing) & ~before);
	}
	return GNTST_general_error;
}

/* What an entry says that is marked, and so the granter's to change no longer. */
static int16_t entry_read(const struct grant_table *gt, grant_ref_t ref, union header h,
			  struct active_entry *a, mfn_t *frame)
{
	const grant_entry_v2_t *v2 = (const void *)header_of(gt, ref);

	a->user = h.field.domid;
	a->cache = h.field.flags & (GTF_PAT | GTF_PWT | GTF_PCD);
	a->kind = GRANT_FULL;
	if (gt->version == 1) {
		*frame = mfn(READ_ONCE(((const grant_entry_v1_t *)(const void *)v2)->frame));
		return GNTST_okay;
	}
	if ((h.field.flags & GTF_type_mask) == GTF_transitive) {
		a->kind = GRANT_TRANSITIVE;
		a->via_domid = READ_ONCE(v2->transitive.trans_domid);
		a->via_ref = READ_ONCE(v2->transitive.gref);
		return GNTST_okay;
	}
	*frame = mfn(READ_ONCE(v2->full_page.frame));
	if (h.field.flags & GTF_sub_page) {
		a->kind = GRANT_SUB_PAGE;
		a->offset = READ_ONCE(v2->sub_page.page_off);
		a->length = READ_ONCE(v2->sub_page.length);
		if (a->offset + a->length > PAGE_SIZE)
			return GNTST_general_error;
	}
	return GNTST_okay;
}

/* The reference that the first reader or writer takes, of RAM that is the granter's own. */
static int16_t page_hold(struct page_info *pg, const struct domain *granter, bool is_writing)
{
	bool is_held;

	if (!mfn_valid(mfn_of_page(pg)) || pg->flags & PAGE_NOT_RAM)
		return GNTST_bad_page;
	if (READ_ONCE(pg->state) & FRAME_HYPERVISOR)
		return GNTST_general_error;
	is_held = is_writing ? !page_get_type(pg, granter, TYPE_WRITABLE) : page_get(pg, granter);
	return is_held ? GNTST_okay : GNTST_general_error;
}

static void page_release(struct page_info *pg, bool is_writing)
{
	if (is_writing)
		page_put_type(pg);
	else
		page_put(pg);
}

static uint32_t *counter_of(struct active_entry *a, bool is_writing)
{
	return is_writing ? &a->writers : &a->readers;
}

/* The first use of an entry. */
static int16_t entry_begin(const struct domain *granter, grant_ref_t ref, domid_t user,
			   bool is_writing) __must_hold(granter->grant->lock)
{
	struct grant_table *gt = granter->grant;
	struct active_entry *a = grant_active(gt, ref), fresh = { 0 };
	mfn_t frame = INVALID_MFN;
	union header h;
	int16_t status;

	status = gt->version == 1 ? mark_v1(gt, ref, user, is_writing, &h) :
				    mark_v2(gt, ref, user, is_writing, &h);
	if (status != GNTST_okay)
		return status;
	status = entry_read(gt, ref, h, &fresh, &frame);
	if (status == GNTST_okay && fresh.kind != GRANT_TRANSITIVE) {
		fresh.page = page_of_mfn(frame);
		status = page_hold(fresh.page, granter, is_writing);
	}
	if (status != GNTST_okay) {
		unmark(gt, ref, marks_of(is_writing));
		return status;
	}
	*a = fresh;
	*counter_of(a, is_writing) = 1;
	gt->used_count++;
	return GNTST_okay;
}

/* One more use of an entry in use; the first of its kind holds the frame for it. */
static int16_t entry_join(const struct domain *granter, grant_ref_t ref, domid_t user,
			  bool is_writing) __must_hold(granter->grant->lock)
{
	struct grant_table *gt = granter->grant;
	struct active_entry *a = grant_active(gt, ref);
	union header h;
	int16_t status;

	if (a->user != user)
		return GNTST_general_error;
	if (!*counter_of(a, is_writing)) {
		if (is_writing) {
			status = gt->version == 1 ? mark_v1(gt, ref, user, true, &h) :
						    mark_v2(gt, ref, user, true, &h);
			if (status != GNTST_okay)
				return status;
		}
		status = a->page ? page_hold(a->page, granter, is_writing) : GNTST_okay;
		if (status != GNTST_okay) {
			if (is_writing)
				unmark(gt, ref, GTF_writing);
			return status;
		}
	}
	++*counter_of(a, is_writing);
	return GNTST_okay;
}

int16_t grant_pin(struct domain *granter, grant_ref_t ref, domid_t user, bool is_writing,
		  struct active_entry *what)
{
	struct grant_table *gt = granter->grant;
	int16_t status = GNTST_bad_gntref;

	spin_lock(&granter->grant->lock);
	if (ref < grant_entry_count(gt)) {
		struct active_entry *a;

		ref = index_nospec(ref, grant_entry_count(gt));
		a = grant_active(gt, ref);
		status = a->readers || a->writers ? entry_join(granter, ref, user, is_writing) :
						    entry_begin(granter, ref, user, is_writing);
		*what = *a;
	}
	spin_unlock(&granter->grant->lock);
	return status;
}

void grant_unpin(struct domain *granter, grant_ref_t ref, bool is_writing)
{
	struct grant_table *gt = granter->grant;
	struct active_entry *a = grant_active(gt, ref);
	struct page_info *released = NULL;
	uint16_t marks = 0;

	spin_lock(&granter->grant->lock);
	if (!--*counter_of(a, is_writing)) {
		released = a->page;
		if (is_writing)
			marks = GTF_writing;
		if (!a->readers && !a->writers) {
			marks |= GTF_reading;
			gt->used_count--;
		}
	}
	/* The frame goes first: marks that are gone say that nobody uses it. */
	if (released)
		page_release(released, is_writing);
	if (marks)
		unmark(gt, ref, marks);
	spin_unlock(&granter->grant->lock);
}

/* Of two that are in no use. GNTST_eagain: one is. */
static int16_t swap_locked(const struct grant_table *gt, grant_ref_t a, grant_ref_t b)
{
	const struct active_entry *x = grant_active(gt, a), *y = grant_active(gt, b);
	size_t size = gt->version == 1 ? sizeof(grant_entry_v1_t) : sizeof(grant_entry_v2_t);
	uint64_t kept[sizeof(grant_entry_v2_t) / sizeof(uint64_t)];

	if (x->readers || x->writers || y->readers || y->writers)
		return GNTST_eagain;
	memcpy(kept, header_of(gt, a), size);
	memcpy(header_of(gt, a), header_of(gt, b), size);
	memcpy(header_of(gt, b), kept, size);
	return GNTST_okay;
}

int16_t grant_swap(struct domain *d, grant_ref_t a, grant_ref_t b)
{
	int16_t status = GNTST_bad_gntref;
	unsigned int count;

	spin_lock(&d->grant->lock);
	count = grant_entry_count(d->grant);
	if (a < count && b < count)
		status = a == b ? GNTST_okay : swap_locked(d->grant, a, b);
	spin_unlock(&d->grant->lock);
	return status;
}

/* Commit to a transfer (xen/grant_table.h); from here on the granter must leave the entry alone. */
static bool transfer_commit(const struct grant_table *gt, grant_ref_t ref, domid_t user)
{
	union header wanted = { .field = { .flags = GTF_accept_transfer, .domid = user } };
	union header committed = wanted;

	committed.field.flags |= GTF_transfer_committed;
	return __atomic_compare_exchange_n(header_of(gt, ref), &wanted.word, committed.word, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

bool grant_transfer_begin(struct domain *granter, grant_ref_t ref, domid_t user)
{
	struct grant_table *gt = granter->grant;
	bool is_begun = false;

	spin_lock(&granter->grant->lock);
	if (ref < grant_entry_count(gt)) {
		const struct active_entry *a = grant_active(gt, ref);

		if (!a->readers && !a->writers && transfer_commit(gt, ref, user)) {
			gt->used_count++;
			is_begun = true;
		}
	}
	spin_unlock(&granter->grant->lock);
	return is_begun;
}

void grant_transfer_end(struct domain *granter, grant_ref_t ref, mfn_t frame)
{
	struct grant_table *gt = granter->grant;
	void *entry = header_of(gt, ref);
	unsigned long gfn;

	spin_lock(&granter->grant->lock);
	if (gt->version == 1) {
		gfn = ((grant_entry_v1_t *)entry)->frame;
		((grant_entry_v1_t *)entry)->frame = (uint32_t)mfn_raw(frame);
	} else {
		gfn = ((grant_entry_v2_t *)entry)->full_page.frame;
		((grant_entry_v2_t *)entry)->full_page.frame = mfn_raw(frame);
	}
	m2p_set(frame, gfn);
	__atomic_fetch_or((uint16_t *)entry, GTF_transfer_completed, __ATOMIC_SEQ_CST);
	gt->used_count--;
	spin_unlock(&granter->grant->lock);
}

void grant_pins_visit(const struct domain *d, grant_visitor *visit, void *data)
{
	const struct grant_table *gt = d->grant;

	for (unsigned int ref = 0; ref < gt->active_page_count * ACTIVE_PER_PAGE; ref++) {
		const struct active_entry *a = grant_active(gt, ref);

		if (a->readers && a->page)
			visit(data, a->page, false);
		if (a->writers && a->page)
			visit(data, a->page, true);
	}
}
