/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which addresses outside RAM a guest may map. */
#ifndef ASM_IO_MEMORY_H
#define ASM_IO_MEMORY_H

#include <hv/types.h>

struct domain;

/* Boot and PCI set-up: registers that dom0 must not see at all, or only read. */
void io_memory_deny(paddr_t start, uint64_t len);
void io_memory_read_only(paddr_t start, uint64_t len);

/*
 * The MSI-X table of @device, a number that is its alone, is at @start from now on (@len 0: nowhere): whole pages
 * are only read. Mappings made before stay as they are. 0, or -ENOSPC: too many devices.
 */
int io_memory_message_table_set(uint32_t device, paddr_t start, uint64_t len);

/* May @d map frame @m, which is not RAM? If so, *writable is taken away where only reading is allowed. */
bool io_memory_permitted(const struct domain *d, mfn_t m, bool *writable);

/* What becomes of a store by @d to device memory that it has mapped, but not writable. */
enum io_store {
	IO_STORE_FAULTS,	/* as the entry says */
	IO_STORE_LOST,		/* to a register that is ours, or a message */
	IO_STORE_ARRIVES,	/* to what shares a page with messages */
};

enum io_store io_memory_store_judge(const struct domain *d, paddr_t address, unsigned int width);

#endif
