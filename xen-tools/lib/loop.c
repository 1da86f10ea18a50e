// SPDX-License-Identifier: GPL-2.0-or-later
/* Loop devices, see loop.h; linux/loop.h, and UEFI 2.10 chapter 5.3 for the partition table. */
#include "loop.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SECTOR 512
#define ENTRIES_MOST 128

struct gpt_header {
	char signature[8];
	uint32_t revision, header_size, header_crc, reserved;
	uint64_t own_sector, other_sector, first_usable, last_usable;
	uint8_t disk_guid[16];
	uint64_t entries_sector;
	uint32_t entry_count, entry_size, entries_crc;
} __attribute__((packed));

struct gpt_entry {
	uint8_t type[16], guid[16];
	uint64_t first, last, attributes;
	uint16_t name[36];
} __attribute__((packed));

static_assert(sizeof(struct gpt_entry) == 128, "the size that every tool writes");

int disk_root_range(const char *path, uint64_t *offset, uint64_t *size)
{
	static const uint8_t unused[16];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct gpt_header header;
	struct gpt_entry entry;
	off_t end;

	if (fd < 0)
		return -errno;
	end = lseek(fd, 0, SEEK_END);
	*offset = 0;
	*size = end > 0 ? (uint64_t)end : 0;
	if (pread(fd, &header, sizeof(header), SECTOR) != sizeof(header) ||
	    memcmp(header.signature, "EFI PART", 8) ||
	    le32toh(header.entry_size) != sizeof(entry)) {
		close(fd);
		return 0;
	}
	for (uint32_t i = 0; i < le32toh(header.entry_count) && i < ENTRIES_MOST; i++) {
		off_t at = (off_t)(le64toh(header.entries_sector) * SECTOR + i * sizeof(entry));
		uint64_t first, last;

		if (pread(fd, &entry, sizeof(entry), at) != sizeof(entry) ||
		    !memcmp(entry.type, unused, sizeof(unused)))
			continue;
		first = le64toh(entry.first);
		last = le64toh(entry.last);
		if (first > last || last >= (uint64_t)end / SECTOR || first * SECTOR < *offset)
			continue;
		*offset = first * SECTOR;
		*size = (last - first + 1) * SECTOR;
	}
	close(fd);
	return 0;
}

static int attach_free(int backing, uint64_t offset, uint64_t size, struct loop *loop)
{
	struct loop_config config = {
		.fd = (uint32_t)backing,
		.info = { .lo_offset = offset,
			  .lo_sizelimit = size,
			  .lo_flags = LO_FLAGS_AUTOCLEAR },
	};
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), rc = -EBUSY;

	if (control < 0)
		return -errno;
	/* Somebody else may take the free one first. */
	for (int tries = 0; tries < 64 && rc == -EBUSY; tries++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);

		if (number < 0) {
			rc = -errno;
			break;
		}
		snprintf(loop->device, sizeof(loop->device), "/dev/loop%d", number);
		loop->fd = open(loop->device, O_RDWR | O_CLOEXEC);
		if (loop->fd < 0) {
			rc = -errno;
			break;
		}
		rc = ioctl(loop->fd, LOOP_CONFIGURE, &config) ? -errno : 0;
		if (rc)
			close(loop->fd);
	}
	close(control);
	return rc;
}

int loop_attach_root(const char *path, struct loop *loop)
{
	uint64_t offset, size;
	int rc = disk_root_range(path, &offset, &size), backing;

	*loop = (struct loop){ .fd = -1 };
	if (rc)
		return rc;
	if (offset == 0 && !strncmp(path, "/dev/", 5)) {
		snprintf(loop->device, sizeof(loop->device), "%s", path);
		return 0;
	}
	backing = open(path, O_RDWR | O_CLOEXEC);
	if (backing < 0)
		return -errno;
	rc = attach_free(backing, offset, size, loop);
	close(backing);
	if (rc)
		loop->fd = -1;
	return rc;
}

void loop_detach(struct loop *loop)
{
	if (loop->fd >= 0)
		close(loop->fd);
	loop->fd = -1;
}
