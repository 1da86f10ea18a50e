/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of CPUs. Not atomic: a mask belongs to whoever makes it. */
#ifndef ASM_CPU_MASK_H
#define ASM_CPU_MASK_H

#include <hv/types.h>

#include <asm/layout.h>

struct cpu_mask {
	uint64_t bits[MAX_CPUS / 64];
};

static inline void cpu_mask_add(struct cpu_mask *m, unsigned int cpu)
{
	m->bits[cpu / 64] |= 1UL << cpu % 64;
}

static inline bool cpu_mask_has(const struct cpu_mask *m, unsigned int cpu)
{
	return m->bits[cpu / 64] >> cpu % 64 & 1;
}

static inline bool cpu_mask_is_empty(const struct cpu_mask *m)
{
	for (unsigned int i = 0; i < MAX_CPUS / 64; i++)
		if (m->bits[i])
			return false;
	return true;
}

#endif
