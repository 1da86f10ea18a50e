// SPDX-License-Identifier: GPL-2.0-or-later
/* Making of volumes, see storage.h. */
#include "storage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "report.h"
#include "run.h"
#include "undo.h"

static uint64_t total_size(const struct guest *g)
{
	uint64_t total = 0;

	for (size_t i = 0; i < g->volume_count; i++)
		total += g->volumes[i].size;
	return total;
}

/* The nearest directory above @path that exists. */
static char *existing_parent(const char *path)
{
	char *p = xt_dup(path);

	while (!is_directory(p) && strrchr(p, '/') && strrchr(p, '/') != p)
		*strrchr(p, '/') = '\0';
	if (!is_directory(p))
		strcpy(p, "/");
	return p;
}

static void check_files(const struct guest *g)
{
	char *parent = existing_parent(g->directory);
	struct statvfs fs;
	uint64_t need = total_size(g);

	/* A sparse file needs what is in it; a system has about a GiB. */
	if (strcmp(setting(g->settings, "image"), "full") && need > GIB)
		need = GIB;
	if (access(parent, W_OK))
		die(XT_ENVIRONMENT, "%s: you may not write there", parent);
	if (!statvfs(parent, &fs) && (uint64_t)fs.f_bavail * fs.f_frsize < need)
		die(XT_ENVIRONMENT, "%s: %llu MiB are free, %llu MiB are needed", parent,
		    (unsigned long long)((uint64_t)fs.f_bavail * fs.f_frsize / MIB),
		    (unsigned long long)(need / MIB));
	free(parent);
}

static void check_lvm(const struct guest *g)
{
	const char *group = setting(g->settings, "lvm");
	struct text t = { 0 };

	need_program("lvcreate", "lvm2");
	if (run_with((const char *const[]){ "vgs", "--noheadings", "--nosuffix", "--units", "b",
					    "-o", "vg_free", group, NULL },
		     NULL, &t))
		die(XT_ENVIRONMENT, "there is no volume group %s", group);
	if (!setting(g->settings, "lvm_thin") &&
	    strtoull(text_get(&t) + strspn(text_get(&t), " "), NULL, 10) < total_size(g))
		die(XT_ENVIRONMENT, "volume group %s is full: %llu MiB are needed", group,
		    (unsigned long long)(total_size(g) / MIB));
	text_free(&t);
}

void storage_check(const struct guest *g)
{
	if (g->backend == STORE_FILES)
		check_files(g);
	else if (g->backend == STORE_LVM)
		check_lvm(g);
	else if (g->backend == STORE_ZFS)
		need_program("zfs", "zfsutils-linux");
	if (!strcmp(setting(g->settings, "format"), "qcow2"))
		need_program("qemu-img", "qemu-utils");
}

int device_zero(const char *path)
{
	uint64_t range[2] = { 0, 0 };
	int fd = open(path, O_RDWR | O_EXCL | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, BLKGETSIZE64, &range[1]) || ioctl(fd, BLKZEROOUT, range) || fsync(fd))
		rc = -errno;
	close(fd);
	return rc;
}

static void make_file(const struct guest *g, const struct volume *v)
{
	int fd;

	unlink(v->path);
	undo_add(UNDO_UNLINK, v->path);
	fd = open(v->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		die(XT_FAILED, "%s: %s", v->path, strerror(errno));
	if (ftruncate(fd, (off_t)v->size))
		die(XT_FAILED, "%s: %s", v->path, strerror(errno));
	if (!strcmp(setting(g->settings, "image"), "full") &&
	    strcmp(setting(g->settings, "format"), "qcow2") && fallocate(fd, 0, 0, (off_t)v->size))
		die(XT_FAILED, "%s: all of its size: %s", v->path, strerror(errno));
	close(fd);
}

/* Directories that did not exist are taken back too; the guest's own one is always new in name. */
static void make_directory(const char *path)
{
	char *copy = xt_dup(path);

	for (char *slash = strchr(copy + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (!is_directory(copy)) {
			undo_add(UNDO_RMDIR, copy);
			if (mkdir(copy, 0755) && errno != EEXIST)
				die(XT_FAILED, "%s: %s", copy, strerror(errno));
		}
		if (!slash)
			break;
		*slash = '/';
	}
	free(copy);
}

static void make_logical_volume(const struct guest *g, const struct volume *v)
{
	const char *group = setting(g->settings, "lvm"), *pool = setting(g->settings, "lvm_thin");
	char *name = xt_printf("%s-%s", g->name, v->name);
	char *full = xt_printf("%s/%s", group, name);
	char *size = xt_printf("%llub", (unsigned long long)v->size);
	char *pool_name = xt_printf("%s/%s", group, pool ? pool : "");
	const char *const thick[] = { "lvcreate", "-q", "-y", "-Wy", "-Zy", "-n",
				      name,	  "-L", size, group, NULL };
	const char *const thin[] = { "lvcreate", "-q", "-y", "-n",	name,
				     "-V",	 size, "-T", pool_name, NULL };
	int rc;

	if (file_exists(v->path))
		run_or_die("the old volume",
			   (const char *const[]){ "lvremove", "-f", "-q", full, NULL });
	undo_add(UNDO_LVM, full);
	run_or_die("a logical volume", pool ? thin : thick);
	/* A thin pool zeroes what it hands out, unless told not to: we do not ask how it was made. */
	rc = device_zero(v->path);
	if (rc)
		die(XT_FAILED, "%s cannot be zeroed: %s", v->path, strerror(-rc));
	free(name);
	free(full);
	free(size);
	free(pool_name);
}

static void make_zfs_volume(const struct guest *g, const struct volume *v)
{
	char *name = xt_printf("%s/%s-%s", setting(g->settings, "zpool"), g->name, v->name);
	char *size = xt_printf("%llu", (unsigned long long)v->size);

	if (file_exists(v->path))
		run_or_die("the old volume", (const char *const[]){ "zfs", "destroy", name, NULL });
	undo_add(UNDO_ZFS, name);
	run_or_die("a ZFS volume",
		   (const char *const[]){ "zfs", "create", "-V", size, name, NULL });
	run(((const char *const[]){ "udevadm", "settle", NULL }));
	free(name);
	free(size);
}

void storage_make(struct guest *g)
{
	bool keep = setting_on(g->settings, "dontformat");

	if (g->backend == STORE_FILES)
		make_directory(g->directory);
	for (size_t i = 0; i < g->volume_count; i++) {
		struct volume *v = &g->volumes[i];
		int rc = 0;

		if (g->backend == STORE_FILES)
			make_file(g, v);
		else if (g->backend == STORE_LVM)
			make_logical_volume(g, v);
		else if (g->backend == STORE_ZFS)
			make_zfs_volume(g, v);
		else if (!keep)
			rc = device_zero(v->path);
		if (rc && rc != -ENOTTY)
			die(XT_FAILED, "%s cannot be zeroed: %s", v->path, strerror(-rc));
	}
}

/* The raw file was made under the final name: its place is taken by the converted one. */
void storage_finish(struct guest *g)
{
	if (strcmp(setting(g->settings, "format"), "qcow2"))
		return;
	stage("Converting to qcow2");
	for (size_t i = 0; i < g->volume_count; i++) {
		const char *path = g->volumes[i].path;
		char *raw = xt_printf("%s.raw", path);

		undo_add(UNDO_UNLINK, raw);
		if (rename(path, raw))
			die(XT_FAILED, "%s: %s", raw, strerror(errno));
		run_or_die("qcow2", (const char *const[]){ "qemu-img", "convert", "-q", "-f", "raw",
							   "-O", "qcow2", raw, path, NULL });
		unlink(raw);
		free(raw);
	}
}
