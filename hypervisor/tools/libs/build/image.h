/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's bytes in a file: the whole of it, or the part that holds the kernel. */
#ifndef BUILD_IMAGE_H
#define BUILD_IMAGE_H

#include "why.h"

struct image {
	int fd;
	uint64_t start, len;	/* bytes */
};

/* The file @path, a regular one, as a whole. */
int image_open(struct image *image, const char *path, struct build_why *why);
void image_close(struct image *image);

/* All @len bytes at @offset of the image; -EINVAL: they are not all inside. */
int image_read(const struct image *image, uint64_t offset, void *out, size_t len,
	       struct build_why *why);

/* Is [offset, offset + len) inside [0, size)? */
static inline bool is_inside(uint64_t offset, uint64_t len, uint64_t size)
{
	return offset <= size && len <= size - offset;
}

#endif
