/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GNTTABOP_unmap_grant_ref (xen/grant_table.h). A batch is done in two steps:
 * first all entries of page tables are cleared, then, behind one flush of the
 * TLBs, the grants are given back: who granted may rely on it then that
 * nobody reaches the frame.
 */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#include <asm/grant_mapping.h>
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

static int16_t unmap_one(struct vcpu *v, const struct gnttab_unmap_grant_ref *op,
			 struct unmapped *u)
{
	struct map_track *t = map_track_claim(v->domain, op->handle);
	int16_t status;

	if (!t)
		return GNTST_bad_handle;
	status = unmap_claimed(v, op, t, u);
	if (t->flags & (GNTMAP_host_map | GNTMAP_device_map)) {
		map_track_publish(t);
		return status;
	}
	u->of[u->count].track = t;
	u->of[u->count].handle = op->handle;
	u->count++;
	return status;
}

long grant_unmap(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done)
{
	struct gnttab_unmap_grant_ref op;
	struct unmapped u;
	long rc = 0;

	while (!rc && *done < count) {
		unsigned int end = count - *done < BATCH ? count : *done + BATCH;

		if (*done && hypercall_preempt_check())
			return -ERESTART;
		u.count = 0;
		u.must_flush = false;
		while (!rc && *done < end) {
			unsigned long at = arg + *done * sizeof(op);

			rc = guest_read(&op, at);
			if (rc)
				break;
			op.status = unmap_one(v, &op, &u);
			rc = guest_copy_to(at + offsetof(struct gnttab_unmap_grant_ref, status),
					   &op.status, sizeof(op.status));
			++*done;
		}
		unmapped_finish(v, &u);
	}
	return rc;
}
