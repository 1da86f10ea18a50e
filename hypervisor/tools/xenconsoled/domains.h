/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which consoles there are, from the store: /local/domain/N/console, and /local/domain/N/device/console/M of the type
 * "xenconsoled" (misc/console.txt in xen-doc). What a guest writes there moves no more than its own consoles, and is looked
 * at no more often than ten times a second.
 */
#ifndef XENCONSOLED_DOMAINS_H
#define XENCONSOLED_DOMAINS_H

#include <xenstore.h>

#include "console.h"
#include "kept.h"

struct domain;

struct domains {
	struct world *world;
	struct xs_handle *xs;
	struct kept *kept; /* terminals of the last daemon */
	struct domain *first;
	sd_event_source *later; /* armed while a domain waits to be looked at again */
};

/* Finds all consoles and watches for more. 0 or negative errno. */
int domains_start(struct domains *ds);

#endif
