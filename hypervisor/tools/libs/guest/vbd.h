// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Block devices: a disk of the configuration becomes nodes of the store and something that a backend can open. First all disks are
 * prepared, which tells of missing and busy ones before anything is built; then their nodes are written; then they are finished.
 */
#ifndef GUEST_VBD_H
#define GUEST_VBD_H

#include <sys/types.h>

#include "device.h"
#include "disk.h"

struct vbd {
	const struct disk_spec *spec;
	unsigned int backend_domid;
	int held;	   /* descriptor to keep until the backend has opened the device, or -1 */
	dev_t device;	   /* what blkback opens, 0: a script or another backend finds out */
	bool is_qdisk;
	char *share_key;   /* of disk_share.c; NULL: not shared out by us */
	const char *script; /* to be run, or NULL */
	struct device node;
};

/* False: told why; nothing is held then. */
bool vbd_prepare(struct guest_host *host, struct vbd *v, const struct disk_spec *spec);
void vbd_nodes(struct store_batch *b, struct vbd *v, unsigned int domid);
/* After the nodes are there. False: told why. */
bool vbd_finish(struct guest_host *host, struct vbd *v);
void vbd_release(struct vbd *v);

/*
 * Who has which disk open: a folder for each below HOST_RUN. A disk open for writing is nobody else's. To be called with the lock of
 * guest_host_lock() held.
 */
char *disk_share_key(dev_t device, ino_t inode); /* inode 0: a block device */
/* The domain that has it open in a way that excludes this one; -1: none. */
int disk_share_conflict(struct guest_host *host, const char *key, bool read_only);
void disk_share_note(const char *key, unsigned int domid, unsigned int devid, bool read_only);
void disk_share_forget(const char *key, unsigned int domid, unsigned int devid);

#endif
