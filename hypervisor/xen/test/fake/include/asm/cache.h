/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's stand-in for asm/cache.h: caches that agree with memory, unless the test has the function below. */
#ifndef ASM_CACHE_H
#define ASM_CACHE_H

#include <hv/types.h>

void fake_cache_flush(mfn_t m) __attribute__((weak));

static inline void frame_cache_flush(mfn_t m)
{
	if (fake_cache_flush)
		fake_cache_flush(m);
}

#endif
