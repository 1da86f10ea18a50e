/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GNTTABOP_unmap_grant_ref and _unmap_and_replace (xen/grant_table.h). A batch is done in two steps:
 * first all entries of page tables are cleared, then, behind one flush of the
 * TLBs, the grants are given back: who granted may rely on it then that
 * nobody reaches the frame.
 */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/grant.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#include <asm/grant_mapping.h>
#include <asm/guest_access.h>
#include <asm/guest_flush.h>
#include <asm/tlb.h>

/* So many share a flush, and are done between two looks whether to stop. */
#define BATCH 32

/* Mappings of which nothing is left but the claimed handle. */
struct unmapped {
	unsigned int count;
	bool must_flush;
	struct {
		struct map_track *track;
		grant_handle_t handle;
	} of[BATCH];
};

static void unmapped_finish(struct vcpu *v, struct unmapped *u)
{
	unsigned int i;

	if (u->must_flush)
		guest_tlb_flush_all(v->domain, TLB_WHOLE);
	for (i = 0; i < u->count; i++) {
		struct map_track *t = u->of[i].track;

		grant_unpin(t->granter, t->ref, !(t->flags & GNTMAP_readonly));
		domain_put(t->granter);
		map_track_free(v->domain, u->of[i].handle);
	}
}

/* Take the device's mapping, the host's or both out of a claimed one. */
static int16_t unmap_claimed(struct vcpu *v, const struct gnttab_unmap_grant_ref *op,
			     struct map_track *t, struct unmapped *u)
{
	if (op->dev_bus_addr) {
		if (!(t->flags & GNTMAP_device_map))
			return GNTST_bad_dev_addr;
		if (op->dev_bus_addr != paddr_of_mfn(mfn_of_page(t->page)))
			return GNTST_bad_dev_addr;
	}
	if (op->host_addr && t->flags & GNTMAP_host_map) {
		int16_t status = grant_mapping_remove(v, t->page, op->host_addr, t->flags);

		if (status != GNTST_okay)
			return status;
		u->must_flush = true;
		t->flags &= ~GNTMAP_host_map;
	}
	if (op->dev_bus_addr)
		t->flags &= ~GNTMAP_device_map;
	return GNTST_okay;
}

/* What is left of a claimed one? */
static void unmap_end(struct map_track *t, grant_handle_t handle, struct unmapped *u)
{
	if (t->flags & (GNTMAP_host_map | GNTMAP_device_map)) {
		map_track_publish(t);
		return;
	}
	u->of[u->count].track = t;
	u->of[u->count].handle = handle;
	u->count++;
}

static int16_t unmap_one(struct vcpu *v, const struct gnttab_unmap_grant_ref *op,
			 struct unmapped *u)
{
	struct map_track *t = map_track_claim(v->domain, op->handle);
	int16_t status;

	if (!t)
		return GNTST_bad_handle;
	status = unmap_claimed(v, op, t, u);
	unmap_end(t, op->handle, u);
	return status;
}

/* "... atomically replace the page table entry with one pointing to the machine address under new_addr" */
static int16_t replace_one(struct vcpu *v, const struct gnttab_unmap_and_replace *op,
			   struct unmapped *u)
{
	struct map_track *t = map_track_claim(v->domain, op->handle);
	int16_t status = GNTST_general_error;

	if (!t)
		return GNTST_bad_handle;
	if (t->flags & GNTMAP_host_map)
		status = grant_mapping_replace(v, t->page, op->host_addr, op->new_addr, t->flags);
	if (status == GNTST_okay) {
		u->must_flush = true;
		t->flags &= ~GNTMAP_host_map;
	}
	unmap_end(t, op->handle, u);
	return status;
}

/* One structure at guest address @at. 0 or -EFAULT. */
typedef int unmap_function(struct vcpu *v, unsigned long at, struct unmapped *u);

union unmap_words {
	struct gnttab_unmap_grant_ref op;
	uint64_t word[3];
};

static_assert(sizeof(union unmap_words) == sizeof(struct gnttab_unmap_grant_ref), "three words");

/* Word by word. False: -EFAULT. */
static __attribute__((noinline)) bool unmap_load(unsigned long at, union unmap_words *op)
{
	guest_access_begin();
	guest_load(op->word[0], at, failed);
	guest_load(op->word[1], at + 8, failed);
	guest_load(op->word[2], at + 16, failed);
	guest_access_end();
	return true;
failed:
	guest_access_end();
	return false;
}

static int unmap_status_store(unsigned long at, int16_t status)
{
	guest_access_begin();
	guest_store_16(at, status, failed);
	guest_access_end();
	return 0;
failed:
	guest_access_end();
	return -EFAULT;
}

static int unmap_at(struct vcpu *v, unsigned long at, struct unmapped *u)
{
	union unmap_words op;

	if (!unmap_load(at, &op))
		return -EFAULT;
	return unmap_status_store(at + offsetof(struct gnttab_unmap_grant_ref, status),
				  unmap_one(v, &op.op, u));
}

static int replace_at(struct vcpu *v, unsigned long at, struct unmapped *u)
{
	struct gnttab_unmap_and_replace op;

	if (guest_read(&op, at))
		return -EFAULT;
	op.status = replace_one(v, &op, u);
	return guest_copy_to(at + offsetof(struct gnttab_unmap_and_replace, status), &op.status,
			     sizeof(op.status));
}

static long unmap_list(struct vcpu *v, unsigned long arg, size_t size, unmap_function *one,
		       unsigned int count, unsigned int *done)
{
	struct unmapped u;
	long rc = 0;

	while (!rc && *done < count) {
		unsigned int end = count - *done < BATCH ? count : *done + BATCH;

		if (*done && hypercall_preempt_check())
			return -ERESTART;
		u.count = 0;
		u.must_flush = false;
		while (!rc && *done < end) {
			rc = one(v, arg + *done * size, &u);
			++*done;
		}
		unmapped_finish(v, &u);
	}
	return rc;
}

long grant_unmap(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done)
{
	return unmap_list(v, arg, sizeof(struct gnttab_unmap_grant_ref), unmap_at, count, done);
}

long grant_unmap_and_replace(struct vcpu *v, unsigned long arg, unsigned int count,
			     unsigned int *done)
{
	return unmap_list(v, arg, sizeof(struct gnttab_unmap_and_replace), replace_at, count, done);
}

int grant_domain_relinquish(struct domain *d)
{
	struct grant_table *gt = d->grant;
	struct map_track *t;

	while ((t = map_track_claim_next(d, &gt->relinquished))) {
		grant_unpin(t->granter, t->ref, !(t->flags & GNTMAP_readonly));
		domain_put(t->granter);
		map_track_free(d, gt->relinquished++);
		if (hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}
