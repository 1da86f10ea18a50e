// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of virtual block devices and their numbers: xen-vbd-interface(7). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"

#define DISK_MAX      ((1u << 20) - 1)
#define PARTITION_MAX 255u
#define DEVID_END     (2u << 28)

/* A decimal number up to @max at *@at, which moves behind it. */
static bool take_number(const char **at, uint32_t max, uint32_t *out)
{
	uint32_t n = 0;

	if (!isdigit((unsigned char)**at))
		return false;
	for (; isdigit((unsigned char)**at); (*at)++) {
		n = n * 10 + (uint32_t)(**at - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return true;
}

/* Letters count like digits without a zero: a = 0, z = 25, aa = 26. */
static bool take_letters(const char **at, uint32_t *disk)
{
	uint32_t n = 0;

	if (!islower((unsigned char)**at))
		return false;
	for (; islower((unsigned char)**at); (*at)++) {
		n = n * 26 + (uint32_t)(**at - 'a') + 1;
		if (n - 1 > DISK_MAX)
			return false;
	}
	*disk = n - 1;
	return true;
}

static bool take_partition(const char *at, uint32_t *partition)
{
	*partition = 0;
	if (!*at)
		return true;
	return *at != '0' && take_number(&at, PARTITION_MAX, partition) && !*at;
}

static uint32_t xvd_number(uint32_t disk, uint32_t partition)
{
	if (disk < 16 && partition < 16)
		return 202u << 8 | disk << 4 | partition;
	return 1u << 28 | disk << 8 | partition;
}

static bool plain_number(const char *vdev, uint32_t *devid)
{
	unsigned long n;
	char *rest;

	n = strtoul(vdev, &rest, 0);
	if (*rest || n >= DEVID_END)
		return false;
	*devid = (uint32_t)n;
	return true;
}

static bool dp_number(const char *at, uint32_t *devid)
{
	uint32_t disk, partition = 0;

	if (!take_number(&at, DISK_MAX, &disk))
		return false;
	if (*at == 'p') {
		at++;
		if (!take_number(&at, PARTITION_MAX, &partition))
			return false;
	}
	*devid = xvd_number(disk, partition);
	return !*at;
}

bool disk_devid(const char *vdev, uint32_t *devid)
{
	uint32_t disk, partition;
	const char *at;

	if (isdigit((unsigned char)*vdev))
		return plain_number(vdev, devid);
	if (*vdev == 'd')
		return dp_number(vdev + 1, devid);
	at = vdev + (strncmp(vdev, "xvd", 3) ? 2 : 3);
	if ((strncmp(vdev, "xvd", 3) && strncmp(vdev, "sd", 2) && strncmp(vdev, "hd", 2)) ||
	    !take_letters(&at, &disk) || !take_partition(at, &partition))
		return false;
	if (*vdev == 'x') {
		*devid = xvd_number(disk, partition);
		return true;
	}
	if (*vdev == 's') {
		*devid = 8u << 8 | disk << 4 | partition;
		return disk < 16 && partition < 16;
	}
	*devid = (disk < 2 ? 3u << 8 | disk << 6 : 22u << 8 | (disk - 2) << 6) | partition;
	return disk < 4 && partition < 64;
}
