/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts that PCI functions send as messages. The sources are irq_table[]
 * beyond the lines. Source: PCI 3.0 section 6.8; Intel SDM volume 3 section 10.11 for
 * address and data. dom0 switches MSI-X on; the table's entries are ours.
 */
#include <asm/msi.h>
#include <asm/apic.h>
#include <asm/boot.h>
#include <asm/io_memory.h>
#include <asm/iommu.h>
#include <asm/irq.h>

#include <hv/errno.h>
#include <hv/page_allocator.h>
#include <hv/spinlock.h>

/* MSI capability: offsets, and bits of the control word. */
#define MSI_CONTROL	   0x02
#define MSI_ADDRESS_LOW	   0x04
#define MSI_ADDRESS_HIGH   0x08
#define MSI_DATA_32	   0x08
#define MSI_DATA_64	   0x0c
#define MSI_MASK_32	   0x0c
#define MSI_MASK_64	   0x10
#define MSI_ENABLE	   (1U << 0)
#define MSI_CAPABLE_SHIFT  1
#define MSI_MULTIPLE	   (7U << 4)
#define MSI_MULTIPLE_SHIFT 4
#define MSI_IS_64BIT	   (1U << 7)
#define MSI_HAS_MASK	   (1U << 8)

/* MSI-X capability and table. */
#define MSIX_CONTROL	   0x02
#define MSIX_TABLE	   0x04
#define MSIX_COUNT_MASK	   0x7ffU
#define MSIX_BAR_MASK	   7U
#define MSIX_ENTRY_SIZE	   16
#define MSIX_ENTRY_MASKED  1U

#define BAR_IO		   1U
#define BAR_TYPE_MASK	   6U
#define BAR_TYPE_64BIT	   4U

#define MESSAGE_ADDRESS	   0xfee00000U

/*
 * One for each message; of several MSIs of one function the sources are neighbours in irq_table, and the first
 * one's record has what they share.
 */
struct msi {
	struct pci_address pci;
	unsigned int capability;	/* offset */
	bool	     is_msix;
	bool	     is_64bit;		/* MSI */
	bool	     has_mask;		/* MSI, with the next */
	unsigned int index, count;	/* of the function's messages */
	struct msi  *first;
	struct spinlock lock;		/* of the first: guards unmasked, and the control word */
	uint32_t     unmasked;		/* of the first: a bit for each */
	unsigned int entry;		/* MSI-X, with the next */
	volatile uint32_t *table_entry;
};

/* Guards which sources beyond gsi_count exist; taken before irq->lock. */
static struct spinlock msi_lock = SPINLOCK_INIT;

static uint32_t message_address(const struct irq *irq)
{
	if (iommu_remaps_interrupts())
		return iommu_message_address(irq->vector);
	return MESSAGE_ADDRESS | (apic_id_of_cpu[irq->cpu] & 0xff) << 12;
}

static uint32_t message_data(const struct irq *irq)
{
	return iommu_remaps_interrupts() ? iommu_message_data(irq->vector) : irq->vector;
}

/* The CPU in the remapping entry, if there is one. */
static void entry_route(const struct irq *irq)
{
	if (iommu_remaps_interrupts())
		iommu_vector_route(irq->vector, apic_id_of_cpu[irq->cpu], false);
}

/*
 * The vector is in the data: a message of before or after this one write is a good one. Several messages share the
 * address: without remapping they all go where the first goes.
 */
static void msi_route(struct irq *irq)
{
	entry_route(irq);
	if (irq->msi->index)
		return;
	pci_write32(irq->msi->pci, irq->msi->capability + MSI_ADDRESS_LOW, message_address(irq));
}

/* All messages at once, by the first; the others' vectors follow from its data. */
static void msi_program(struct irq *irq)
{
	const struct msi *m = irq->msi;
	unsigned int at = m->capability;
	uint16_t control;

	if (m->index) {
		entry_route(irq);
		return;
	}
	/* None before bind. */
	control = pci_read16(m->pci, at + MSI_CONTROL) & ~(MSI_ENABLE | MSI_MULTIPLE);
	control |= __builtin_ctz(m->count) << MSI_MULTIPLE_SHIFT;
	pci_write16(m->pci, at + MSI_CONTROL, control);
	if (m->has_mask)
		pci_write32(m->pci, at + (m->is_64bit ? MSI_MASK_64 : MSI_MASK_32), ~0U);
	msi_route(irq);
	if (m->is_64bit)
		pci_write32(m->pci, at + MSI_ADDRESS_HIGH, 0);
	pci_write16(m->pci, at + (m->is_64bit ? MSI_DATA_64 : MSI_DATA_32), message_data(irq));
}

/* Without mask bits the function is silent as long as none of its messages is wanted. */
static void msi_unmasked_set(struct irq *irq, bool is_unmasked)
{
	const struct msi *m = irq->msi;
	struct msi *first = m->first;
	unsigned int at = m->capability;
	uint16_t control;

	spin_lock(&first->lock);
	first->unmasked &= ~(1U << m->index);
	first->unmasked |= (uint32_t)is_unmasked << m->index;
	control = pci_read16(m->pci, at + MSI_CONTROL);
	if (m->has_mask)
		pci_write32(m->pci, at + (m->is_64bit ? MSI_MASK_64 : MSI_MASK_32),
			    ~first->unmasked);
	if (first->unmasked)
		pci_write16(m->pci, at + MSI_CONTROL, control | MSI_ENABLE);
	else if (!m->has_mask)
		pci_write16(m->pci, at + MSI_CONTROL, control & ~MSI_ENABLE);
	spin_unlock(&first->lock);
}

static void msi_mask(struct irq *irq)
{
	msi_unmasked_set(irq, false);
}

static void msi_unmask(struct irq *irq)
{
	msi_unmasked_set(irq, true);
}

static const struct irq_controller msi_controller = {
	.program = msi_program,
	.mask	 = msi_mask,
	.unmask	 = msi_unmask,
	.route	 = msi_route,
};

static bool memory_is_on(const struct msi *m)
{
	return pci_read16(m->pci, PCI_COMMAND) & PCI_COMMAND_MEMORY;
}

/* The entry is in the device's memory: touched only while the device answers there. */
static void msix_mask_set(struct irq *irq, bool is_masked)
{
	const struct msi *m = irq->msi;

	if (!memory_is_on(m))
		return;
	m->table_entry[3] = is_masked ? MSIX_ENTRY_MASKED : 0;
	(void)m->table_entry[3];	/* posted writes have arrived */
}

static void msix_mask(struct irq *irq)
{
	msix_mask_set(irq, true);
}

static void msix_unmask(struct irq *irq)
{
	msix_mask_set(irq, false);
}

/* One aligned word; devices may read it at any time (PCI 3.0 section 6.8.3.5 asks for the mask only where more changes). */
static void msix_route(struct irq *irq)
{
	entry_route(irq);
	if (memory_is_on(irq->msi))
		irq->msi->table_entry[0] = message_address(irq);
}

static void msix_program(struct irq *irq)
{
	const struct msi *m = irq->msi;

	msix_mask(irq);
	if (!memory_is_on(m))
		return;
	msix_route(irq);
	m->table_entry[1] = 0;
	m->table_entry[2] = message_data(irq);
}

static const struct irq_controller msix_controller = {
	.program = msix_program,
	.mask	 = msix_mask,
	.unmask	 = msix_unmask,
	.route	 = msix_route,
};

/* Machine address that a memory BAR decodes; 0: none. */
static uint64_t bar_address(struct pci_address pci, unsigned int bar)
{
	unsigned int at = PCI_BAR_0 + 4 * bar;
	uint64_t low = pci_read32(pci, at);

	if (low & BAR_IO)
		return 0;
	if ((low & BAR_TYPE_MASK) == BAR_TYPE_64BIT && bar + 1 < PCI_BAR_COUNT)
		return (low & ~15UL) | (uint64_t)pci_read32(pci, at + 4) << 32;
	return low & ~15UL;
}

static uint32_t device_number(struct pci_address pci)
{
	return (uint32_t)pci.segment << 16 | pci.bus << 8 | pci.devfn;
}

/* Where the table begins, by the BAR, or, if that tells nothing, by dom0's word; 0: nowhere. */
static uint64_t msix_table_address(struct pci_address pci, unsigned int capability,
				   uint64_t table_base)
{
	uint32_t table = pci_read32(pci, capability + MSIX_TABLE);
	uint64_t address;

	if ((table & MSIX_BAR_MASK) >= PCI_BAR_COUNT)
		return 0;
	address = bar_address(pci, table & MSIX_BAR_MASK);
	if (!address)
		address = table_base & ~15UL;
	return address ? address + (table & ~MSIX_BAR_MASK) : 0;
}

static uint64_t msix_table_size(struct pci_address pci, unsigned int capability)
{
	return ((pci_read16(pci, capability + MSIX_CONTROL) & MSIX_COUNT_MASK) + 1UL) *
	       MSIX_ENTRY_SIZE;
}

/* RAM is nobody's table, nor are the first page and what no processor can name. */
static bool table_may_lie_at(uint64_t address, uint64_t len)
{
	return address >> PAGE_SHIFT && !(address >> 52) && !e820_all_ram(address, len);
}

int msix_table_protect(struct pci_address pci, uint64_t table_base)
{
	unsigned int capability = pci_find_capability(pci, PCI_CAP_MSIX);
	uint64_t address, size;

	if (!capability)
		return 0;
	address = msix_table_address(pci, capability, table_base);
	size = msix_table_size(pci, capability);
	if (!address)
		return 0;
	if (!table_may_lie_at(address, size))
		return -EINVAL;
	return io_memory_message_table_set(device_number(pci), address, size);
}

static int msix_describe(struct msi *m, unsigned int entry, uint64_t table_base)
{
	volatile uint8_t *page;
	uint64_t address;
	int rc;

	if (entry >= msix_table_size(m->pci, m->capability) / MSIX_ENTRY_SIZE)
		return -EINVAL;
	if (!memory_is_on(m))
		return -ENXIO;

	address = msix_table_address(m->pci, m->capability, table_base);
	if (!address)
		return -EINVAL;
	rc = msix_table_protect(m->pci, table_base);
	if (rc)
		return rc;
	address += entry * MSIX_ENTRY_SIZE;
	page = pci_page_map(address);
	if (!page)
		return -ENOSPC;
	m->is_msix = true;
	m->entry = entry;
	m->table_entry = (volatile uint32_t *)(page + (address & (PAGE_SIZE - 1)));
	return 0;
}

static int msi_describe(struct msi *m, unsigned int count)
{
	uint16_t control = pci_read16(m->pci, m->capability + MSI_CONTROL);

	m->is_64bit = control & MSI_IS_64BIT;
	m->has_mask = control & MSI_HAS_MASK;
	m->count = count;
	return count > 1U << (control >> MSI_CAPABLE_SHIFT & 7) ? -EINVAL : 0;
}

static bool msi_is_same(const struct msi *a, const struct msi *b)
{
	return pci_address_eq(a->pci, b->pci) && a->is_msix == b->is_msix && a->entry == b->entry;
}

/* So many empty places in the table, one after the other, for @m. */
static int source_find(const struct msi *m, struct irq **out) __must_hold(msi_lock)
{
	unsigned int run = 0;

	*out = NULL;
	for (unsigned int i = gsi_count; i < IRQ_COUNT; i++) {
		if (irq_table[i].controller) {
			run = 0;
			if (msi_is_same(irq_table[i].msi, m))
				return -EEXIST;
		} else if (++run == m->count && !*out) {
			*out = &irq_table[i + 1 - run];
		}
	}
	return *out ? 0 : -ENOSPC;
}

/* One source appears; its vector is there already. */
static void source_set(struct irq *irq, struct msi *m)
{
	unsigned long flags = spin_lock_irqsave(&irq->lock);

	irq->msi = m;
	irq->is_level = false;
	irq->use = IRQ_UNUSED;
	irq->cpu = 0;
	irq->controller = m->is_msix ? &msix_controller : &msi_controller;
	irq->controller->program(irq);
	spin_unlock_irqrestore(&irq->lock, flags);
}

static int source_add(struct msi *m, struct irq **out)
{
	unsigned long flags = spin_lock_irqsave(&msi_lock);
	int rc;

	rc = source_find(m, out);
	if (!rc)
		rc = irq_vectors_assign(*out, m->count);
	for (unsigned int i = 0; !rc && i < m->count; i++)
		source_set(*out + i, m + i);
	spin_unlock_irqrestore(&msi_lock, flags);
	return rc;
}

int msi_create(struct pci_address pci, unsigned int entry, uint64_t table_base, unsigned int count,
	       struct irq **out)
{
	struct msi *m;
	int rc = 0;

	if (!count || count > MSI_COUNT_MAX || count & (count - 1) || (table_base && count > 1))
		return -EINVAL;
	if (!pci_is_reachable(pci))
		return -ENODEV;
	m = heap_alloc(count * sizeof(*m));
	if (!m)
		return -ENOMEM;

	m->pci = pci;
	m->count = 1;
	m->first = m;
	spin_lock_init(&m->lock);
	m->capability = pci_find_capability(pci, table_base ? PCI_CAP_MSIX : PCI_CAP_MSI);
	if (!m->capability)
		rc = -ENODEV;
	else
		rc = table_base ? msix_describe(m, entry, table_base) : msi_describe(m, count);
	for (unsigned int i = 1; i < count; i++) {
		m[i] = m[0];
		m[i].index = i;
	}
	if (!rc)
		rc = source_add(m, out);
	if (rc)
		heap_free(m);
	return rc;
}

unsigned int msi_count(const struct irq *irq)
{
	return irq->msi->count;
}

unsigned int msi_index(const struct irq *irq)
{
	return irq->msi->index;
}

void msi_destroy(struct irq *irq)
{
	unsigned long msi_flags = spin_lock_irqsave(&msi_lock), flags;
	struct msi *m = irq->msi;

	for (unsigned int i = 0; i < m->count; i++) {
		flags = spin_lock_irqsave(&irq[i].lock);
		irq[i].controller->mask(&irq[i]);
		irq[i].controller = NULL;
		irq[i].msi = NULL;
		irq_vector_release(&irq[i]);
		spin_unlock_irqrestore(&irq[i].lock, flags);
	}
	spin_unlock_irqrestore(&msi_lock, msi_flags);
	heap_free(m);
}

int msi_restore(struct pci_address pci)
{
	unsigned long msi_flags, flags;

	if (!pci_is_reachable(pci))
		return -ENODEV;

	msi_flags = spin_lock_irqsave(&msi_lock);
	for (unsigned int i = gsi_count; i < IRQ_COUNT; i++) {
		struct irq *irq = &irq_table[i];

		if (!irq->controller || !pci_address_eq(irq->msi->pci, pci))
			continue;
		flags = spin_lock_irqsave(&irq->lock);
		irq->controller->program(irq);
		if (irq->use == IRQ_GUEST)
			irq->controller->unmask(irq);
		spin_unlock_irqrestore(&irq->lock, flags);
	}
	spin_unlock_irqrestore(&msi_lock, msi_flags);
	return 0;
}
