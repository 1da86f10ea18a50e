/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IOMMUs: what devices' accesses to memory reach, and where their interrupts go. dom0 has all devices, and its
 * machine addresses are bus addresses: one identity map serves all of them. All units use the same tables.
 *
 * Interrupts: entry number V of the remapping table is vector V of the hypervisor, which means the same on every
 * CPU; what a message or route carries is the vector, what the entry adds is the CPU.
 */
#ifndef ASM_IOMMU_H
#define ASM_IOMMU_H

#include <hv/types.h>

struct irq;

#define IRTE_COUNT 256		/* one for each vector */
#define IRTE_NMI   2		/* of a vector that devices never have */

/* Boot, after acpi_init(), before apic_init(): find the units, remap interrupts if they can. */
void iommu_init(void);

/* Boot, when dom0 has its memory, before it runs: translate. With iommu=required does not return if that fails. */
void iommu_dom0_init(void);

/* Are interrupts remapped? Constant after iommu_init(). */
bool iommu_remaps_interrupts(void);

/* ... and can the entries name APIC IDs of 32 bits? */
bool iommu_remaps_to_x2apic(void);

/* Set or change the entry of @vector; in effect when it returns. Any context with interrupts off. */
void iommu_vector_route(uint8_t vector, uint32_t apic_id, bool is_level);
void iommu_nmi_route(uint32_t apic_id);

/*
 * What a device writes for entry @vector: the low half of the address and the data, of a message; the
 * high half of an IO-APIC's route, whose low half is as ever. Only if interrupts are remapped.
 */
uint32_t iommu_message_address(uint8_t vector);
uint32_t iommu_message_data(uint8_t vector);
uint32_t iommu_ioapic_route(uint8_t vector, uint32_t apic_id);

/* ---- what a kind of unit supplies: vtd.c, amd_vi.c ---- */

struct iommu_plan {
	bool remap_interrupts, x2apic;	/* wanted; taken away by a unit that cannot */
	bool passthrough;		/* wanted: no translation at all */
	unsigned int levels;		/* of page tables; made smaller by a unit that needs it */
	bool has_large_pages;		/* 2 MiB; taken away likewise */
	bool is_coherent;		/* tables are read through the caches; taken away likewise */
};

struct iommu_ops {
	const char *name;
	/* Map the unit and look at what it can. 0, or -EINVAL: cannot be used. Units are numbered as in acpi_info. */
	int (*unit_probe)(unsigned int unit, struct iommu_plan *plan);
	/* 0 or -ENOMEM, -EIO. */
	int (*interrupts_enable)(const struct iommu_plan *plan);
	int (*translation_enable)(const struct iommu_plan *plan, paddr_t root);
	void (*irte_write)(unsigned int index, uint8_t vector, uint32_t apic_id, bool is_level,
			   bool is_nmi);
	void (*faults_report)(void);
	uint64_t (*table_entry)(paddr_t next, unsigned int level);
	uint64_t (*leaf_entry)(paddr_t page, unsigned int level);
	uint32_t (*message_address)(uint8_t vector);
	uint32_t (*message_data)(uint8_t vector);
	uint32_t (*ioapic_route)(uint8_t vector, uint32_t apic_id);
};

extern const struct iommu_ops vtd_ops, amd_vi_ops;

/* Until a unit writes @value to @done, when it has done all that it was told. False: it does not, in a long time. */
bool iommu_wait(const uint32_t *done, uint32_t value);

/* ---- io_page_table.c ---- */

struct io_page_table {
	const struct iommu_ops *ops;
	unsigned int levels;		/* 3 or 4 */
	bool	     has_large_pages, is_coherent;
	uint64_t    *root;		/* NULL: none yet */
};

/* Map [start, end), whole pages, to itself. 0 or -ENOMEM; -ERANGE: beyond what the levels reach. */
int io_page_table_map(struct io_page_table *t, paddr_t start, paddr_t end);

/* What is written at @p is for the unit to read. */
void io_table_flush(const void *p, size_t len, bool is_coherent);

#endif
