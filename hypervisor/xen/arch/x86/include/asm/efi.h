/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables that UEFI left in memory, and its runtime services. Source: UEFI
 * specification 2.9, chapters 4 and 8.
 */
#ifndef ASM_EFI_H
#define ASM_EFI_H

#include <hv/types.h>

struct efi_memory_descriptor;
struct efi_runtime_services;

#define EFI_VENDOR_MAX 100	/* characters kept of the vendor's name, with the final 0 */

struct efi_tables {
	uint32_t revision;		/* of the specification: major << 16 | minor */
	uint32_t runtime_revision;	/* of the runtime services table; 0: none */
	paddr_t	 runtime_services;
	uint32_t firmware_revision;
	uint64_t config_table;		/* machine address */
	uint32_t config_count;
	uint16_t vendor[EFI_VENDOR_MAX];
};

/* Boot: read boot_info.efi_system_table. */
void efi_init(void);

/* The table of the configuration that @guid names, or 0. */
paddr_t efi_config_find(const uint8_t guid[16]);

/* What it said; NULL: this is not an EFI machine, or the table is damaged. */
const struct efi_tables *efi_tables(void);

/* Boot: from now on the map is looked for in a copy on the heap. */
void efi_memory_keep(void);

/* The @i-th entry of the firmware's memory map; false: there is none. Of nonsense page_count is 0. */
bool efi_memory_entry(unsigned int i, struct efi_memory_descriptor *d);

/* The one that @address lies in; false: none. */
bool efi_memory_find(uint64_t address, struct efi_memory_descriptor *d);

/* Boot, after efi_init(): map what runtime services are made of. */
void efi_runtime_init(void);

/* Can they be called? */
bool efi_runtime_is_there(void);

/* Their addresses; valid when they are there. */
const struct efi_runtime_services *efi_runtime_services(void);

/*
 * Call one, an address of the above; @a to @e as it wants them, buffers being
 * memory of ours. Takes a while: 100 ms and more where flash is written.
 * Interrupts on or off. Returns its status.
 */
uint64_t efi_runtime_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
			  uint64_t e);

/* The same, for when the machine ends; EFI_NOT_READY at once if a call goes on. */
uint64_t efi_runtime_call_last(uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
			       uint64_t e);

/* Address of the ACPI root pointer in the configuration table (ACPI 2.0's if there are two), or 0. */
paddr_t efi_rsdp_address(void);

#endif
