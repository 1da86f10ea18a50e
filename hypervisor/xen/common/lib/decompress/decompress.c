/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the format of a packed kernel by its magic number and calls its decoder. */
#include <hv/decompress.h>

#include "stream.h"

static bool has_magic(const struct stream *s, const char *magic, size_t len)
{
	return stream_in_left(s) >= len && !__builtin_memcmp(s->in, magic, len);
}

static int unpack(struct stream *s)
{
	if (has_magic(s, "\x1f\x8b", 2))
		return stream_gunzip(s);
	if (has_magic(s,
		      "\xfd"
		      "7zXZ\0",
		      6))
		return stream_unxz(s);
	if (has_magic(s, "\x02\x21\x4c\x18", 4))
		return stream_unlz4(s);
	if (has_magic(s, "\x28\xb5\x2f\xfd", 4))
		return stream_unzstd(s);
	return stream_unsupported(s, "payload is neither gzip, xz, lz4 nor zstd");
}

int decompress(const void *in, size_t in_len, void *out, size_t out_capacity, size_t *out_len,
	       const char **why)
{
	const uint8_t *first = in;
	uint8_t *dest = out;
	struct stream s = {
		.in = first,
		.in_end = first + in_len,
		.out_start = dest,
		.out = dest,
		.out_end = dest + out_capacity,
	};
	int rc = unpack(&s);

	*out_len = rc ? 0 : (size_t)(s.out - s.out_start);
	*why = s.why;
	return rc;
}
