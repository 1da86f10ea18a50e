/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any sequence of operations on page tables, beside the model of test/fake/page_model.h. */
/* sources: arch/x86/pv/page_types.c arch/x86/pv/table_entry.c arch/x86/pv/mmuext_op.c */
/* sources: arch/x86/pv/mmu_update.c arch/x86/pv/update_va_mapping.c arch/x86/pv/guest_walk.c */
/* sources: arch/x86/pv/audit.c arch/x86/pv/descriptor_tables.c arch/x86/pv/io_memory.c */
/* sources: common/memory/domain_pages.c arch/x86/pv/isolation.c test/fake/page_model_calls.c */
/* sources: test/fake/frame.c test/fake/guest.c test/fake/cpu.c test/fake/log.c */
/* sources: test/fake/guest_memory.c test/fake/page_model.c test/fake/page_model_ops.c */
#include "page_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More is only more of the same, and slow. */
#define SIZE_MAX_USEFUL 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size <= SIZE_MAX_USEFUL)
		page_model_run(data, size);
	return 0;
}
