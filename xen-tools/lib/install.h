/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system of a guest into a directory: fresh from a mirror, from a kept base system, an archive or a copy. */
#ifndef XT_INSTALL_H
#define XT_INSTALL_H

#include "guest.h"

/* Programs and sources that will be needed. */
void install_check(const struct guest *g);
/* Inside the sandbox: fills @directory, which does not exist yet. */
void install_system(const struct guest *g, const char *directory);
/* Before the sandbox: whether a base system that fits is kept; and the directories for what will be. */
void install_prepare(const struct guest *g);
/* Packages that are asked for, between commas. */
char *install_packages(const struct guest *g);

#endif
