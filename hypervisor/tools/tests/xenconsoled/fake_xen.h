/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One guest with one ring, a store of a few nodes, and event channels that are counters, in place of Debian's libraries. */
#ifndef FAKE_XEN_H
#define FAKE_XEN_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/io/console.h>

extern struct xencons_interface fake_page;
extern bool fake_is_alive; /* the domain is introduced */
extern unsigned int fake_notified; /* how often the guest got an event */
extern int fake_mapped; /* pages that are mapped now */
extern int fake_bound; /* ports that are bound now */

void fake_start(void);
void fake_node(const char *path, const char *value); /* NULL removes it */
void fake_nodes_remove(void);
const char *fake_value(const char *path);

/* The watch with this token fires. */
void fake_watch_fires(const char *token);

/* The guest sends its event. It stays away while the port is masked. */
void fake_guest_event(void);

#endif
