// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest's configuration in memory: defaults, lists, names and UUIDs. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "alloc.h"

#define DEFAULT_MEMORY_KIB (128u * 1024)

const char *const guest_action_names[GUEST_ACTIONS] = {
	[ACTION_DESTROY] = "destroy",
	[ACTION_RESTART] = "restart",
	[ACTION_RENAME_RESTART] = "rename-restart",
	[ACTION_PRESERVE] = "preserve",
};

void guest_config_init(struct guest_config *c)
{
	*c = (struct guest_config){
		.vcpus = 1,
		.max_vcpus = 1,
		.memory_kib = DEFAULT_MEMORY_KIB,
		.max_memory_kib = DEFAULT_MEMORY_KIB,
		.on_poweroff = ACTION_DESTROY,
		.on_reboot = ACTION_RESTART,
		.on_crash = ACTION_DESTROY,
		.on_watchdog = ACTION_DESTROY,
		.on_soft_reset = ACTION_DESTROY,
	};
}

void text_list_add(struct text_list *list, const char *text)
{
	list->items = alloc_array(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = alloc_string(text);
}

void text_list_free(struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct text_list){ 0 };
}

void guest_config_free(struct guest_config *c)
{
	for (size_t i = 0; i < c->disk_count; i++)
		disk_free(&c->disks[i]);
	for (size_t i = 0; i < c->nic_count; i++)
		nic_free(&c->nics[i]);
	free(c->disks);
	free(c->nics);
	text_list_free(&c->cpus);
	text_list_free(&c->cpus_soft);
	text_list_free(&c->bootloader_args);
	free(c->name);
	free(c->pool);
	free(c->kernel);
	free(c->ramdisk);
	free(c->cmdline);
	free(c->bootloader);
	*c = (struct guest_config){ 0 };
}

bool guest_config_add_disk(struct guest_config *c, struct disk_spec *disk)
{
	for (size_t i = 0; i < c->disk_count; i++) {
		if (c->disks[i].devid == disk->devid) {
			disk_free(disk);
			return false;
		}
	}
	c->disks = alloc_array(c->disks, c->disk_count + 1, sizeof(*c->disks));
	c->disks[c->disk_count++] = *disk;
	return true;
}

static bool nic_taken(const struct guest_config *c, int devid)
{
	for (size_t i = 0; i < c->nic_count; i++)
		if (c->nics[i].devid == devid)
			return true;
	return false;
}

bool guest_config_add_nic(struct guest_config *c, struct nic_spec *nic)
{
	if (nic->devid == NIC_DEVID_ANY)
		for (nic->devid = 0; nic_taken(c, nic->devid);)
			nic->devid++;
	if (nic_taken(c, nic->devid)) {
		nic_free(nic);
		return false;
	}
	c->nics = alloc_array(c->nics, c->nic_count + 1, sizeof(*c->nics));
	c->nics[c->nic_count++] = *nic;
	return true;
}

void guest_uuid_text(const uint8_t u[GUEST_UUID_LENGTH], char text[GUEST_UUID_TEXT])
{
	char *at = text;

	for (unsigned int i = 0; i < GUEST_UUID_LENGTH; i++)
		at += sprintf(at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", u[i]);
}

/* With or without dashes, as xm took it. */
bool guest_uuid_parse(const char *text, uint8_t uuid[GUEST_UUID_LENGTH])
{
	for (unsigned int i = 0; i < GUEST_UUID_LENGTH; i++) {
		char digits[3] = { 0 };

		if (*text == '-')
			text++;
		for (unsigned int k = 0; k < 2; k++, text++) {
			if (!isxdigit((unsigned char)*text))
				return false;
			digits[k] = *text;
		}
		uuid[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return !*text;
}

/* RFC 4122, version 4. */
void guest_uuid_random(uint8_t uuid[GUEST_UUID_LENGTH])
{
	if (getrandom(uuid, GUEST_UUID_LENGTH, 0) != GUEST_UUID_LENGTH)
		abort(); /* cannot be: so few bytes are never cut short */
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

bool guest_name_is_good(const char *name)
{
	bool digits_alone = true;
	size_t length = strlen(name);

	if (!length || length > GUEST_NAME_MAX || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++) {
		if (iscntrl((unsigned char)*name) || *name == '/')
			return false;
		digits_alone = digits_alone && isdigit((unsigned char)*name);
	}
	return !digits_alone;
}
