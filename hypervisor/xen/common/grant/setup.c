/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frames of a domain's grant table: how many there are, and which layout they have. */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/string.h>

/* Frames, each with some pages of ours beside it, that are made between two looks whether to stop. */
#define GROW_STEP 8

/* A page of ours that the domain may map. */
static void *shared_frame_alloc(const struct domain *d)
{
	void *va = hv_pages_alloc(0);
	struct page_info *pg;

	if (!va)
		return NULL;
	pg = virt_to_page(va);
	pg->owner = d->id;
	m2p_set(mfn_of_page(pg), gfn_raw(INVALID_GFN));
	__atomic_fetch_or(&pg->state, FRAME_SHARED, __ATOMIC_RELEASE);
	return va;
}

static int status_grow(const struct domain *d, unsigned int frame_count) __must_hold(d->grant->lock)
{
	struct grant_table *gt = d->grant;
	unsigned int wanted = (frame_count * V2_PER_FRAME + STATUS_PER_FRAME - 1) /
			      STATUS_PER_FRAME;

	while (gt->status_frame_count < wanted) {
		grant_status_t *frame = shared_frame_alloc(d);

		if (!frame)
			return -ENOMEM;
		gt->status_frame[gt->status_frame_count++] = frame;
	}
	return 0;
}

/* Our side of as many entries as @frame_count frames of @version hold. */
static int active_grow(const struct domain *d, unsigned int frame_count, unsigned int version)
	__must_hold(d->grant->lock)
{
	struct grant_table *gt = d->grant;
	unsigned int entries = frame_count * (version == 1 ? V1_PER_FRAME : V2_PER_FRAME);

	while (gt->active_page_count * ACTIVE_PER_PAGE < entries) {
		struct active_entry *page = hv_pages_alloc(0);

		if (!page)
			return -ENOMEM;
		gt->active[gt->active_page_count++] = page;
	}
	return 0;
}

static int grow_locked(const struct domain *d, unsigned int frame_count) __must_hold(d->grant->lock)
{
	struct grant_table *gt = d->grant;
	int rc = active_grow(d, frame_count, gt->version);

	if (!rc && gt->version == 2)
		rc = status_grow(d, frame_count);

	while (!rc && gt->frame_count < frame_count) {
		void *frame = shared_frame_alloc(d);

		if (frame)
			gt->frame[gt->frame_count++] = frame;
		else
			rc = -ENOMEM;
	}
	return rc;
}

/* A few frames more, if @frame_count is more. True: that is all, or *rc. */
static bool grow_step(struct domain *d, unsigned int frame_count, int *rc)
{
	unsigned int have, next;

	spin_lock(&d->grant->lock);
	have = d->grant->frame_count;
	next = frame_count > have + GROW_STEP ? have + GROW_STEP : frame_count;
	*rc = grow_locked(d, next);
	spin_unlock(&d->grant->lock);
	return *rc || next == frame_count;
}

int grant_table_grow(struct domain *d, unsigned int frame_count)
{
	int rc = 0;

	if (frame_count > d->max_grant_frames)
		return -EINVAL;
	while (!grow_step(d, frame_count, &rc))
		if (hypercall_preempt_check())
			return -ERESTART;
	return rc;
}

/* The reserved entries, read once from version 1. They mean the same in version 2. */
static void reserved_from_v1(const grant_entry_v1_t *from, grant_entry_v2_t *to)
{
	unsigned int i;

	for (i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
		to[i].full_page.hdr.flags = READ_ONCE(from[i].flags);
		to[i].full_page.hdr.domid = READ_ONCE(from[i].domid);
		to[i].full_page.frame = READ_ONCE(from[i].frame);
	}
}

/* -ERANGE: sub-page and transitive grants and long frame numbers are version 2's alone. */
static int reserved_from_v2(const grant_entry_v2_t *from, grant_entry_v1_t *to)
{
	unsigned int i;

	for (i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
		uint16_t flags = READ_ONCE(from[i].full_page.hdr.flags);
		uint64_t frame = READ_ONCE(from[i].full_page.frame);

		if ((flags & GTF_type_mask) == GTF_invalid)
			continue;
		if ((flags & GTF_type_mask) == GTF_transitive || flags & GTF_sub_page ||
		    frame > UINT32_MAX)
			return -ERANGE;
		to[i].flags = flags;
		to[i].domid = READ_ONCE(from[i].full_page.hdr.domid);
		to[i].frame = (uint32_t)frame;
	}
	return 0;
}

static int set_version_locked(const struct domain *d, unsigned int version)
	__must_hold(d->grant->lock)
{
	struct grant_table *gt = d->grant;
	grant_entry_v2_t v2[GNTTAB_NR_RESERVED_ENTRIES] = { 0 };
	grant_entry_v1_t v1[GNTTAB_NR_RESERVED_ENTRIES] = { 0 };
	unsigned int i;
	int rc;

	if (gt->used_count)
		return -EBUSY;
	rc = active_grow(d, gt->frame_count, version);
	if (rc)
		return rc;
	if (version == 2) {
		rc = status_grow(d, gt->frame_count);
		reserved_from_v1(gt->frame[0], v2);
	} else {
		rc = reserved_from_v2(gt->frame[0], v1);
	}
	if (rc)
		return rc;

	for (i = 0; i < gt->frame_count; i++)
		memset(gt->frame[i], 0, PAGE_SIZE);
	for (i = 0; i < gt->status_frame_count; i++)
		memset(gt->status_frame[i], 0, PAGE_SIZE);
	if (version == 2)
		memcpy(gt->frame[0], v2, sizeof(v2));
	else
		memcpy(gt->frame[0], v1, sizeof(v1));
	gt->version = version;
	return 0;
}

int grant_table_set_version(struct domain *d, unsigned int version)
{
	int rc = 0;

	if (version < 1 || version > d->max_grant_version)
		return -EINVAL;
	spin_lock(&d->grant->lock);
	if (version != d->grant->version)
		rc = set_version_locked(d, version);
	spin_unlock(&d->grant->lock);
	return rc;
}

int grant_domain_init(struct domain *d)
{
	struct grant_table *gt = heap_alloc(sizeof(*gt));

	if (!gt)
		return -ENOMEM;
	spin_lock_init(&gt->lock);
	gt->version = 1;
	d->grant = gt;
	if (map_track_init(d) || grant_table_grow(d, 1)) {
		grant_domain_destroy(d);
		return -ENOMEM;
	}
	return 0;
}

unsigned int grant_resource_size(const struct domain *d, unsigned int id)
{
	if (id == XENMEM_resource_grant_table_id_shared)
		return d->max_grant_frames;
	if (id == XENMEM_resource_grant_table_id_status)
		return (d->max_grant_frames * V2_PER_FRAME + STATUS_PER_FRAME - 1) /
		       STATUS_PER_FRAME;
	return 0;
}

static int shared_frame_get(struct domain *d, unsigned int index, mfn_t *out)
{
	int rc = grant_table_grow(d, index + 1);

	if (!rc)
		*out = virt_to_mfn(d->grant->frame[index]);
	return rc;
}

/* There are as many as the frames of entries need, in version 2. */
static int status_frame_get(const struct domain *d, unsigned int index, mfn_t *out)
{
	const struct grant_table *gt = d->grant;
	int rc = -EINVAL;

	spin_lock(&d->grant->lock);
	if (gt->version == 2 && index < gt->status_frame_count) {
		*out = virt_to_mfn(gt->status_frame[index]);
		rc = 0;
	}
	spin_unlock(&d->grant->lock);
	return rc;
}

int grant_resource_frame(struct domain *d, unsigned int id, unsigned int index, mfn_t *out)
{
	if (index >= grant_resource_size(d, id))
		return -EINVAL;
	return id == XENMEM_resource_grant_table_id_shared ? shared_frame_get(d, index, out) :
							     status_frame_get(d, index, out);
}

/* A frame that somebody maps still is nobody's until that ends. */
static void shared_frame_give_up(struct domain *d, void *frame)
{
	struct page_info *pg = virt_to_page(frame);

	pg->owner = OWNER_NONE;
	domain_page_release(d, pg);
}

void grant_domain_destroy(struct domain *d)
{
	struct grant_table *gt = d->grant;

	map_track_destroy(d);
	while (gt->active_page_count)
		hv_pages_free(gt->active[--gt->active_page_count], 0);
	while (gt->frame_count)
		shared_frame_give_up(d, gt->frame[--gt->frame_count]);
	while (gt->status_frame_count)
		shared_frame_give_up(d, gt->status_frame[--gt->status_frame_count]);
	heap_free(gt);
	d->grant = NULL;
}
