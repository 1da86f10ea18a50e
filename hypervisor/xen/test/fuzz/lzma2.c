/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LZMA2 chunks and the x86 filter without the xz container, whose checksums
 * keep a fuzzer out.
 */
/* sources: common/lib/decompress/lzma2.c common/lib/decompress/bcj_x86.c */
#include <stdlib.h>

#include "common/lib/decompress/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size % 2 ? 1000 : 100000;
	struct stream s = { .in = data, .in_end = data + size };

	s.out_start = s.out = malloc(room);
	if (!s.out)
		abort();
	s.out_end = s.out + room;
	if (stream_unlzma2(&s) && !s.why)
		abort();
	if (s.in > s.in_end || s.out > s.out_end)
		abort();
	bcj_x86_decode(s.out_start, s.out - s.out_start, size);
	free(s.out_start);
	return 0;
}
