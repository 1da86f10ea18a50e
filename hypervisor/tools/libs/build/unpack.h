/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unpacks gzip, xz, lz4 (legacy frame, as Linux has it) and zstd, with Debian's libraries. */
#ifndef BUILD_UNPACK_H
#define BUILD_UNPACK_H

#include "why.h"

#define UNPACK_LIMIT (1ULL << 30)	/* bytes of a kernel */

/* Where the bytes go, in order; 0 or a negative errno, which ends unpacking. */
struct unpack_sink {
	int (*write)(struct unpack_sink *sink, const void *bytes, size_t len);
	uint64_t len;			/* written so far, at most UNPACK_LIMIT */
};

/* Do these first bytes of something belong to a format that can be unpacked? */
bool unpack_knows(const void *bytes, size_t len);

/*
 * Unpack one stream. What follows it, like the size that Linux appends, is ignored. 0; -EINVAL:
 * corrupt or cut off; -E2BIG: too large or asking for too much memory; or an error of the sink.
 */
int unpack(const void *in, size_t len, struct unpack_sink *sink, struct build_why *why);

#endif
