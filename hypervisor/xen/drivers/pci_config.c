/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI configuration space. Segment 0 is reached by configuration mechanism #1
 * (PCI 3.0 section 3.2.2.3.2), which needs a lock and hides nothing that MSI
 * needs; other segments through MMCONFIG (PCI Express 7.2.2). dom0's accesses by
 * port use an address register of their own.
 */
#include <hv/pci.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/spinlock.h>

#include <asm/acpi.h>
#include <asm/io_memory.h>
#include <asm/iomap.h>
#include <asm/system.h>

#define CONFIG_ENABLE	 (1U << 31)
#define CAPABILITIES_MAX 48	/* 192 bytes, at least 4 each: more is a loop */
#define MMCONFIG_MAX	 ACPI_MCFG_MAX
#define MAPPED_PAGES_MAX 256

/* Guards the address and data ports, and guest_address. */
static struct spinlock port_lock = SPINLOCK_INIT;
static uint32_t guest_address __guarded_by(port_lock);

/* Guards mmconfig[] and mapped_page[]; taken before port_lock, never with it held. */
static struct spinlock map_lock = SPINLOCK_INIT;
static struct acpi_mcfg_region mmconfig[MMCONFIG_MAX] __guarded_by(map_lock);
static unsigned int mmconfig_count __guarded_by(map_lock);
static struct {
	paddr_t pa;
	volatile void *va;
} mapped_page[MAPPED_PAGES_MAX] __guarded_by(map_lock);
static unsigned int mapped_page_count __guarded_by(map_lock);

int pci_mmconfig_add(paddr_t address, uint16_t segment, uint8_t first_bus, uint8_t last_bus)
{
	struct acpi_mcfg_region *r;
	unsigned long flags;
	int rc = 0;

	if (!address || address & (PAGE_SIZE - 1) || last_bus < first_bus)
		return -EINVAL;

	flags = spin_lock_irqsave(&map_lock);
	for (unsigned int i = 0; i < mmconfig_count; i++)
		if (mmconfig[i].segment == segment && mmconfig[i].first_bus == first_bus) {
			rc = mmconfig[i].address == address ? 0 : -EINVAL;
			goto out;
		}
	if (mmconfig_count == MMCONFIG_MAX) {
		rc = -ENOSPC;
		goto out;
	}
	r = &mmconfig[mmconfig_count++];
	r->address = address;
	r->segment = segment;
	r->first_bus = first_bus;
	r->last_bus = last_bus;
out:
	spin_unlock_irqrestore(&map_lock, flags);
	return rc;
}

void pci_init(void)
{
	const struct acpi_mcfg_region *r = acpi_info.mcfg;

	for (unsigned int i = 0; i < acpi_info.mcfg_count; i++)
		(void)pci_mmconfig_add(r[i].address, r[i].segment, r[i].first_bus, r[i].last_bus);
}

/* Is it a page of device memory that dom0 itself may map? It is dom0 who names it. */
static bool may_map(paddr_t pa)
{
	mfn_t m = mfn_of_paddr(pa);
	bool writable = true;

	return !(mfn_valid(m) && !(page_of_mfn(m)->flags & PAGE_NOT_RAM)) &&
	       io_memory_permitted(hardware_domain, m, &writable);
}

volatile void *pci_page_map(paddr_t pa)
{
	unsigned long flags = spin_lock_irqsave(&map_lock);
	volatile void *va = NULL;

	pa &= PAGE_MASK;
	for (unsigned int i = 0; i < mapped_page_count; i++)
		if (mapped_page[i].pa == pa)
			va = mapped_page[i].va;
	if (!va && mapped_page_count < MAPPED_PAGES_MAX && may_map(pa)) {
		va = iomap_device(pa, PAGE_SIZE);
		mapped_page[mapped_page_count].pa = pa;
		mapped_page[mapped_page_count].va = va;
		mapped_page_count++;
	}
	spin_unlock_irqrestore(&map_lock, flags);
	return va;
}

/* Machine address of the function's MMCONFIG page, or 0. */
static paddr_t mmconfig_address(struct pci_address pci)
{
	unsigned long flags = spin_lock_irqsave(&map_lock);
	paddr_t pa = 0;

	for (unsigned int i = 0; i < mmconfig_count; i++)
		if (mmconfig[i].segment == pci.segment && pci.bus >= mmconfig[i].first_bus &&
		    pci.bus <= mmconfig[i].last_bus)
			pa = mmconfig[i].address + ((paddr_t)pci.bus << 20) +
			     ((paddr_t)pci.devfn << 12);
	spin_unlock_irqrestore(&map_lock, flags);
	return pa;
}

bool pci_is_reachable(struct pci_address pci)
{
	return pci.segment == 0 || mmconfig_address(pci) != 0;
}

/* The function's registers in memory; NULL: segment 0, or not to be reached. */
static volatile uint8_t *mmconfig_map(struct pci_address pci)
{
	paddr_t pa = mmconfig_address(pci);

	return pa ? pci_page_map(pa) : NULL;
}

static uint32_t config_address(struct pci_address pci, unsigned int offset)
{
	return CONFIG_ENABLE | (uint32_t)pci.bus << 16 | (uint32_t)pci.devfn << 8 | (offset & 0xfc);
}

/* Read an aligned 32-bit register. */
uint32_t pci_read32(struct pci_address pci, unsigned int offset)
{
	volatile uint8_t *page;
	unsigned long flags;
	uint32_t value;

	if (pci.segment) {
		page = mmconfig_map(pci);
		return page ? *(volatile uint32_t *)(page + (offset & 0xfc)) : ~0U;
	}
	flags = spin_lock_irqsave(&port_lock);
	outl(PCI_CONFIG_ADDRESS, config_address(pci, offset));
	value = inl(PCI_CONFIG_DATA);
	spin_unlock_irqrestore(&port_lock, flags);
	return value;
}

uint16_t pci_read16(struct pci_address pci, unsigned int offset)
{
	return pci_read32(pci, offset) >> (offset & 2) * 8;
}

uint8_t pci_read8(struct pci_address pci, unsigned int offset)
{
	return pci_read32(pci, offset) >> (offset & 3) * 8;
}

void pci_write32(struct pci_address pci, unsigned int offset, uint32_t value)
{
	volatile uint8_t *page;
	unsigned long flags;

	if (pci.segment) {
		page = mmconfig_map(pci);
		if (page)
			*(volatile uint32_t *)(page + (offset & 0xfc)) = value;
		return;
	}
	flags = spin_lock_irqsave(&port_lock);
	outl(PCI_CONFIG_ADDRESS, config_address(pci, offset));
	outl(PCI_CONFIG_DATA, value);
	spin_unlock_irqrestore(&port_lock, flags);
}

/* Not read-modify-write of 32 bits: the neighbours may be cleared by being written. */
void pci_write16(struct pci_address pci, unsigned int offset, uint16_t value)
{
	volatile uint8_t *page;
	unsigned long flags;

	if (pci.segment) {
		page = mmconfig_map(pci);
		if (page)
			*(volatile uint16_t *)(page + (offset & 0xfe)) = value;
		return;
	}
	flags = spin_lock_irqsave(&port_lock);
	outl(PCI_CONFIG_ADDRESS, config_address(pci, offset));
	outw(PCI_CONFIG_DATA + (offset & 2), value);
	spin_unlock_irqrestore(&port_lock, flags);
}

unsigned int pci_find_capability(struct pci_address pci, uint8_t id)
{
	unsigned int at;

	if (!(pci_read16(pci, PCI_STATUS) & PCI_STATUS_CAPABILITIES))
		return 0;
	at = pci_read8(pci, PCI_CAPABILITIES) & ~3U;
	for (unsigned int i = 0; i < CAPABILITIES_MAX && at >= 0x40; i++) {
		uint16_t head = pci_read16(pci, at);

		if ((head & 0xff) == 0xff)
			return 0;
		if ((head & 0xff) == id)
			return at;
		at = head >> 8 & ~3U;
	}
	return 0;
}

static uint32_t port_in(uint16_t port, unsigned int width)
{
	switch (width) {
	case 1:
		return inb(port);
	case 2:
		return inw(port);
	default:
		return inl(port);
	}
}

static void port_out(uint16_t port, unsigned int width, uint32_t value)
{
	switch (width) {
	case 1:
		outb(port, value);
		break;
	case 2:
		outw(port, value);
		break;
	default:
		outl(port, value);
		break;
	}
}

static bool ports_ok(uint16_t port, unsigned int width)
{
	return port >= PCI_CONFIG_ADDRESS && port + width <= PCI_CONFIG_DATA + 4 &&
	       (width == 1 || width == 2 || width == 4);
}

int guest_pci_port_read(uint16_t port, unsigned int width, uint32_t *value)
{
	unsigned long flags;

	if (!ports_ok(port, width))
		return -EINVAL;

	flags = spin_lock_irqsave(&port_lock);
	if (port == PCI_CONFIG_ADDRESS && width == 4) {
		*value = guest_address;
	} else {
		if (port >= PCI_CONFIG_DATA)
			outl(PCI_CONFIG_ADDRESS, guest_address);
		*value = port_in(port, width);
	}
	spin_unlock_irqrestore(&port_lock, flags);
	return 0;
}

/* A byte at 0xcf9 is no part of the address but the chipset's reset control: it goes through. */
int guest_pci_port_write(uint16_t port, unsigned int width, uint32_t value)
{
	unsigned long flags;

	if (!ports_ok(port, width))
		return -EINVAL;

	flags = spin_lock_irqsave(&port_lock);
	if (port == PCI_CONFIG_ADDRESS && width == 4) {
		guest_address = value;
	} else {
		if (port >= PCI_CONFIG_DATA)
			outl(PCI_CONFIG_ADDRESS, guest_address);
		port_out(port, width, value);
	}
	spin_unlock_irqrestore(&port_lock, flags);
	return 0;
}
