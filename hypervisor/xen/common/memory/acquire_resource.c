/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XENMEM_acquire_resource (xen/memory.h): tools map pages of ours that belong to a domain. A PV guest's are the
 * frames of its grant table, into which its builder writes the first entries. The frames' owner is that domain.
 */
#include <hv/memory_op.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/grant.h>
#include <hv/guest_copy.h>

/* Frames told between two looks whether to stop. */
#define STEP 32

/* "interpreted as a request for the size of the resource" */
static long size_tell(unsigned int max, unsigned long arg)
{
	return guest_write(arg + offsetof(struct xen_mem_acquire_resource, nr_frames), &max);
}

/* -EINVAL: beyond the resource's end, or none of it; -ENOMEM; -EFAULT; -ERESTART: *done frames are told. */
static long frames_tell(struct domain *d, const struct xen_mem_acquire_resource *r,
			unsigned int max, unsigned long *done)
{
	unsigned long list = (unsigned long)r->frame_list.p, begin = *done;

	if (!r->nr_frames || r->frame >= max || r->nr_frames > max - r->frame)
		return -EINVAL;
	for (; *done < r->nr_frames; ++*done) {
		xen_pfn_t frame;
		mfn_t m;
		int rc;

		if (!(*done % STEP) && memory_op_should_stop(*done - begin))
			return -ERESTART;
		rc = grant_resource_frame(d, r->id, r->frame + *done, &m);
		if (rc)
			return rc;
		frame = mfn_raw(m);
		if (guest_write(list + *done * sizeof(frame), &frame))
			return -EFAULT;
	}
	return 0;
}

/* -ESRCH, -EPERM: as memory_op_target(), and a domain has no need of it for itself; -EOPNOTSUPP: no such resource. */
long memory_acquire_resource(struct vcpu *v, unsigned long done, unsigned long arg)
{
	struct xen_mem_acquire_resource request;
	unsigned int max;
	struct domain *d;
	long rc;

	if (guest_read(&request, arg))
		return -EFAULT;
	if (request.pad)
		return -EINVAL;
	if (request.domid == DOMID_SELF)
		return -ESRCH;
	rc = memory_op_target(v, request.domid, &d);
	if (rc)
		return rc;

	max = grant_resource_size(d, request.id);
	if (d == v->domain)
		rc = -EPERM;
	else if (request.type != XENMEM_resource_grant_table || !max)
		rc = -EOPNOTSUPP;
	else if (!(unsigned long)request.frame_list.p)
		rc = request.nr_frames ? -EINVAL : size_tell(max, arg);
	else
		rc = frames_tell(d, &request, max, &done);
	domain_put(d);
	return rc == -ERESTART ? memory_op_continue(XENMEM_acquire_resource, done, arg) : rc;
}
