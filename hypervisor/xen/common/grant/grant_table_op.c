/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_grant_table_op (xen/grant_table.h): the sub-commands, and those
 * by which a domain sets up and learns about a table.
 */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#include <asm/guest_access.h>
#include <asm/nospec.h>

/* Those that take a list, and one structure. */
#define GRANT_LIST_OPS(ROW)				\
	ROW(GNTTABOP_map_grant_ref, grant_map, struct gnttab_map_grant_ref)	\
	ROW(GNTTABOP_unmap_grant_ref, grant_unmap, struct gnttab_unmap_grant_ref) \
	ROW(GNTTABOP_transfer, grant_transfer, struct gnttab_transfer)		\
	ROW(GNTTABOP_copy, grant_copy, struct gnttab_copy)			\
	ROW(GNTTABOP_unmap_and_replace, grant_unmap_and_replace, struct gnttab_unmap_and_replace) \
	ROW(GNTTABOP_swap_grant_ref, grant_swap_refs, struct gnttab_swap_grant_ref)

#define GRANT_SINGLE_OPS(ROW)				\
	ROW(GNTTABOP_setup_table, setup_table)		\
	ROW(GNTTABOP_query_size, query_size)		\
	ROW(GNTTABOP_set_version, set_version)		\
	ROW(GNTTABOP_get_version, get_version)		\
	ROW(GNTTABOP_get_status_frames, get_status_frames)

/* The domain that @v asks about, with a reference; NULL and *status. */
static struct domain *subject_get(const struct vcpu *v, domid_t id, int16_t *status)
{
	struct domain *d = domain_get(id);

	if (!d) {
		*status = GNTST_bad_domain;
	} else if (d != v->domain && !v->domain->is_privileged) {
		*status = GNTST_permission_denied;
		domain_put(d);
		d = NULL;
	}
	return d;
}

/* Write the machine frame numbers of @count pages of ours to an array of the guest. */
static int frames_write(unsigned long list, void *const *pages, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		uint64_t frame = mfn_raw(virt_to_mfn(pages[i]));

		if (guest_write(list + i * sizeof(frame), &frame))
			return -EFAULT;
	}
	return 0;
}

static long setup_table(struct vcpu *v, unsigned long arg)
{
	const unsigned long again[] = { GNTTABOP_setup_table, arg, 1 };
	struct gnttab_setup_table op;
	struct domain *d;
	int rc;

	if (guest_read(&op, arg))
		return -EFAULT;

	d = subject_get(v, op.dom, &op.status);
	if (d) {
		rc = grant_table_grow(d, op.nr_frames);
		if (rc == -ERESTART) {
			domain_put(d);
			return hypercall_continue(__HYPERVISOR_grant_table_op, ARRAY_SIZE(again),
						  again);
		}
		op.status = rc ? GNTST_general_error : GNTST_okay;
		if (op.status == GNTST_okay &&
		    frames_write((unsigned long)op.frame_list.p, d->grant->frame, op.nr_frames))
			op.status = GNTST_bad_virt_addr;
		domain_put(d);
	}
	return guest_write(arg, &op);
}

static long query_size(struct vcpu *v, unsigned long arg)
{
	struct gnttab_query_size op;
	struct domain *d;

	if (guest_read(&op, arg))
		return -EFAULT;

	d = subject_get(v, op.dom, &op.status);
	if (d) {
		op.nr_frames = READ_ONCE(d->grant->frame_count);
		op.max_nr_frames = d->max_grant_frames;
		op.status = GNTST_okay;
		domain_put(d);
	}
	return guest_write(arg, &op);
}

/* The version in effect goes back to the guest, also when it is not the one it wants. */
static long set_version(struct vcpu *v, unsigned long arg)
{
	struct gnttab_set_version op;
	long rc;

	if (guest_read(&op, arg))
		return -EFAULT;

	rc = grant_table_set_version(v->domain, op.version);
	op.version = READ_ONCE(v->domain->grant->version);
	return guest_write(arg, &op) ? -EFAULT : rc;
}

static long get_version(struct vcpu *v, unsigned long arg)
{
	struct gnttab_get_version op;
	struct domain *d;
	int16_t status;

	if (guest_read(&op, arg))
		return -EFAULT;

	d = subject_get(v, op.dom, &status);
	if (!d)
		return status == GNTST_permission_denied ? -EPERM : -ESRCH;
	op.version = READ_ONCE(d->grant->version);
	domain_put(d);
	return guest_write(arg, &op);
}

static int16_t status_frames_write(const struct grant_table *gt,
				   const struct gnttab_get_status_frames *op)
{
	void *pages[STATUS_FRAMES_MAX];
	unsigned int i;

	if (READ_ONCE(gt->version) != 2 || op->nr_frames > READ_ONCE(gt->status_frame_count))
		return GNTST_general_error;
	for (i = 0; i < op->nr_frames; i++)
		pages[i] = gt->status_frame[i];
	if (frames_write((unsigned long)op->frame_list.p, pages, op->nr_frames))
		return GNTST_bad_virt_addr;
	return GNTST_okay;
}

static long get_status_frames(struct vcpu *v, unsigned long arg)
{
	struct gnttab_get_status_frames op;
	struct domain *d;

	if (guest_read(&op, arg))
		return -EFAULT;

	d = subject_get(v, op.dom, &op.status);
	if (d) {
		op.status = status_frames_write(d->grant, &op);
		domain_put(d);
	}
	return guest_write(arg, &op);
}

/* Start a list again that is done in part. */
static long list_continue(unsigned int cmd, unsigned long arg, unsigned int count)
{
	unsigned long rest[] = { cmd, arg, count };

	return hypercall_continue(__HYPERVISOR_grant_table_op, ARRAY_SIZE(rest), rest);
}

typedef long list_handler(struct vcpu *v, unsigned long arg, unsigned int count,
			  unsigned int *done);

/* A list, all of which is in the guest's part. The rest of it may be left to a continuation. */
static inline long list_op(struct vcpu *v, unsigned int cmd, unsigned long arg, unsigned int count,
			   list_handler *handler, size_t size)
{
	unsigned int done = 0;
	long rc;

	if ((int)count < 0)
		return -EINVAL;
	if (!guest_range_ok(arg, count * size))
		return -EFAULT;
	branch_barrier();
	rc = handler(v, arg, count, &done);
	if (unlikely(rc == -ERESTART))
		return list_continue(cmd, arg + done * size, count - done);
	return rc;
}

/* The command's upper bits are ours: where a continuation goes on to look. */
#define CACHE_FLUSH_SHIFT 12

static long cache_flush(struct vcpu *v, unsigned int cmd, unsigned long arg, unsigned int count)
{
	unsigned int done = 0, from = cmd >> CACHE_FLUSH_SHIFT;
	long rc;

	if ((int)count < 0)
		return -EINVAL;
	rc = grant_cache_flush(v, arg, count, &done, &from);
	if (rc == -ERESTART) {
		cmd = GNTTABOP_cache_flush | from << CACHE_FLUSH_SHIFT;
		return list_continue(cmd, arg + done * sizeof(struct gnttab_cache_flush),
				     count - done);
	}
	return rc;
}

long do_grant_table_op(struct vcpu *v, unsigned long raw_cmd, unsigned long arg,
		       unsigned long raw_count)
{
	unsigned int cmd = raw_cmd, count = raw_count;

	if ((cmd & ((1U << CACHE_FLUSH_SHIFT) - 1)) == GNTTABOP_cache_flush)
		return cache_flush(v, cmd, arg, count);
	switch (cmd) {
#define ROW(number, handler, type) \
	case number:               \
		return list_op(v, cmd, arg, count, handler, sizeof(type));
		GRANT_LIST_OPS(ROW)
#undef ROW
#define ROW(number, handler) \
	case number:         \
		return count == 1 ? handler(v, arg) : -EINVAL;
		GRANT_SINGLE_OPS(ROW)
#undef ROW
	default:
		return -ENOSYS;
	}
}
