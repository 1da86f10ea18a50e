/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct xenctl_bitmap (xen/xen.h): sets of CPUs as tools pass them, byte by byte, the lowest number first. */
#include "control.h"

#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/string.h>

/* Bytes of a guest's map that we look at, and that we write at most. */
#define OUR_BYTES (MAX_CPUS / 8)
#define BYTES_MAX 4096

static unsigned int bytes_of(const struct xenctl_bitmap *map)
{
	unsigned long bytes = ((unsigned long)map->nr_bits + 7) / 8;

	return bytes < BYTES_MAX ? bytes : BYTES_MAX;
}

int bitmap_read(const struct xenctl_bitmap *map, struct cpu_mask *out)
{
	unsigned int bytes = bytes_of(map);
	uint8_t last;

	*out = (struct cpu_mask){ 0 };
	if (bytes > OUR_BYTES)
		bytes = OUR_BYTES;
	if (guest_copy_from(out, (unsigned long)map->bitmap.p, bytes))
		return -EFAULT;
	/* the last byte's upper bits are not part of the map */
	if (map->nr_bits % 8 && map->nr_bits < MAX_CPUS) {
		memcpy(&last, (char *)out + bytes - 1, 1);
		last &= (1U << map->nr_bits % 8) - 1;
		memcpy((char *)out + bytes - 1, &last, 1);
	}
	return 0;
}

int bitmap_write(const struct xenctl_bitmap *map, const struct cpu_mask *m)
{
	unsigned long to = (unsigned long)map->bitmap.p;
	unsigned int bytes = bytes_of(map);
	static const uint8_t none;

	if (guest_copy_to(to, m, bytes < OUR_BYTES ? bytes : OUR_BYTES))
		return -EFAULT;
	for (unsigned int i = OUR_BYTES; i < bytes; i++)
		if (guest_write(to + i, &none))
			return -EFAULT;
	return 0;
}
