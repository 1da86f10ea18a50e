/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a packed kernel, with too little and with enough room for it. */
/* sources: common/lib/decompress/decompress.c common/lib/decompress/checksum.c */
/* sources: common/lib/decompress/gunzip.c common/lib/decompress/unlz4.c */
/* sources: common/lib/decompress/unxz.c common/lib/decompress/lzma2.c */
/* sources: common/lib/decompress/bcj_x86.c */
/* sources: common/lib/decompress/unzstd.c common/lib/decompress/zstd_entropy.c */
/* sources: common/lib/decompress/zstd_literals.c common/lib/decompress/zstd_sequences.c */
#include <stdlib.h>

#include <hv/decompress.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void unpack(const uint8_t *data, size_t size, size_t room)
{
	uint8_t *out = malloc(room);
	const char *why = NULL;
	size_t len = 0;
	int rc;

	if (!out)
		abort();
	rc = decompress(data, size, out, room, &len, &why);
	if (len > room || (rc && !why))
		abort();
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unpack(data, size, 1000);
	unpack(data, size, 100000);
	return 0;
}
