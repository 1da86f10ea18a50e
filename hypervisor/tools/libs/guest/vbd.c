// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Block devices. Block devices and raw files are opened by the kernel's blkback (nodes: xen/io/blkif.h, and what
 * drivers/block/xen-blkback/xenbus.c of Linux reads), other formats by QEMU's qdisk; script= finds a device by itself.
 */
#include "vbd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "loop.h"

#define BACKEND_TIMEOUT_MS 10000u

static bool check_sharing(struct guest_host *host, struct vbd *v, const struct stat *st)
{
	int other;
	char *name;

	v->share_key = S_ISBLK(st->st_mode) ? disk_share_key(st->st_rdev, 0) :
					      disk_share_key(st->st_dev, st->st_ino);
	if (v->spec->may_share)
		return true;
	other = disk_share_conflict(host, v->share_key, v->spec->read_only);
	if (other < 0)
		return true;
	name = guest_name(host, (unsigned int)other);
	report_error(host->report, "disk %s: %s is in use by domain %s", v->spec->vdev,
		     v->spec->path, name);
	free(name);
	return false;
}

/* O_EXCL: a block device that is mounted or part of something else in dom0 is busy. */
static int open_disk(const struct disk_spec *spec)
{
	struct stat st;
	int flags = O_CLOEXEC | (spec->read_only ? O_RDONLY : O_RDWR);

	if (!stat(spec->path, &st) && S_ISBLK(st.st_mode) && !spec->read_only && !spec->may_share)
		flags |= O_EXCL;
	return open(spec->path, flags);
}

static bool prepare_file(struct guest_host *host, struct vbd *v, int file)
{
	int loop = loop_bind(file, v->spec->path, v->spec->read_only, &v->device);

	if (loop >= 0) {
		v->held = loop;
		return true;
	}
	if (loop == -ENODEV)
		report_error(host->report,
			     "disk %s: %s is a file, and there is no loop driver (modprobe loop)",
			     v->spec->vdev, v->spec->path);
	else
		report_error(host->report, "disk %s: no loop device for %s: %s", v->spec->vdev,
			     v->spec->path, strerror(-loop));
	return false;
}

static bool prepare_opened(struct guest_host *host, struct vbd *v, int fd)
{
	struct stat st;

	if (fstat(fd, &st)) {
		report_error(host->report, "disk %s: %s: %s", v->spec->vdev, v->spec->path,
			     strerror(errno));
		return false;
	}
	if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode)) {
		report_error(host->report, "disk %s: %s is no block device and no file",
			     v->spec->vdev, v->spec->path);
		return false;
	}
	if (!check_sharing(host, v, &st))
		return false;
	if (v->is_qdisk)
		return true;
	if (S_ISREG(st.st_mode))
		return prepare_file(host, v, fd);
	v->device = st.st_rdev;
	return true;
}

/* QEMU serves the disks of dom0 when it has said so. */
static bool check_qdisk(struct guest_host *host, const struct vbd *v)
{
	char *state = store_read(host, "/local/domain/0/device-model/0/state");
	bool runs = state && !strcmp(state, "running");

	if (!runs)
		report_error(host->report,
			     "disk %s: the format %s needs QEMU's disk service in dom0, which does "
			     "not run",
			     v->spec->vdev, disk_format_names[v->spec->format]);
	free(state);
	return runs;
}

bool vbd_prepare(struct guest_host *host, struct vbd *v, const struct disk_spec *spec)
{
	bool good;
	int fd;

	*v = (struct vbd){ .spec = spec, .held = -1, .script = spec->script };
	if (!device_backend_domid(host, spec->backend_name, &v->backend_domid))
		return false;
	if (!v->backend_domid && spec->script && *spec->script != '/') {
		char *path = device_script_path(spec->script);

		good = !access(path, X_OK);
		if (!good)
			report_error(host->report, "disk %s: the script %s cannot be run: %s",
				     spec->vdev, path, strerror(errno));
		free(path);
		return good;
	}
	/* An empty drive has no backend that could open it, only a place for cd-insert. */
	if (!spec->path || v->backend_domid || spec->script)
		return true;
	v->is_qdisk = spec->backend == DISK_BACKEND_QDISK || spec->format != DISK_RAW;
	if (v->is_qdisk && !check_qdisk(host, v))
		return false;
	fd = open_disk(spec);
	if (fd < 0) {
		report_error(host->report,
			     errno == EBUSY ? "disk %s: %s is in use in dom0%.0s" :
					      "disk %s: %s cannot be opened: %s",
			     spec->vdev, spec->path, strerror(errno));
		return false;
	}
	good = prepare_opened(host, v, fd);
	close(fd);
	if (!good)
		vbd_release(v);
	return good;
}

static void write_device(struct store_batch *b, const struct vbd *v)
{
	const char *backend = v->node.backend;
	const struct disk_spec *s = v->spec;

	if (v->is_qdisk)
		batch_write(b, backend, "params", "%s:%s", disk_format_names[s->format], s->path);
	else
		batch_write(b, backend, "params", "%s", s->path ? s->path : "");
	if (v->device) {
		batch_write(b, backend, "physical-device", "%x:%x", major(v->device),
			    minor(v->device));
		batch_write(b, backend, "hotplug-status", "connected");
	}
	if (v->script) {
		batch_write(b, backend, "script", "%s", v->script);
		batch_write(b, v->node.record, "script", "%s", v->script);
	}
}

void vbd_nodes(struct store_batch *b, struct vbd *v, unsigned int domid)
{
	const struct disk_spec *s = v->spec;
	const char *type = s->is_cdrom ? "cdrom" : "disk", *backend = v->node.backend;

	device_init(&v->node, "vbd", v->is_qdisk ? "qdisk" : "vbd", domid, s->devid,
		    v->backend_domid);
	device_nodes(b, &v->node);
	batch_write(b, v->node.frontend, "virtual-device", "%u", s->devid);
	batch_write(b, v->node.frontend, "device-type", "%s", type);
	batch_write(b, v->node.frontend, "trusted", s->untrusted ? "0" : "1");
	batch_write(b, v->node.record, "vdev", "%s", s->vdev);
	if (v->share_key)
		batch_write(b, v->node.record, "share", "%s", v->share_key);

	batch_write(b, backend, "dev", "%s", s->vdev);
	batch_write(b, backend, "type", v->is_qdisk ? "qdisk" : "phy");
	batch_write(b, backend, "mode", s->read_only ? "r" : s->may_share ? "w!" : "w");
	batch_write(b, backend, "device-type", "%s", type);
	batch_write(b, backend, "removable", s->is_cdrom ? "1" : "0");
	batch_write(b, backend, "bootable", "1");
	batch_write(b, backend, "discard-enable", s->no_discard ? "0" : "1");
	batch_write(b, backend, "direct-io-safe", s->direct_io_safe ? "1" : "0");
	write_device(b, v);
}

/*
 * blkback has opened the device when its file physical_device appears in sysfs, which no event tells; short waits, or its state
 * says that it failed.
 */
static bool wait_opened(struct guest_host *host, struct vbd *v)
{
	char *file = alloc_format("/sys/bus/xen-backend/devices/vbd-%u-%u/physical_device",
				  v->node.domid, v->node.devid);
	struct timespec pause = { .tv_nsec = 1000000 };
	char *why = NULL;
	int rc;

	rc = device_wait(host, &v->node, XenbusStateInitWait, BACKEND_TIMEOUT_MS, &why);
	for (unsigned int ms = 0; !rc && access(file, F_OK); ms++) {
		rc = ms >= BACKEND_TIMEOUT_MS ? -ETIMEDOUT : 0;
		if (store_read_number(host, "%s/state", v->node.backend) >= XenbusStateClosing)
			rc = -EIO;
		nanosleep(&pause, NULL);
	}
	if (rc == -ETIMEDOUT)
		report_error(host->report,
			     "disk %s: no backend took it: is the module xen-blkback loaded?",
			     v->spec->vdev);
	else if (rc)
		report_error(host->report, "disk %s: the backend cannot open %s: %s", v->spec->vdev,
			     v->spec->path, why ? why : strerror(-rc));
	free(why);
	free(file);
	return !rc;
}

bool vbd_finish(struct guest_host *host, struct vbd *v)
{
	bool good = true;

	if (v->script && !v->backend_domid)
		good = device_script(host, &v->node, v->script, "add", NULL);
	if (good && (v->device || v->script) && !v->backend_domid)
		good = wait_opened(host, v);
	if (good && v->share_key)
		disk_share_note(v->share_key, v->node.domid, v->node.devid, v->spec->read_only);
	vbd_release(v);
	return good;
}

void vbd_release(struct vbd *v)
{
	if (v->held >= 0)
		close(v->held);
	v->held = -1;
	free(v->share_key);
	v->share_key = NULL;
}
