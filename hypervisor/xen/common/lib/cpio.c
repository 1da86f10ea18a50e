/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One file of an uncompressed "newc" archive, as initrds begin with (Linux:
 * Documentation/driver-api/early-userspace/buffer-format.rst). The archive is foreign: every length is judged.
 */
#include <hv/cpio.h>

#include <hv/string.h>

#define HEADER_SIZE   110	/* "070701" and 13 numbers of 8 hexadecimal digits */
#define FIELD_SIZE    6
#define FIELD_NAME    11
#define MEMBERS_MAX   4096
#define NAME_MAX_SIZE 4096

/* Number @field of a header. False: not hexadecimal. */
static bool field_read(const char *header, unsigned int field, uint32_t *value)
{
	const char *p = header + 6 + 8 * field;

	*value = 0;
	for (unsigned int i = 0; i < 8; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (c | 0x20) - 'a' + 10;
		else
			return false;
		*value = *value << 4 | (uint32_t)c;
	}
	return true;
}

const void *cpio_find(const void *archive, size_t len, const char *name, size_t *size)
{
	const char *p = archive;
	size_t at = 0, wanted = strlen(name) + 1;
	uint32_t file_size, name_size;

	for (unsigned int i = 0; i < MEMBERS_MAX && len - at >= HEADER_SIZE; i++) {
		size_t data;

		if (memcmp(p + at, "070701", 6) || !field_read(p + at, FIELD_SIZE, &file_size) ||
		    !field_read(p + at, FIELD_NAME, &name_size))
			return NULL;
		if (!name_size || name_size > NAME_MAX_SIZE || name_size > len - at - HEADER_SIZE)
			return NULL;
		data = ALIGN_UP(at + HEADER_SIZE + name_size, 4);
		if (data > len || file_size > len - data)
			return NULL;
		if (name_size == wanted && !memcmp(p + at + HEADER_SIZE, name, wanted)) {
			*size = file_size;
			return p + data;
		}
		at = ALIGN_UP(data + file_size, 4);
		if (at > len)
			return NULL;
	}
	return NULL;
}
