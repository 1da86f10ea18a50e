/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as DMAR and as IVRS: what is kept of them makes sense, and nothing is read beyond the end. */
/* sources: arch/x86/acpi/iommu_tables.c */
#include <stdlib.h>
#include <string.h>

#include <asm/acpi.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct acpi_iommu *t, int rc)
{
	if (!rc != !!t->unit_count || t->unit_count > ACPI_IOMMU_MAX ||
	    t->range_count > ACPI_IOMMU_RANGE_MAX)
		abort();
	for (unsigned int i = 0; i < t->unit_count; i++)
		if (!t->unit[i] || t->unit[i] & 0xfff || t->unit[i] >> 52)
			abort();
	for (unsigned int i = 0; i < t->range_count; i++)
		if (t->range[i].end <= t->range[i].start ||
		    (t->range[i].start | t->range[i].end) & 0xfff)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct acpi_iommu t;

	check(&t, acpi_dmar_parse(data, size, &t));
	check(&t, acpi_ivrs_parse(data, size, &t));
	return 0;
}
