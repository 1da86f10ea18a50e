/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of a bzImage: Linux's Documentation/x86/boot.rst, version 2.08 or
 * later, the first that says where the payload is.
 */
#include "bzimage.h"

#include <errno.h>
#include <string.h>

#define SECTOR		  512
#define SECTORS_OF_ZERO	  4		/* what a count of zero stands for */
#define BOOT_FLAG	  0xaa55
#define HAS_PAYLOAD	  0x0208
#define UNPACKED_SIZE_LEN 4		/* Linux puts the unpacked size behind the payload */

/* The setup header as far as it matters, from offset 0x1f1 on. */
struct setup_header {
	uint8_t setup_sects;
	uint8_t unused_1[12];
	uint16_t boot_flag;
	uint16_t jump;
	char magic[4];
	uint16_t version;
	uint8_t unused_2[0x248 - 0x208];
	uint32_t payload_offset, payload_length;
} __attribute__((packed));

#define SETUP_HEADER 0x1f1
_Static_assert(sizeof(struct setup_header) == 0x250 - SETUP_HEADER, "boot.rst");

int bzimage_payload(const struct image *image, struct image *payload, struct build_why *why)
{
	struct setup_header h;
	uint64_t start;

	if (image_read(image, SETUP_HEADER, &h, sizeof(h), why) || h.boot_flag != BOOT_FLAG ||
	    memcmp(h.magic, "HdrS", sizeof(h.magic)))
		return fail(why, -ENOEXEC, "is not a bzImage");
	if (h.version < HAS_PAYLOAD)
		return fail(why, -EINVAL, "is a bzImage of a boot protocol older than 2.08");
	start = ((h.setup_sects ? h.setup_sects : SECTORS_OF_ZERO) + 1) * SECTOR;
	start += h.payload_offset;
	if (h.payload_length <= UNPACKED_SIZE_LEN)
		return fail(why, -EINVAL, "is a bzImage without payload");
	if (!is_inside(start, h.payload_length, image->len))
		return fail(why, -EINVAL, "is truncated: its payload is outside the file");
	*payload = (struct image){
		.fd = image->fd,
		.start = image->start + start,
		.len = h.payload_length,
	};
	return 0;
}
