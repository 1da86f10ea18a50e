/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handles of a domain's mappings of others' grants. Pages of them are
 * made as they are needed, and stay; free ones are a list. A handle belongs
 * to whoever brought it from active to busy, so that of two who unmap it at
 * the same time one finds nothing.
 */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/nospec.h>
#include <hv/page_allocator.h>

#define TRACK_PER_PAGE	(PAGE_SIZE / sizeof(struct map_track))
#define TRACK_PAGES_MAX MAPTRACK_FRAMES_MAX
#define NO_HANDLE	(~0U)

enum track_state { TRACK_FREE, TRACK_BUSY, TRACK_ACTIVE };

struct track_list {
	struct spinlock lock;
	unsigned int page_count; /* lock; grows */
	grant_handle_t free;	/* lock: the first one; the next one's number is in its ref */
	struct map_track *page[TRACK_PAGES_MAX];
};

/* Of a number below what the pages hold. */
static struct map_track *track_of(const struct track_list *l, grant_handle_t handle)
{
	return &l->page[handle / TRACK_PER_PAGE][handle % TRACK_PER_PAGE];
}

static bool page_add(struct track_list *l, unsigned int limit) __must_hold(l->lock)
{
	unsigned int first = l->page_count * TRACK_PER_PAGE, i;
	struct map_track *page;

	if (l->page_count >= limit)
		return false;
	page = hv_pages_alloc(0);
	if (!page)
		return false;
	for (i = 0; i < TRACK_PER_PAGE; i++)
		page[i].ref = i + 1 < TRACK_PER_PAGE ? first + i + 1 : NO_HANDLE;
	l->page[l->page_count] = page;
	__atomic_store_n(&l->page_count, l->page_count + 1, __ATOMIC_RELEASE);
	l->free = first;
	return true;
}

struct map_track *map_track_alloc(struct domain *d, grant_handle_t *handle)
{
	struct track_list *l = d->grant->track;
	struct map_track *t = NULL;

	spin_lock(&l->lock);
	if (l->free != NO_HANDLE || page_add(l, d->max_maptrack_frames)) {
		*handle = l->free;
		t = track_of(l, l->free);
		l->free = t->ref;
		t->state = TRACK_BUSY;
	}
	spin_unlock(&l->lock);
	return t;
}

void map_track_free(struct domain *d, grant_handle_t handle)
{
	struct track_list *l = d->grant->track;
	struct map_track *t = track_of(l, handle);

	spin_lock(&l->lock);
	t->ref = l->free;
	__atomic_store_n(&t->state, TRACK_FREE, __ATOMIC_RELEASE);
	l->free = handle;
	spin_unlock(&l->lock);
}

void map_track_publish(struct map_track *t)
{
	__atomic_store_n(&t->state, TRACK_ACTIVE, __ATOMIC_RELEASE);
}

struct map_track *map_track_claim(struct domain *d, grant_handle_t handle)
{
	const struct track_list *l = d->grant->track;
	uint16_t active = TRACK_ACTIVE;
	unsigned long count = __atomic_load_n(&l->page_count, __ATOMIC_ACQUIRE) * TRACK_PER_PAGE;
	struct map_track *t;

	if (handle >= count)
		return NULL;
	t = track_of(l, index_nospec(handle, count));
	if (!__atomic_compare_exchange_n(&t->state, &active, TRACK_BUSY, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return NULL;
	return t;
}

struct map_track *map_track_claim_next(struct domain *d, grant_handle_t *handle)
{
	const struct track_list *l = d->grant->track;

	for (; *handle < l->page_count * TRACK_PER_PAGE; ++*handle)
		if (track_of(l, *handle)->state == TRACK_ACTIVE)
			return map_track_claim(d, *handle);
	return NULL;
}

int map_track_find(struct domain *d, const struct page_info *pg, unsigned int *from)
{
	const struct track_list *l = d->grant->track;
	unsigned int begin = *from;

	for (; *from < __atomic_load_n(&l->page_count, __ATOMIC_ACQUIRE); ++*from) {
		const struct map_track *page = l->page[*from];

		if (*from > begin && hypercall_preempt_check())
			return -ERESTART;
		for (unsigned int i = 0; i < TRACK_PER_PAGE; i++)
			if (READ_ONCE(page[i].page) == pg &&
			    __atomic_load_n(&page[i].state, __ATOMIC_ACQUIRE) == TRACK_ACTIVE)
				return 0;
	}
	return -ENOENT;
}

int map_track_init(struct domain *d)
{
	struct track_list *l = heap_alloc(sizeof(*l));

	if (!l)
		return -ENOMEM;
	spin_lock_init(&l->lock);
	l->free = NO_HANDLE;
	d->grant->track = l;
	return 0;
}

void map_track_destroy(struct domain *d)
{
	struct track_list *l = d->grant->track;

	if (!l)
		return;
	while (l->page_count)
		hv_pages_free(l->page[--l->page_count], 0);
	heap_free(l);
	d->grant->track = NULL;
}
