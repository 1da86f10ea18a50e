/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the hypervisor says about itself: xen/version.h. */
#include "handle.h"

#include <errno.h>
#include <string.h>

int ctrl_version(struct ctrl *c)
{
	return ctrl_result(xencall2(c->call, __HYPERVISOR_xen_version, XENVER_version, 0));
}

int ctrl_version_read(struct ctrl *c, unsigned int command, void *out, size_t len)
{
	int rc;

	if (len > DATA_BYTES)
		return -E2BIG;
	memset(c->data, 0, len);
	rc = ctrl_result(xencall2(c->call, __HYPERVISOR_xen_version, command, (uintptr_t)c->data));
	if (rc >= 0)
		memcpy(out, c->data, len);
	return rc;
}
