/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges of the tables that describe IOMMUs: DMAR of Intel's ("Virtualization Technology for Directed I/O"
 * 3.4, chapter 8), IVRS of AMD's ("AMD I/O Virtualization Technology" 3.06, chapter 5). They look at a
 * buffer and nothing else. All units share one set of tables of ours, so that which device is behind which
 * unit need not be known: of the tables, units and the memory ranges that must stay reachable are kept.
 */
#include <asm/acpi.h>

#include <hv/errno.h>
#include <hv/string.h>

#define BLOCKS_OFFSET 48	/* of both tables */

enum dmar_type { DMAR_DRHD = 0, DMAR_RMRR = 1 };

struct dmar {
	struct acpi_header header;
	uint8_t host_width, flags, reserved[10];
} __packed;

struct dmar_drhd {
	uint16_t type, length;
	uint8_t	 flags, size;
	uint16_t segment;
	uint64_t address;
} __packed;

struct dmar_rmrr {
	uint16_t type, length, reserved, segment;
	uint64_t first, last;
} __packed;

#define IVHD_FIRST 0x10
#define IVHD_EXTENDED 0x11
#define IVHD_NAMED 0x40
#define IVMD_FIRST 0x20
#define IVMD_LAST 0x22

struct ivrs_ivhd {
	uint8_t	 type, flags;
	uint16_t length, devid, capability;
	uint64_t address;
	uint16_t segment, info;
	uint32_t features;
} __packed;

struct ivrs_ivmd {
	uint8_t	 type, flags;
	uint16_t length, devid, last_devid;
	uint64_t reserved, start, size;
} __packed;

static_assert(sizeof(struct dmar) == BLOCKS_OFFSET, "VT-d 8.1");
static_assert(sizeof(struct ivrs_ivhd) == 24, "AMD IOMMU 5.2.2.1");
static_assert(sizeof(struct ivrs_ivmd) == 32, "AMD IOMMU 5.2.2.8");

static void unit_add(struct acpi_iommu *out, enum acpi_iommu_kind kind, uint64_t address)
{
	/* AMD's tables list each unit up to three times, for kernels of different ages. */
	for (unsigned int i = 0; i < out->unit_count; i++)
		if (out->unit[i] == address)
			return;
	if (!address || address & (PAGE_SIZE - 1) || address >> 52)
		return;
	if (out->unit_count == ARRAY_SIZE(out->unit)) {
		out->dropped++;
		return;
	}
	out->kind = kind;
	out->unit[out->unit_count++] = address;
}

/* [first, last], rounded to whole pages. */
static void range_add(struct acpi_iommu *out, uint64_t first, uint64_t last)
{
	if (last < first || last >> 52)
		return;
	if (out->range_count == ARRAY_SIZE(out->range)) {
		out->dropped++;
		return;
	}
	out->range[out->range_count].start = ALIGN_DOWN(first, PAGE_SIZE);
	out->range[out->range_count++].end = ALIGN_DOWN(last, PAGE_SIZE) + PAGE_SIZE;
}

static void dmar_block_use(const uint8_t *block, size_t length, struct acpi_iommu *out)
{
	struct dmar_drhd drhd;
	struct dmar_rmrr rmrr;
	uint16_t type;

	memcpy(&type, block, sizeof(type));
	if (type == DMAR_DRHD && length >= sizeof(drhd)) {
		memcpy(&drhd, block, sizeof(drhd));
		unit_add(out, ACPI_IOMMU_INTEL, drhd.address);
	} else if (type == DMAR_RMRR && length >= sizeof(rmrr)) {
		memcpy(&rmrr, block, sizeof(rmrr));
		range_add(out, rmrr.first, rmrr.last);
	}
}

int acpi_dmar_parse(const void *table, size_t len, struct acpi_iommu *out)
{
	const uint8_t *p = table;
	uint16_t length;
	struct dmar d;

	memset(out, 0, sizeof(*out));
	if (len < sizeof(d))
		return -EINVAL;
	memcpy(&d, table, sizeof(d));
	out->may_remap_interrupts = d.flags & 1;
	out->opts_out_of_x2apic = d.flags & 2;

	/* A length below four would never end. */
	for (size_t at = BLOCKS_OFFSET; at + 4 <= len; at += length) {
		memcpy(&length, p + at + 2, sizeof(length));
		if (length < 4 || length > len - at)
			break;
		dmar_block_use(p + at, length, out);
	}
	return out->unit_count ? 0 : -ENOENT;
}

static void ivrs_block_use(const uint8_t *block, size_t length, struct acpi_iommu *out)
{
	struct ivrs_ivhd ivhd;
	struct ivrs_ivmd ivmd;
	uint8_t type = block[0];

	if ((type == IVHD_FIRST || type == IVHD_EXTENDED || type == IVHD_NAMED) &&
	    length >= sizeof(ivhd)) {
		memcpy(&ivhd, block, sizeof(ivhd));
		unit_add(out, ACPI_IOMMU_AMD, ivhd.address);
	} else if (type >= IVMD_FIRST && type <= IVMD_LAST && length >= sizeof(ivmd)) {
		memcpy(&ivmd, block, sizeof(ivmd));
		if (ivmd.size && ivmd.start + ivmd.size - 1 >= ivmd.start)
			range_add(out, ivmd.start, ivmd.start + ivmd.size - 1);
	}
}

int acpi_ivrs_parse(const void *table, size_t len, struct acpi_iommu *out)
{
	const uint8_t *p = table;
	uint16_t length;

	memset(out, 0, sizeof(*out));
	if (len < BLOCKS_OFFSET)
		return -EINVAL;
	out->may_remap_interrupts = true;
	for (size_t at = BLOCKS_OFFSET; at + 4 <= len; at += length) {
		memcpy(&length, p + at + 2, sizeof(length));
		if (length < 4 || length > len - at)
			break;
		ivrs_block_use(p + at, length, out);
	}
	return out->unit_count ? 0 : -ENOENT;
}
