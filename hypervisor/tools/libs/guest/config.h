// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest is to be, by xl.cfg(5): read from settings (config_keys.c) or from JSON (config_json.c), which is how it is
 * kept while the guest runs and what Debian's xen-init-list reads.
 */
#ifndef GUEST_CONFIG_H
#define GUEST_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "disk.h"
#include "nic.h"
#include "settings.h"

#define GUEST_UUID_LENGTH 16
#define GUEST_UUID_TEXT	  37 /* with the zero byte */
#define GUEST_NAME_MAX	  255
#define GUEST_VCPUS_MAX	  512u

enum guest_action {
	ACTION_DESTROY,
	ACTION_RESTART,
	ACTION_RENAME_RESTART,
	ACTION_PRESERVE,
	GUEST_ACTIONS
};

struct text_list {
	char **items;
	size_t count;
};

struct guest_config {
	char *name;
	uint8_t uuid[GUEST_UUID_LENGTH];
	bool has_uuid;

	unsigned int vcpus, max_vcpus;
	unsigned int memory_kib, max_memory_kib;
	unsigned int weight, cap; /* of the scheduler; weight 0: its own */
	char *pool;
	struct text_list cpus, cpus_soft; /* of all vCPUs, or of each in turn */
	bool cpus_each, cpus_soft_each;

	char *kernel, *ramdisk, *cmdline;
	char *bootloader;
	struct text_list bootloader_args;

	enum guest_action on_poweroff, on_reboot, on_crash, on_watchdog, on_soft_reset;

	unsigned int max_grant_frames, max_maptrack_frames, max_grant_version; /* 0: our defaults */
	unsigned int max_event_channels;				       /* 0: the same */
	unsigned int tsc_mode; /* XEN_CPUID tsc modes 0 to 2 of xen-tscmode(7) */
	int rtc_timeoffset;    /* s */
	bool localtime;
	bool nomigrate;
	bool driver_domain;
	bool device_tree_writable; /* xend_suspend_evtchn_compat */

	struct disk_spec *disks;
	size_t disk_count;
	struct nic_spec *nics;
	size_t nic_count;
};

void guest_config_init(struct guest_config *c);
void guest_config_free(struct guest_config *c);

/* Complaints go to @r; what was wrong is left at its default. */
void guest_config_read(struct guest_config *c, const struct settings *s, struct report *r);

/* To be freed. */
char *guest_config_to_json(const struct guest_config *c);
/* False: not such JSON; @c is to be freed even then. */
bool guest_config_from_json(struct guest_config *c, const char *json);

extern const char *const guest_action_names[GUEST_ACTIONS];

void guest_uuid_text(const uint8_t uuid[GUEST_UUID_LENGTH], char text[GUEST_UUID_TEXT]);
bool guest_uuid_parse(const char *text, uint8_t uuid[GUEST_UUID_LENGTH]);
void guest_uuid_random(uint8_t uuid[GUEST_UUID_LENGTH]);
/* A name that can be told from a domain's number, and be a part of file and store names. */
bool guest_name_is_good(const char *name);

/* A disk or interface with another one's number cannot be added: false, and it is freed. */
bool guest_config_add_disk(struct guest_config *c, struct disk_spec *disk);
bool guest_config_add_nic(struct guest_config *c, struct nic_spec *nic);

void text_list_add(struct text_list *list, const char *text);
void text_list_free(struct text_list *list);

#endif
