/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of CPUs. Not atomic: a mask belongs to whoever makes it. */
#ifndef ASM_CPU_MASK_H
#define ASM_CPU_MASK_H

#include <hv/types.h>

#include <asm/layout.h>

static_assert(MAX_CPUS == 128, "CPU_MASK_ALL has two words");

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

static inline void cpu_mask_remove(struct cpu_mask *m, unsigned int cpu)
{
	m->bits[cpu / 64] &= ~(1UL << cpu % 64);
}

static inline struct cpu_mask cpu_mask_and(const struct cpu_mask *a, const struct cpu_mask *b)
{
	struct cpu_mask m;

	for (unsigned int i = 0; i < MAX_CPUS / 64; i++)
		m.bits[i] = a->bits[i] & b->bits[i];
	return m;
}

/* The lowest from @from on, or MAX_CPUS. */
static inline unsigned int cpu_mask_next(const struct cpu_mask *m, unsigned int from)
{
	while (from < MAX_CPUS) {
		uint64_t rest = m->bits[from / 64] >> from % 64;

		if (rest)
			return from + __builtin_ctzl(rest);
		from = (from / 64 + 1) * 64;
	}
	return MAX_CPUS;
}

static inline unsigned int cpu_mask_first(const struct cpu_mask *m)
{
	return cpu_mask_next(m, 0);
}

#define CPU_MASK_ALL ((struct cpu_mask){ { ~0UL, ~0UL } })

#define cpu_mask_each(cpu, m) \
	for ((cpu) = cpu_mask_first(m); (cpu) < MAX_CPUS; (cpu) = cpu_mask_next(m, (cpu) + 1))

static inline bool cpu_mask_is_empty(const struct cpu_mask *m)
{
	for (unsigned int i = 0; i < MAX_CPUS / 64; i++)
		if (m->bits[i])
			return false;
	return true;
}

#endif
