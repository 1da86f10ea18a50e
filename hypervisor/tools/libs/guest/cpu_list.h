// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of CPUs as in cpus= of xl.cfg(5): "all", "0-3,5,^1", "nodes:0-1,^node:2". */
#ifndef GUEST_CPU_LIST_H
#define GUEST_CPU_LIST_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_MAP_CPUS  1024u
#define CPU_MAP_BYTES (CPU_MAP_CPUS / 8)

/* Bit n of byte n / 8 is CPU n. */
struct cpu_map {
	uint8_t bytes[CPU_MAP_BYTES];
};

/* The machine: how many CPUs, and the node of each. */
struct cpu_machine {
	unsigned int cpu_count;
	unsigned int node_of[CPU_MAP_CPUS];
};

/*
 * With @machine NULL only the syntax is judged. Returns NULL, or what is wrong with @text; a list that leaves no CPU
 * is wrong, too.
 */
const char *cpu_list_parse(const char *text, const struct cpu_machine *machine,
			   struct cpu_map *map);

bool cpu_map_has(const struct cpu_map *map, unsigned int cpu);
/* "0-3,5", "all" for each of @cpu_count; to be freed. */
char *cpu_map_text(const struct cpu_map *map, unsigned int cpu_count);

#endif
