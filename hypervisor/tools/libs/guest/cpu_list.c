// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of CPUs, read and written. */
#include "cpu_list.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

struct range {
	bool remove; /* ^ */
	bool nodes;
	unsigned int first, last;
};

bool cpu_map_has(const struct cpu_map *map, unsigned int cpu)
{
	return cpu < CPU_MAP_CPUS && map->bytes[cpu / 8] >> cpu % 8 & 1;
}

static void map_set(struct cpu_map *map, unsigned int cpu, bool on)
{
	if (on)
		map->bytes[cpu / 8] |= (uint8_t)(1u << cpu % 8);
	else
		map->bytes[cpu / 8] &= (uint8_t) ~(1u << cpu % 8);
}

static bool take_number(const char **at, unsigned int *n)
{
	char *rest;
	unsigned long value;

	if (!isdigit((unsigned char)**at))
		return false;
	value = strtoul(*at, &rest, 10);
	*at = rest;
	*n = (unsigned int)value;
	return value < CPU_MAP_CPUS;
}

/* "3", "3-5", "^3", "node:1", "^nodes:0-2", "all": up to a comma or the end. */
static bool take_range(const char **at, struct range *r)
{
	*r = (struct range){ .last = CPU_MAP_CPUS - 1 };
	while (isspace((unsigned char)**at))
		(*at)++;
	if (**at == '^') {
		r->remove = true;
		(*at)++;
	}
	if (!strncmp(*at, "node:", 5) || !strncmp(*at, "nodes:", 6)) {
		r->nodes = true;
		*at = strchr(*at, ':') + 1;
		if (**at == '^') {
			r->remove = true;
			(*at)++;
		}
	}
	if (!strncmp(*at, "all", 3)) {
		*at += 3;
	} else {
		if (!take_number(at, &r->first))
			return false;
		r->last = r->first;
		if (**at == '-') {
			(*at)++;
			if (!take_number(at, &r->last) || r->last < r->first)
				return false;
		}
	}
	while (isspace((unsigned char)**at))
		(*at)++;
	return !**at || **at == ',';
}

/* False: no CPU of this machine is meant. */
static bool apply(const struct range *r, const struct cpu_machine *machine, struct cpu_map *map)
{
	bool any = false;

	for (unsigned int cpu = 0; cpu < machine->cpu_count; cpu++) {
		unsigned int n = r->nodes ? machine->node_of[cpu] : cpu;

		if (n < r->first || n > r->last)
			continue;
		map_set(map, cpu, !r->remove);
		any = true;
	}
	return any;
}

static bool is_empty(const struct cpu_map *map)
{
	for (unsigned int i = 0; i < CPU_MAP_BYTES; i++)
		if (map->bytes[i])
			return false;
	return true;
}

const char *cpu_list_parse(const char *text, const struct cpu_machine *machine, struct cpu_map *map)
{
	struct range r;

	*map = (struct cpu_map){ { 0 } };
	for (;;) {
		if (!take_range(&text, &r))
			return "not a list of CPUs like 0-3,5,^1";
		if (machine && !apply(&r, machine, map))
			return "names a CPU that this machine has not got";
		if (!*text)
			break;
		text++;
	}
	return machine && is_empty(map) ? "leaves no CPU" : NULL;
}

char *cpu_map_text(const struct cpu_map *map, unsigned int cpu_count)
{
	char *text = NULL;
	size_t size;
	FILE *out;
	unsigned int cpu = 0, last;
	bool any = false;

	for (last = 0; last < cpu_count && cpu_map_has(map, last);)
		last++;
	if (last == cpu_count)
		return alloc_string("all");
	out = open_memstream(&text, &size);
	if (!out)
		return alloc_string("");
	for (; cpu < cpu_count; cpu = last + 1) {
		for (last = cpu; last < cpu_count && cpu_map_has(map, last);)
			last++;
		if (last == cpu)
			continue;
		fprintf(out, last - cpu > 1 ? "%s%u-%u" : "%s%u", any ? "," : "", cpu, last - 1);
		any = true;
	}
	fclose(out);
	return text ? text : alloc_string("");
}
