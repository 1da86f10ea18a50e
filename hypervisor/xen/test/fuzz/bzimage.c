/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a bzImage: the payload that is found has to be inside. */
/* sources: common/lib/bzimage.c */
#include <stdlib.h>

#include <hv/bzimage.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	struct bzimage info;
	const uint8_t *payload;

	if (bzimage_parse(data, size, &info, &why)) {
		if (!why)
			abort();
		return 0;
	}
	payload = info.payload;
	if (payload < data || info.payload_len < 4 ||
	    info.payload_len > (size_t)(data + size - payload))
		abort();
	return 0;
}
