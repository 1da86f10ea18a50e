/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of a bzImage, Linux/x86 boot protocol 2.08 or later: the first
 * version that says where the payload is.
 */
#include <hv/bzimage.h>
#include <hv/errno.h>
#include <hv/string.h>

#define SECTOR_SIZE 512

#define OFFSET_SETUP_SECTS    0x1f1
#define OFFSET_BOOT_FLAG      0x1fe
#define OFFSET_MAGIC	      0x202
#define OFFSET_VERSION	      0x206
#define OFFSET_PAYLOAD_OFFSET 0x248
#define OFFSET_PAYLOAD_LENGTH 0x24c
#define HEADER_END	      0x250

#define BOOT_FLAG		0xaa55
#define SETUP_SECTS_OF_ZERO	4	/* what zero stands for, for old kernels' sake */
#define VERSION_WITH_PAYLOAD	0x0208
#define UNPACKED_SIZE_LEN	4

static uint16_t field16(const uint8_t *image, size_t offset)
{
	uint16_t v;

	memcpy(&v, image + offset, sizeof(v));
	return v;
}

static uint32_t field32(const uint8_t *image, size_t offset)
{
	uint32_t v;

	memcpy(&v, image + offset, sizeof(v));
	return v;
}

static int invalid(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

int bzimage_parse(const void *image, size_t len, struct bzimage *info, const char **why)
{
	const uint8_t *bytes = image;
	uint64_t start, payload_len;

	if (len < OFFSET_VERSION + 2 || memcmp(bytes + OFFSET_MAGIC, "HdrS", 4) ||
	    field16(bytes, OFFSET_BOOT_FLAG) != BOOT_FLAG) {
		*why = "not a bzImage";
		return -ENOEXEC;
	}
	info->version = field16(bytes, OFFSET_VERSION);
	if (info->version < VERSION_WITH_PAYLOAD)
		return invalid(why, "bzImage has a boot protocol older than 2.08");
	if (len < HEADER_END)
		return invalid(why, "bzImage header is truncated");

	start = bytes[OFFSET_SETUP_SECTS];
	start = ((start ? start : SETUP_SECTS_OF_ZERO) + 1) * SECTOR_SIZE;
	start += field32(bytes, OFFSET_PAYLOAD_OFFSET);
	payload_len = field32(bytes, OFFSET_PAYLOAD_LENGTH);
	if (payload_len <= UNPACKED_SIZE_LEN)
		return invalid(why, "bzImage has no payload");
	if (start > len || payload_len > len - start)
		return invalid(why, "bzImage payload is truncated");

	info->payload = bytes + start;
	info->payload_len = payload_len;
	info->unpacked_size = field32(bytes, start + payload_len - UNPACKED_SIZE_LEN);
	return 0;
}
