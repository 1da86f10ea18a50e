/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where volumes come from: files, LVM (thick and thin), ZFS, or devices that exist.  New ones never show old blocks. */
#ifndef XT_STORAGE_H
#define XT_STORAGE_H

#include "guest.h"

/* Ends the program with XT_ENVIRONMENT when there is no room, no such group or no program for it. */
void storage_check(const struct guest *g);
/* Makes all volumes; what was there before is removed if --force.  Tells the undo keeper. */
void storage_make(struct guest *g);
/* After the file systems are in: qcow2. */
void storage_finish(struct guest *g);
/*
 * Makes all bytes of the device read as zero: BLKZEROOUT, which discards where the device promises zeros.
 * Returns 0 or -errno.
 */
int device_zero(const char *path);

#endif
