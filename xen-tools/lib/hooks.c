// SPDX-License-Identifier: GPL-2.0-or-later
/* Hooks, roles and the skeleton, see hooks.h.  They run in the sandbox, with the system's directory as first argument. */
#include "hooks.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "run.h"

static const char *config_directory(void)
{
	const char *directory = getenv("XEN_TOOLS_CONFIG");

	return directory ? directory : CONFIG_DIRECTORY;
}

static void export(const char *name, const char *value)
{
	char *copy = xt_dup(name);

	for (char *c = copy; *c; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
	if (*copy && !isdigit((unsigned char)*copy))
		setenv(copy, value, 1);
	free(copy);
}

/* Names that would change how programs run, were they keys of a configuration file. */
static bool is_dangerous(const char *name)
{
	return !strcmp(name, "PATH") || !strcmp(name, "IFS") || starts_with(name, "LD_") ||
	       !strcmp(name, "ENV") || !strcmp(name, "BASH_ENV");
}

void hooks_environment_of(const struct settings *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct setting *item = &s->items[i];
		const struct option_row *row = option_find(item->name, EVERY);
		bool off = row && (row->kind == FLAG || row->kind == SWITCH) &&
			   !setting_on(s, item->name);

		/* Hooks ask whether a switch is set at all. */
		if (!off && !is_dangerous(item->name) && strcmp(item->name, "password"))
			export(item->name, item->value);
	}
}

void hooks_environment(const struct guest *g)
{
	struct text ips = { 0 };
	char *memory = xt_printf("%llu",
				 (unsigned long long)(setting_size(g->settings, "memory") / MIB));

	hooks_environment_of(g->settings);
	for (size_t i = 0; i < g->address_count; i++) {
		char *address = address_text(&g->addresses[i]);
		char *name = xt_printf("ip%zu", i + 1);

		text_printf(&ips, "%s%s", i ? " " : "", address);
		setenv(name, address, 1);
		if (!i)
			setenv("ip", address, 1);
		free(address);
		free(name);
	}
	setenv("ips", text_get(&ips), 1);
	setenv("ip_count", xt_printf("%zu", g->address_count), 1);
	setenv("hostname", g->name, 1);
	setenv("dist", g->dist.suite, 1);
	setenv("arch", g->arch, 1);
	setenv("mac", g->mac, 1);
	setenv("mirror", g->mirror ? g->mirror : "", 1);
	setenv("memory", memory, 1);
	setenv("device", g->volumes[0].device, 1);
	if (g->dhcp)
		setenv("dhcp", "1", 1);
	else
		unsetenv("dhcp");
	if (g->own_kernel)
		setenv("pygrub", "1", 1);
	else
		unsetenv("pygrub");
	if (g->kernel)
		setenv("kernel", g->kernel, 1);
	if (g->initrd)
		setenv("initrd", g->initrd, 1);
	free(memory);
	text_free(&ips);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_hook(const char *directory, const char *name)
{
	char *path = xt_printf("%s/%s", directory, name);
	bool good = *name != '.' && !ends_with(name, "~") && !strstr(name, ".dpkg-") &&
		    !is_directory(path) && !access(path, X_OK);

	free(path);
	return good;
}

/* Names of executables in @directory that are not in @names yet. */
static void add_names(const char *directory, struct list *names)
{
	DIR *d = opendir(directory);
	const struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (is_hook(directory, entry->d_name) && !list_has(names, entry->d_name))
			list_add(names, entry->d_name);
	if (d)
		closedir(d);
}

void hooks_run(const char *dist, const char *family, const char *location)
{
	const char *shared = getenv("XEN_TOOLS_SHARE");
	char *own = xt_printf("%s/hooks.d", config_directory());
	char *packaged = xt_printf("%s/%s.d", shared ? shared : "/usr/share/xen-tools", dist);
	struct list names = { 0 };

	if (!is_directory(packaged)) {
		free(packaged);
		packaged = xt_printf("%s/%s.d", shared ? shared : "/usr/share/xen-tools",
				     family && *family ? family : "common");
	}
	add_names(packaged, &names);
	add_names(own, &names);
	if (names.count)
		qsort(names.items, names.count, sizeof(names.items[0]), by_name);
	for (size_t i = 0; i < names.count; i++) {
		const char *directory = is_hook(own, names.items[i]) ? own : packaged;
		char *path = xt_printf("%s/%s", directory, names.items[i]);

		report_detail("hook %s", path);
		if (run((const char *const[]){ path, location, NULL }))
			die(XT_FAILED, "hook %s: %s", path, log_reason());
		free(path);
	}
	list_free(&names);
	free(own);
	free(packaged);
}

void roles_run(const struct guest *g, const char *which, const char *location)
{
	const char *roles = setting(g->settings, which), *args = setting(g->settings, "role-args");
	struct list names = { 0 };

	list_split(&names, roles ? roles : "", ", ");
	for (size_t i = 0; i < names.count; i++) {
		struct list argv = { 0 };
		char *path = names.items[i][0] == '/' ?
				     xt_dup(names.items[i]) :
				     xt_printf("%s/%s", setting(g->settings, "roledir"),
					       names.items[i]);

		list_add(&argv, path);
		list_add(&argv, location);
		list_split(&argv, args ? args : "", " ");
		stage("Role %s", names.items[i]);
		if (run((const char *const *)argv.items))
			die(XT_FAILED, "role %s: %s", path, log_reason());
		list_free(&argv);
		free(path);
	}
	list_free(&names);
}

void skeleton_copy(const char *location)
{
	char *skel = xt_printf("%s/skel/.", config_directory()), *into = xt_printf("%s/", location);

	if (is_directory(skel) &&
	    run((const char *const[]){ "cp", "-R", "--preserve=mode,timestamps,links", "--", skel,
				       into, NULL }))
		die(XT_FAILED, "%s: %s", skel, log_reason());
	free(skel);
	free(into);
}
