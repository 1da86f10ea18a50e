/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes an installed system this guest: names, network, accounts, consoles, file systems. */
#ifndef XT_CONTENTS_H
#define XT_CONTENTS_H

#include "guest.h"

/* Inside the sandbox.  @fingerprints gets a line for each of the guest's ssh keys. */
void contents_write(const struct guest *g, const struct tree *t, struct text *fingerprints);

/* Parts that are plain text, so that tests and --dry-run can show them. */
void network_networkd(const struct guest *g, struct text *out);
void network_ifupdown(const struct guest *g, struct text *out);
void contents_fstab(const struct guest *g, struct text *out);
/* crypt(3) of @password; NULL when the method is not there. */
char *password_hash(const char *password, const char *method);
/* Letters and digits that are not mistaken for one another. */
char *password_make(unsigned int length);

#endif
