/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI's ways to switch the machine off or restart it: FADT registers, in
 * whatever space they lie. Source: ACPI 6.4 sections 4.8.3.2, 4.8.3.6, 4.8.3.7.
 */
#include <asm/acpi.h>
#include <asm/iomap.h>
#include <asm/system.h>

#include <hv/errno.h>
#include <hv/pci.h>
#include <hv/printk.h>
#include <hv/types.h>

#define PM1_SLEEP_ENABLE 0x2000

#define STATE_SOFT_OFF 5

/* Mapped at boot, so that a crash needs no mapping; NULL: the register is not in memory. */
static volatile void *reset_register, *pm1a_register, *pm1b_register, *sleep_register;

static volatile void *register_map(const struct acpi_gas *gas)
{
	if (gas->space != ACPI_SPACE_MEMORY || !gas->address)
		return NULL;
	return iomap_device(gas->address, 4);
}

void acpi_sleep_init(void)
{
	const struct acpi_fadt *f = &acpi_info.fadt;

	reset_register = register_map(&f->reset);
	pm1a_register = register_map(&f->pm1a_control);
	pm1b_register = register_map(&f->pm1b_control);
	sleep_register = register_map(&f->sleep_control);
}

/*
 * Bus 0; @address has device, function and offset in a word each. Past all
 * locks: this is a reset register, written when the machine ends.
 */
static void pci_write(uint64_t address, uint8_t value)
{
	uint32_t device = address >> 32 & 0x1f, function = address >> 16 & 7;
	uint32_t offset = address & 0xff;

	outl(PCI_CONFIG_ADDRESS, 1U << 31 | device << 11 | function << 8 | (offset & ~3U));
	outb(PCI_CONFIG_DATA + (offset & 3), value);
}

static void write_8(const struct acpi_gas *gas, volatile void *mapping, uint8_t value)
{
	switch (gas->space) {
	case ACPI_SPACE_IO:
		outb(gas->address, value);
		break;
	case ACPI_SPACE_MEMORY:
		if (mapping)
			*(volatile uint8_t *)mapping = value;
		break;
	case ACPI_SPACE_PCI:
		pci_write(gas->address, value);
		break;
	}
}

static void write_16(const struct acpi_gas *gas, volatile void *mapping, uint16_t value)
{
	if (gas->space == ACPI_SPACE_IO && gas->address)
		outw(gas->address, value);
	else if (mapping)
		*(volatile uint16_t *)mapping = value;
}

void acpi_reset(void)
{
	const struct acpi_fadt *f = &acpi_info.fadt;

	if (f->has_reset)
		write_8(&f->reset, reset_register, f->reset_value);
}

/* SLP_TYP first, SLP_EN in a second write: chipsets have needed it. */
static void pm1_write(uint16_t a, uint16_t b)
{
	const struct acpi_fadt *f = &acpi_info.fadt;

	a &= ~PM1_SLEEP_ENABLE;
	b &= ~PM1_SLEEP_ENABLE;
	write_16(&f->pm1a_control, pm1a_register, a);
	write_16(&f->pm1b_control, pm1b_register, b);
	write_16(&f->pm1a_control, pm1a_register, a | PM1_SLEEP_ENABLE);
	write_16(&f->pm1b_control, pm1b_register, b | PM1_SLEEP_ENABLE);
}

int acpi_sleep_enter(unsigned int state, uint16_t value_a, uint16_t value_b, bool is_extended)
{
	const struct acpi_fadt *f = &acpi_info.fadt;

	if (state == 0 || state > STATE_SOFT_OFF)
		return -EINVAL;
	if (state != STATE_SOFT_OFF) {
		printk(LOG_GUEST_WARNING, "ACPI: sleep state S%u is not supported\n", state);
		return -EOPNOTSUPP;
	}
	if (is_extended ? !f->sleep_control.address || value_a > 0xff : !f->pm1a_control.address)
		return -EINVAL;

	log_info("ACPI: dom0 switches the machine off\n");
	if (is_extended)
		write_8(&f->sleep_control, sleep_register, value_a);
	else
		pm1_write(value_a, value_b);
	return 0;
}
