// SPDX-License-Identifier: GPL-2.0-or-later
/* Network interfaces: as vbd.h, for interfaces. */
#ifndef GUEST_VIF_H
#define GUEST_VIF_H

#include "device.h"
#include "nic.h"

struct vif {
	const struct nic_spec *spec;
	unsigned int backend_domid;
	const char *script, *bridge;
	struct device node;
};

/* False: told why. */
bool vif_prepare(struct guest_host *host, struct vif *v, const struct nic_spec *spec);
void vif_nodes(struct store_batch *b, struct vif *v, unsigned int domid);
bool vif_finish(struct guest_host *host, struct vif *v);

#endif
