/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of common/grant/ share. */
#ifndef GRANT_PRIVATE_H
#define GRANT_PRIVATE_H

#include <hv/abi.h>
#include <hv/spinlock.h>
#include <hv/types.h>

struct domain;

#define GRANT_FRAMES_MAX  64
#define V1_PER_FRAME	  (PAGE_SIZE / sizeof(grant_entry_v1_t))
#define V2_PER_FRAME	  (PAGE_SIZE / sizeof(grant_entry_v2_t))
#define STATUS_PER_FRAME  (PAGE_SIZE / sizeof(grant_status_t))
#define STATUS_FRAMES_MAX (GRANT_FRAMES_MAX * V2_PER_FRAME / STATUS_PER_FRAME)

static_assert(sizeof(grant_entry_v1_t) == 8, "xen/grant_table.h");
static_assert(sizeof(grant_entry_v2_t) == 16, "xen/grant_table.h");

/*
 * Frames are the guest's to write, too, and stay until the domain ends: entries of these
 * arrays below their counts never change, so they are read without the lock.
 */
struct grant_table {
	struct spinlock lock;		 /* inside no other lock, outside the allocator's */
	unsigned int version;		 /* lock: 1 or 2 */
	unsigned int frame_count;	 /* lock; grows */
	unsigned int status_frame_count; /* lock; grows, only in version 2 */
	void *frame[GRANT_FRAMES_MAX];
	grant_status_t *status_frame[STATUS_FRAMES_MAX];
};

/* At least @frame_count frames, with what belongs to them. -EINVAL too many; -ENOMEM. */
int grant_table_grow(struct domain *d, unsigned int frame_count) __must_check;

/*
 * Change the layout. The reserved entries are carried over, others are gone.
 * -EINVAL no such version; -ENOMEM; -ERANGE a reserved entry cannot be said in version 1.
 */
int grant_table_set_version(struct domain *d, unsigned int version) __must_check;

#endif
