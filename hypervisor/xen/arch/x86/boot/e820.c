/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's memory map: sorted, whole, and without overlaps. */
#include "boot.h"

#include <hv/printk.h>
#include <hv/string.h>

#include <asm/boot.h>

struct e820_entry machine_map[E820_MAX];
unsigned int machine_map_count;

void e820_add(uint64_t start, uint64_t size, uint32_t type)
{
	struct e820_entry *e;

	if (!size || start + size < start || boot_info.e820_count == E820_MAX / 2)
		return;
	e = &boot_info.e820[boot_info.e820_count++];
	e->start = start;
	e->size = size;
	/* Types that nobody knows are no RAM: that is all there is to say. */
	e->type = type <= E820_PERSISTENT ? type : E820_RESERVED;
}

/* Of two claims on a byte the one that is less useful is believed. */
static uint32_t type_at(const struct e820_entry *map, unsigned int count, uint64_t addr)
{
	uint32_t type = 0;

	for (unsigned int i = 0; i < count; i++) {
		const struct e820_entry *e = &map[i];

		if (addr < e->start || addr - e->start >= e->size)
			continue;
		if (!type || type == E820_RAM)
			type = e->type;
	}
	return type;
}

static void sort(uint64_t *v, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		uint64_t x = v[i];
		unsigned int j = i;

		for (; j && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

void e820_finish(void)
{
	static struct e820_entry raw[E820_MAX];
	static uint64_t edge[2 * E820_MAX];
	unsigned int n = boot_info.e820_count, edges = 0, out = 0;

	memcpy(raw, boot_info.e820, sizeof(raw));
	for (unsigned int i = 0; i < n; i++) {
		edge[edges++] = raw[i].start;
		edge[edges++] = raw[i].start + raw[i].size;
	}
	sort(edge, edges);

	for (unsigned int i = 0; i + 1 < edges && out < E820_MAX; i++) {
		uint32_t type = type_at(raw, n, edge[i]);
		struct e820_entry *last = out ? &boot_info.e820[out - 1] : NULL;

		if (edge[i] == edge[i + 1] || !type)
			continue;
		if (last && last->type == type && last->start + last->size == edge[i]) {
			last->size += edge[i + 1] - edge[i];
			continue;
		}
		boot_info.e820[out++] = (struct e820_entry){ edge[i], edge[i + 1] - edge[i], type };
	}
	boot_info.e820_count = out;
	memcpy(machine_map, boot_info.e820, sizeof(machine_map));
	machine_map_count = out;
}

void machine_map_reserve(uint64_t start, uint64_t size)
{
	unsigned int i;

	for (i = 0; i < machine_map_count; i++) {
		const struct e820_entry *e = &machine_map[i];

		if (start < e->start + e->size && e->start < start + size)
			return;
		if (e->start > start)
			break;
	}
	if (machine_map_count == E820_MAX)
		return;
	memmove(&machine_map[i + 1], &machine_map[i],
		(machine_map_count - i) * sizeof(machine_map[0]));
	machine_map[i] = (struct e820_entry){ start, size, E820_RESERVED };
	machine_map_count++;
}

static const char *type_name(uint32_t type)
{
	switch (type) {
	case E820_RAM:
		return "RAM";
	case E820_RESERVED:
		return "reserved";
	case E820_ACPI:
		return "ACPI data";
	case E820_NVS:
		return "ACPI NVS";
	case E820_UNUSABLE:
		return "unusable";
	default:
		return "other";
	}
}

void e820_print(void)
{
	log_info("Memory map of the machine:\n");
	for (unsigned int i = 0; i < boot_info.e820_count; i++) {
		const struct e820_entry *e = &boot_info.e820[i];

		log_info(" [%016lx, %016lx] (%s)\n", (unsigned long)e->start,
			 (unsigned long)(e->start + e->size - 1), type_name(e->type));
	}
}

bool e820_all_ram(uint64_t start, uint64_t len)
{
	for (unsigned int i = 0; i < boot_info.e820_count; i++) {
		const struct e820_entry *e = &boot_info.e820[i];

		if (start >= e->start && start - e->start < e->size)
			return e->type == E820_RAM && len <= e->size - (start - e->start);
	}
	return false;
}
