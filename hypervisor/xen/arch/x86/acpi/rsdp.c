/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the ACPI root pointer is: told by the boot loader, in the EFI
 * configuration table, or in the BIOS area (ACPI 6.4 section 5.2.5).
 */
#include <asm/acpi.h>
#include <asm/boot.h>
#include <asm/efi.h>
#include <asm/iomap.h>

#include <hv/types.h>

#define BDA_EBDA_SEGMENT 0x40eUL
#define EBDA_SEARCH_LEN	 1024
#define BIOS_AREA	 0xe0000UL
#define BIOS_AREA_LEN	 0x20000
#define RSDP_ALIGN	 16
#define RSDP_LENGTH	 36

static bool rsdp_at(paddr_t pa, paddr_t *root, bool *is_wide)
{
	return pa && acpi_rsdp_parse(iomap_table(pa, RSDP_LENGTH), RSDP_LENGTH, root, is_wide);
}

static bool rsdp_search(paddr_t start, size_t len, paddr_t *root, bool *is_wide)
{
	const uint8_t *area = iomap_table(start, len);

	for (size_t at = 0; at < len; at += RSDP_ALIGN)
		if (acpi_rsdp_parse(area + at, len - at, root, is_wide))
			return true;
	return false;
}

static bool rsdp_search_bios(paddr_t *root, bool *is_wide)
{
	const uint8_t *bda = iomap_table(BDA_EBDA_SEGMENT, 2);
	paddr_t ebda = (paddr_t)(bda[0] | bda[1] << 8) << 4;

	if (ebda >= 0x400 && ebda <= 0xa0000 - EBDA_SEARCH_LEN &&
	    rsdp_search(ebda, EBDA_SEARCH_LEN, root, is_wide))
		return true;
	return rsdp_search(BIOS_AREA, BIOS_AREA_LEN, root, is_wide);
}

bool acpi_root_find(paddr_t *root, bool *is_wide)
{
	if (boot_info.has_rsdp_copy &&
	    acpi_rsdp_parse(boot_info.rsdp_copy, sizeof(boot_info.rsdp_copy), root, is_wide))
		return true;
	if (rsdp_at(boot_info.rsdp, root, is_wide))
		return true;
	if (boot_info.efi_system_table)
		return rsdp_at(efi_rsdp_address(), root, is_wide);
	return rsdp_search_bios(root, is_wide);
}
