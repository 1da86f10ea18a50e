/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files are read, never mapped: somebody may cut or change them meanwhile. What
 * is judged is a copy, and a file that has become shorter is an error.
 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int image_open(struct image *image, const char *path, struct build_why *why)
{
	struct stat st;
	int rc;

	image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (image->fd < 0 || fstat(image->fd, &st)) {
		rc = -errno;
		image_close(image);
		return fail(why, rc, "cannot be opened: %s", strerror(-rc));
	}
	if (!S_ISREG(st.st_mode)) {
		image_close(image);
		return fail(why, -EINVAL, "is not a regular file");
	}
	image->start = 0;
	image->len = st.st_size;
	return 0;
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	image->fd = -1;
}

int image_read(const struct image *image, uint64_t offset, void *out, size_t len,
	       struct build_why *why)
{
	uint8_t *to = out;

	if (!is_inside(offset, len, image->len))
		return fail(why, -EINVAL, "is truncated");
	while (len) {
		ssize_t r = pread(image->fd, to, len, image->start + offset);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return fail(why, -errno, "cannot be read: %s", strerror(errno));
		if (!r)
			return fail(why, -EINVAL, "became shorter while it was read");
		to += r;
		offset += r;
		len -= r;
	}
	return 0;
}
