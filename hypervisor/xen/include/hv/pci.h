/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI configuration space: our own accesses, and those of dom0 by port. */
#ifndef HV_PCI_H
#define HV_PCI_H

#include <hv/types.h>

struct pci_address {
	uint16_t segment;
	uint8_t	 bus;
	uint8_t	 devfn;
};

#define PCI_CONFIG_ADDRESS 0xcf8
#define PCI_CONFIG_DATA	   0xcfc

#define PCI_COMMAND	   0x04
#define PCI_COMMAND_MEMORY (1U << 1)
#define PCI_STATUS	   0x06
#define PCI_STATUS_CAPABILITIES (1U << 4)
#define PCI_BAR_0	   0x10
#define PCI_BAR_COUNT	   6
#define PCI_CAPABILITIES   0x34
#define PCI_CAP_MSI	   0x05
#define PCI_CAP_MSIX	   0x11

static inline bool pci_address_eq(struct pci_address a, struct pci_address b)
{
	return a.segment == b.segment && a.bus == b.bus && a.devfn == b.devfn;
}

/* Boot, after acpi_init(): segments beyond 0 are reached by MMCONFIG. */
void pci_init(void);

/*
 * dom0 confirms or adds an MMCONFIG region (PHYSDEVOP_pci_mmcfg_reserved). 0; -EINVAL: makes no sense;
 * -ENOSPC.
 */
int pci_mmconfig_add(paddr_t address, uint16_t segment, uint8_t first_bus, uint8_t last_bus);

/* Can devices of this segment and bus be reached? */
bool pci_is_reachable(struct pci_address pci);

/* The first 256 bytes of a function, naturally aligned. What is not there reads as all ones. */
uint8_t pci_read8(struct pci_address pci, unsigned int offset);
uint16_t pci_read16(struct pci_address pci, unsigned int offset);
uint32_t pci_read32(struct pci_address pci, unsigned int offset);
void pci_write16(struct pci_address pci, unsigned int offset, uint16_t value);
void pci_write32(struct pci_address pci, unsigned int offset, uint32_t value);

/* Offset of the capability, or 0: it has none. */
unsigned int pci_find_capability(struct pci_address pci, uint8_t id);

/* The page of device memory at @pa, mapped uncached once and for ever; NULL when we have too many already. */
volatile void *pci_page_map(paddr_t pa);

/*
 * dom0's access to ports 0xcf8 to 0xcff, @width 1, 2 or 4 bytes. It has its own address register, so that
 * neither of us disturbs the other. 0, or -EINVAL: the access crosses the end of the ports.
 */
int guest_pci_port_read(uint16_t port, unsigned int width, uint32_t *value);
int guest_pci_port_write(uint16_t port, unsigned int width, uint32_t value);

#endif
