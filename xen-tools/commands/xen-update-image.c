// SPDX-License-Identifier: GPL-2.0-or-later
/* xen-update-image(8): apt-get update and upgrade in guests that are off. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "guest.h"
#include "guests.h"
#include "loop.h"
#include "report.h"
#include "run.h"
#include "sandbox.h"

struct work {
	const char *device;
	char *point;
};

static void mount_here(const char *source, const char *point, const char *type, unsigned long flags)
{
	if (mount(source, point, type, flags, NULL))
		die(XT_FAILED, "%s: %s", point, strerror(errno));
}

static void guest_run(const char *root, const char *what, const char *const argv[])
{
	if (run_in(root, argv, NULL, NULL))
		die(XT_FAILED, "%s: %s", what, log_reason());
}

/* Mounts end with the sandbox. */
static int upgrade_inside(void *arg)
{
	const struct work *w = arg;
	static const char *const types[] = { "ext4", "btrfs", "xfs" };
	bool mounted = false;
	char *path;

	for (size_t i = 0; i < 3 && !mounted; i++)
		mounted = !mount(w->device, w->point, types[i], 0, NULL);
	if (!mounted)
		die(XT_FAILED, "%s: no file system to mount", w->device);
	path = xt_printf("%s/proc", w->point);
	mount_here("proc", path, "proc", 0);
	path = xt_printf("%s/dev", w->point);
	mount_here("/dev", path, NULL, MS_BIND | MS_REC);
	path = xt_printf("%s/run", w->point);
	mount_here("run", path, "tmpfs", 0);
	path = xt_printf("%s/run/systemd/resolve", w->point);
	make_directories(path, 0755);
	path = xt_printf("%s/run/systemd/resolve/stub-resolv.conf", w->point);
	run((const char *const[]){ "cp", "-L", "/etc/resolv.conf", path, NULL });
	setenv("DEBIAN_FRONTEND", "noninteractive", 1);
	stage("apt-get update");
	guest_run(w->point, "apt-get update",
		  (const char *const[]){ "apt-get", "-q", "update", NULL });
	stage("apt-get upgrade");
	guest_run(
		w->point, "apt-get upgrade",
		(const char *const[]){ "apt-get", "-q", "-y", "--with-new-pkgs", "upgrade", NULL });
	guest_run(w->point, "apt-get clean", (const char *const[]){ "apt-get", "clean", NULL });
	stage(NULL);
	return 0;
}

static const char *root_disk(const struct guest_config *c)
{
	for (size_t i = 0; i < c->disks.count; i++)
		if (!strstr(c->disks.items[i], "swap"))
			return c->disks.items[i];
	return NULL;
}

static void update_guest(const struct settings *s, const char *name, struct json_object *done)
{
	char *file = guest_config_file(s, name);
	char pattern[] = "/tmp/xen-tools-XXXXXX";
	struct guest_config c = { 0 };
	struct loop loop = { .fd = -1 };
	struct work w;
	int code;

	if (guest_config_read(file, &c) || !root_disk(&c))
		die(XT_ENVIRONMENT, "%s: no such guest, or without disk", file);
	if (guest_is_running(name))
		die(XT_ENVIRONMENT, "%s is running: upgrade it from inside", name);
	if (ends_with(root_disk(&c), ".qcow2"))
		die(XT_ENVIRONMENT, "%s: qcow2 disks cannot be mounted here", root_disk(&c));
	if (setting_on(s, "dry-run")) {
		printf("would upgrade %s on %s\n", name, root_disk(&c));
		return;
	}
	if (geteuid() != 0)
		die(XT_ENVIRONMENT, "mounting a disk needs root");
	log_open(name);
	code = loop_attach_root(root_disk(&c), &loop);
	if (code)
		die(XT_ENVIRONMENT, "%s: %s", root_disk(&c), strerror(-code));
	w.device = loop.device;
	w.point = mkdtemp(pattern);
	if (!w.point)
		die(XT_ENVIRONMENT, "%s: %s", pattern, strerror(errno));
	code = sandbox_run(upgrade_inside, &w);
	rmdir(w.point);
	loop_detach(&loop);
	if (code)
		exit(XT_FAILED);
	json_object_array_add(done, json_object_new_string(name));
	guest_config_free(&c);
	free(file);
}

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	struct list names = { 0 };
	struct json_object *done = json_object_new_array();

	report_begin(argv[0]);
	if (!options_read(command_find("xen-update-image"), argc, argv, &s, &names))
		return XT_USAGE;
	guest_defaults(&s);
	list_split(&names, setting(&s, "hostname") ? setting(&s, "hostname") : "", "\n");
	if (!names.count)
		die(XT_USAGE, "which guest? (see --help)");
	for (size_t i = 0; i < names.count; i++)
		update_guest(&s, names.items[i], done);
	if (setting_on(&s, "json"))
		printf("%s\n", json_object_to_json_string(done));
	json_object_put(done);
	return XT_OK;
}
