/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges of ACPI tables: root pointer, root tables, FADT, HPET, MCFG. They
 * look at a buffer and nothing else. Source: ACPI 6.4 chapter 5, "IA-PC HPET
 * specification" 1.0a, "PCI firmware specification" 3.2 chapter 4.
 */
#include <asm/acpi.h>

#include <hv/errno.h>
#include <hv/string.h>
#include <hv/types.h>

struct rsdp {
	char	 signature[8];
	uint8_t	 checksum;	/* of the first 20 bytes */
	char	 oem_id[6];
	uint8_t	 revision;
	uint32_t rsdt;
	uint32_t length;	/* from here on: revision 2 */
	uint64_t xsdt;
	uint8_t	 extended_checksum;
	uint8_t	 reserved[3];
} __packed;

#define RSDP_V1_LENGTH 20

static_assert(sizeof(struct rsdp) == 36, "ACPI 5.2.5.3");

struct fadt {
	struct acpi_header header;
	uint32_t firmware_ctrl, dsdt;
	uint8_t	 reserved0, pm_profile;
	uint16_t sci_irq;
	uint32_t smi_command;
	uint8_t	 acpi_enable, acpi_disable, s4bios_request, pstate_control;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer;
	uint32_t gpe0, gpe1;
	uint8_t	 pm1_event_length, pm1_control_length, pm2_control_length, pm_timer_length;
	uint8_t	 gpe0_length, gpe1_length, gpe1_base, cst_control;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t	 duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t boot_flags;
	uint8_t	 reserved1;
	uint32_t flags;
	struct acpi_gas reset;
	uint8_t	 reset_value;
	uint16_t arm_boot_flags;
	uint8_t	 minor_revision;
	uint64_t x_firmware_ctrl, x_dsdt;
	struct acpi_gas x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control, x_pm2_control,
		x_pm_timer, x_gpe0, x_gpe1;
	struct acpi_gas sleep_control, sleep_status;
} __packed;

static_assert(offsetof(struct fadt, flags) == 112, "ACPI table 5-9");
static_assert(offsetof(struct fadt, x_pm_timer) == 208, "ACPI table 5-9");
static_assert(offsetof(struct fadt, sleep_control) == 244, "ACPI table 5-9");

#define FADT_V1_LENGTH		116
#define FADT_TIMER_32BIT	(1U << 8)
#define FADT_RESET_SUPPORTED	(1U << 10)
#define FADT_HARDWARE_REDUCED	(1U << 20)

struct hpet_table {
	struct acpi_header header;
	uint32_t block_id;
	struct acpi_gas base;
	uint8_t	 number;
	uint16_t min_tick;
	uint8_t	 attributes;
} __packed;

struct bgrt_table {
	struct acpi_header header;
	uint16_t version;
	uint8_t	 status, image_type;
	uint64_t image;
	uint32_t x, y;
} __packed;

#define BGRT_DISPLAYED (1U << 0)

struct mcfg_entry {
	uint64_t address;
	uint16_t segment;
	uint8_t	 first_bus, last_bus;
	uint32_t reserved;
} __packed;

#define MCFG_ENTRIES_OFFSET 44

bool acpi_checksum_ok(const void *table, size_t len)
{
	const uint8_t *p = table;
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += p[i];
	return sum == 0;
}

bool acpi_rsdp_parse(const void *buf, size_t len, paddr_t *root, bool *is_wide)
{
	struct rsdp r = { 0 };

	if (len < RSDP_V1_LENGTH || memcmp(buf, "RSD PTR ", 8) ||
	    !acpi_checksum_ok(buf, RSDP_V1_LENGTH))
		return false;

	memcpy(&r, buf, len < sizeof(r) ? len : sizeof(r));
	if (r.revision >= 2 && len >= sizeof(r) && r.length >= sizeof(r) && r.length <= len &&
	    r.xsdt && acpi_checksum_ok(buf, r.length)) {
		*root = r.xsdt;
		*is_wide = true;
		return true;
	}
	*root = r.rsdt;
	*is_wide = false;
	return r.rsdt != 0;
}

bool acpi_table_ok(const void *table, size_t len, const char *signature)
{
	struct acpi_header h;

	if (len < sizeof(h))
		return false;
	memcpy(&h, table, sizeof(h));
	return !memcmp(h.signature, signature, sizeof(h.signature)) && h.length >= sizeof(h) &&
	       h.length <= len && acpi_checksum_ok(table, h.length);
}

unsigned int acpi_root_count(size_t len, bool is_wide)
{
	if (len < sizeof(struct acpi_header))
		return 0;
	return (len - sizeof(struct acpi_header)) / (is_wide ? 8 : 4);
}

paddr_t acpi_root_entry(const void *root, unsigned int index, bool is_wide)
{
	const uint8_t *entries = (const uint8_t *)root + sizeof(struct acpi_header);
	uint64_t wide;
	uint32_t narrow;

	if (is_wide) {
		memcpy(&wide, entries + (size_t)index * 8, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, entries + (size_t)index * 4, sizeof(narrow));
	return narrow;
}

/* The extended register if there is one, else the old I/O port. */
static struct acpi_gas register_choose(struct acpi_gas extended, uint32_t port, uint8_t bytes)
{
	struct acpi_gas gas = {
		.space = ACPI_SPACE_IO,
		.bit_width = bytes * 8,
		.address = port,
	};

	return extended.address ? extended : gas;
}

int acpi_fadt_parse(const void *table, size_t len, struct acpi_fadt *out)
{
	struct fadt f = { 0 };

	if (len < FADT_V1_LENGTH)
		return -EINVAL;
	/* Fields beyond an older table's end are zero: absent. */
	memcpy(&f, table, len < sizeof(f) ? len : sizeof(f));

	*out = (struct acpi_fadt){
		.sci_irq = f.sci_irq,
		.is_hardware_reduced = f.flags & FADT_HARDWARE_REDUCED,
		.pm_timer_is_32bit = f.flags & FADT_TIMER_32BIT,
		.century_register = f.century,
		.reset = f.reset,
		.reset_value = f.reset_value,
		.pm_timer = register_choose(f.x_pm_timer, f.pm_timer, 4),
		.pm1a_control = register_choose(f.x_pm1a_control, f.pm1a_control, 2),
		.pm1b_control = register_choose(f.x_pm1b_control, f.pm1b_control, 2),
		.sleep_control = f.sleep_control,
	};
	out->has_reset = (f.flags & FADT_RESET_SUPPORTED) && f.reset.address;
	out->has_pm_timer = out->pm_timer.space == ACPI_SPACE_IO && out->pm_timer.address &&
			    out->pm_timer.address <= 0xfffc && !out->is_hardware_reduced;
	return 0;
}

int acpi_hpet_parse(const void *table, size_t len, struct acpi_hpet *out)
{
	struct hpet_table h;

	out->address = 0;
	if (len < sizeof(h))
		return -EINVAL;
	memcpy(&h, table, sizeof(h));
	if (h.base.space != ACPI_SPACE_MEMORY || !h.base.address)
		return -EINVAL;
	out->address = h.base.address;
	return 0;
}

unsigned int acpi_mcfg_parse(const void *table, size_t len, struct acpi_mcfg_region *out,
			     unsigned int max)
{
	const uint8_t *p = table;
	unsigned int n = 0;
	struct mcfg_entry e;

	for (size_t at = MCFG_ENTRIES_OFFSET; n < max && at + sizeof(e) <= len; at += sizeof(e)) {
		memcpy(&e, p + at, sizeof(e));
		if (!e.address || e.address & (PAGE_SIZE - 1) || e.last_bus < e.first_bus)
			continue;
		out[n].address = e.address;
		out[n].segment = e.segment;
		out[n].first_bus = e.first_bus;
		out[n].last_bus = e.last_bus;
		n++;
	}
	return n;
}

paddr_t acpi_bgrt_image(const void *table, size_t len)
{
	struct bgrt_table b;

	if (len < sizeof(b))
		return 0;
	memcpy(&b, table, sizeof(b));
	return b.image;
}

void acpi_bgrt_forget(volatile void *table)
{
	volatile struct bgrt_table *b = table;
	uint64_t image = b->image;
	uint8_t sum = b->status & BGRT_DISPLAYED;

	for (; image; image >>= 8)
		sum += (uint8_t)image;
	b->image = 0;
	b->status &= (uint8_t)~BGRT_DISPLAYED;
	b->header.checksum += sum;
}
