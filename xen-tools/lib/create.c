// SPDX-License-Identifier: GPL-2.0-or-later
/* The stages of making a guest, see create.h: volumes; in the sandbox the system and the disks; then the host's files. */
#include "create.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contents.h"
#include "disk.h"
#include "hooks.h"
#include "host_files.h"
#include "install.h"
#include "report.h"
#include "run.h"
#include "sandbox.h"
#include "storage.h"
#include "undo.h"
#include "xen_config.h"

/* A system and its packages while they are installed, and what else runs meanwhile. */
#define MEMORY_FOR_TREE (3 * GIB)

struct work {
	struct guest *g;
	char *directory;
	bool in_memory;
	struct outcome *outcome;
};

static uint64_t memory_available(void)
{
	struct text t = { 0 };
	unsigned long long kilobytes = 0;
	const char *line;

	if (!file_read("/proc/meminfo", &t)) {
		line = strstr(text_get(&t), "MemAvailable:");
		if (line)
			sscanf(line, "MemAvailable: %llu kB", &kilobytes);
	}
	text_free(&t);
	return kilobytes * KIB;
}

/* What programs in the system expect to find. */
static void mount_for_programs(const struct tree *t)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	char *path = xt_printf("%s/proc", t->path);

	tree_mkdir(t, "/proc", 0755);
	tree_mkdir(t, "/sys", 0755);
	tree_mkdir(t, "/dev", 0755);
	if (mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		die(XT_FAILED, "%s: %s", path, strerror(errno));
	free(path);
	path = xt_printf("%s/sys", t->path);
	if (mount("/sys", path, NULL, MS_BIND | MS_REC, NULL))
		report_detail("%s: %s", path, strerror(errno));
	free(path);
	path = xt_printf("%s/run", t->path);
	tree_mkdir(t, "/run", 0755);
	if (mount("run", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=16m"))
		die(XT_FAILED, "%s: %s", path, strerror(errno));
	free(path);
	path = xt_printf("%s/dev", t->path);
	if (mount("dev", path, "tmpfs", MS_NOSUID, "mode=755,size=64k"))
		die(XT_FAILED, "%s: %s", path, strerror(errno));
	free(path);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		char *from = xt_printf("/dev/%s", nodes[i]);

		tree_write(t, from, 0666, "");
		path = xt_printf("%s%s", t->path, from);
		if (mount(from, path, NULL, MS_BIND, NULL))
			die(XT_FAILED, "%s: %s", path, strerror(errno));
		free(path);
		free(from);
	}
	tree_symlink(t, "/dev/fd", "/proc/self/fd");
	tree_mkdir(t, "/dev/pts", 0755);
	tree_mkdir(t, "/dev/shm", 01777);
}

static void unmount_all(const struct tree *t)
{
	static const char *const points[] = { "dev", "run", "sys", "proc" };

	for (size_t i = 0; i < 4; i++) {
		char *path = xt_printf("%s/%s", t->path, points[i]);

		if (umount2(path, MNT_DETACH) && errno != EINVAL)
			die(XT_FAILED, "%s: %s", path, strerror(errno));
		free(path);
	}
}

/* Services must not start while roles install packages. */
static void forbid_services(const struct tree *t, bool forbid)
{
	if (!forbid)
		tree_remove(t, "/usr/sbin/policy-rc.d");
	else if (tree_exists(t, "/usr/sbin"))
		tree_write(t, "/usr/sbin/policy-rc.d", 0755, "#!/bin/sh\nexit 101\n");
}

/* Names must resolve for them, too: where the guest's resolver will put its file, the host's is, until unmount_all(). */
static void lend_resolv_conf(const struct tree *t)
{
	struct text host = { 0 };

	if (!file_read("/etc/resolv.conf", &host)) {
		tree_mkdir(t, "/run/systemd/resolve", 0755);
		tree_write(t, "/run/systemd/resolve/stub-resolv.conf", 0644, text_get(&host));
	}
	text_free(&host);
}

static void run_users_parts(const struct guest *g, const struct tree *t)
{
	if (!setting_on(g->settings, "hooks"))
		return;
	stage("Hooks and skeleton");
	forbid_services(t, true);
	lend_resolv_conf(t);
	hooks_environment(g);
	hooks_run(g->dist.suite, g->dist.family, t->path);
	roles_run(g, "role", t->path);
	skeleton_copy(t->path);
	forbid_services(t, false);
}

/* The system becomes this guest; in it programs can run. */
static void customize(const struct guest *g, const struct tree *t, struct text *fingerprints)
{
	mount_for_programs(t);
	stage("Names, network, accounts");
	contents_write(g, t, fingerprints);
	run_users_parts(g, t);
	if (g->own_kernel) {
		stage("Boot loader");
		disk_boot_loader(g, t);
	}
	unmount_all(t);
}

static int work_inside(void *arg)
{
	struct work *w = arg;
	struct guest *g = w->g;
	char *root = xt_printf("%s/root", w->directory);
	struct text fingerprints = { 0 };
	struct tree t;

	if (w->in_memory && mount("xen-tools", w->directory, "tmpfs", 0, "size=80%,mode=755"))
		die(XT_ENVIRONMENT, "%s: %s", w->directory, strerror(errno));
	setenv("TMPDIR", w->directory, 1);
	if (setting_on(g->settings, "install"))
		install_system(g, root);
	else if (mkdir(root, 0755))
		die(XT_FAILED, "%s: %s", root, strerror(errno));
	unsetenv("TMPDIR");
	tree_open(&t, root);
	disk_partition(g);
	if (setting_on(g->settings, "install"))
		customize(g, &t, &fingerprints);
	if (!setting_on(g->settings, "dontformat")) {
		stage("Filling the disk");
		disk_fill(g, &t);
	}
	snprintf(w->outcome->fingerprints, sizeof(w->outcome->fingerprints), "%s",
		 text_get(&fingerprints));
	stage(NULL);
	return 0;
}

/* A place of our own; the sandbox mounts memory there when there is enough. */
static void make_work_directory(struct work *w)
{
	const char *base = getenv("TMPDIR");
	char *id = uuid_new();

	w->in_memory = memory_available() > MEMORY_FOR_TREE;
	if (!base)
		base = w->in_memory ? "/tmp" : "/var/tmp";
	/* Its name is known, and told, before it is made. */
	w->directory = xt_printf("%s/xen-tools-%s", base, id);
	undo_add(w->in_memory ? UNDO_RMDIR : UNDO_TREE, w->directory);
	if (mkdir(w->directory, 0755) || chmod(w->directory, 0755))
		die(XT_ENVIRONMENT, "%s: %s", w->directory, strerror(errno));
	free(id);
}

static int remove_inside(void *directory)
{
	return run((const char *const[]){ "rm", "-rf", "--one-file-system", directory, NULL });
}

static void remove_work_directory(const struct work *w)
{
	if (w->in_memory)
		rmdir(w->directory);
	else
		sandbox_run(remove_inside, w->directory);
}

static void remember_address(const char *address)
{
	undo_add(UNDO_ADDRESS, address);
}

/* No signal while the file is locked: the keeper would wait for the lock, and we for it. */
static void take_pool_address(struct guest *g)
{
	char *taken;

	if (!g->pool_address)
		return;
	undo_hold_signals();
	taken = pool_take(remember_address);
	undo_release_signals();
	if (!taken || strcmp(taken, g->pool_address))
		die(XT_ENVIRONMENT, "--ip=auto: %s was taken meanwhile; try again",
		    g->pool_address);
	free(taken);
}

static void write_config(struct guest *g)
{
	struct text t = { 0 };
	int rc;

	stage("Writing %s", g->config_path);
	hooks_environment(g);
	xen_config_make(g, &t);
	undo_add(UNDO_UNLINK, g->config_path);
	unlink(g->config_path);
	rc = file_write(g->config_path, 0640, text_get(&t));
	if (rc)
		die(XT_FAILED, "%s: %s", g->config_path, strerror(-rc));
	text_free(&t);
}

static void tell_host(const struct guest *g)
{
	char *address, *link, *directory;

	if (setting_on(g->settings, "hosts") && g->address_count && geteuid() == 0) {
		address = address_text(&g->addresses[0]);
		undo_add(UNDO_HOSTS, g->name);
		undo_hold_signals();
		if (hosts_add(address, g->name, g->host))
			report_note("%s is not in /etc/hosts", g->name);
		undo_release_signals();
		free(address);
	}
	if (!setting_on(g->settings, "autostart"))
		return;
	directory = xt_printf("%s/auto", setting(g->settings, "output"));
	link = xt_printf("%s/%s%s", directory, g->name,
			 setting(g->settings, "extension") ? setting(g->settings, "extension") :
							     "");
	if (mkdir(directory, 0755) && errno != EEXIST)
		die(XT_FAILED, "%s: %s", directory, strerror(errno));
	unlink(link);
	undo_add(UNDO_UNLINK, link);
	if (symlink(g->config_path, link))
		die(XT_FAILED, "%s: %s", link, strerror(errno));
	free(link);
	free(directory);
}

void create_guest(struct guest *g, struct outcome **outcome)
{
	struct work w = { .g = g };
	int code;

	w.outcome = mmap(NULL, sizeof(*w.outcome), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w.outcome == MAP_FAILED)
		die(XT_FAILED, "out of memory");
	undo_begin(setting_on(g->settings, "keep"));
	undo_catch_signals();
	install_prepare(g);
	take_pool_address(g);
	stage("Making %zu volume%s", g->volume_count, g->volume_count == 1 ? "" : "s");
	storage_make(g);
	make_work_directory(&w);
	stage(NULL);
	code = sandbox_run(work_inside, &w);
	if (code)
		exit(code == XT_ENVIRONMENT || code == XT_USAGE ? code : XT_FAILED);
	storage_finish(g);
	write_config(g);
	roles_run(g, "finalrole", g->config_path);
	tell_host(g);
	stage(NULL);
	remove_work_directory(&w);
	undo_commit();
	*outcome = w.outcome;
}
