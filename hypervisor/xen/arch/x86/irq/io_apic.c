/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IO-APICs: lines to vectors. Source: Intel 82093AA data
 * sheet; ACPI 6.4 section 5.2.12.5 for overrides of ISA interrupts.
 */
#include <asm/irq.h>
#include <asm/acpi.h>
#include <asm/apic.h>
#include <asm/iomap.h>
#include <asm/iommu.h>

#include <hv/errno.h>
#include <hv/panic.h>
#include <hv/printk.h>

#define IOAPIC_INDEX	0x00
#define IOAPIC_DATA	0x10

#define REG_ID		0x00
#define REG_VERSION	0x01
#define REG_ARBITRATION 0x02
#define REG_ROUTE(pin)	(0x10 + 2 * (pin))

#define ROUTE_ACTIVE_LOW (1U << 13)
#define ROUTE_NMI	 (4U << 8)
#define ROUTE_LEVEL	 (1U << 15)
#define ROUTE_MASKED	 (1U << 16)

#define ISA_IRQ_COUNT 16

/* All but the lock is set at boot; the lock guards index and data register. */
struct ioapic {
	struct spinlock lock;
	paddr_t	     address;
	unsigned int gsi_base;
	unsigned int pin_count;
	volatile uint8_t *registers;
};

static struct ioapic ioapics[IOAPIC_MAX];
static unsigned int ioapic_count;

static uint32_t register_read(struct ioapic *io, unsigned int reg)
{
	unsigned long flags = spin_lock_irqsave(&io->lock);
	uint32_t value;

	*(volatile uint32_t *)(io->registers + IOAPIC_INDEX) = reg;
	value = *(volatile uint32_t *)(io->registers + IOAPIC_DATA);
	spin_unlock_irqrestore(&io->lock, flags);
	return value;
}

static void register_write(struct ioapic *io, unsigned int reg, uint32_t value)
{
	unsigned long flags = spin_lock_irqsave(&io->lock);

	*(volatile uint32_t *)(io->registers + IOAPIC_INDEX) = reg;
	*(volatile uint32_t *)(io->registers + IOAPIC_DATA) = value;
	spin_unlock_irqrestore(&io->lock, flags);
}

static struct ioapic *ioapic_of_gsi(unsigned int gsi)
{
	for (unsigned int i = 0; i < ioapic_count; i++)
		if (gsi >= ioapics[i].gsi_base && gsi - ioapics[i].gsi_base < ioapics[i].pin_count)
			return &ioapics[i];
	return NULL;
}

struct irq *irq_of_gsi(unsigned int gsi)
{
	if (gsi >= gsi_count)
		return NULL;
	/* no speculation beyond the table */
	__asm__("" : "+r"(gsi));
	gsi &= IRQ_COUNT - 1;
	return irq_table[gsi].controller ? &irq_table[gsi] : NULL;
}

static uint32_t route_low(const struct irq *irq, bool is_masked)
{
	return irq->vector | (irq->is_active_low ? ROUTE_ACTIVE_LOW : 0) |
	       (irq->is_level ? ROUTE_LEVEL : 0) | (is_masked ? ROUTE_MASKED : 0);
}

static void line_write(struct irq *irq, bool is_masked)
{
	unsigned int gsi = irq - irq_table;
	struct ioapic *io = ioapic_of_gsi(gsi);

	register_write(io, REG_ROUTE(gsi - io->gsi_base), route_low(irq, is_masked));
}

static void line_mask(struct irq *irq)
{
	line_write(irq, true);
}

static void line_unmask(struct irq *irq)
{
	line_write(irq, false);
}

/* The destination, or the remapping entry that has it, has the upper half of the route to itself. */
static void line_route(struct irq *irq)
{
	unsigned int gsi = irq - irq_table;
	struct ioapic *io = ioapic_of_gsi(gsi);
	uint32_t id = apic_id_of_cpu[irq->cpu], high = id << 24;

	if (iommu_remaps_interrupts()) {
		iommu_vector_route(irq->vector, id, irq->is_level);
		high = iommu_ioapic_route(irq->vector, id);
	}
	register_write(io, REG_ROUTE(gsi - io->gsi_base) + 1, high);
}

/* Masked first: the halves are written one after the other. */
static void line_program(struct irq *irq)
{
	line_mask(irq);
	line_route(irq);
}

static const struct irq_controller line_controller = {
	.program = line_program,
	.mask	 = line_mask,
	.unmask	 = line_unmask,
	.route	 = line_route,
};

/* Before the MADT's exceptions: the first 16 lines are the ISA bus, the others PCI. */
static void line_add(struct ioapic *io, unsigned int pin)
{
	unsigned int gsi = io->gsi_base + pin;
	struct irq *irq = &irq_table[gsi];

	irq->is_level = gsi >= ISA_IRQ_COUNT;
	irq->is_active_low = gsi >= ISA_IRQ_COUNT;
	irq->controller = &line_controller;
	register_write(io, REG_ROUTE(pin), ROUTE_MASKED);
	register_write(io, REG_ROUTE(pin) + 1, 0);
}

static void ioapic_add(const struct acpi_ioapic *from)
{
	struct ioapic *io = &ioapics[ioapic_count];
	uint32_t version;

	io->address = from->address;
	io->gsi_base = from->gsi_base;
	io->registers = iomap_device(from->address, 32);
	version = register_read(io, REG_VERSION);
	io->pin_count = (version >> 16 & 0xff) + 1;
	if (version == ~0U || io->gsi_base >= GSI_MAX || io->pin_count > GSI_MAX - io->gsi_base) {
		log_warning("IO-APIC at %#lx, interrupts from %u on: cannot be used\n",
			    from->address, from->gsi_base);
		return;
	}
	for (unsigned int pin = 0; pin < io->pin_count; pin++)
		line_add(io, pin);
	if (gsi_count < io->gsi_base + io->pin_count)
		gsi_count = io->gsi_base + io->pin_count;
	ioapic_count++;
	log_info("IO-APIC at %#lx, version %#x, interrupts %u to %u\n", from->address,
		 version & 0xff, io->gsi_base, io->gsi_base + io->pin_count - 1);
}

/* "Conforms to the bus" is edge and active high: the bus is ISA. */
static void override_apply(const struct acpi_override *o)
{
	struct irq *irq = irq_of_gsi(o->gsi);

	if (!irq)
		return;
	irq->is_level = (o->flags & MPS_TRIGGER_MASK) == MPS_TRIGGER_LEVEL;
	irq->is_active_low = (o->flags & MPS_POLARITY_MASK) == MPS_POLARITY_LOW;
}

/* ACPI's own interrupt is level, active low, if the MADT says nothing else (ACPI 5.2.9). */
static void sci_apply(void)
{
	const struct acpi_madt *m = &acpi_info.madt;
	struct irq *irq;

	for (unsigned int i = 0; i < m->override_count; i++)
		if (m->override[i].isa_irq == acpi_info.fadt.sci_irq)
			return;
	irq = irq_of_gsi(acpi_info.fadt.sci_irq);
	if (irq) {
		irq->is_level = true;
		irq->is_active_low = true;
	}
}

void ioapic_init(void)
{
	const struct acpi_madt *m = &acpi_info.madt;

	for (unsigned int i = 0; i < m->ioapic_count; i++)
		ioapic_add(&m->ioapic[i]);
	if (!ioapic_count)
		panic("this machine has no usable IO-APIC\n");
	for (unsigned int i = 0; i < m->override_count; i++)
		override_apply(&m->override[i]);
	sci_apply();
}

unsigned int isa_irq_to_gsi(unsigned int isa_irq)
{
	const struct acpi_madt *m = &acpi_info.madt;

	for (unsigned int i = 0; i < m->override_count; i++)
		if (m->override[i].isa_irq == isa_irq)
			return m->override[i].gsi;
	return isa_irq;
}

/* AMD's units let NMIs pass; of Intel's, the entry says what it is. */
static void nmi_route(struct ioapic *io, unsigned int pin)
{
	bool is_remapped = iommu_remaps_interrupts() && acpi_info.iommu.kind == ACPI_IOMMU_INTEL;

	if (is_remapped)
		iommu_nmi_route(apic_id_of_cpu[0]);
	register_write(io, REG_ROUTE(pin) + 1,
		       is_remapped ? iommu_ioapic_route(IRTE_NMI, 0) : apic_id_of_cpu[0] << 24);
	register_write(io, REG_ROUTE(pin), is_remapped ? IRTE_NMI : ROUTE_NMI);
}

/* The line stays a host's, with a vector that never comes. */
int ioapic_line_to_nmi(unsigned int gsi)
{
	struct irq *irq = irq_of_gsi(gsi);
	struct ioapic *io = ioapic_of_gsi(gsi);
	unsigned long flags;
	int rc = -EBUSY;

	if (!irq || !io)
		return -EINVAL;
	flags = spin_lock_irqsave(&irq->lock);
	if (irq->use == IRQ_UNUSED) {
		irq->use = IRQ_HOST;
		irq->is_level = false;
		nmi_route(io, gsi - io->gsi_base);
		rc = 0;
	}
	spin_unlock_irqrestore(&irq->lock, flags);
	return rc;
}

int gsi_setup(unsigned int gsi, bool is_level, bool is_active_low)
{
	struct irq *irq = irq_of_gsi(gsi);
	unsigned long flags;
	bool is_same;
	int rc = 0;

	if (!irq)
		return -EINVAL;

	flags = spin_lock_irqsave(&irq->lock);
	is_same = irq->is_level == is_level && irq->is_active_low == is_active_low;
	if (irq->is_set_up && is_same) {
		rc = -EEXIST;
	} else if (irq->use != IRQ_UNUSED && !is_same) {
		rc = -EBUSY;
	} else {
		irq->is_level = is_level;
		irq->is_active_low = is_active_low;
		irq->is_set_up = true;
	}
	spin_unlock_irqrestore(&irq->lock, flags);
	return rc;
}

/* @pin is set to the line for a register of its route, else to pin_count. */
static struct ioapic *guest_register_find(paddr_t address, unsigned int reg, unsigned int *pin)
{
	for (unsigned int i = 0; i < ioapic_count; i++) {
		struct ioapic *io = &ioapics[i];

		if (io->address != address)
			continue;
		*pin = io->pin_count;
		if (reg <= REG_ARBITRATION)
			return io;
		if (reg < REG_ROUTE(0) || reg >= REG_ROUTE(io->pin_count))
			return NULL;
		*pin = (reg - REG_ROUTE(0)) / 2;
		return io;
	}
	return NULL;
}

int ioapic_guest_read(paddr_t address, unsigned int reg, uint32_t *value)
{
	unsigned int pin;
	struct ioapic *io = guest_register_find(address, reg, &pin);

	if (!io)
		return -EINVAL;
	*value = register_read(io, reg);
	return 0;
}

int ioapic_guest_write(paddr_t address, unsigned int reg, uint32_t value)
{
	unsigned int pin;
	struct ioapic *io = guest_register_find(address, reg, &pin);

	if (!io)
		return -EINVAL;
	/* The lower half of a route that is not masked tells how the line is triggered. */
	if (pin < io->pin_count && reg == REG_ROUTE(pin) && !(value & ROUTE_MASKED))
		(void)gsi_setup(io->gsi_base + pin, value & ROUTE_LEVEL, value & ROUTE_ACTIVE_LOW);
	return 0;
}
