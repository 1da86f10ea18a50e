/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an id to a domain, and the references that keep a domain from being
 * freed. The table has two levels: the second ones are there while ids of them are in use,
 * so that who knows that a domain exists finds it without the list's lock.
 */
#include <hv/domain_list.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/page_allocator.h>
#include <hv/panic.h>

#define BUCKET_SHIFT 9
#define BUCKET_SIZE  (1U << BUCKET_SHIFT)
#define BUCKET_COUNT ((DOMID_FIRST_RESERVED + BUCKET_SIZE - 1) / BUCKET_SIZE)

struct bucket {
	struct domain *domain[BUCKET_SIZE];
};

static_assert(sizeof(struct bucket) == PAGE_SIZE, "one page of the heap");

struct domain *hardware_domain;	/* set once at boot */

static struct spinlock domain_list_lock = SPINLOCK_INIT;
static struct domain *domain_list;		/* guarded by domain_list_lock */
/* Both levels are guarded by domain_list_lock; read without it for ids that are in use. */
static struct bucket *buckets[BUCKET_COUNT];
static uint16_t bucket_used[BUCKET_COUNT] __guarded_by(domain_list_lock);

static struct domain *lookup(domid_t id)
{
	struct bucket *b;

	if (id >= DOMID_FIRST_RESERVED)
		return NULL;
	b = __atomic_load_n(&buckets[id >> BUCKET_SHIFT], __ATOMIC_ACQUIRE);
	return b ? __atomic_load_n(&b->domain[id & (BUCKET_SIZE - 1)], __ATOMIC_ACQUIRE) : NULL;
}

struct domain *domain_get(domid_t id)
{
	struct domain *d;

	if (id == DOMID_SELF) {
		d = current_domain();
		__atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
		return d;
	}
	spin_lock(&domain_list_lock);
	d = lookup(id);
	if (d)
		__atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
	spin_unlock(&domain_list_lock);
	return d;
}

struct domain *domain_get_from(domid_t id)
{
	struct domain *d;

	spin_lock(&domain_list_lock);
	for (d = domain_list; d && d->id < id; d = d->next)
		;
	if (d)
		__atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
	spin_unlock(&domain_list_lock);
	return d;
}

/* Without its last reference: nobody can find it to take another one. */
static void list_remove(struct domain *d) __must_hold(domain_list_lock)
{
	struct bucket *b = buckets[d->id >> BUCKET_SHIFT];
	struct domain **link;

	for (link = &domain_list; *link != d; link = &(*link)->next)
		;
	*link = d->next;
	__atomic_store_n(&b->domain[d->id & (BUCKET_SIZE - 1)], NULL, __ATOMIC_RELEASE);
	/* who looks without the lock looks for domains that there are */
	if (!--bucket_used[d->id >> BUCKET_SHIFT]) {
		buckets[d->id >> BUCKET_SHIFT] = NULL;
		heap_free(b);
	}
}

/* The table's own reference goes when the domain is destroyed. */
void domain_put(struct domain *d)
{
	unsigned int refs = READ_ONCE(d->refs);
	bool is_last;

	while (likely(refs > 1))
		if (__atomic_compare_exchange_n(&d->refs, &refs, refs - 1, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return;
	spin_lock(&domain_list_lock);
	is_last = __atomic_sub_fetch(&d->refs, 1, __ATOMIC_ACQ_REL) == 0;
	if (is_last)
		list_remove(d);
	spin_unlock(&domain_list_lock);
	if (is_last)
		domain_free(d);
}

/* Ids are given out in turn, so that a new domain is not taken for one that has just gone. */
unsigned int domain_id_choose(void)
{
	static unsigned int last __guarded_by(domain_list_lock);
	unsigned int id = 0, tried;

	spin_lock(&domain_list_lock);
	for (tried = 1; tried < DOMID_FIRST_RESERVED && !id; tried++) {
		last = last + 1 < DOMID_FIRST_RESERVED ? last + 1 : 1;
		if (!lookup(last))
			id = last;
	}
	spin_unlock(&domain_list_lock);
	return id;
}

struct domain *domain_owning(domid_t owner)
{
	return lookup(owner);
}

/* Under the lock: the last domain of a bucket takes it away. */
static struct domain **place_make(domid_t id) __must_hold(domain_list_lock)
{
	struct bucket **slot = &buckets[id >> BUCKET_SHIFT], *fresh;

	if (!*slot) {
		fresh = heap_alloc(sizeof(*fresh));
		if (!fresh)
			return NULL;
		__atomic_store_n(slot, fresh, __ATOMIC_RELEASE);
	}
	return &(*slot)->domain[id & (BUCKET_SIZE - 1)];
}

int domain_list_add(struct domain *d)
{
	struct domain **place, **link;
	int rc = -ENOMEM;

	spin_lock(&domain_list_lock);
	place = place_make(d->id);
	if (place)
		rc = *place ? -EEXIST : 0;
	if (!rc) {
		for (link = &domain_list; *link && (*link)->id < d->id; link = &(*link)->next)
			;
		d->next = *link;
		*link = d;
		bucket_used[d->id >> BUCKET_SHIFT]++;
		__atomic_store_n(place, d, __ATOMIC_RELEASE);
	}
	spin_unlock(&domain_list_lock);
	return rc;
}
