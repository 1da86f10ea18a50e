/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unpacked kernels, kept in a folder. An entry is one file: a page that says
 * how long the parts are, the packed bytes, the unpacked ones. It is found by
 * a checksum of the packed bytes and believed only when all of them are equal,
 * so nobody's kernel can stand in for another's.
 */
#ifndef BUILD_CACHE_H
#define BUILD_CACHE_H

#include "image.h"

#define CACHE_DEFAULT_LIMIT (256ULL << 20)

/*
 * The unpacked content of @packed: from the folder @path (NULL: none), or unpacked now and left
 * there, older entries going when all take more than @limit bytes. @out is an image of its own.
 * 0 or an error of unpack(); that a folder cannot be used is none.
 */
int cache_unpack(const char *path, uint64_t limit, const struct image *packed, struct image *out,
		 struct build_why *why);

#endif
