/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a directory to disks that boot: partition table, file systems filled without mounting, GRUB for BIOS and UEFI
 * put in place without loop devices.
 */
#ifndef XT_DISK_H
#define XT_DISK_H

#include "guest.h"

/* Programs that will be run. */
void disk_check(const struct guest *g);
/* Writes the partition tables. */
void disk_partition(const struct guest *g);
/* Puts GRUB's menu into the tree; with a disk layout its modules too, and its images at their places on the disk. */
void disk_boot_loader(const struct guest *g, const struct tree *t);
/* Makes all file systems; the tree's content goes where it is mounted. */
void disk_fill(const struct guest *g, const struct tree *t);

/*
 * Copies @size bytes at @begin of @from to @offset of @to, leaving out what is a hole: there @to must read as zero.
 * Returns 0 or -errno.
 */
int copy_data(const char *from, uint64_t begin, uint64_t size, const char *to, uint64_t offset);
/* A swap area's header, for @size bytes at @offset of @fd.  Returns 0 or -errno. */
int swap_write(int fd, uint64_t offset, uint64_t size, const char *uuid);
/* GRUB's first two stages on @fd for a BIOS: see disk.c.  Returns 0, -EINVAL for images that are none, or -errno. */
int grub_embed(int fd, const struct text *boot, const struct text *core, uint64_t offset,
	       uint64_t room);

#endif
