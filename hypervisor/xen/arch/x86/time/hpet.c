/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HPET's main counter, as a reference. Source: "IA-PC HPET specification" 1.0a. */
#include <asm/acpi.h>
#include <asm/clock.h>
#include <asm/iomap.h>

#define HPET_PERIOD	   0x04	/* of the counter, in femtoseconds */
#define HPET_CONFIG	   0x10
#define HPET_COUNTER	   0xf0
#define HPET_CONFIG_ENABLE 1U

#define PERIOD_MAX 100000000UL	/* 100 ns, by the specification */
#define PERIOD_MIN 100000UL
#define FS_PER_SECOND 1000000000000000UL

static volatile uint8_t *registers;	/* set at boot */

static volatile uint32_t *hpet_register(unsigned int offset)
{
	return (volatile uint32_t *)(registers + offset);
}

/* The lower half is enough, and may be read in one piece on all machines. */
static uint64_t hpet_read(void)
{
	return *hpet_register(HPET_COUNTER);
}

bool hpet_reference(struct clock_reference *out)
{
	uint32_t period;

	if (!acpi_info.hpet.address)
		return false;
	registers = iomap_device(acpi_info.hpet.address, 1024);
	period = *hpet_register(HPET_PERIOD);
	if (period < PERIOD_MIN || period > PERIOD_MAX)
		return false;
	*hpet_register(HPET_CONFIG) |= HPET_CONFIG_ENABLE;

	*out = (struct clock_reference){
		.name = "HPET",
		.hz = FS_PER_SECOND / period,
		.mask = UINT32_MAX,
		.read = hpet_read,
	};
	return true;
}
