// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A configuration as JSON, in the groups and names that tools for Xen 4.17 print and Debian's xen-init-list and xen-init-name
 * read (c_info.name), and back. One table serves both directions.
 */
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "config.h"

enum field_kind {
	FIELD_TEXT,
	FIELD_NUMBER,
	FIELD_INT,
	FIELD_FLAG,
	FIELD_ACTION,
	FIELD_LIST,
};

struct field {
	const char *group; /* NULL: the outermost */
	const char *name;
	enum field_kind kind;
	size_t offset;
};

#define FIELD(group, name, kind, member)                                 \
	{                                                                \
		group, name, kind, offsetof(struct guest_config, member) \
	}

static const struct field fields[] = {
	/* clang-format off */
	FIELD("c_info", "name", FIELD_TEXT, name),
	FIELD("c_info", "pool_name", FIELD_TEXT, pool),
	FIELD("c_info", "driver_domain", FIELD_FLAG, driver_domain),
	FIELD("c_info", "xend_suspend_evtchn_compat", FIELD_FLAG, device_tree_writable),
	FIELD("b_info", "max_vcpus", FIELD_NUMBER, max_vcpus),
	FIELD("b_info", "max_memkb", FIELD_NUMBER, max_memory_kib),
	FIELD("b_info", "target_memkb", FIELD_NUMBER, memory_kib),
	FIELD("b_info", "cpu_weight", FIELD_NUMBER, weight),
	FIELD("b_info", "cap", FIELD_NUMBER, cap),
	FIELD("b_info", "cpus", FIELD_LIST, cpus),
	FIELD("b_info", "cpus_each", FIELD_FLAG, cpus_each),
	FIELD("b_info", "cpus_soft", FIELD_LIST, cpus_soft),
	FIELD("b_info", "cpus_soft_each", FIELD_FLAG, cpus_soft_each),
	FIELD("b_info", "kernel", FIELD_TEXT, kernel),
	FIELD("b_info", "ramdisk", FIELD_TEXT, ramdisk),
	FIELD("b_info", "cmdline", FIELD_TEXT, cmdline),
	FIELD("b_info", "bootloader", FIELD_TEXT, bootloader),
	FIELD("b_info", "bootloader_args", FIELD_LIST, bootloader_args),
	FIELD("b_info", "max_grant_frames", FIELD_NUMBER, max_grant_frames),
	FIELD("b_info", "max_maptrack_frames", FIELD_NUMBER, max_maptrack_frames),
	FIELD("b_info", "max_grant_version", FIELD_NUMBER, max_grant_version),
	FIELD("b_info", "event_channels", FIELD_NUMBER, max_event_channels),
	FIELD("b_info", "tsc_mode", FIELD_NUMBER, tsc_mode),
	FIELD("b_info", "rtc_timeoffset", FIELD_INT, rtc_timeoffset),
	FIELD("b_info", "localtime", FIELD_FLAG, localtime),
	FIELD("b_info", "disable_migrate", FIELD_FLAG, nomigrate),
	FIELD(NULL, "on_poweroff", FIELD_ACTION, on_poweroff),
	FIELD(NULL, "on_reboot", FIELD_ACTION, on_reboot),
	FIELD(NULL, "on_watchdog", FIELD_ACTION, on_watchdog),
	FIELD(NULL, "on_crash", FIELD_ACTION, on_crash),
	FIELD(NULL, "on_soft_reset", FIELD_ACTION, on_soft_reset),
	/* clang-format on */
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static const char *action_name(enum guest_action action)
{
	/* JSON of 4.17 has underscores. */
	return action == ACTION_RENAME_RESTART ? "rename_restart" : guest_action_names[action];
}

static void add_text(struct json_object *to, const char *name, const char *text)
{
	if (text)
		json_object_object_add(to, name, json_object_new_string(text));
}

static void add_flag(struct json_object *to, const char *name, bool flag)
{
	if (flag)
		json_object_object_add(to, name, json_object_new_boolean(true));
}

static void add_number(struct json_object *to, const char *name, int64_t number)
{
	if (number)
		json_object_object_add(to, name, json_object_new_int64(number));
}

static void add_list(struct json_object *to, const char *name, const struct text_list *list)
{
	struct json_object *array;

	if (!list->count)
		return;
	array = json_object_new_array();
	for (size_t i = 0; i < list->count; i++)
		json_object_array_add(array, json_object_new_string(list->items[i]));
	json_object_object_add(to, name, array);
}

static void add_field(struct json_object *to, const struct field *f, const void *member)
{
	switch (f->kind) {
	case FIELD_TEXT:
		add_text(to, f->name, *(char *const *)member);
		break;
	case FIELD_NUMBER:
		add_number(to, f->name, *(const unsigned int *)member);
		break;
	case FIELD_INT:
		add_number(to, f->name, *(const int *)member);
		break;
	case FIELD_FLAG:
		add_flag(to, f->name, *(const bool *)member);
		break;
	case FIELD_ACTION:
		add_text(to, f->name, action_name(*(const enum guest_action *)member));
		break;
	case FIELD_LIST:
		add_list(to, f->name, member);
		break;
	}
}

static struct json_object *group_of(struct json_object *root, const char *name)
{
	struct json_object *group;

	if (!name)
		return root;
	if (!json_object_object_get_ex(root, name, &group)) {
		group = json_object_new_object();
		json_object_object_add(root, name, group);
	}
	return group;
}

static struct json_object *disk_to_json(const struct disk_spec *d)
{
	struct json_object *o = json_object_new_object();

	add_text(o, "pdev_path", d->path);
	add_text(o, "vdev", d->vdev);
	add_text(o, "script", d->script);
	add_text(o, "backend_domname", d->backend_name);
	add_text(o, "format", disk_format_names[d->format]);
	add_text(o, "backend",
		 d->backend == DISK_BACKEND_PHY	  ? "phy" :
		 d->backend == DISK_BACKEND_QDISK ? "qdisk" :
						    NULL);
	add_number(o, "readwrite", !d->read_only);
	add_number(o, "is_cdrom", d->is_cdrom);
	add_flag(o, "may_share", d->may_share);
	add_flag(o, "direct_io_safe", d->direct_io_safe);
	add_flag(o, "no_discard", d->no_discard);
	add_flag(o, "untrusted", d->untrusted);
	return o;
}

static struct json_object *nic_to_json(const struct nic_spec *n)
{
	struct json_object *o = json_object_new_object();
	char mac[18];

	json_object_object_add(o, "devid", json_object_new_int(n->devid));
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", n->mac[0], n->mac[1], n->mac[2],
		 n->mac[3], n->mac[4], n->mac[5]);
	add_text(o, "mac", n->has_mac ? mac : NULL);
	add_text(o, "bridge", n->bridge);
	add_text(o, "script", n->script);
	add_text(o, "ip", n->ip);
	add_text(o, "ifname", n->vifname);
	add_text(o, "gatewaydev", n->gatewaydev);
	add_text(o, "backend_domname", n->backend_name);
	add_number(o, "mtu", n->mtu);
	add_number(o, "rate_bytes_per_interval", (int64_t)n->rate_bytes);
	add_number(o, "rate_interval_usecs", n->rate_interval);
	add_flag(o, "untrusted", n->untrusted);
	return o;
}

static void add_devices(struct json_object *root, const struct guest_config *c)
{
	struct json_object *disks = json_object_new_array(), *nics = json_object_new_array();

	for (size_t i = 0; i < c->disk_count; i++)
		json_object_array_add(disks, disk_to_json(&c->disks[i]));
	for (size_t i = 0; i < c->nic_count; i++)
		json_object_array_add(nics, nic_to_json(&c->nics[i]));
	json_object_object_add(root, "disks", disks);
	json_object_object_add(root, "nics", nics);
}

char *guest_config_to_json(const struct guest_config *c)
{
	struct json_object *root = json_object_new_object(), *vcpus = json_object_new_array();
	char uuid[GUEST_UUID_TEXT], *text;

	add_text(group_of(root, "c_info"), "type", "pv");
	if (c->has_uuid) {
		guest_uuid_text(c->uuid, uuid);
		add_text(group_of(root, "c_info"), "uuid", uuid);
	}
	for (size_t i = 0; i < FIELD_COUNT; i++)
		add_field(group_of(root, fields[i].group), &fields[i],
			  (const char *)c + fields[i].offset);
	for (unsigned int i = 0; i < c->vcpus; i++)
		json_object_array_add(vcpus, json_object_new_int((int)i));
	json_object_object_add(group_of(root, "b_info"), "avail_vcpus", vcpus);
	json_object_object_add(group_of(root, "b_info"), "type.pv", json_object_new_object());
	add_devices(root, c);
	text = alloc_string(json_object_to_json_string_ext(
		root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
	return text;
}

static char *get_text(struct json_object *from, const char *name)
{
	struct json_object *o;

	if (!json_object_object_get_ex(from, name, &o) || !json_object_is_type(o, json_type_string))
		return NULL;
	return alloc_string(json_object_get_string(o));
}

/* 0 if it is not there. */
static int64_t get_number(struct json_object *from, const char *name, int64_t min, int64_t max)
{
	struct json_object *o;
	int64_t n = json_object_object_get_ex(from, name, &o) ? json_object_get_int64(o) : 0;

	return n < min ? min : n > max ? max : n;
}

static bool get_flag(struct json_object *from, const char *name)
{
	struct json_object *o;

	return json_object_object_get_ex(from, name, &o) && json_object_get_boolean(o);
}

static void get_list(struct json_object *from, const char *name, struct text_list *list)
{
	struct json_object *array;

	if (!json_object_object_get_ex(from, name, &array) ||
	    !json_object_is_type(array, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *item = json_object_array_get_idx(array, i);

		if (json_object_is_type(item, json_type_string))
			text_list_add(list, json_object_get_string(item));
	}
}

static void get_action(struct json_object *from, const char *name, enum guest_action *action)
{
	char *text = get_text(from, name);

	for (unsigned int i = 0; text && i < GUEST_ACTIONS; i++)
		if (!strcmp(text, action_name((enum guest_action)i)))
			*action = (enum guest_action)i;
	free(text);
}

static void get_field(struct json_object *from, const struct field *f, void *member)
{
	switch (f->kind) {
	case FIELD_TEXT:
		free(*(char **)member);
		*(char **)member = get_text(from, f->name);
		break;
	case FIELD_NUMBER:
		*(unsigned int *)member = (unsigned int)get_number(from, f->name, 0, UINT_MAX);
		break;
	case FIELD_INT:
		*(int *)member = (int)get_number(from, f->name, INT_MIN, INT_MAX);
		break;
	case FIELD_FLAG:
		*(bool *)member = get_flag(from, f->name);
		break;
	case FIELD_ACTION:
		get_action(from, f->name, member);
		break;
	case FIELD_LIST:
		get_list(from, f->name, member);
		break;
	}
}

static bool disk_from_json(struct guest_config *c, struct json_object *o)
{
	struct disk_spec d = { 0 };
	char *text;

	d.path = get_text(o, "pdev_path");
	d.vdev = get_text(o, "vdev");
	d.script = get_text(o, "script");
	d.backend_name = get_text(o, "backend_domname");
	text = get_text(o, "format");
	for (unsigned int i = 0; text && i < DISK_FORMATS; i++)
		if (!strcmp(text, disk_format_names[i]))
			d.format = (enum disk_format)i;
	free(text);
	text = get_text(o, "backend");
	if (text)
		d.backend = *text == 'q' ? DISK_BACKEND_QDISK : DISK_BACKEND_PHY;
	free(text);
	d.read_only = !get_number(o, "readwrite", 0, 1);
	d.is_cdrom = get_number(o, "is_cdrom", 0, 1);
	d.may_share = get_flag(o, "may_share");
	d.direct_io_safe = get_flag(o, "direct_io_safe");
	d.no_discard = get_flag(o, "no_discard");
	d.untrusted = get_flag(o, "untrusted");
	if (!d.vdev || !disk_devid(d.vdev, &d.devid)) {
		disk_free(&d);
		return false;
	}
	return guest_config_add_disk(c, &d);
}

static bool nic_from_json(struct guest_config *c, struct json_object *o)
{
	struct nic_spec n = { 0 };
	char *mac = get_text(o, "mac");

	n.has_mac = mac && nic_parse_mac(mac, n.mac);
	free(mac);
	n.devid = (int)get_number(o, "devid", 0, UINT8_MAX);
	n.bridge = get_text(o, "bridge");
	n.script = get_text(o, "script");
	n.ip = get_text(o, "ip");
	n.vifname = get_text(o, "ifname");
	n.gatewaydev = get_text(o, "gatewaydev");
	n.backend_name = get_text(o, "backend_domname");
	n.mtu = (unsigned int)get_number(o, "mtu", 0, UINT16_MAX);
	n.rate_bytes = (uint64_t)get_number(o, "rate_bytes_per_interval", 0, UINT32_MAX);
	n.rate_interval = (uint32_t)get_number(o, "rate_interval_usecs", 0, UINT32_MAX);
	n.untrusted = get_flag(o, "untrusted");
	return guest_config_add_nic(c, &n);
}

static bool get_devices(struct guest_config *c, struct json_object *root, const char *name,
			bool (*read)(struct guest_config *, struct json_object *))
{
	struct json_object *array;

	if (!json_object_object_get_ex(root, name, &array))
		return true;
	if (!json_object_is_type(array, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (!read(c, json_object_array_get_idx(array, i)))
			return false;
	return true;
}

static void get_identity(struct guest_config *c, struct json_object *root)
{
	struct json_object *group, *vcpus;
	char *uuid;

	if (json_object_object_get_ex(root, "c_info", &group)) {
		uuid = get_text(group, "uuid");
		c->has_uuid = uuid && guest_uuid_parse(uuid, c->uuid);
		free(uuid);
	}
	if (json_object_object_get_ex(root, "b_info", &group) &&
	    json_object_object_get_ex(group, "avail_vcpus", &vcpus) &&
	    json_object_is_type(vcpus, json_type_array))
		c->vcpus = (unsigned int)json_object_array_length(vcpus);
}

bool guest_config_from_json(struct guest_config *c, const char *json)
{
	struct json_object *root = json_tokener_parse(json), *group;
	bool good;

	guest_config_init(c);
	if (!json_object_is_type(root, json_type_object)) {
		json_object_put(root);
		return false;
	}
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		group = root;
		if (!fields[i].group || json_object_object_get_ex(root, fields[i].group, &group))
			get_field(group, &fields[i], (char *)c + fields[i].offset);
	}
	get_identity(c, root);
	good = get_devices(c, root, "disks", disk_from_json) &&
	       get_devices(c, root, "nics", nic_from_json) && c->name &&
	       guest_name_is_good(c->name) && c->vcpus && c->vcpus <= c->max_vcpus &&
	       c->max_vcpus <= GUEST_VCPUS_MAX;
	json_object_put(root);
	return good;
}
