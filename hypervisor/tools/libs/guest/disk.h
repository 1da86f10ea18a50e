// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One line of a disk= list, in every spelling: xl-disk-configuration(5) and its deprecated forms, which are those of xm.
 */
#ifndef GUEST_DISK_H
#define GUEST_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "report.h"

enum disk_format { DISK_RAW, DISK_QCOW, DISK_QCOW2, DISK_VHD, DISK_QED, DISK_FORMATS };

enum disk_backend {
	DISK_BACKEND_ANY, /* whatever suits */
	DISK_BACKEND_PHY,
	DISK_BACKEND_QDISK,
};

struct disk_spec {
	char *path;	    /* absolute, or what the script makes of it; NULL: an empty drive */
	char *vdev;	    /* as written: "xvda" */
	uint32_t devid;	    /* xen-vbd-interface(7) */
	char *script;	    /* NULL: the usual one */
	char *backend_name; /* domain; NULL: dom0 */
	enum disk_format format;
	enum disk_backend backend;
	bool read_only;
	bool is_cdrom;
	bool may_share; /* "w!": others may have it open for writing */
	bool direct_io_safe;
	bool no_discard;
	bool untrusted;
};

extern const char *const disk_format_names[DISK_FORMATS];

/* Complaints go to @r with @at. After false nothing is to be freed. */
bool disk_parse(struct disk_spec *disk, const char *text, struct place at, struct report *r);
void disk_free(struct disk_spec *disk);

/* "xvda1", "d0p1", "sdb", "hdc", "0xca01": the number in the store. False: none of these. */
bool disk_devid(const char *vdev, uint32_t *devid);

#endif
