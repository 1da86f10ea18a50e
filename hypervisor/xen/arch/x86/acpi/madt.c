/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The "multiple APIC description table": CPUs, IO-APICs and where ISA
 * interrupts really arrive. A judge of a buffer. Source: ACPI 6.4 section 5.2.12.
 */
#include <asm/acpi.h>

#include <hv/errno.h>
#include <hv/string.h>
#include <hv/types.h>

#define MADT_ENTRIES_OFFSET 44

enum madt_type {
	MADT_LOCAL_APIC	     = 0,
	MADT_IO_APIC	     = 1,
	MADT_SOURCE_OVERRIDE = 2,
	MADT_LOCAL_NMI	     = 4,
	MADT_LOCAL_X2APIC    = 9,
	MADT_LOCAL_X2APIC_NMI = 10,
};

struct madt_local_apic {
	uint8_t	 type, length, acpi_id, apic_id;
	uint32_t flags;
} __packed;

struct madt_local_x2apic {
	uint8_t	 type, length;
	uint16_t reserved;
	uint32_t apic_id, flags, acpi_id;
} __packed;

struct madt_io_apic {
	uint8_t	 type, length, id, reserved;
	uint32_t address, gsi_base;
} __packed;

struct madt_source_override {
	uint8_t	 type, length, bus, isa_irq;
	uint32_t gsi;
	uint16_t flags;
} __packed;

struct madt_local_nmi {
	uint8_t	 type, length, acpi_id;
	uint16_t flags;
	uint8_t	 lint;
} __packed;

struct madt_local_x2apic_nmi {
	uint8_t	 type, length;
	uint16_t flags;
	uint32_t acpi_id;
	uint8_t	 lint, reserved[3];
} __packed;

#define MADT_CPU_ENABLED 1U

#define IOAPIC_USUAL_ADDRESS 0xfec00000

static void cpu_add(struct acpi_madt *m, uint32_t apic_id, uint32_t acpi_id, uint32_t flags)
{
	if (!(flags & MADT_CPU_ENABLED))
		return;
	/* CPUs below 255 may be listed both as local APIC and as x2APIC. */
	for (unsigned int i = 0; i < m->cpu_count; i++)
		if (m->cpu[i].apic_id == apic_id)
			return;
	if (m->cpu_count == ARRAY_SIZE(m->cpu)) {
		m->dropped++;
		return;
	}
	m->cpu[m->cpu_count].apic_id = apic_id;
	m->cpu[m->cpu_count].acpi_id = acpi_id;
	m->cpu_count++;
}

static void local_apic_add(struct acpi_madt *m, const void *entry)
{
	struct madt_local_apic e;

	memcpy(&e, entry, sizeof(e));
	if (e.apic_id != 0xff)
		cpu_add(m, e.apic_id, e.acpi_id, e.flags);
}

static void local_x2apic_add(struct acpi_madt *m, const void *entry)
{
	struct madt_local_x2apic e;

	memcpy(&e, entry, sizeof(e));
	if (e.apic_id != 0xffffffff)
		cpu_add(m, e.apic_id, e.acpi_id, e.flags);
}

static void io_apic_add(struct acpi_madt *m, const void *entry)
{
	struct madt_io_apic e;
	struct acpi_ioapic *io;

	memcpy(&e, entry, sizeof(e));
	if (m->ioapic_count == ARRAY_SIZE(m->ioapic)) {
		m->dropped++;
		return;
	}
	io = &m->ioapic[m->ioapic_count++];
	io->address = e.address;
	io->gsi_base = e.gsi_base;
	io->id = e.id;
}

static void override_add(struct acpi_madt *m, const void *entry)
{
	struct madt_source_override e;
	struct acpi_override *o;

	memcpy(&e, entry, sizeof(e));
	if (e.bus != 0 || e.isa_irq >= 16)
		return;
	if (m->override_count == ARRAY_SIZE(m->override)) {
		m->dropped++;
		return;
	}
	o = &m->override[m->override_count++];
	o->isa_irq = e.isa_irq;
	o->gsi = e.gsi;
	o->flags = e.flags;
}

static void nmi_add(struct acpi_madt *m, struct acpi_nmi nmi)
{
	if (nmi.lint > 1)
		return;
	if (m->nmi_count == ARRAY_SIZE(m->nmi)) {
		m->dropped++;
		return;
	}
	m->nmi[m->nmi_count++] = nmi;
}

static void local_nmi_add(struct acpi_madt *m, const void *entry)
{
	struct madt_local_nmi e;

	memcpy(&e, entry, sizeof(e));
	nmi_add(m, (struct acpi_nmi){ e.acpi_id, e.acpi_id == 0xff, e.lint });
}

static void local_x2apic_nmi_add(struct acpi_madt *m, const void *entry)
{
	struct madt_local_x2apic_nmi e;

	memcpy(&e, entry, sizeof(e));
	nmi_add(m, (struct acpi_nmi){ e.acpi_id, e.acpi_id == 0xffffffff, e.lint });
}

static const struct {
	uint8_t type;
	uint8_t min_length;
	void (*add)(struct acpi_madt *m, const void *entry);
} madt_entry_kinds[] = {
	{ MADT_LOCAL_APIC,	sizeof(struct madt_local_apic),		local_apic_add },
	{ MADT_IO_APIC,		sizeof(struct madt_io_apic),		io_apic_add },
	{ MADT_SOURCE_OVERRIDE, sizeof(struct madt_source_override),	override_add },
	{ MADT_LOCAL_NMI,	sizeof(struct madt_local_nmi),		local_nmi_add },
	{ MADT_LOCAL_X2APIC_NMI, sizeof(struct madt_local_x2apic_nmi),	local_x2apic_nmi_add },
	{ MADT_LOCAL_X2APIC,	sizeof(struct madt_local_x2apic),	local_x2apic_add },
};

static void entry_add(struct acpi_madt *m, const uint8_t *entry)
{
	for (size_t i = 0; i < ARRAY_SIZE(madt_entry_kinds); i++)
		if (madt_entry_kinds[i].type == entry[0] &&
		    entry[1] >= madt_entry_kinds[i].min_length)
			madt_entry_kinds[i].add(m, entry);
}

int acpi_madt_parse(const void *table, size_t len, struct acpi_madt *out)
{
	const uint8_t *p = table;
	size_t at = MADT_ENTRIES_OFFSET;

	memset(out, 0, sizeof(*out));
	if (len < MADT_ENTRIES_OFFSET)
		return -EINVAL;

	/* An entry is a type, its length, and the rest; a length below two would never end. */
	while (at + 2 <= len && p[at + 1] >= 2 && at + p[at + 1] <= len) {
		entry_add(out, p + at);
		at += p[at + 1];
	}
	return 0;
}

/*
 * Of every PC since the first with several processors (Intel MultiProcessor
 * Specification 1.4 chapter 5): the clock's line 0 arrives at pin 2.
 */
void acpi_madt_assume_ioapic(struct acpi_madt *m)
{
	const struct acpi_override clock = { .isa_irq = 0, .gsi = 2 };

	m->ioapic[0] = (struct acpi_ioapic){ .address = IOAPIC_USUAL_ADDRESS };
	m->ioapic_count = 1;
	m->is_assumed = true;
	if (!m->override_count)
		m->override[m->override_count++] = clock;
}
