/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual CPUs: their registers, where they may run and what they did (xen/domctl.h). */
#include "handle.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct vcpu_guest_context) <= DATA_BYTES, "a context fits the data pages");

int ctrl_vcpu_set_context(struct ctrl *c, domid_t domid, unsigned int vcpu,
			  const struct vcpu_guest_context *context)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_setvcpucontext, domid);

	memcpy(c->data, context, sizeof(*context));
	op->u.vcpucontext.vcpu = vcpu;
	set_xen_guest_handle(op->u.vcpucontext.ctxt, c->data);
	return ctrl_domctl(c);
}

int ctrl_vcpu_get_context(struct ctrl *c, domid_t domid, unsigned int vcpu,
			  struct vcpu_guest_context *context)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_getvcpucontext, domid);
	int rc;

	op->u.vcpucontext.vcpu = vcpu;
	set_xen_guest_handle(op->u.vcpucontext.ctxt, c->data);
	rc = ctrl_domctl(c);
	if (!rc)
		memcpy(context, c->data, sizeof(*context));
	return rc;
}

int ctrl_vcpu_info(struct ctrl *c, domid_t domid, unsigned int vcpu,
		   struct xen_domctl_getvcpuinfo *info)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_getvcpuinfo, domid);
	int rc;

	op->u.getvcpuinfo.vcpu = vcpu;
	rc = ctrl_domctl(c);
	if (!rc)
		*info = op->u.getvcpuinfo;
	return rc;
}

/* Point @map to @bytes of the data page from @at on, for NULL to nothing. */
static void map_point(struct xenctl_bitmap *map, const uint8_t *bits, uint8_t *at, size_t bytes)
{
	map->nr_bits = bits ? bytes * 8 : 0;
	set_xen_guest_handle(map->bitmap, at);
}

/* Both calls have the same argument; only setting has something to bring along. */
static int affinity(struct ctrl *c, struct xen_domctl_vcpuaffinity *arg, uint8_t *hard,
		    uint8_t *soft, size_t bytes)
{
	uint8_t *hard_at = c->data, *soft_at = hard_at + bytes;
	int rc;

	arg->flags = (hard ? XEN_VCPUAFFINITY_HARD : 0) | (soft ? XEN_VCPUAFFINITY_SOFT : 0);
	map_point(&arg->cpumap_hard, hard, hard_at, bytes);
	map_point(&arg->cpumap_soft, soft, soft_at, bytes);
	rc = ctrl_domctl(c);
	if (rc)
		return rc;
	if (hard)
		memcpy(hard, hard_at, bytes);
	if (soft)
		memcpy(soft, soft_at, bytes);
	return 0;
}

int ctrl_vcpu_set_affinity(struct ctrl *c, domid_t domid, unsigned int vcpu, uint8_t *hard,
			   uint8_t *soft, size_t bytes)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_setvcpuaffinity, domid);
	uint8_t *data = c->data;

	if (bytes > CTRL_PAGE_SIZE)
		return -E2BIG;
	if (hard)
		memcpy(data, hard, bytes);
	if (soft)
		memcpy(data + bytes, soft, bytes);
	op->u.vcpuaffinity.vcpu = vcpu;
	return affinity(c, &op->u.vcpuaffinity, hard, soft, bytes);
}

int ctrl_vcpu_get_affinity(struct ctrl *c, domid_t domid, unsigned int vcpu, uint8_t *hard,
			   uint8_t *soft, size_t bytes)
{
	struct xen_domctl *op = ctrl_domctl_new(c, XEN_DOMCTL_getvcpuaffinity, domid);

	if (bytes > CTRL_PAGE_SIZE)
		return -E2BIG;
	memset(c->data, 0, 2 * bytes);		/* there may be fewer CPUs than bits */
	op->u.vcpuaffinity.vcpu = vcpu;
	return affinity(c, &op->u.vcpuaffinity, hard, soft, bytes);
}
