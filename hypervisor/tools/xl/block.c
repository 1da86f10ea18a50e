// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks of running domains. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <guest/alloc.h>
#include <guest/vbd.h>

#include "xl.h"

static void keep_disk(struct guest_config *config, void *line)
{
	struct report silent = { .out = stderr, .program = "xl", .quiet = true };
	struct disk_spec disk;

	if (disk_parse(&disk, line, (struct place){ 0 }, &silent))
		guest_config_add_disk(config, &disk);
}

static void forget_disk(struct guest_config *config, void *devid)
{
	for (size_t i = 0; i < config->disk_count; i++) {
		if (config->disks[i].devid != *(unsigned int *)devid)
			continue;
		disk_free(&config->disks[i]);
		config->disks[i] = config->disks[--config->disk_count];
		return;
	}
}

/* Makes what vbd_prepare() found into a device of the domain. */
static bool connect(struct xl *xl, unsigned int domid, struct vbd *v)
{
	struct store_batch b;
	bool good;

	batch_init(&b, domid);
	vbd_nodes(&b, v, domid);
	good = batch_commit(&b, &xl->host);
	batch_free(&b);
	if (!good) {
		report_error(&xl->report, "the store refuses the device: %s", strerror(errno));
		vbd_release(v);
		return false;
	}
	good = vbd_finish(&xl->host, v);
	if (!good)
		device_detach(&xl->host, &v->node, true);
	return good;
}

static bool attach(struct xl *xl, unsigned int domid, const struct disk_spec *disk)
{
	struct vbd v;
	char *there = store_read(&xl->host, "/libxl/%u/device/vbd/%u/backend", domid, disk->devid);

	if (there) {
		report_error(&xl->report, "the domain has a device %s", disk->vdev);
		free(there);
		return false;
	}
	return vbd_prepare(&xl->host, &v, disk) && connect(xl, domid, &v);
}

/* xl: one word, or several that are joined by commas; xm: FILE VDEV MODE. */
static char *join(char **words, int count, bool as_xm)
{
	char *line = alloc_string(words[0]);

	for (int i = 1; i < count && (!as_xm || i < 3); i++) {
		char *longer = alloc_format("%s,%s", line, words[i]);

		free(line);
		line = longer;
	}
	return line;
}

int verb_block_attach(struct xl *xl, int argc, char **argv)
{
	struct disk_spec disk;
	int domid, lock;
	char *line;
	bool good;

	if (argc < 3)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	line = join(argv + 2, argc - 2, xl->as_xm);
	good = disk_parse(&disk, line, (struct place){ 0 }, &xl->report);
	if (good) {
		lock = guest_host_lock(&xl->host);
		good = lock >= 0 && attach(xl, (unsigned int)domid, &disk);
		if (good)
			xl_change_config(xl, (unsigned int)domid, keep_disk, line);
		guest_host_unlock(lock);
		disk_free(&disk);
	}
	free(line);
	return good ? XL_OK : XL_FAILED;
}

static bool find_disk(struct xl *xl, unsigned int domid, const char *name, struct device *found)
{
	struct device *all;
	uint32_t devid;
	size_t count;
	bool good = false;

	if (!disk_devid(name, &devid)) {
		report_error(&xl->report, "no such virtual device: '%s'", name);
		return false;
	}
	all = device_list(&xl->host, domid, &count);
	for (size_t i = 0; i < count && !good; i++) {
		good = !strcmp(all[i].kind, "vbd") && all[i].devid == devid;
		if (good)
			*found = all[i];
	}
	free(all);
	if (!good)
		report_error(&xl->report, "the domain has no device '%s'", name);
	return good;
}

int verb_block_detach(struct xl *xl, int argc, char **argv)
{
	static const struct option options[] = {
		{ "force", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct device device;
	bool force = false;
	int c, domid, rc, lock;

	while ((c = getopt_long(argc, argv, "f", options, NULL)) != -1) {
		if (c == '?')
			return xl_usage(xl);
		force = true;
	}
	if (argc - optind < 2)
		return xl_usage(xl);
	domid = xl_domain(xl, argv[optind]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	lock = guest_host_lock(&xl->host);
	if (lock < 0)
		return XL_FAILED;
	rc = -ENODEV;
	if (find_disk(xl, (unsigned int)domid, argv[optind + 1], &device)) {
		rc = device_detach(&xl->host, &device, force);
		if (rc)
			report_error(&xl->report, "the guest does not let go of the device: %s",
				     strerror(-rc));
		else
			xl_change_config(xl, (unsigned int)domid, forget_disk, &device.devid);
	}
	guest_host_unlock(lock);
	return !rc ? XL_OK : rc == -ETIMEDOUT ? XL_TIMEOUT : XL_FAILED;
}

static void print_disk(struct xl *xl, const struct device *d)
{
	char *channel = store_read(&xl->host, "%s/event-channel", d->frontend);
	char *ring = store_read(&xl->host, "%s/ring-ref", d->frontend);

	printf("%-6u%-4u%-7u%-6ld%-8s%-9s%s\n", d->devid, d->backend_domid, d->domid,
	       store_read_number(&xl->host, "%s/state", d->frontend), channel ? channel : "-1",
	       ring ? ring : "-1", d->backend);
	free(channel);
	free(ring);
}

int verb_block_list(struct xl *xl, int argc, char **argv)
{
	if (argc < 2)
		return xl_usage(xl);
	printf("%-6s%-4s%-7s%-6s%-8s%-9s%s\n", "Vdev", "BE", "handle", "state", "evt-ch",
	       "ring-ref", "BE-path");
	for (int i = 1; i < argc; i++) {
		struct device *all;
		size_t count;
		int domid = xl_domain(xl, argv[i]);

		if (domid < 0)
			continue;
		all = device_list(&xl->host, (unsigned int)domid, &count);
		for (size_t k = 0; k < count; k++)
			if (!strcmp(all[k].kind, "vbd"))
				print_disk(xl, &all[k]);
		free(all);
	}
	return xl->report.errors ? XL_NO_DOMAIN : XL_OK;
}

static bool find_drive(struct xl *xl, unsigned int domid, const char *name, struct device *found)
{
	char *type;
	bool good;

	if (!find_disk(xl, domid, name, found))
		return false;
	type = store_read(&xl->host, "%s/device-type", found->frontend);
	good = type && !strcmp(type, "cdrom");
	if (!good)
		report_error(&xl->report, "the device '%s' is no CD drive", name);
	free(type);
	return good;
}

/* A PV guest's drive changes its medium by going and coming again: it goes once the next medium is known to be good. */
static bool change_medium(struct xl *xl, unsigned int domid, const char *name,
			  const struct disk_spec *disk)
{
	struct device device;
	struct vbd v;
	int rc;

	if (!find_drive(xl, domid, name, &device) || !vbd_prepare(&xl->host, &v, disk))
		return false;
	rc = device_detach(&xl->host, &device, false);
	if (!rc)
		return connect(xl, domid, &v);
	report_error(&xl->report, "the guest does not let go of the drive: %s", strerror(-rc));
	vbd_release(&v);
	return false;
}

int verb_cd_change(struct xl *xl, int argc, char **argv)
{
	bool insert = !strcmp(xl->verb->name, "cd-insert");
	struct disk_spec disk;
	char *line;
	int domid, lock;
	bool good;

	if (argc != (insert ? 4 : 3))
		return xl_usage(xl);
	domid = xl_domain(xl, argv[1]);
	if (domid < 0)
		return XL_NO_DOMAIN;
	line = alloc_format("format=raw,vdev=%s,access=ro,devtype=cdrom,target=%s", argv[2],
			    insert ? argv[3] : "");
	lock = guest_host_lock(&xl->host);
	good = lock >= 0 && disk_parse(&disk, line, (struct place){ 0 }, &xl->report);
	if (good) {
		good = change_medium(xl, (unsigned int)domid, argv[2], &disk);
		if (good) {
			xl_change_config(xl, (unsigned int)domid, forget_disk, &disk.devid);
			xl_change_config(xl, (unsigned int)domid, keep_disk, line);
		}
		disk_free(&disk);
	}
	guest_host_unlock(lock);
	free(line);
	return good ? XL_OK : XL_FAILED;
}
