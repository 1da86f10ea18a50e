/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any sequence of uses of grants, beside the model of test/fake/grant_model.h. */
/* sources: common/grant/grant_table_op.c common/grant/setup.c common/grant/entries.c */
/* sources: common/grant/map.c common/grant/unmap.c common/grant/copy.c common/grant/map_track.c */
/* sources: common/grant/transfer.c common/grant/cache_flush.c */
/* sources: common/memory/heap.c common/memory/page_allocator.c */
/* sources: test/fake/page_ref.c test/fake/frame.c test/fake/cpu.c test/fake/guest.c test/fake/log.c */
/* sources: test/fake/grant_world.c test/fake/grant_model.c */
#include "grant_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More is only more of the same, and slow. */
#define SIZE_MAX_USEFUL 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size <= SIZE_MAX_USEFUL)
		grant_model_run(data, size);
	return 0;
}
