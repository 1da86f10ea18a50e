/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all domains use at one moment: processors and memory by the hypervisor, disks and networks by dom0's backends. */
#ifndef TOP_SAMPLE_H
#define TOP_SAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <xenstore.h>

#include "ctrl/ctrl.h"

#define BACKENDS "/sys/bus/xen-backend/devices"
#define NAME_SIZE 64

struct usage {
	domid_t domid;
	uint32_t flags; /* XEN_DOMINF_* */
	char name[NAME_SIZE];
	uint64_t cpu_ns;
	uint64_t memory_kib, memory_max_kib;
	unsigned int vcpus;
	unsigned int networks, disks;
	uint64_t sent, received; /* bytes, as the guest sees it */
	uint64_t disk_full; /* times that a ring had no room */
	uint64_t reads, writes, read_sectors, written_sectors;
};

struct sample {
	uint64_t time_ns;
	uint64_t machine_kib;
	unsigned int cpus;
	size_t count;
	struct usage *domains; /* in order of their numbers */
};

/* 0 or negative errno. sample_free() whatever it says. */
int sample_take(struct sample *s, struct ctrl *c, struct xs_handle *xs);
void sample_free(struct sample *s);

/* Adds what the devices below @root (BACKENDS) count. A device whose domain is not in @s is ignored. */
void sample_devices(struct sample *s, const char *root);

const struct usage *sample_find(const struct sample *s, domid_t domid);

#endif
