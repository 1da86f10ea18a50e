/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of common/grant/ share. Two sides meet in a mapping: the
 * granter's table, whose entries are pinned while somebody uses them, and the
 * user's list of handles. Neither is locked while the other is.
 *
 * Lock order: domain->lock -> grant_table.lock, or map_track.lock, alone
 *	       -> page-table lock (FRAME_LOCKED), page_list_lock, allocator
 */
#ifndef GRANT_PRIVATE_H
#define GRANT_PRIVATE_H

#include <hv/abi.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/spinlock.h>
#include <hv/types.h>

struct domain;
struct vcpu;

#define V1_PER_FRAME	  (PAGE_SIZE / sizeof(grant_entry_v1_t))
#define V2_PER_FRAME	  (PAGE_SIZE / sizeof(grant_entry_v2_t))
#define STATUS_PER_FRAME  (PAGE_SIZE / sizeof(grant_status_t))
#define STATUS_FRAMES_MAX (GRANT_FRAMES_MAX * V2_PER_FRAME / STATUS_PER_FRAME)

static_assert(sizeof(grant_entry_v1_t) == 8, "xen/grant_table.h");
static_assert(sizeof(grant_entry_v2_t) == 16, "xen/grant_table.h");

enum grant_kind {
	GRANT_FULL,	/* all bytes of a frame */
	GRANT_SUB_PAGE, /* some: to be copied only */
	GRANT_TRANSITIVE, /* another domain's grant to this one: to be copied only */
};

/*
 * Our side of an entry while it is used: what the guest writes to the entry
 * meanwhile changes nothing of it. The first reader takes a reference of the
 * frame, the first writer one as writable; the last ones give them back.
 */
struct active_entry {
	uint32_t readers, writers;
	struct page_info *page;	/* of kinds with a frame */
	grant_ref_t via_ref;	/* of GRANT_TRANSITIVE: the grant behind it */
	domid_t	 via_domid;
	domid_t	 user;
	uint16_t offset, length; /* of GRANT_SUB_PAGE */
	uint16_t cache;		/* GTF_PAT, GTF_PWT, GTF_PCD */
	uint16_t kind;
};

#define ACTIVE_PER_PAGE	 (PAGE_SIZE / sizeof(struct active_entry))
#define ACTIVE_PAGES_MAX (GRANT_FRAMES_MAX * V1_PER_FRAME / ACTIVE_PER_PAGE)

/*
 * Frames are the guest's to write, too, and stay until the domain ends: entries of these
 * arrays below their counts never change, so they are read without the lock.
 */
struct grant_table {
	struct spinlock lock;
	unsigned int version;		 /* lock: 1 or 2 */
	unsigned int frame_count;	 /* lock; grows */
	unsigned int status_frame_count; /* lock; grows, only in version 2 */
	unsigned int active_page_count;	 /* lock; grows */
	unsigned int used_count;	 /* lock: entries with readers or writers */
	void *frame[GRANT_FRAMES_MAX];
	grant_status_t *status_frame[STATUS_FRAMES_MAX];
	struct active_entry *active[ACTIVE_PAGES_MAX];
	grant_handle_t relinquished;	/* teardown's: there are no mappings below */
	struct track_list *track;	/* private to map_track.c */
};

/* ---- setup.c ---- */

/* At least @frame_count frames, with what belongs to them. -EINVAL too many; -ENOMEM; -ERESTART: call again. */
int grant_table_grow(struct domain *d, unsigned int frame_count) __must_check;

/*
 * Change the layout. The reserved entries are carried over, others are gone.
 * -EINVAL no such version; -ENOMEM; -EBUSY entries are in use; -ERANGE a reserved entry cannot be
 * said in version 1.
 */
int grant_table_set_version(struct domain *d, unsigned int version) __must_check;

static inline unsigned int grant_entry_count(const struct grant_table *gt)
{
	return gt->frame_count * (gt->version == 1 ? V1_PER_FRAME : V2_PER_FRAME);
}

static inline struct active_entry *grant_active(const struct grant_table *gt, grant_ref_t ref)
{
	return &gt->active[ref / ACTIVE_PER_PAGE][ref % ACTIVE_PER_PAGE];
}

/* ---- entries.c ---- */

/*
 * Use grant @ref of @granter on behalf of domain @user, for writing too or not, until
 * grant_unpin(). *what is what it grants. GNTST_okay, or why not.
 */
int16_t grant_pin(struct domain *granter, grant_ref_t ref, domid_t user, bool is_writing,
		  struct active_entry *what) __must_check;
void grant_unpin(struct domain *granter, grant_ref_t ref, bool is_writing);

/* GNTTABOP_swap_grant_ref. */
int16_t grant_swap(struct domain *d, grant_ref_t a, grant_ref_t b);

/*
 * Entry @ref is a place for a page from @user (GTF_accept_transfer): commit to fill it, and
 * fill it; the layout stays meanwhile. False: it is not.
 */
bool grant_transfer_begin(struct domain *granter, grant_ref_t ref, domid_t user) __must_check;
void grant_transfer_end(struct domain *granter, grant_ref_t ref, mfn_t frame);

/* ---- map_track.c ---- */

/* A mapping: what its handle stands for. */
struct map_track {
	struct domain *granter;		/* with a reference */
	struct page_info *page;		/* pinned through the grant */
	grant_ref_t ref;
	uint16_t flags;			/* GNTMAP_readonly; _device_map, _host_map: what is left */
	uint16_t state;			/* private, atomic */
};

/* A new handle, which no unmap finds yet. NULL: no memory, or the domain has too many. */
struct map_track *map_track_alloc(struct domain *d, grant_handle_t *handle);
void map_track_free(struct domain *d, grant_handle_t handle);

/* From now on it can be claimed. */
void map_track_publish(struct map_track *t);

/* The mapping of @handle, for the caller alone until it frees or publishes it. NULL: there is none. */
struct map_track *map_track_claim(struct domain *d, grant_handle_t handle);

/* Likewise that of the first handle from *handle on which has one, of a domain that does not run. */
struct map_track *map_track_claim_next(struct domain *d, grant_handle_t *handle);

/* Does @d map @pg? Looks from page *from of the handles on. -ENOENT; -ERESTART: *from is where to go on. */
int map_track_find(struct domain *d, const struct page_info *pg, unsigned int *from) __must_check;

int map_track_init(struct domain *d) __must_check;
void map_track_destroy(struct domain *d);

/* ---- the commands: map.c, unmap.c, copy.c, transfer.c ---- */

/*
 * @count structures from @arg on, all in the guest's part (guest_range_ok), counting in *done
 * those that are through with. 0; -EFAULT;
 * -ERESTART: something else should have its turn.
 */
long grant_map(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done);
long grant_unmap(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done);
long grant_unmap_and_replace(struct vcpu *v, unsigned long arg, unsigned int count,
			     unsigned int *done);
long grant_copy(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done);
long grant_swap_refs(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done);
long grant_transfer(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done);

/* ---- cache_flush.c ---- */

/* The same; *from is for map_track_find(). */
long grant_cache_flush(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done,
		       unsigned int *from);

#endif
