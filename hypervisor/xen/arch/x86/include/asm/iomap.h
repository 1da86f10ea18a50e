/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings of device registers and firmware tables into the hypervisor. They stay. */
#ifndef ASM_IOMAP_H
#define ASM_IOMAP_H

#include <hv/types.h>

/* Uncached, for registers. Never NULL: panics when the window is full (boot time only). */
volatile void *iomap_device(paddr_t start, size_t len);

/* Cached, for tables in memory; the same byte may be mapped any number of times. */
const void *iomap_table(paddr_t start, size_t len);

#endif
