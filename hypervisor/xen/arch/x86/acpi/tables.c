/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the ACPI tables we use and has them judged (parse.c, madt.c). Owns
 * acpi_info. Relies on iomap_table() and boot_info. A table that is missing or
 * damaged is one warning, and the boot goes on with what every PC has.
 */
#include <asm/acpi.h>
#include <asm/boot.h>
#include <asm/cpu_features.h>
#include <asm/efi.h>
#include <asm/iomap.h>

#include <hv/printk.h>
#include <hv/string.h>
#include <hv/types.h>

#define ACPI_TABLE_LIMIT MIB(1)	/* none of ours comes near */

struct acpi_info acpi_info;

/* Nothing beyond what the processor can address may be mapped. */
static bool is_addressable(paddr_t pa)
{
	return pa && !(pa >> cpu_identity.physical_address_bits);
}

/* Map the whole of the table at @pa; NULL, and a warning, when it is damaged. */
static const void *table_map(paddr_t pa, const char *signature, size_t *len)
{
	const struct acpi_header *h = iomap_table(pa, sizeof(*h));
	const void *table;

	*len = h->length;
	if (*len < sizeof(*h) || *len > ACPI_TABLE_LIMIT) {
		log_warning("ACPI: %s at %#lx has a length of %lu, ignored\n", signature, pa, *len);
		return NULL;
	}
	table = iomap_table(pa, *len);
	if (!acpi_table_ok(table, *len, signature)) {
		log_warning("ACPI: %s at %#lx is damaged, ignored\n", signature, pa);
		return NULL;
	}
	return table;
}

static void madt_use(const void *table, size_t len)
{
	if (acpi_madt_parse(table, len, &acpi_info.madt))
		log_warning("ACPI: MADT is too short, ignored\n");
	if (acpi_info.madt.dropped)
		log_warning("ACPI: %u MADT entries are beyond our limits\n",
			    acpi_info.madt.dropped);
}

static void fadt_use(const void *table, size_t len)
{
	if (acpi_fadt_parse(table, len, &acpi_info.fadt))
		log_warning("ACPI: FADT is too short, ignored\n");
}

static void hpet_use(const void *table, size_t len)
{
	if (acpi_hpet_parse(table, len, &acpi_info.hpet))
		log_warning("ACPI: HPET table makes no sense, ignored\n");
}

static void mcfg_use(const void *table, size_t len)
{
	acpi_info.mcfg_count = acpi_mcfg_parse(table, len, acpi_info.mcfg, ACPI_MCFG_MAX);
}

static void srat_use(const void *table, size_t len)
{
	if (acpi_srat_parse(table, len, &acpi_info.numa))
		log_warning("ACPI: SRAT is too short, ignored\n");
}

static void slit_use(const void *table, size_t len)
{
	if (acpi_slit_parse(table, len, &acpi_info.numa))
		log_warning("ACPI: SLIT makes no sense, ignored\n");
}

static void iommu_use(int rc, const char *signature)
{
	if (rc)
		log_warning("ACPI: %s describes no IOMMU, ignored\n", signature);
	if (acpi_info.iommu.dropped)
		log_warning("ACPI: %u entries of %s are beyond our limits\n",
			    acpi_info.iommu.dropped, signature);
}

static void dmar_use(const void *table, size_t len)
{
	iommu_use(acpi_dmar_parse(table, len, &acpi_info.iommu), "DMAR");
}

static void ivrs_use(const void *table, size_t len)
{
	if (acpi_info.iommu.kind == ACPI_IOMMU_NONE)
		iommu_use(acpi_ivrs_parse(table, len, &acpi_info.iommu), "IVRS");
}

/* Its name backwards: dom0 passes it by, and the checksum is as good as before. As on Debian's Xen. */
static void table_hide(paddr_t pa)
{
	volatile char *signature = (volatile char *)iomap_device(pa, 4);

	for (unsigned int i = 0; i < 2; i++) {
		char c = signature[i];

		signature[i] = signature[3 - i];
		signature[3 - i] = c;
	}
}

static paddr_t boot_picture;

static void bgrt_use(const void *table, size_t len)
{
	boot_picture = acpi_bgrt_image(table, len);
}

/* The memory that the picture is in is the firmware's no more: dom0 would look for it in vain. */
static void bgrt_change(paddr_t pa)
{
	if (e820_all_ram(boot_picture & PAGE_MASK, PAGE_SIZE))
		acpi_bgrt_forget(iomap_device(pa, PAGE_SIZE));
}

static struct {
	const char *signature;
	const char *without; /* what its absence means; NULL: it need not be there */
	bool is_found;
	void (*use)(const void *table, size_t len);
	void (*change)(paddr_t pa);	/* NULL: dom0 is to see it as it is */
} wanted[] = {
	{ .signature = "APIC", .without = "one CPU", .use = madt_use },
	{ .signature = "FACP", .without = "no PM timer, no switching off", .use = fadt_use },
	{ .signature = "HPET", .use = hpet_use },
	{ .signature = "MCFG", .use = mcfg_use },
	{ .signature = "SRAT", .use = srat_use },
	{ .signature = "SLIT", .use = slit_use },
	{ .signature = "DMAR", .use = dmar_use, .change = table_hide },
	{ .signature = "IVRS", .use = ivrs_use, .change = table_hide },
	{ .signature = "BGRT", .use = bgrt_use, .change = bgrt_change },
};

static void table_visit(paddr_t pa)
{
	const struct acpi_header *h;
	const void *table;
	size_t len;

	if (!is_addressable(pa))
		return;
	h = iomap_table(pa, sizeof(*h));
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		/* Of several HPET tables the first is as good as any. */
		if (wanted[i].is_found || memcmp(h->signature, wanted[i].signature, 4))
			continue;
		table = table_map(pa, wanted[i].signature, &len);
		if (table) {
			wanted[i].is_found = true;
			wanted[i].use(table, len);
			if (wanted[i].change)
				wanted[i].change(pa);
		}
	}
}

static void tables_visit(void)
{
	const void *table;
	paddr_t root;
	bool is_wide;
	size_t len;

	if (!acpi_root_find(&root, &is_wide) || !is_addressable(root)) {
		log_warning("ACPI: no root pointer found\n");
		return;
	}
	table = table_map(root, is_wide ? "XSDT" : "RSDT", &len);
	if (!table)
		return;
	for (unsigned int i = 0; i < acpi_root_count(len, is_wide); i++)
		table_visit(acpi_root_entry(table, i, is_wide));
}

void acpi_init(void)
{
	efi_init();
	tables_visit();
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (wanted[i].without && !wanted[i].is_found)
			log_warning("ACPI: there is no usable %s table: %s\n", wanted[i].signature,
				    wanted[i].without);
	if (!acpi_info.madt.ioapic_count) {
		log_warning("ACPI: no IO-APIC is told of: the usual one is assumed\n");
		acpi_madt_assume_ioapic(&acpi_info.madt);
	}
	acpi_sleep_init();
	log_info("ACPI: %u CPUs, %u IO-APICs, %u interrupt overrides%s%s\n",
		 acpi_info.madt.cpu_count, acpi_info.madt.ioapic_count,
		 acpi_info.madt.override_count, acpi_info.fadt.has_pm_timer ? ", PM timer" : "",
		 acpi_info.hpet.address ? ", HPET" : "");
	acpi_numa_log(&acpi_info.numa);
}
