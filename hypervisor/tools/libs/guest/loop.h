// SPDX-License-Identifier: GPL-2.0-or-later
/* Loop devices for disks that are files: linux/loop.h. */
#ifndef GUEST_LOOP_H
#define GUEST_LOOP_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Bind a free loop device to the file open as @file. It is given back by the kernel when the last one who has it open lets go of
 * it: so the descriptor returned is to be kept until blkback has opened the device. Negative errno; -ENODEV: no loop driver.
 */
int loop_bind(int file, const char *path, bool read_only, dev_t *device);

#endif
