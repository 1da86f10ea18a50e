/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the packed kernel inside a Linux bzImage. */
#ifndef HV_BZIMAGE_H
#define HV_BZIMAGE_H

#include <hv/types.h>

struct bzimage {
	const void *payload;	/* within the image: packed kernel, then its unpacked size */
	size_t payload_len;	/* bytes, with the four of the unpacked size */
	uint32_t unpacked_size;	/* bytes, as those four say; not checked here */
	uint16_t version;	/* of the boot protocol, 0x020f for 2.15 */
};

/*
 * Read the header of the Linux/x86 boot protocol (Documentation/x86/boot.rst)
 * of the file @image of @len bytes.
 *
 * Returns 0; -ENOEXEC if this is no bzImage, so that something else may be
 * tried; -EINVAL, with *@why a static text, if it is a broken or too old one.
 */
int bzimage_parse(const void *image, size_t len, struct bzimage *info,
		  const char **why) __must_check;

#endif
