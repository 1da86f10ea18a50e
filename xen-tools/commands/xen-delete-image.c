// SPDX-License-Identifier: GPL-2.0-or-later
/* xen-delete-image(8): what xen-create-image made of a guest goes away, and its address back to the pool. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "config.h"
#include "guest.h"
#include "guests.h"
#include "host_files.h"
#include "report.h"
#include "run.h"
#include "values.h"

struct removal {
	const struct settings *settings;
	struct json_object *removed;
	bool dry;
	int failures;
};

static void note_removed(struct removal *r, const char *what)
{
	json_object_array_add(r->removed, json_object_new_string(what));
	if (!setting_on(r->settings, "json"))
		printf("%s %s\n", r->dry ? "would remove" : "removed", what);
}

static void note_failed(struct removal *r, const char *what, int error)
{
	report_error("%s: %s", what, strerror(error));
	r->failures++;
}

static void remove_file(struct removal *r, const char *path)
{
	if (!file_exists(path))
		return;
	if (!r->dry && unlink(path))
		note_failed(r, path, errno);
	else
		note_removed(r, path);
}

static void remove_directory(struct removal *r, const char *path)
{
	if (!is_directory(path))
		return;
	if (!r->dry && rmdir(path)) {
		/* Files of the user's own are left. */
		report_note("%s is kept: %s", path, strerror(errno));
		return;
	}
	note_removed(r, path);
}

static void remove_volume(struct removal *r, const char *path)
{
	const char *group = setting(r->settings, "lvm"), *pool = setting(r->settings, "zpool");
	char *in_group = group ? xt_printf("/dev/%s/", group) : NULL;
	char *in_pool = pool ? xt_printf("/dev/zvol/%s/", pool) : NULL;
	int code = -1;

	if (!file_exists(path))
		code = -1;
	else if (in_group && starts_with(path, in_group))
		code = r->dry ? 0 :
				run((const char *const[]){ "lvremove", "-f", "-q", path, NULL });
	else if (in_pool && starts_with(path, in_pool))
		code = r->dry ? 0 :
				run((const char *const[]){ "zfs", "destroy",
							   path + strlen("/dev/zvol/"), NULL });
	if (code == 0)
		note_removed(r, path);
	else if (code > 0)
		note_failed(r, path, EIO);
	free(in_group);
	free(in_pool);
}

/* The volumes by their names, for a configuration that is gone or tells others. */
static void remove_named(struct removal *r, const char *name)
{
	static const char *const names[] = { "disk", "swap" };
	static const char *const suffixes[] = { "img", "qcow2" };
	const char *group = setting(r->settings, "lvm"), *pool = setting(r->settings, "zpool");
	const char *dir = setting(r->settings, "dir");
	char *path;

	for (size_t i = 0; i < 4; i++) {
		if (dir) {
			path = xt_printf("%s/domains/%s/%s.%s", dir, name, names[i / 2],
					 suffixes[i % 2]);
			remove_file(r, path);
			free(path);
		}
	}
	for (size_t i = 0; i < 2; i++) {
		path = group ? xt_printf("/dev/%s/%s-%s", group, name, names[i]) :
		       pool  ? xt_printf("/dev/zvol/%s/%s-%s", pool, name, names[i]) :
			       xt_dup("");
		remove_volume(r, path);
		free(path);
	}
}

static void remove_disks(struct removal *r, const struct guest_config *c, const char *name)
{
	const char *dir = setting(r->settings, "dir");
	char *own = dir ? xt_printf("%s/domains/%s/", dir, name) : NULL;

	for (size_t i = 0; i < c->disks.count; i++) {
		const char *path = c->disks.items[i];

		if (own && starts_with(path, own) && !strchr(path + strlen(own), '/'))
			remove_file(r, path);
		else
			remove_volume(r, path);
	}
	remove_named(r, name);
	if (own) {
		own[strlen(own) - 1] = '\0';
		remove_directory(r, own);
	}
	for (size_t i = 0; i < c->disks.count && !r->dry; i++)
		if (file_exists(c->disks.items[i]))
			report_note("%s is kept: it is not where guests are made",
				    c->disks.items[i]);
	free(own);
}

static void release_addresses(struct removal *r, const struct guest_config *c)
{
	struct list addresses = { 0 };

	list_split(&addresses, c->ip ? c->ip : "", " ");
	for (size_t i = 0; i < addresses.count; i++)
		if (!r->dry && pool_release(addresses.items[i]))
			note_removed(r, addresses.items[i]);
	list_free(&addresses);
}

static void delete_guest(struct removal *r, const char *name)
{
	char *file = guest_config_file(r->settings, name), *link;
	struct guest_config c = { 0 };
	const char *base;

	if (guest_is_running(name))
		die(XT_ENVIRONMENT, "%s is running: shut it down first", name);
	if (guest_config_read(file, &c) && !setting(r->settings, "dir") &&
	    !setting(r->settings, "lvm") && !setting(r->settings, "zpool"))
		die(XT_ENVIRONMENT, "%s: no such guest", file);
	remove_disks(r, &c, name);
	release_addresses(r, &c);
	base = strrchr(file, '/') + 1;
	link = xt_printf("%s/auto/%s", setting(r->settings, "output"), base);
	remove_file(r, link);
	if (!r->dry)
		hosts_remove(name);
	if (!r->failures)
		remove_file(r, file);
	guest_config_free(&c);
	free(file);
	free(link);
}

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	struct list names = { 0 };
	struct removal r = { .settings = &s };

	report_begin(argv[0]);
	if (!options_read(command_find("xen-delete-image"), argc, argv, &s, &names))
		return XT_USAGE;
	guest_defaults(&s);
	list_split(&names, setting(&s, "hostname") ? setting(&s, "hostname") : "", "\n");
	if (!names.count)
		die(XT_USAGE, "which guest? (see --help)");
	for (size_t i = 0; i < names.count; i++)
		if (!hostname_valid(names.items[i]))
			die(XT_USAGE, "'%s' is not a host name", names.items[i]);
	r.removed = json_object_new_array();
	r.dry = setting_on(&s, "dry-run");
	for (size_t i = 0; i < names.count; i++)
		delete_guest(&r, names.items[i]);
	if (setting_on(&s, "json"))
		printf("%s\n", json_object_to_json_string_ext(r.removed, JSON_C_TO_STRING_PRETTY));
	json_object_put(r.removed);
	return r.failures ? XT_FAILED : XT_OK;
}
