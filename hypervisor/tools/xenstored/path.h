/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of nodes, as the protocol's specification has them ("Paths are /-separated ..."). */
#ifndef XENSTORED_PATH_H
#define XENSTORED_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#define PATH_SIZE (XENSTORE_ABS_PATH_MAX + 1)

/*
 * Writes the absolute form of @given into @path; relative ones are below /local/domain/@domid. Returns the number
 * of bytes put in front (0: it was absolute), or -1 when it is no path.
 */
int path_absolute(char path[static PATH_SIZE], const char *given, uint16_t domid);

/* Whether @given is a special watch, "@" and a name. */
bool path_is_special(const char *given);

/* The parent of an absolute path that is not the root, into @parent. */
void path_parent(char parent[static PATH_SIZE], const char *path);

/* Behind the last slash. */
const char *path_leaf(const char *path);

#endif
