/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which addresses outside RAM a guest may map. */
#ifndef ASM_IO_MEMORY_H
#define ASM_IO_MEMORY_H

#include <hv/types.h>

struct domain;

/* Boot and PCI set-up: registers that dom0 must not see at all, or only read. */
void io_memory_deny(paddr_t start, uint64_t len);
void io_memory_read_only(paddr_t start, uint64_t len);

/* May @d map frame @m, which is not RAM? If so, *writable is taken away where only reading is allowed. */
bool io_memory_permitted(const struct domain *d, mfn_t m, bool *writable);

#endif
