/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the guest, in the directory where its system lies.  Paths are the guest's own; a symbolic link in the tree,
 * whoever put it there, never leads out of it (openat2(2) with RESOLVE_IN_ROOT).
 */
#ifndef XT_TREE_H
#define XT_TREE_H

#include <stdbool.h>
#include <sys/types.h>

#include "text.h"

struct tree {
	const char *path;
	int fd;
};

/* Ends the program with XT_FAILED when @path cannot be opened. */
void tree_open(struct tree *t, const char *path);
/* All that follow end the program with XT_FAILED where they cannot do what they say. */
void tree_mkdir(const struct tree *t, const char *path, mode_t mode);
/* Makes missing directories; replaces what was there. */
void tree_write(const struct tree *t, const char *path, mode_t mode, const char *content);
void tree_append(const struct tree *t, const char *path, const char *content);
void tree_symlink(const struct tree *t, const char *path, const char *target);
void tree_remove(const struct tree *t, const char *path);
void tree_chown(const struct tree *t, const char *path, uid_t uid, gid_t gid);
bool tree_exists(const struct tree *t, const char *path);
/* Returns 0 or -errno. */
int tree_read(const struct tree *t, const char *path, struct text *content);

#endif
