/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI's power management timer, as a reference. dom0 may read it too. Source: ACPI 6.4 section 4.8.3.3. */
#include <asm/acpi.h>
#include <asm/clock.h>
#include <asm/system.h>

#define PM_TIMER_HZ 3579545

static uint64_t pm_timer_read(void)
{
	return inl(acpi_info.fadt.pm_timer.address);
}

bool pm_timer_reference(struct clock_reference *out)
{
	if (!acpi_info.fadt.has_pm_timer)
		return false;
	*out = (struct clock_reference){
		.name = "ACPI PM timer",
		.hz = PM_TIMER_HZ,
		.mask = acpi_info.fadt.pm_timer_is_32bit ? UINT32_MAX : 0xffffff,
		.read = pm_timer_read,
	};
	return true;
}
