// SPDX-License-Identifier: GPL-2.0-or-later
/* xen-create-image(8): settings, plan, making, summary. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "contents.h"
#include "create.h"
#include "disk.h"
#include "install.h"
#include "report.h"
#include "run.h"
#include "storage.h"
#include "xen_config.h"

static const char *const origins[] = { "built in", "configuration", "--config", "command line" };

static void dump_config(const struct settings *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct setting *item = &s->items[i];
		bool secret = !strcmp(item->name, "password");

		printf("%s = %s  # %s (%s)\n", item->name, secret ? "(secret)" : item->value,
		       item->place, origins[item->origin]);
	}
}

static void add_string(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

static struct json_object *json_volumes(const struct guest *g)
{
	struct json_object *volumes = json_object_new_array();

	for (size_t i = 0; i < g->volume_count; i++) {
		struct json_object *o = json_object_new_object();

		add_string(o, "path", g->volumes[i].path);
		add_string(o, "device", g->volumes[i].device);
		json_object_object_add(o, "size",
				       json_object_new_int64((int64_t)g->volumes[i].size));
		json_object_array_add(volumes, o);
	}
	return volumes;
}

static struct json_object *json_file_systems(const struct guest *g)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < g->file_system_count; i++) {
		const struct file_system *fs = &g->file_systems[i];
		struct json_object *o = json_object_new_object();

		add_string(o, "type", fs->partition->type);
		add_string(o, "mountpoint", fs->partition->mountpoint);
		add_string(o, "uuid", fs->uuid);
		add_string(o, "volume", fs->volume->path);
		json_object_object_add(o, "partition", json_object_new_int((int)fs->number));
		json_object_object_add(o, "offset", json_object_new_int64((int64_t)fs->offset));
		json_object_object_add(o, "size",
				       json_object_new_int64((int64_t)fs->partition->size));
		json_object_array_add(all, o);
	}
	return all;
}

static struct json_object *json_addresses(const struct guest *g)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < g->address_count; i++) {
		char *address = address_text(&g->addresses[i]);
		char *full = xt_printf("%s/%d", address, g->addresses[i].prefix);

		json_object_array_add(all, json_object_new_string(full));
		free(address);
		free(full);
	}
	return all;
}

static void print_json(const struct guest *g, const struct outcome *outcome)
{
	struct json_object *o = json_object_new_object();
	struct text config = { 0 }, network = { 0 }, fstab = { 0 };
	char *packages = install_packages(g);

	add_string(o, "hostname", g->name);
	add_string(o, "dist", g->dist.suite);
	add_string(o, "arch", g->arch);
	add_string(o, "method", g->method);
	add_string(o, "mirror", g->mirror);
	add_string(o, "layout", g->layout == LAYOUT_DISK ? "disk" : "classic");
	add_string(o, "mac", g->mac);
	json_object_object_add(o, "dhcp", json_object_new_boolean(g->dhcp));
	json_object_object_add(o, "addresses", json_addresses(g));
	json_object_object_add(o, "volumes", json_volumes(g));
	json_object_object_add(o, "file_systems", json_file_systems(g));
	add_string(o, "config", g->config_path);
	add_string(o, "log", log_path());
	json_object_object_add(o, "seconds", json_object_new_double(elapsed()));
	if (outcome) {
		add_string(o, "password", g->password);
		add_string(o, "fingerprints", outcome->fingerprints);
	} else {
		xen_config_text(g, &config);
		network_networkd(g, &network);
		contents_fstab(g, &fstab);
		add_string(o, "config_text", text_get(&config));
		add_string(o, "network_text", text_get(&network));
		add_string(o, "fstab_text", text_get(&fstab));
		add_string(o, "packages", packages);
	}
	printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
	text_free(&config);
	text_free(&network);
	text_free(&fstab);
	free(packages);
}

static void print_plan(const struct guest *g, FILE *to)
{
	const char *kernel = g->own_kernel ? "the one inside" : g->kernel;

	fprintf(to, "Host name      %s\nRelease        %s (%s)\n", g->name, g->dist.suite, g->arch);
	for (size_t i = 0; i < g->volume_count; i++) {
		char *size = size_text(g->volumes[i].size);

		fprintf(to, "Disk           %s, %s, %s\n", g->volumes[i].device, size,
			g->volumes[i].path);
		free(size);
	}
	fprintf(to, "Kernel         %s\nMAC address    %s\n", kernel, g->mac);
	if (g->dhcp)
		fprintf(to, "IP address     by DHCP\n");
	for (size_t i = 0; i < g->address_count; i++) {
		char *address = address_text(&g->addresses[i]);

		fprintf(to, "IP address     %s/%d\n", address, g->addresses[i].prefix);
		free(address);
	}
	fprintf(to, "Configuration  %s\n", g->config_path);
}

static void print_summary(const struct guest *g, const struct outcome *outcome)
{
	struct list keys = { 0 };

	print_plan(g, stdout);
	list_split(&keys, outcome->fingerprints, "\n");
	for (size_t i = 0; i < keys.count; i++)
		printf("SSH key        %s\n", keys.items[i]);
	if (g->password_made)
		printf("Root password  %s\n", g->password);
	if (log_path())
		printf("Log            %s\n", log_path());
	printf("Made in %.1f seconds. Start it with: xl create -c %s\n", elapsed(), g->config_path);
	list_free(&keys);
}

static void ask_password(struct guest *g)
{
	char *first = xt_dup(getpass("Root password: "));

	if (!*first || strcmp(first, getpass("Again: ")))
		die(XT_USAGE, "the two passwords are not the same, or empty");
	g->password = first;
}

static void read_password(struct guest *g, const char *file)
{
	struct text t = { 0 };

	if (file_read(file, &t))
		die(XT_ENVIRONMENT, "--password-file: %s cannot be read", file);
	g->password = xt_printf("%.*s", (int)strcspn(text_get(&t), "\r\n"), text_get(&t));
	if (!*g->password)
		die(XT_USAGE, "--password-file: the first line of %s is empty", file);
	text_free(&t);
}

static void choose_password(struct guest *g)
{
	const struct settings *s = g->settings;

	if (setting_on(s, "passwd")) {
		ask_password(g);
	} else if (setting(s, "password-file")) {
		read_password(g, setting(s, "password-file"));
	} else if (setting(s, "password")) {
		g->password = xt_dup(setting(s, "password"));
	} else if (setting_on(s, "genpass")) {
		g->password = password_make((unsigned int)setting_number(s, "genpass_len"));
		g->password_made = true;
	}
}

static void check_machine(const struct guest *g)
{
	install_check(g);
	disk_check(g);
	storage_check(g);
	need_program(geteuid() ? "newuidmap" : "sh", "uidmap");
}

int main(int argc, char **argv)
{
	const struct command *command = command_find("xen-create-image");
	struct settings s = { 0 };
	struct list words = { 0 };
	struct outcome *outcome = NULL;
	struct guest g;
	bool json;

	report_begin(argv[0]);
	if (!options_read(command, argc, argv, &s, &words))
		return XT_USAGE;
	if (words.count)
		die(XT_USAGE, "%s: a word that is no option (see --help)", words.items[0]);
	guest_defaults(&s);
	if (setting_on(&s, "dumpconfig")) {
		dump_config(&s);
		return XT_OK;
	}
	json = setting_on(&s, "json");
	guest_plan(&g, &s);
	check_machine(&g);
	if (setting_on(&s, "dry-run")) {
		if (json)
			print_json(&g, NULL);
		else
			print_plan(&g, stdout);
		return XT_OK;
	}
	choose_password(&g);
	log_open(g.name);
	create_guest(&g, &outcome);
	if (json)
		print_json(&g, outcome);
	else
		print_summary(&g, outcome);
	if (setting_on(&s, "boot") &&
	    run((const char *const[]){ "xl", "create", g.config_path, NULL }))
		die(XT_FAILED, "%s is made, but xl create failed: %s", g.name, log_reason());
	return XT_OK;
}
