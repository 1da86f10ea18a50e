/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unpacks the payload of a Linux kernel: gzip, xz, lz4 (legacy frame), zstd.
 * Nothing is allocated: the whole output, in one piece, is the dictionary,
 * and the decoders' tables are static, so one call at a time (boot does it
 * once, on one CPU).
 */
#ifndef HV_DECOMPRESS_H
#define HV_DECOMPRESS_H

#include <hv/types.h>

/*
 * Unpack @in_len bytes at @in into @out, which has room for @out_capacity
 * bytes and does not overlap the input. The format is told by its magic
 * number. Bytes after the end of the stream are ignored: Linux appends the
 * unpacked size, four bytes, little endian.
 *
 * The checksums of the format are verified. Up to @out_capacity bytes of @out
 * are written even in case of error.
 *
 * Returns 0 and sets *@out_len, or, with *@why set to a short static text:
 * -EINVAL corrupt or truncated, -ENOSPC @out is too small, -EOPNOTSUPP
 * unknown format or a feature of it that no kernel image uses.
 */
int decompress(const void *in, size_t in_len, void *out, size_t out_capacity, size_t *out_len,
	       const char **why) __must_check;

#endif
