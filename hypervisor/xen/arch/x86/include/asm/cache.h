/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Caches against memory, for frames that a guest maps with another type than write-back. */
#ifndef ASM_CACHE_H
#define ASM_CACHE_H

#include <hv/types.h>

/* Write back and drop what any CPU's cache has of a frame of RAM. Nobody may write past the caches meanwhile. */
void frame_cache_flush(mfn_t m);

/* The same for bytes of the hypervisor's. */
void cache_range_flush(const void *p, size_t len);

#endif
