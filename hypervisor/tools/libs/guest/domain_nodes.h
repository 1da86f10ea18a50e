// SPDX-License-Identifier: GPL-2.0-or-later
/* The nodes that a domain has in the store besides its devices: misc/xenstore-paths in xen-doc. */
#ifndef GUEST_DOMAIN_NODES_H
#define GUEST_DOMAIN_NODES_H

#include <build/build.h>

#include "guest.h"
#include "vbd.h"
#include "vif.h"

void domain_nodes(struct store_batch *b, const struct guest_config *config,
		  const struct guest_boot *boot, unsigned int domid,
		  const struct build_pv_result *built);
/* All of them, and the devices' records. */
void domain_nodes_remove(struct store_batch *b, unsigned int domid, const char *uuid);

#endif
