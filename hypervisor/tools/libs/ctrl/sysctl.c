/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine and the hypervisor itself: XEN_SYSCTL_* of xen/sysctl.h. */
#include "handle.h"

#include <errno.h>
#include <string.h>

int ctrl_physinfo(struct ctrl *c, struct xen_sysctl_physinfo *info)
{
	struct xen_sysctl *op = ctrl_sysctl_new(c, XEN_SYSCTL_physinfo);
	int rc = ctrl_sysctl(c);

	if (!rc)
		*info = op->u.physinfo;
	return rc;
}

/* How many of @max things of @size bytes can be asked for. */
static unsigned int that_fit(unsigned int max, size_t size)
{
	return max < DATA_BYTES / size ? max : DATA_BYTES / size;
}

int ctrl_cpu_topology(struct ctrl *c, struct xen_sysctl_cputopo *cpus, unsigned int max)
{
	struct xen_sysctl *op = ctrl_sysctl_new(c, XEN_SYSCTL_cputopoinfo);
	unsigned int asked = that_fit(max, sizeof(*cpus)), got;
	int rc;

	op->u.cputopoinfo.num_cpus = asked;
	set_xen_guest_handle(op->u.cputopoinfo.cputopo, c->data);
	rc = ctrl_sysctl(c);
	if (rc < 0)
		return rc;
	got = op->u.cputopoinfo.num_cpus;
	memcpy(cpus, c->data, (got < asked ? got : asked) * sizeof(*cpus));
	return got;
}

int ctrl_cpu_idle(struct ctrl *c, struct xen_sysctl_cpuinfo *cpus, unsigned int max)
{
	struct xen_sysctl *op = ctrl_sysctl_new(c, XEN_SYSCTL_getcpuinfo);
	unsigned int asked = that_fit(max, sizeof(*cpus)), got;
	int rc;

	op->u.getcpuinfo.max_cpus = asked;
	set_xen_guest_handle(op->u.getcpuinfo.info, c->data);
	rc = ctrl_sysctl(c);
	if (rc < 0)
		return rc;
	got = op->u.getcpuinfo.nr_cpus;
	memcpy(cpus, c->data, (got < asked ? got : asked) * sizeof(*cpus));
	return got;
}

int ctrl_numa(struct ctrl *c, struct xen_sysctl_meminfo *nodes, uint32_t *distances,
	      unsigned int max)
{
	struct xen_sysctl *op = ctrl_sysctl_new(c, XEN_SYSCTL_numainfo);
	struct xen_sysctl_numainfo *info = &op->u.numainfo;
	uint32_t *distances_at = (uint32_t *)((char *)c->data + CTRL_PAGE_SIZE);
	unsigned int got;
	int rc;

	if (max > 48)		/* so that 48 * 48 distances fit, more nodes than any x86 has */
		max = 48;
	info->num_nodes = max;
	set_xen_guest_handle(info->meminfo, c->data);
	set_xen_guest_handle(info->distance, distances_at);
	rc = ctrl_sysctl(c);
	if (rc < 0)
		return rc;
	got = info->num_nodes;
	if (got > max)
		return got;
	if (nodes)
		memcpy(nodes, c->data, got * sizeof(*nodes));
	if (distances)
		memcpy(distances, distances_at, got * got * sizeof(*distances));
	return got;
}

int ctrl_console_read(struct ctrl *c, char *text, size_t len, bool clear, uint32_t *index)
{
	struct xen_sysctl *op = ctrl_sysctl_new(c, XEN_SYSCTL_readconsole);
	struct xen_sysctl_readconsole *read = &op->u.readconsole;
	int rc;

	read->clear = clear;
	read->incremental = index != NULL;
	read->index = index ? *index : 0;
	read->count = that_fit(len, 1);
	set_xen_guest_handle(read->buffer, c->data);
	rc = ctrl_sysctl(c);
	if (rc < 0)
		return rc;
	memcpy(text, c->data, read->count);
	if (index)
		*index = read->index;
	return read->count;
}

int ctrl_debug_keys(struct ctrl *c, const char *keys)
{
	struct xen_sysctl *op = ctrl_sysctl_new(c, XEN_SYSCTL_debug_keys);
	size_t len = strlen(keys);

	if (len > DATA_BYTES)
		return -E2BIG;
	memcpy(c->data, keys, len);
	set_xen_guest_handle(op->u.debug_keys.keys, c->data);
	op->u.debug_keys.nr_keys = len;
	return ctrl_sysctl(c);
}
