/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which CPUs and which memory are near each other: the "system resource
 * affinity table", and the distances of the "system locality information
 * table". Judges of buffers. Source: ACPI 6.4 sections 5.2.16 and 5.2.17.
 */
#include <asm/acpi.h>

#include <hv/errno.h>
#include <hv/printk.h>
#include <hv/string.h>
#include <hv/types.h>

#define SRAT_ENTRIES_OFFSET 48
#define SLIT_MATRIX_OFFSET  44

#define ENABLED 1U

#define DISTANCE_SELF 10

enum srat_type {
	SRAT_LOCAL_APIC	  = 0,
	SRAT_MEMORY	  = 1,
	SRAT_LOCAL_X2APIC = 2,
};

struct srat_local_apic {
	uint8_t	 type, length, domain_low, apic_id;
	uint32_t flags;
	uint8_t	 sapic_eid, domain_high[3];
	uint32_t clock_domain;
} __packed;

struct srat_memory {
	uint8_t	 type, length;
	uint32_t domain;
	uint16_t reserved0;
	uint64_t start, size;
	uint32_t reserved1, flags;
	uint64_t reserved2;
} __packed;

struct srat_local_x2apic {
	uint8_t	 type, length;
	uint16_t reserved0;
	uint32_t domain, apic_id, flags, clock_domain, reserved1;
} __packed;

static_assert(sizeof(struct srat_local_apic) == 16, "ACPI table 5-57");
static_assert(sizeof(struct srat_memory) == 40, "ACPI table 5-59");
static_assert(sizeof(struct srat_local_x2apic) == 24, "ACPI table 5-60");

/* The node of a proximity domain, made if need be; NULL: too many. */
static struct acpi_node *node_of(struct acpi_numa *n, uint32_t domain)
{
	for (unsigned int i = 0; i < n->node_count; i++)
		if (n->node[i].domain == domain)
			return &n->node[i];
	if (n->node_count == ARRAY_SIZE(n->node)) {
		n->dropped++;
		return NULL;
	}
	n->node[n->node_count].domain = domain;
	return &n->node[n->node_count++];
}

static void cpu_count(struct acpi_numa *n, uint32_t domain, uint32_t flags)
{
	struct acpi_node *node = flags & ENABLED ? node_of(n, domain) : NULL;

	if (node)
		node->cpu_count++;
}

static void local_apic_add(struct acpi_numa *n, const void *entry)
{
	struct srat_local_apic e;

	memcpy(&e, entry, sizeof(e));
	cpu_count(n,
		  e.domain_low | (uint32_t)e.domain_high[0] << 8 |
			  (uint32_t)e.domain_high[1] << 16 | (uint32_t)e.domain_high[2] << 24,
		  e.flags);
}

static void local_x2apic_add(struct acpi_numa *n, const void *entry)
{
	struct srat_local_x2apic e;

	memcpy(&e, entry, sizeof(e));
	cpu_count(n, e.domain, e.flags);
}

static void memory_add(struct acpi_numa *n, const void *entry)
{
	struct acpi_node *node;
	struct srat_memory e;

	memcpy(&e, entry, sizeof(e));
	if (!(e.flags & ENABLED) || !e.size || e.start + e.size < e.start)
		return;
	node = node_of(n, e.domain);
	if (!node)
		return;
	if (n->memory_count == ARRAY_SIZE(n->memory)) {
		n->dropped++;
		return;
	}
	node->memory_bytes += e.size;
	n->memory[n->memory_count++] = (struct acpi_node_memory){ .start = e.start,
								  .size = e.size,
								  .node = node - n->node };
}

static const struct {
	uint8_t type;
	uint8_t min_length;
	void (*add)(struct acpi_numa *n, const void *entry);
} srat_entry_kinds[] = {
	{ SRAT_LOCAL_APIC,   sizeof(struct srat_local_apic),   local_apic_add },
	{ SRAT_MEMORY,	     sizeof(struct srat_memory),       memory_add },
	{ SRAT_LOCAL_X2APIC, sizeof(struct srat_local_x2apic), local_x2apic_add },
};

int acpi_srat_parse(const void *table, size_t len, struct acpi_numa *out)
{
	const uint8_t *p = table;
	size_t at = SRAT_ENTRIES_OFFSET;

	if (len < SRAT_ENTRIES_OFFSET)
		return -EINVAL;
	for (; at + 2 <= len && p[at + 1] >= 2 && at + p[at + 1] <= len; at += p[at + 1])
		for (size_t i = 0; i < ARRAY_SIZE(srat_entry_kinds); i++)
			if (srat_entry_kinds[i].type == p[at] &&
			    p[at + 1] >= srat_entry_kinds[i].min_length)
				srat_entry_kinds[i].add(out, p + at);
	return 0;
}

int acpi_slit_parse(const void *table, size_t len, struct acpi_numa *out)
{
	const uint8_t *matrix = (const uint8_t *)table + SLIT_MATRIX_OFFSET;
	uint64_t count;

	if (len < SLIT_MATRIX_OFFSET)
		return -EINVAL;
	memcpy(&count, matrix - sizeof(count), sizeof(count));
	if (!count || count > ACPI_NODES_MAX || count * count > len - SLIT_MATRIX_OFFSET)
		return -EINVAL;
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int j = 0; j < count; j++)
			if (matrix[i * count + j] < DISTANCE_SELF ||
			    (i == j && matrix[i * count + j] != DISTANCE_SELF))
				return -EINVAL;
	memcpy(out->distance, matrix, count * count);
	out->distance_count = count;
	return 0;
}

uint8_t acpi_numa_distance(const struct acpi_numa *n, unsigned int from, unsigned int to)
{
	uint32_t i = n->node[from].domain, j = n->node[to].domain;

	if (i >= n->distance_count || j >= n->distance_count)
		return 0;
	return n->distance[i * n->distance_count + j];
}

void acpi_numa_log(const struct acpi_numa *n)
{
	for (unsigned int i = 0; i < n->node_count; i++) {
		log_info("NUMA: node %u (domain %u): %u CPUs, %lu MiB\n", i, n->node[i].domain,
			 n->node[i].cpu_count, (unsigned long)(n->node[i].memory_bytes >> 20));
		for (unsigned int j = 0; j < i; j++)
			log_info("NUMA: from node %u to node %u: distance %u\n", i, j,
				 acpi_numa_distance(n, i, j));
	}
	for (unsigned int i = 0; i < n->memory_count; i++)
		log_debug("NUMA: [%lx, %lx] is of node %u\n", (unsigned long)n->memory[i].start,
			  (unsigned long)(n->memory[i].start + n->memory[i].size - 1),
			  n->memory[i].node);
	if (n->dropped)
		log_warning("NUMA: %u SRAT entries are beyond our limits\n", n->dropped);
}
