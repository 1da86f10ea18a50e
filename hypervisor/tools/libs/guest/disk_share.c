// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which guests have which disks open. A disk's folder has a file DOMID.DEVID.MODE for each user; one whose device is no longer recorded
 * in the store is stale and removed by the next one who looks.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "alloc.h"
#include "vbd.h"

#define SHARES HOST_RUN "/disks"

char *disk_share_key(dev_t device, ino_t inode)
{
	if (inode)
		return alloc_format("%x:%x-%llu", major(device), minor(device),
				    (unsigned long long)inode);
	return alloc_format("%x:%x", major(device), minor(device));
}

static bool is_stale(struct guest_host *host, unsigned int domid, unsigned int devid)
{
	struct xen_domctl_getdomaininfo info;
	char *backend;
	bool recorded;

	if (ctrl_domain_info(host->ctrl, (domid_t)domid, &info))
		return true;
	backend = store_read(host, "/libxl/%u/device/vbd/%u/backend", domid, devid);
	recorded = backend;
	free(backend);
	return !recorded;
}

int disk_share_conflict(struct guest_host *host, const char *key, bool read_only)
{
	char *path = alloc_format(SHARES "/%s", key);
	DIR *folder = opendir(path);
	struct dirent *e;
	int found = -1;

	while (folder && found < 0 && (e = readdir(folder))) {
		unsigned int domid, devid;
		char mode;

		if (sscanf(e->d_name, "%u.%u.%c", &domid, &devid, &mode) != 3)
			continue;
		if (is_stale(host, domid, devid))
			unlinkat(dirfd(folder), e->d_name, 0);
		else if (!read_only || mode == 'w')
			found = (int)domid;
	}
	if (folder)
		closedir(folder);
	rmdir(path); /* if it is empty */
	free(path);
	return found;
}

void disk_share_note(const char *key, unsigned int domid, unsigned int devid, bool read_only)
{
	char *folder = alloc_format(SHARES "/%s", key);
	char *file = alloc_format("%s/%u.%u.%c", folder, domid, devid, read_only ? 'r' : 'w');
	int fd;

	mkdir(HOST_RUN, 0700);
	mkdir(SHARES, 0700);
	mkdir(folder, 0700);
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	free(file);
	free(folder);
}

void disk_share_forget(const char *key, unsigned int domid, unsigned int devid)
{
	char *folder = alloc_format(SHARES "/%s", key);

	for (unsigned int i = 0; i < 2; i++) {
		char *file = alloc_format("%s/%u.%u.%c", folder, domid, devid, i ? 'r' : 'w');

		unlink(file);
		free(file);
	}
	rmdir(folder); /* if nobody else has it */
	free(folder);
}
