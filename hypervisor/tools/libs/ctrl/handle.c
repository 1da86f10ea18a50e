/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening and closing, and the two ways of calling that most functions here
 * take. The memory is libxencall's: pages of /dev/xen/hypercall, which the
 * kernel neither moves nor copies.
 */
#include "handle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(union ctrl_argument) <= CTRL_PAGE_SIZE, "arguments have one page");

int ctrl_open(struct ctrl **out)
{
	struct ctrl *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	errno = ENOMEM;		/* for those that do not say */
	c->call = xencall_open(NULL, XENCALL_OPENFLAG_NON_REENTRANT);
	if (!c->call)
		goto out;
	c->foreign = xenforeignmemory_open(NULL, 0);
	if (!c->foreign)
		goto out;
	c->arg = xencall_alloc_buffer_pages(c->call, 1 + DATA_BYTES / CTRL_PAGE_SIZE);
	if (!c->arg)
		goto out;
	c->data = (char *)c->arg + CTRL_PAGE_SIZE;
	*out = c;
	return 0;

out:
	rc = -errno;
	ctrl_close(c);
	return rc;
}

void ctrl_close(struct ctrl *c)
{
	if (!c)
		return;
	if (c->arg)
		xencall_free_buffer_pages(c->call, c->arg, 1 + DATA_BYTES / CTRL_PAGE_SIZE);
	if (c->foreign)
		xenforeignmemory_close(c->foreign);
	if (c->call)
		xencall_close(c->call);
	free(c);
}

int ctrl_result(int r)
{
	return r < 0 ? -errno : r;
}

struct xen_domctl *ctrl_domctl_new(struct ctrl *c, unsigned int command, domid_t domid)
{
	struct xen_domctl *op = &c->arg->domctl;

	memset(op, 0, sizeof(*op));
	op->cmd = command;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = domid;
	return op;
}

int ctrl_domctl(struct ctrl *c)
{
	return ctrl_result(xencall1(c->call, __HYPERVISOR_domctl, (uintptr_t)&c->arg->domctl));
}

struct xen_sysctl *ctrl_sysctl_new(struct ctrl *c, unsigned int command)
{
	struct xen_sysctl *op = &c->arg->sysctl;

	memset(op, 0, sizeof(*op));
	op->cmd = command;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return op;
}

int ctrl_sysctl(struct ctrl *c)
{
	return ctrl_result(xencall1(c->call, __HYPERVISOR_sysctl, (uintptr_t)&c->arg->sysctl));
}
