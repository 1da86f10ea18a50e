/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration that xl starts the guest with: ours, or a user's template. */
#ifndef XT_XEN_CONFIG_H
#define XT_XEN_CONFIG_H

#include "guest.h"

/* xl.cfg(5) text for @g. */
void xen_config_text(const struct guest *g, struct text *out);
/*
 * Fills the Text::Template file @template from the environment by perl, which sees the host read-only, without network
 * and as nobody.  @partitions: one line each, "image|imagetype|mountpoint|size|type".  Returns 0, or -EIO after a complaint.
 */
int template_fill(const char *template, const char *partitions, struct text *out);
/* Ours or the template's. */
void xen_config_make(const struct guest *g, struct text *out);

#endif
