/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests that exist: what their configuration files say, and whether they run. */
#ifndef XT_GUESTS_H
#define XT_GUESTS_H

#include "options.h"

struct guest_config {
	char *file;
	char *name;
	char *memory;
	char *ip; /* addresses between blanks; NULL: DHCP */
	char *mac;
	struct list disks; /* paths of the disks, in order */
	struct list devices; /* and what they are in the guest */
};

/* Reads xl.cfg(5) as far as above: strings, and lists of strings.  Never fails: what it does not know it skips. */
void guest_config_parse(const char *content, struct guest_config *c);
/* Returns 0 or -errno. */
int guest_config_read(const char *file, struct guest_config *c);
void guest_config_free(struct guest_config *c);
/* DIRECTORY/NAME.EXTENSION of the settings output and extension. */
char *guest_config_file(const struct settings *s, const char *name);
/* Asks xl, when it is there. */
bool guest_is_running(const char *name);

#endif
