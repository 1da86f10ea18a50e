/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reader of the UEFI system table; see asm/efi.h. Boot services are over when it is used. */
#include <asm/efi.h>
#include <asm/efi_abi.h>
#include <asm/boot.h>
#include <asm/iomap.h>

#include <hv/printk.h>
#include <hv/string.h>
#include <hv/types.h>

#define EFI_SYSTEM_TABLE_SIGNATURE 0x5453595320494249	/* "IBI SYST" */
#define EFI_RUNTIME_SIGNATURE	   0x56524553544e5552	/* "RUNTSERV" */
#define EFI_CONFIG_MAX		   256

struct efi_config_entry {
	uint8_t	 guid[16];
	uint64_t table;
} __packed;

static const uint8_t guid_acpi_20[16] = {
	0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11,
	0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81,
};

static const uint8_t guid_acpi_10[16] = {
	0x30, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11,
	0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d,
};

static void vendor_read(uint64_t address, uint16_t *vendor)
{
	if (address)
		memcpy(vendor, iomap_table(address, (EFI_VENDOR_MAX - 1) * sizeof(*vendor)),
		       (EFI_VENDOR_MAX - 1) * sizeof(*vendor));
}

static uint32_t runtime_revision_read(uint64_t address)
{
	struct efi_table_header h;

	if (!address)
		return 0;
	memcpy(&h, iomap_table(address, sizeof(h)), sizeof(h));
	return h.signature == EFI_RUNTIME_SIGNATURE ? h.revision : 0;
}

/* Set at boot, then constant. */
static struct efi_tables tables;
static bool has_tables;

void efi_init(void)
{
	struct efi_system_table t;

	if (!boot_info.efi_system_table)
		return;
	memcpy(&t, iomap_table(boot_info.efi_system_table, sizeof(t)), sizeof(t));
	if (t.header.signature != EFI_SYSTEM_TABLE_SIGNATURE || !t.config_table ||
	    t.config_count > EFI_CONFIG_MAX) {
		log_warning("EFI: the system table makes no sense, ignored\n");
		return;
	}
	tables.revision = t.header.revision;
	tables.runtime_services = t.runtime_services;
	tables.runtime_revision = runtime_revision_read(t.runtime_services);
	tables.firmware_revision = t.firmware_revision;
	tables.config_table = t.config_table;
	tables.config_count = t.config_count;
	vendor_read(t.vendor, tables.vendor);
	has_tables = true;
}

const struct efi_tables *efi_tables(void)
{
	return has_tables ? &tables : NULL;
}

paddr_t efi_config_find(const uint8_t guid[16])
{
	const struct efi_config_entry *entry;

	if (!has_tables)
		return 0;
	entry = iomap_table(tables.config_table, tables.config_count * sizeof(*entry));
	for (unsigned int i = 0; i < tables.config_count; i++)
		if (!memcmp(entry[i].guid, guid, sizeof(entry[i].guid)))
			return entry[i].table;
	return 0;
}

paddr_t efi_rsdp_address(void)
{
	paddr_t root = efi_config_find(guid_acpi_20);

	return root ? root : efi_config_find(guid_acpi_10);
}
