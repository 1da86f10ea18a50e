/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MMCONFIG areas that are none.
 *
 * physdev.h: PHYSDEVOP_pci_mmcfg_reserved tells where dom0's ACPI code found
 * the configuration space of a PCI segment. The hypervisor reads and writes it
 * for MSI, so that dom0 chooses an address that the hypervisor will map: one
 * beyond what the processor can name must not be mapped, nor RAM. The report
 * may be taken or refused; what counts is that the first use is an error, and
 * that the memory is not touched.
 */
#include "memory.h"

#include <xen/physdev.h>

const char test_title[] = "MMCONFIG areas that are refused";

static char *page;

static void report(uint16_t segment, uint64_t address)
{
	struct physdev_pci_mmcfg_reserved area = {
		.address = address,
		.segment = segment,
		.end_bus = 255,
		.flags = XEN_PCI_MMCFG_RESERVED,
	};

	print("  note: report of 0x%lx: %ld\n", address,
	      hypercall(physdev_op, PHYSDEVOP_pci_mmcfg_reserved, &area));
}

/* An MSI of the first function in @segment, which needs its configuration space. */
static long msi_map(uint16_t segment)
{
	struct physdev_map_pirq map = {
		.domid = DOMID_SELF,
		.type = MAP_PIRQ_TYPE_MSI_SEG,
		.index = -1,
		.pirq = -1,
		.bus = segment << 16,
	};

	return hypercall(physdev_op, PHYSDEVOP_map_pirq, &map);
}

static void check_beyond_processor(void)
{
	report(1, 0xffff000000000000UL);
	expect_refused("an MSI there", msi_map(1));
	report(2, 1UL << 51);
	expect_refused("an MSI beyond the physical addresses", msi_map(2));
}

static void check_ram(void)
{
	report(3, virt_to_maddr(page));
	expect_refused("an MSI in a page of our own", msi_map(3));
	report(4, (uint64_t)mfn_of_pte(((uint64_t *)start_info->pt_base)[256]) << PAGE_SHIFT);
	expect_refused("an MSI in the hypervisor's memory", msi_map(4));
}

static void check_untouched(void)
{
	unsigned int i;

	for (i = 0; i < PAGE_SIZE; i++)
		if (!check((uint8_t)page[i] == 0xa5, "byte %u of the page is as it was", i))
			break;
}

void test_main(void)
{
	page = page_alloc();
	memset(page, 0xa5, PAGE_SIZE);
	STEP(check_beyond_processor);
	STEP(check_ram);
	STEP(check_untouched);
}
