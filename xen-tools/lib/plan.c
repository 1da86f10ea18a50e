// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From settings to a guest, see guest.h.  All that can be known to be wrong is said here, at once and before anything is
 * made; usage first, then what the machine lacks.
 */
#include "guest.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "guess.h"
#include "guests.h"
#include "plan.h"
#include "report.h"
#include "run.h"

static int wrong_usage, wrong_environment;

void plan_usage(const char *format, ...)
{
	struct text t = { 0 };
	va_list args;

	va_start(args, format);
	text_vprintf(&t, format, args);
	va_end(args);
	report_error("%s", text_get(&t));
	text_free(&t);
	wrong_usage++;
}

void plan_lacking(const char *format, ...)
{
	struct text t = { 0 };
	va_list args;

	va_start(args, format);
	text_vprintf(&t, format, args);
	va_end(args);
	report_error("%s", text_get(&t));
	text_free(&t);
	wrong_environment++;
}

static const char *get(const struct guest *g, const char *name)
{
	return setting(g->settings, name);
}

static bool on(const struct guest *g, const char *name)
{
	return setting_on(g->settings, name);
}

const char *plan_place(const struct guest *g, const char *name)
{
	const struct setting *item = setting_find(g->settings, name);

	return item ? item->place : name;
}

bool plan_on_command_line(const struct guest *g, const char *name)
{
	const struct setting *item = setting_find(g->settings, name);

	return item && item->origin == COMMAND_LINE;
}

static void plan_name(struct guest *g)
{
	const char *dot;

	g->name = get(g, "hostname");
	if (!g->name) {
		plan_usage("--hostname is missing");
		g->name = "unnamed";
	}
	dot = strchr(g->name, '.');
	g->host = xt_printf("%.*s", (int)strcspn(g->name, "."), g->name);
	g->domain = xt_dup(dot ? dot + 1 : "");
	g->config_path = xt_printf("%s/%s%s", get(g, "output"), g->name,
				   get(g, "extension") ? get(g, "extension") : "");
	if (file_exists(g->config_path) && !on(g, "force"))
		plan_lacking("%s exists: the guest is there already (--force replaces it)",
			     g->config_path);
	if (guest_is_running(g->name))
		plan_lacking("%s is running", g->name);
}

static char *read_config(const char *name)
{
	const char *directory = getenv("XEN_TOOLS_CONFIG");
	char *file = xt_printf("%s/%s", directory ? directory : CONFIG_DIRECTORY, name);
	struct text t = { 0 };

	if (file_read(file, &t)) {
		free(file);
		file = xt_printf("/usr/share/xen-tools/%s", name);
		file_read(file, &t);
	}
	free(file);
	return t.data ? t.data : xt_dup("");
}

static void plan_suite(struct guest *g)
{
	const char *suite = get(g, "dist"), *mirror = get(g, "mirror"),
		   *keyring = get(g, "keyring");
	char *distributions = read_config("distributions.conf"),
	     *mirrors = read_config("mirrors.conf");
	struct text errors = { 0 };
	char *guessed = NULL;
	int rc;

	if (!suite) {
		guessed = guess_suite(NULL);
		suite = guessed ? guessed : "stable";
	}
	rc = distribution_find("distributions.conf", distributions, suite, &g->dist, &errors);
	if (errors.length)
		plan_lacking("%.*s", (int)strcspn(text_get(&errors), "\n"), text_get(&errors));
	else if (rc)
		plan_usage("%s: no such release in distributions.conf: %s", plan_place(g, "dist"),
			   suite);
	g->mirror = mirror ? xt_dup(mirror) : mirror_find(mirrors, &g->dist);
	if (g->mirror && !strstr(g->mirror, "://") && *g->mirror != '/')
		plan_usage("%s: '%s' is no URL", plan_place(g, "mirror"), g->mirror);
	if (keyring && !file_exists(keyring))
		plan_lacking("%s: %s is not there", plan_place(g, "keyring"), keyring);
	g->keyring = keyring ? xt_dup(keyring) :
		     *g->dist.keyring ? xt_printf("/usr/share/keyrings/%s", g->dist.keyring) :
					NULL;
	free(distributions);
	free(mirrors);
	free(guessed);
}

static void plan_method(struct guest *g)
{
	const char *source = get(g, "install-source");
	struct utsname machine;

	uname(&machine);
	g->arch = get(g, "arch") ? get(g, "arch") :
		  !strcmp(machine.machine, "x86_64") ? "amd64" :
						       "i386";
	g->method = get(g, "install-method");
	if (!strcmp(g->method, "rpmstrap")) {
		report_note("rpmstrap is no more; rinse is run");
		g->method = "rinse";
	}
	if ((!strcmp(g->method, "tar") || !strcmp(g->method, "copy")) && on(g, "install")) {
		if (!source)
			plan_usage("--install-method=%s needs --install-source", g->method);
		else if (!file_exists(source))
			plan_lacking("%s: %s is not there", plan_place(g, "install-source"),
				     source);
	} else if (on(g, "install") && !g->mirror && strcmp(g->method, "rinse")) {
		plan_usage("no mirror is known for %s: name one with --mirror", g->dist.suite);
	}
}

/* The old tool's --size, --swap and --fs as a partition table. */
static void plan_simple_partitions(struct guest *g)
{
	const char *fs = get(g, "fs");
	struct partition *p;
	char *options = xt_printf("%s_options", fs);

	if (!on(g, "noswap")) {
		p = &g->partitions.items[g->partitions.count++];
		snprintf(p->name, sizeof(p->name), "swap");
		snprintf(p->type, sizeof(p->type), "swap");
		p->size = (setting_size(g->settings, "swap") + MIB - 1) / MIB * MIB;
	}
	p = &g->partitions.items[g->partitions.count++];
	snprintf(p->name, sizeof(p->name), "disk");
	snprintf(p->type, sizeof(p->type), "%s", fs);
	snprintf(p->mountpoint, sizeof(p->mountpoint), "/");
	snprintf(p->options, sizeof(p->options), "%s", get(g, options) ? get(g, options) : "");
	p->size = (setting_size(g->settings, "size") + MIB - 1) / MIB * MIB;
	if (p->size < 16 * MIB)
		plan_usage("%s: a root file system of %s is too small", plan_place(g, "size"),
			   get(g, "size"));
	free(options);
}

static void plan_partitions(struct guest *g)
{
	const char *file = get(g, "partitions"), *directory = getenv("XEN_TOOLS_CONFIG");
	struct text content = { 0 }, errors = { 0 };
	struct list lines = { 0 };
	char *path;

	if (!file) {
		plan_simple_partitions(g);
		return;
	}
	path = *file == '/' ? xt_dup(file) :
			      xt_printf("%s/partitions.d/%s",
					directory ? directory : CONFIG_DIRECTORY, file);
	if (file_read(path, &content))
		plan_lacking("%s: %s cannot be read", plan_place(g, "partitions"), path);
	else if (partitions_parse(path, text_get(&content), &g->partitions, &errors))
		list_split(&lines, text_get(&errors), "\n");
	for (size_t i = 0; i < lines.count; i++)
		plan_usage("%s", lines.items[i]);
	text_free(&content);
	text_free(&errors);
	list_free(&lines);
	free(path);
}

static void plan_backend(struct guest *g)
{
	static const char *const kinds[] = { "dir", "lvm", "zpool", "image-dev" };
	const char *chosen = NULL;

	if (get(g, "evms"))
		plan_lacking("EVMS is no more; use --lvm");
	/* A choice on the command line beats all in files. */
	for (int command_line = 1; command_line >= 0 && !chosen; command_line--) {
		for (size_t i = 0; i < 4; i++) {
			if (!get(g, kinds[i]) ||
			    plan_on_command_line(g, kinds[i]) != (command_line != 0))
				continue;
			if (chosen)
				plan_usage("%s and %s exclude each other", plan_place(g, chosen),
					   plan_place(g, kinds[i]));
			chosen = kinds[i];
			g->backend = (enum backend)i;
		}
	}
	if (!chosen)
		plan_usage("where shall the disks go? Use --dir, --lvm, --zpool or --image-dev");
	if (get(g, "lvm_thin") && g->backend != STORE_LVM)
		plan_usage("%s needs --lvm", plan_place(g, "lvm_thin"));
	if (get(g, "swap-dev") && g->backend != STORE_DEVICES)
		plan_usage("%s needs --image-dev", plan_place(g, "swap-dev"));
	if (!strcmp(get(g, "format"), "qcow2") && g->backend != STORE_FILES)
		plan_usage("%s needs --dir", plan_place(g, "format"));
	if (g->backend != STORE_FILES && geteuid() != 0)
		plan_lacking("volumes that are no files need root");
	if (g->backend == STORE_FILES)
		g->directory = xt_printf("%s/domains/%s", get(g, "dir") ? get(g, "dir") : "",
					 g->name);
}

static void plan_layout(struct guest *g)
{
	const char *layout = get(g, "layout");
	bool classic = g->backend == STORE_DEVICES || get(g, "template") != NULL;

	if (layout && !strcmp(layout, "disk") && g->backend == STORE_DEVICES)
		plan_usage("--image-dev is one file system: --layout=classic");
	g->layout = layout ? (!strcmp(layout, "disk") ? LAYOUT_DISK : LAYOUT_CLASSIC) :
		    classic ? LAYOUT_CLASSIC :
			      LAYOUT_DISK;
	if (on(g, "dontformat") && g->backend != STORE_DEVICES)
		plan_usage("%s needs --image-dev", plan_place(g, "dontformat"));
	if (get(g, "template") && g->layout == LAYOUT_DISK)
		report_note("the template describes partitions; with --layout=disk it sees one");
}

static const char *suffix(const struct guest *g)
{
	return strcmp(get(g, "format"), "qcow2") ? "img" : "qcow2";
}

static char *volume_path(const struct guest *g, const char *name)
{
	switch (g->backend) {
	case STORE_LVM:
		return xt_printf("/dev/%s/%s-%s", get(g, "lvm"), g->name, name);
	case STORE_ZFS:
		return xt_printf("/dev/zvol/%s/%s-%s", get(g, "zpool"), g->name, name);
	case STORE_DEVICES:
		return xt_dup(strcmp(name, "swap") ? get(g, "image-dev") : get(g, "swap-dev"));
	default:
		return xt_printf("%s/%s.%s", g->directory, name, suffix(g));
	}
}

static struct volume *add_volume(struct guest *g, const char *name, uint64_t size, char *device)
{
	struct volume *v = &g->volumes[g->volume_count++];

	v->name = xt_dup(name);
	v->path = volume_path(g, name);
	v->size = size;
	v->device = device;
	return v;
}

static void add_file_system(struct guest *g, struct partition *p, struct volume *v, uint64_t offset,
			    unsigned int number)
{
	g->file_systems[g->file_system_count++] = (struct file_system){
		.partition = p,
		.volume = v,
		.offset = offset,
		.number = number,
		.uuid = uuid_new(),
	};
}

/* One disk: BIOS boot, EFI, then all file systems in their order, but the root last, where it can grow. */
static void plan_disk(struct guest *g)
{
	uint64_t at = DISK_START + BIOS_BOOT_SIZE;
	struct volume *v = add_volume(g, "disk", 0, xt_dup(get(g, "disk_device")));
	unsigned int number = 3;

	g->efi_offset = at;
	g->efi_id = xt_printf("%.8s", uuid_new());
	at += EFI_SIZE;
	for (int roots = 0; roots < 2; roots++) {
		for (size_t i = 0; i < g->partitions.count; i++) {
			struct partition *p = &g->partitions.items[i];

			if ((strcmp(p->mountpoint, "/") == 0) != (roots == 1))
				continue;
			add_file_system(g, p, v, at, number++);
			at += p->size;
		}
	}
	v->size = at + MIB; /* the table's copy */
}

/* A volume for each; numbers count all, as the old tool does: swap is xvda1, the root xvda2. */
static void plan_classic(struct guest *g)
{
	const char *disk = get(g, "disk_device");

	for (size_t i = 0; i < g->partitions.count; i++) {
		struct partition *p = &g->partitions.items[i];
		struct volume *v;

		if (g->backend == STORE_DEVICES && !strcmp(p->type, "swap") && !get(g, "swap-dev"))
			continue;
		v = add_volume(g, p->name, p->size, xt_printf("%s%zu", disk, i + 1));
		v->only = p;
		add_file_system(g, p, v, 0, 0);
	}
	if (g->backend == STORE_DEVICES && get(g, "partitions"))
		plan_usage("--partitions cannot be used with --image-dev");
}

static void plan_volumes(struct guest *g)
{
	if (g->layout == LAYOUT_DISK)
		plan_disk(g);
	else
		plan_classic(g);
	for (size_t i = 0; i < g->volume_count; i++) {
		const struct volume *v = &g->volumes[i];

		if (g->backend == STORE_DEVICES ? !file_exists(v->path) : false)
			plan_lacking("%s is not there", v->path);
		if (g->backend != STORE_DEVICES && file_exists(v->path) && !on(g, "force"))
			plan_lacking("%s exists (--force replaces it)", v->path);
	}
	for (size_t i = 0; i < g->file_system_count; i++) {
		const char *type = g->file_systems[i].partition->type;

		if (!strcmp(type, "reiserfs"))
			plan_usage("reiserfs: kernels of today cannot read it; use ext4");
		if (!strcmp(type, "xfs") &&
		    (geteuid() || g->layout == LAYOUT_DISK || g->backend == STORE_FILES))
			plan_usage(
				"xfs has to be mounted to be filled: as root, with --layout=classic "
				"and --lvm, --zpool or --image-dev");
	}
}

static void plan_kernel(struct guest *g)
{
	struct utsname host;
	bool direct;

	/* kernel= in a file is only what --nopygrub would use: the old tool's files all name the host's. */
	direct = plan_on_command_line(g, "kernel") ||
		 (setting_find(g->settings, "pygrub") && !on(g, "pygrub"));
	g->own_kernel = !direct;
	if (!direct)
		return;
	uname(&host);
	g->kernel = get(g, "kernel") ? xt_dup(get(g, "kernel")) :
				       xt_printf("/boot/vmlinuz-%s", host.release);
	g->initrd = get(g, "initrd")	       ? xt_dup(get(g, "initrd")) :
		    get(g, "kernel") != NULL   ? NULL :
					       xt_printf("/boot/initrd.img-%s", host.release);
	g->modules = get(g, "modules")		   ? xt_dup(get(g, "modules")) :
		     plan_on_command_line(g, "kernel") ? NULL :
							 xt_printf("/lib/modules/%s", host.release);
	if (!file_exists(g->kernel))
		plan_lacking("%s: %s is not there", plan_place(g, "kernel"), g->kernel);
	if (g->initrd && !file_exists(g->initrd))
		plan_lacking("%s: %s is not there", plan_place(g, "initrd"), g->initrd);
	if (g->modules && !is_directory(g->modules))
		plan_lacking("%s: %s is not there", plan_place(g, "modules"), g->modules);
}

static void plan_memory(struct guest *g)
{
	uint64_t memory = setting_size(g->settings, "memory");
	uint64_t most = setting_size(g->settings, "maxmem");

	if (memory < 32 * MIB)
		plan_usage("%s: %s of memory boots no guest", plan_place(g, "memory"),
			   get(g, "memory"));
	if (most && most < memory)
		plan_usage("%s is less than the memory", plan_place(g, "maxmem"));
}

static void check_roles(struct guest *g, const char *setting_name)
{
	struct list roles = { 0 };

	list_split(&roles, get(g, setting_name) ? get(g, setting_name) : "", ", ");
	for (size_t i = 0; i < roles.count; i++) {
		char *path = roles.items[i][0] == '/' ?
				     xt_dup(roles.items[i]) :
				     xt_printf("%s/%s", get(g, "roledir"), roles.items[i]);

		if (!file_exists(path))
			plan_usage("%s: no such role: %s", plan_place(g, setting_name), path);
		else if (access(path, X_OK))
			plan_lacking("%s: %s is not executable", plan_place(g, setting_name), path);
		free(path);
	}
	list_free(&roles);
}

static void plan_files(struct guest *g)
{
	struct list keys = { 0 };

	list_split(&keys, get(g, "ssh-key") ? get(g, "ssh-key") : "", "\n");
	for (size_t i = 0; i < keys.count; i++)
		if (!file_exists(keys.items[i]))
			plan_lacking("--ssh-key: %s is not there", keys.items[i]);
	list_free(&keys);
	if (get(g, "password-file") && (get(g, "password") || on(g, "passwd")))
		plan_usage("--password-file, --password and --passwd exclude each other");
	if (get(g, "password-file") && !file_exists(get(g, "password-file")))
		plan_lacking("%s: %s is not there", plan_place(g, "password-file"),
			     get(g, "password-file"));
	if (get(g, "template")) {
		g->template = xt_dup(get(g, "template"));
		if (!file_exists(g->template))
			plan_lacking("%s: %s is not there", plan_place(g, "template"), g->template);
	}
	if (get(g, "timezone")) {
		char *zone = xt_printf("/usr/share/zoneinfo/%s", get(g, "timezone"));

		if (strstr(zone, "..") || !file_exists(zone))
			plan_usage("%s: no such time zone: %s", plan_place(g, "timezone"),
				   get(g, "timezone"));
		free(zone);
	}
	if (!is_directory(get(g, "output")))
		plan_lacking("%s: %s is no directory", plan_place(g, "output"), get(g, "output"));
	else if (access(get(g, "output"), W_OK))
		plan_lacking("%s: you may not write there (--output names another directory)",
			     get(g, "output"));
	/* mmdebstrap's hooks are shell text between such quotes. */
	if (get(g, "cachedir") && strchr(get(g, "cachedir"), '\''))
		plan_usage("%s: no quotes in this path", plan_place(g, "cachedir"));
	check_roles(g, "role");
	check_roles(g, "finalrole");
}

struct file_system *guest_root(const struct guest *g)
{
	for (size_t i = 0; i < g->file_system_count; i++)
		if (!strcmp(g->file_systems[i].partition->mountpoint, "/"))
			return (struct file_system *)(uintptr_t)&g->file_systems[i];
	return NULL;
}

struct file_system *guest_swap(const struct guest *g)
{
	for (size_t i = 0; i < g->file_system_count; i++)
		if (!strcmp(g->file_systems[i].partition->type, "swap"))
			return (struct file_system *)(uintptr_t)&g->file_systems[i];
	return NULL;
}

void guest_plan(struct guest *g, struct settings *s)
{
	*g = (struct guest){ .settings = s };
	if (on(g, "scsi"))
		setting_set(s, "disk_device", "sda", COMMAND_LINE, "--scsi");
	plan_name(g);
	plan_suite(g);
	plan_method(g);
	plan_backend(g);
	plan_layout(g);
	plan_partitions(g);
	if (wrong_usage)
		exit(XT_USAGE);
	plan_volumes(g);
	plan_network(g);
	plan_mac(g);
	plan_kernel(g);
	plan_memory(g);
	plan_files(g);
	if (wrong_usage)
		exit(XT_USAGE);
	if (wrong_environment)
		exit(XT_ENVIRONMENT);
}
