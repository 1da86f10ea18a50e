// SPDX-License-Identifier: GPL-2.0-or-later
/* xen-list-images(8): what the configurations of guests say. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "guests.h"
#include "report.h"
#include "values.h"

/* The bytes that a disk has, and uses on the host; 0 when it cannot be seen. */
static void disk_size(const char *path, long long *size, long long *used)
{
	struct stat st;
	bool seen = !stat(path, &st);

	*size = seen ? (long long)st.st_size : 0;
	*used = seen ? (long long)st.st_blocks * 512 : 0;
}

static struct json_object *json_guest(const struct guest_config *c)
{
	struct json_object *o = json_object_new_object(), *disks = json_object_new_array();
	long long size, used;

	json_object_object_add(o, "name", json_object_new_string(c->name));
	json_object_object_add(o, "config", json_object_new_string(c->file));
	json_object_object_add(o, "ip", c->ip ? json_object_new_string(c->ip) : NULL);
	json_object_object_add(o, "mac", c->mac ? json_object_new_string(c->mac) : NULL);
	json_object_object_add(o, "memory", c->memory ? json_object_new_string(c->memory) : NULL);
	for (size_t i = 0; i < c->disks.count; i++) {
		struct json_object *d = json_object_new_object();

		disk_size(c->disks.items[i], &size, &used);
		json_object_object_add(d, "path", json_object_new_string(c->disks.items[i]));
		json_object_object_add(d, "device", json_object_new_string(c->devices.items[i]));
		json_object_object_add(d, "size", json_object_new_int64(size));
		json_object_object_add(d, "used", json_object_new_int64(used));
		json_object_array_add(disks, d);
	}
	json_object_object_add(o, "disks", disks);
	return o;
}

static void print_guest(const struct guest_config *c)
{
	printf("Name: %s\nMemory: %s\nIP: %s\n", c->name, c->memory ? c->memory : "?",
	       c->ip ? c->ip : "DHCP");
	for (size_t i = 0; i < c->disks.count; i++) {
		long long size, used;

		disk_size(c->disks.items[i], &size, &used);
		printf("Disk: %s, %s, %lld MiB of %lld MiB\n", c->devices.items[i],
		       c->disks.items[i], used >> 20, size >> 20);
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	struct json_object *all = json_object_new_array();
	struct settings s = { 0 };
	struct list words = { 0 };
	const char *directory, *extension;
	glob_t files = { 0 };
	char *pattern;

	report_begin(argv[0]);
	setting_set(&s, "output", "/etc/xen", BUILT_IN, "built in");
	setting_set(&s, "extension", ".cfg", BUILT_IN, "built in");
	if (!options_read(command_find("xen-list-images"), argc, argv, &s, &words))
		return XT_USAGE;
	if (words.count)
		die(XT_USAGE, "%s: a word that is no option (see --help)", words.items[0]);
	directory = setting(&s, "test") ? setting(&s, "test") : setting(&s, "output");
	extension = setting(&s, "extension");
	pattern = xt_printf("%s/*%s", directory, extension ? extension : "");
	glob(pattern, 0, NULL, &files);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct guest_config c = { 0 };

		/* Other things in /etc/xen are no guests. */
		if (!guest_config_read(files.gl_pathv[i], &c) && c.name) {
			if (setting_on(&s, "json"))
				json_object_array_add(all, json_guest(&c));
			else
				print_guest(&c);
		}
		guest_config_free(&c);
	}
	if (setting_on(&s, "json"))
		printf("%s\n", json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
	json_object_put(all);
	globfree(&files);
	free(pattern);
	return XT_OK;
}
