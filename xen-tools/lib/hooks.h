/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users add: hooks of a release, roles, the skeleton. */
#ifndef XT_HOOKS_H
#define XT_HOOKS_H

#include "guest.h"

/* Settings into the environment, dash to underscore, as hooks, roles and templates know them. */
void hooks_environment(const struct guest *g);
/* The same from settings alone. */
void hooks_environment_of(const struct settings *s);
/*
 * Runs the executables of /usr/share/xen-tools/DIST.d (or FAMILY.d) in sorted order; one of the same name in
 * /etc/xen-tools/hooks.d takes its place, others there are run too.  Ends the program with XT_FAILED when one fails.
 */
void hooks_run(const char *dist, const char *family, const char *location);
/* Roles named in the setting @which ("role", "finalrole") on @location. */
void roles_run(const struct guest *g, const char *which, const char *location);
/* Copies /etc/xen-tools/skel. */
void skeleton_copy(const char *location);

#endif
