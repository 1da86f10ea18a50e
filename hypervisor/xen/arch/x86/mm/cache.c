/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Caches against memory. What one CPU flushes by line is flushed everywhere:
 * AMD64 manual volume 3, CLFLUSH. Every processor with long mode has that
 * instruction; it is ordered against other accesses by MFENCE.
 */
#include <asm/cache.h>

#include <asm/frame.h>
#include <asm/system.h>

static unsigned int line_size(void)
{
	static unsigned int bytes;	/* constant once read */

	if (!bytes)
		bytes = (cpuid(1, 0).ebx >> 8 & 0xff) * 8;
	return bytes ? bytes : 16;
}

void cache_range_flush(const void *p, size_t len)
{
	unsigned int step = line_size();
	const char *end = (const char *)p + len;

	__asm__ __volatile__("mfence" ::: "memory");
	for (const char *at = (const char *)p - ((unsigned long)p & (step - 1)); at < end;
	     at += step)
		__asm__ __volatile__("clflush %0" : : "m"(*at));
	__asm__ __volatile__("mfence" ::: "memory");
}

void frame_cache_flush(mfn_t m)
{
	const void *bytes = frame_map(m);

	cache_range_flush(bytes, PAGE_SIZE);
	frame_unmap(bytes);
}
