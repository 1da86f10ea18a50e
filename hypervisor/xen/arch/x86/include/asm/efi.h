/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables that UEFI left in memory. Runtime services are not called:
 * dom0 is told so by efi_runtime_call. Source: UEFI specification 2.9, chapter 4.
 */
#ifndef ASM_EFI_H
#define ASM_EFI_H

#include <hv/types.h>

struct efi_memory_descriptor;

#define EFI_VENDOR_MAX 100	/* characters kept of the vendor's name, with the final 0 */

struct efi_tables {
	uint32_t revision;		/* of the specification: major << 16 | minor */
	uint32_t runtime_revision;	/* of the runtime services table; 0: none */
	uint32_t firmware_revision;
	uint64_t config_table;		/* machine address */
	uint32_t config_count;
	uint16_t vendor[EFI_VENDOR_MAX];
};

/* Boot: read boot_info.efi_system_table. */
void efi_init(void);

/* What it said; NULL: this is not an EFI machine, or the table is damaged. */
const struct efi_tables *efi_tables(void);

/* The @i-th entry of the firmware's memory map; false: there is none. Of nonsense page_count is 0. */
bool efi_memory_entry(unsigned int i, struct efi_memory_descriptor *d);

/* The one that @address lies in; false: none. */
bool efi_memory_find(uint64_t address, struct efi_memory_descriptor *d);

/* Address of the ACPI root pointer in the configuration table (ACPI 2.0's if there are two), or 0. */
paddr_t efi_rsdp_address(void);

#endif
