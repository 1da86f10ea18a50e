/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the ACPI tables say of the machine. Firmware data is judged once, by
 * parsers that take a buffer, and kept here in our own words; all is set by
 * acpi_init() and constant afterwards. Source: ACPI specification 6.4, chapter 5.
 */
#ifndef ASM_ACPI_H
#define ASM_ACPI_H

#include <hv/types.h>

#include <asm/layout.h>

#define IOAPIC_MAX	   16
#define ACPI_OVERRIDE_MAX  16
#define ACPI_MCFG_MAX	   16
#define ACPI_NMI_MAX	   32

struct acpi_header {
	char	 signature[4];
	uint32_t length;
	uint8_t	 revision;
	uint8_t	 checksum;
	char	 oem_id[6];
	char	 oem_table_id[8];
	uint32_t oem_revision;
	uint32_t creator_id;
	uint32_t creator_revision;
} __packed;

static_assert(sizeof(struct acpi_header) == 36, "ACPI 5.2.6");

#define ACPI_SPACE_MEMORY 0
#define ACPI_SPACE_IO	  1
#define ACPI_SPACE_PCI	  2

/* Generic address structure; address 0: there is no such register. */
struct acpi_gas {
	uint8_t	 space;
	uint8_t	 bit_width;
	uint8_t	 bit_offset;
	uint8_t	 access_size;
	uint64_t address;
} __packed;

struct acpi_cpu {
	uint32_t apic_id;
	uint32_t acpi_id;
};

struct acpi_ioapic {
	uint64_t address;
	uint32_t gsi_base;
	uint8_t	 id;
};

/* ISA interrupt @isa_irq arrives at line @gsi, with these MPS INTI flags. */
struct acpi_override {
	uint8_t	 isa_irq;
	uint16_t flags;
	uint32_t gsi;
};

/* The chipset's NMI arrives at LINT@lint of the CPU with this ACPI ID, or of all. */
struct acpi_nmi {
	uint32_t acpi_id;
	bool	 is_for_all;
	uint8_t	 lint;		/* 0 or 1 */
};

#define MPS_POLARITY_MASK 0x3
#define MPS_POLARITY_LOW  0x3
#define MPS_TRIGGER_MASK  0xc
#define MPS_TRIGGER_LEVEL 0xc

struct acpi_madt {
	struct acpi_cpu	     cpu[MAX_CPUS];	/* the enabled ones */
	struct acpi_ioapic   ioapic[IOAPIC_MAX];
	struct acpi_override override[ACPI_OVERRIDE_MAX];
	struct acpi_nmi	     nmi[ACPI_NMI_MAX];
	unsigned int	     cpu_count, ioapic_count, override_count, nmi_count;
	unsigned int	     dropped;		/* entries beyond our limits */
	bool		     is_assumed;	/* its IO-APIC is the one that every PC has */
};

struct acpi_fadt {
	uint16_t	sci_irq;
	bool		is_hardware_reduced;
	bool		has_pm_timer;
	bool		pm_timer_is_32bit;
	bool		has_reset;
	uint8_t		reset_value;
	uint8_t		century_register;	/* of the real-time clock; 0: none */
	struct acpi_gas reset, pm_timer, pm1a_control, pm1b_control, sleep_control;
};

struct acpi_hpet {
	uint64_t address;	/* 0: none */
};

struct acpi_mcfg_region {
	uint64_t address;	/* of bus 0 of the segment, even if first_bus is greater */
	uint16_t segment;
	uint8_t	 first_bus, last_bus;
};

#define ACPI_NODES_MAX	      16
#define ACPI_NODE_MEMORIES_MAX 64

struct acpi_node {
	uint32_t     domain;		/* ACPI's number for it */
	unsigned int cpu_count;		/* enabled ones */
	uint64_t     memory_bytes;
};

struct acpi_node_memory {
	uint64_t     start, size;
	unsigned int node;
};

/* Nodes in the order in which the SRAT names them; none: the machine is one. */
struct acpi_numa {
	struct acpi_node	node[ACPI_NODES_MAX];
	struct acpi_node_memory memory[ACPI_NODE_MEMORIES_MAX];
	unsigned int		node_count, memory_count;
	unsigned int		dropped;	/* entries beyond our limits */
	unsigned int		distance_count;	/* domains that the SLIT speaks of */
	uint8_t			distance[ACPI_NODES_MAX * ACPI_NODES_MAX];
};

#define ACPI_IOMMU_MAX	     32
#define ACPI_IOMMU_RANGE_MAX 32

enum acpi_iommu_kind {
	ACPI_IOMMU_NONE,
	ACPI_IOMMU_INTEL,	/* DMAR */
	ACPI_IOMMU_AMD,		/* IVRS */
};

/* The IOMMUs, and memory that firmware's own devices go on using (RMRR, IVMD). */
struct acpi_iommu {
	enum acpi_iommu_kind kind;
	bool	     may_remap_interrupts;
	bool	     opts_out_of_x2apic;	/* the firmware asks for it */
	uint64_t     unit[ACPI_IOMMU_MAX];	/* page with each one's registers */
	unsigned int unit_count;
	struct {
		uint64_t start, end;		/* whole pages */
	} range[ACPI_IOMMU_RANGE_MAX];
	unsigned int range_count;
	unsigned int dropped;			/* beyond our limits */
};

struct acpi_info {
	struct acpi_madt madt;
	struct acpi_fadt fadt;
	struct acpi_hpet hpet;
	struct acpi_numa numa;
	struct acpi_mcfg_region mcfg[ACPI_MCFG_MAX];
	unsigned int mcfg_count;
	struct acpi_iommu iommu;
};

extern struct acpi_info acpi_info;

/* Boot: find and read the tables. What is missing is said, and what every PC has is assumed. */
void acpi_init(void);

/* ---- parse.c, madt.c: judges of buffers ---- */

/* Do the bytes add up to zero? */
bool acpi_checksum_ok(const void *table, size_t len);

/*
 * Is there a root pointer at the start of these @len bytes? Then *@root is
 * the address of the XSDT (*@is_wide) or RSDT.
 */
bool acpi_rsdp_parse(const void *buf, size_t len, paddr_t *root, bool *is_wide);

/* Is @table, with @len bytes of it mapped, whole, of this signature, and of good checksum? */
bool acpi_table_ok(const void *table, size_t len, const char *signature);

/* Table addresses in a root table of @len bytes: their number, and the @index'th. */
unsigned int acpi_root_count(size_t len, bool is_wide);
paddr_t acpi_root_entry(const void *root, unsigned int index, bool is_wide);

/* Parse a table of @len bytes that passed acpi_table_ok(). 0, or -EINVAL: too short to be of use. */
int acpi_madt_parse(const void *table, size_t len, struct acpi_madt *out);
int acpi_fadt_parse(const void *table, size_t len, struct acpi_fadt *out);
int acpi_hpet_parse(const void *table, size_t len, struct acpi_hpet *out);

/*
 * The firmware's boot picture (ACPI 6.5, 5.2.23): where a BGRT of @len bytes says that it is, 0 for nowhere; and the
 * table changed to say that there is none, its checksum as good as before.
 */
paddr_t acpi_bgrt_image(const void *table, size_t len);
void acpi_bgrt_forget(volatile void *table);

/* Of a machine whose MADT tells of no IO-APIC: the one that every PC has. */
void acpi_madt_assume_ioapic(struct acpi_madt *m);

/* Adds at most @max regions to @out; returns how many. */
unsigned int acpi_mcfg_parse(const void *table, size_t len, struct acpi_mcfg_region *out,
			     unsigned int max);

/*
 * iommu_tables.c: the same for DMAR and IVRS, whose checksum must be good too; *out is always set. -ENOENT: no
 * unit in it.
 */
int acpi_dmar_parse(const void *table, size_t len, struct acpi_iommu *out);
int acpi_ivrs_parse(const void *table, size_t len, struct acpi_iommu *out);

/* ---- numa.c: judges of buffers ---- */

/* Add what the table says to @out, which was zero before. 0, or -EINVAL: senseless, nothing was added. */
int acpi_srat_parse(const void *table, size_t len, struct acpi_numa *out);
int acpi_slit_parse(const void *table, size_t len, struct acpi_numa *out);

/* Between two nodes, 10 being that of a node to itself; 0: not told. */
uint8_t acpi_numa_distance(const struct acpi_numa *n, unsigned int from, unsigned int to);

void acpi_numa_log(const struct acpi_numa *n);

/* ---- rsdp.c ---- */

/* Find the root pointer, wherever this machine keeps it. False: nowhere. */
bool acpi_root_find(paddr_t *root, bool *is_wide);

/* ---- sleep.c ---- */

/* Boot: map the registers that lie in memory. */
void acpi_sleep_init(void);

/* Write the reset register, if there is one. Returns when that did not help. */
void acpi_reset(void);

/*
 * XENPF_enter_acpi_sleep with the values of the control registers, or, if @is_extended, of the
 * sleep control register. 0: done, the machine is about to go; -EINVAL, -EOPNOTSUPP.
 */
int acpi_sleep_enter(unsigned int state, uint16_t value_a, uint16_t value_b, bool is_extended);

#endif
