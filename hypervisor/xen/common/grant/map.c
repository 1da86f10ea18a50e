/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GNTTABOP_map_grant_ref (xen/grant_table.h): the grant is pinned, the entry
 * of the page table written, and the handle told. There is no I/O MMU in
 * use: a device finds the frame at its machine address.
 */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#include <asm/grant_mapping.h>
#include <asm/guest_access.h>

/* So many are done between two looks whether to stop. */
#define BATCH 16

/* The grant is pinned as @what; @t is ours. */
static int16_t map_pinned(struct vcpu *v, const struct gnttab_map_grant_ref *op,
			  const struct map_track *t, const struct active_entry *what)
{
	/* the header: "No mappings are allowed" of the others */
	if (what->kind != GRANT_FULL)
		return GNTST_general_error;
	if (!(op->flags & GNTMAP_host_map))
		return GNTST_okay;
	return grant_mapping_install(v, t->granter, what->page, op->host_addr, op->flags,
				     what->cache);
}

static int16_t map_granter(struct vcpu *v, struct gnttab_map_grant_ref *op, struct domain *granter)
{
	bool is_writing = !(op->flags & GNTMAP_readonly);
	struct active_entry what;
	grant_handle_t handle;
	struct map_track *t;
	int16_t status;

	t = map_track_alloc(v->domain, &handle);
	if (!t)
		return GNTST_no_space;
	status = grant_pin(granter, op->ref, v->domain->id, is_writing, &what);
	if (status != GNTST_okay)
		goto out_track;

	t->granter = granter;
	t->page = what.page;
	t->ref = op->ref;
	t->flags = op->flags &
		   (GNTMAP_readonly | GNTMAP_device_map | GNTMAP_host_map | GNTMAP_contains_pte);
	status = map_pinned(v, op, t, &what);
	if (status != GNTST_okay)
		goto out_pin;
	op->handle = handle;
	op->dev_bus_addr = paddr_of_mfn(mfn_of_page(what.page));
	map_track_publish(t);
	return GNTST_okay;

out_pin:
	grant_unpin(granter, op->ref, is_writing);
out_track:
	map_track_free(v->domain, handle);
	return status;
}

static int16_t map_one(struct vcpu *v, struct gnttab_map_grant_ref *op)
{
	struct domain *granter;
	int16_t status;

	if (!(op->flags & (GNTMAP_device_map | GNTMAP_host_map)))
		return GNTST_bad_gntref;
	if (op->dom >= DOMID_FIRST_RESERVED)
		return GNTST_bad_domain;
	granter = domain_get(op->dom);
	if (!granter)
		return GNTST_bad_domain;
	status = map_granter(v, op, granter);
	/* a mapping keeps the reference */
	if (status != GNTST_okay)
		domain_put(granter);
	return status;
}

/* The structure: flags and reference are its second word, results its third and fourth. */
union map_words {
	struct gnttab_map_grant_ref op;
	uint64_t word[4];
};

static_assert(sizeof(union map_words) == sizeof(struct gnttab_map_grant_ref), "four words");
static_assert(offsetof(struct gnttab_map_grant_ref, status) >= 16, "in the third one");

/* Word by word. False: -EFAULT. */
static __attribute__((noinline)) bool map_load(unsigned long at, union map_words *op)
{
	guest_access_begin();
	guest_load(op->word[0], at, failed);
	guest_load(op->word[1], at + 8, failed);
	guest_load(op->word[2], at + 16, failed);
	guest_load(op->word[3], at + 24, failed);
	guest_access_end();
	return true;
failed:
	guest_access_end();
	return false;
}

static bool results_store(unsigned long at, const union map_words *op)
{
	guest_access_begin();
	guest_store(at + 16, op->word[2], failed);
	guest_store(at + 24, op->word[3], failed);
	guest_access_end();
	return true;
failed:
	guest_access_end();
	return false;
}

long grant_map(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done)
{
	union map_words op;

	for (; *done < count; ++*done) {
		unsigned long at = arg + *done * sizeof(op);

		if (*done && !(*done % BATCH) && hypercall_preempt_check())
			return -ERESTART;
		if (!map_load(at, &op))
			return -EFAULT;
		op.op.status = map_one(v, &op.op);
		if (!results_store(at, &op))
			return -EFAULT;
	}
	return 0;
}
