// SPDX-License-Identifier: GPL-2.0-or-later
/* Binds files to loop devices, with direct I/O where the file system can. */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 64 /* another process may take the free one */

static int configure(int loop, int file, const char *path, bool read_only, bool direct)
{
	struct loop_config config = { .fd = (unsigned int)file };

	config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0) |
			       (direct ? LO_FLAGS_DIRECT_IO : 0);
	snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", path);
	return ioctl(loop, LOOP_CONFIGURE, &config) ? -errno : 0;
}

static int bind_one(int control, int file, const char *path, bool read_only, dev_t *device)
{
	struct stat st;
	char name[32];
	int number, loop, rc;

	number = ioctl(control, LOOP_CTL_GET_FREE);
	if (number < 0)
		return -errno;
	snprintf(name, sizeof(name), "/dev/loop%d", number);
	loop = open(name, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (loop < 0)
		return errno == ENOENT || errno == ENXIO ? -EBUSY : -errno;
	rc = configure(loop, file, path, read_only, true);
	if (rc == -EINVAL)
		rc = configure(loop, file, path, read_only, false);
	if (!rc && fstat(loop, &st))
		rc = -errno;
	if (rc) {
		close(loop);
		return rc;
	}
	*device = st.st_rdev;
	return loop;
}

int loop_bind(int file, const char *path, bool read_only, dev_t *device)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), loop = -EBUSY;

	if (control < 0)
		return errno == ENOENT || errno == ENXIO ? -ENODEV : -errno;
	for (int i = 0; i < TRIES && loop == -EBUSY; i++)
		loop = bind_one(control, file, path, read_only, device);
	close(control);
	return loop;
}
