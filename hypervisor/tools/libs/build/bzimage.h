/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the packed kernel in a bzImage. */
#ifndef BUILD_BZIMAGE_H
#define BUILD_BZIMAGE_H

#include "image.h"

/*
 * The payload of the bzImage @image, as an image of its own in the same file. 0; -ENOEXEC: no
 * bzImage; -EINVAL: a broken one or one without a payload that can be found.
 */
int bzimage_payload(const struct image *image, struct image *payload, struct build_why *why);

#endif
