/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The root file system of a guest's disk as a block device: the only place where loop devices are used. */
#ifndef XT_LOOP_H
#define XT_LOOP_H

#include <stdint.h>

struct loop {
	char device[64]; /* to mount: a loop device, or the volume itself */
	int fd; /* while it is open, the kernel keeps the loop device; -1: none was needed */
};

/* The part of a disk that is the root's: the last partition of a GPT, or all of it.  Returns 0 or -errno. */
int disk_root_range(const char *path, uint64_t *offset, uint64_t *size);
/* Returns 0 or -errno.  A loop device detaches itself when nobody uses it any more, also if we are killed. */
int loop_attach_root(const char *path, struct loop *loop);
void loop_detach(struct loop *loop);

#endif
