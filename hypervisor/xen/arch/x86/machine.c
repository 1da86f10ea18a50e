/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's end (hv/machine.h). Used in a crash, so nothing here takes a
 * lock or waits without bound.
 */
#include <hv/machine.h>

#include <hv/options.h>
#include <hv/printk.h>
#include <hv/time.h>
#include <hv/types.h>

#include <asm/acpi.h>
#include <asm/boot.h>
#include <asm/efi.h>
#include <asm/efi_abi.h>
#include <asm/frame.h>
#include <asm/layout.h>
#include <asm/smp.h>
#include <asm/system.h>

#define KEYBOARD_STATUS	     0x64
#define KEYBOARD_BUSY	     0x02
#define KEYBOARD_PULSE_RESET 0xfe
#define RESET_CONTROL	     0xcf9
#define RESET_CPU	     0x02
#define RESET_NOW	     0x06
#define RESET_FULL	     0x08
#define BDA_RESET_KIND	     0x472
#define BDA_RESET_WARM	     0x1234
#define DIAGNOSTIC_PORT	     0x80	/* an access takes about a microsecond */

#define POLLS_MAX 10000
#define TRY_US	  20000		/* a reset that works needs less */

static void wait_us(unsigned int us)
{
	if (tsc_khz())
		delay_us(us);
	else
		while (us--)
			(void)inb(DIAGNOSTIC_PORT);
}

static void keyboard_reset(void)
{
	for (unsigned int i = 0; i < POLLS_MAX && inb(KEYBOARD_STATUS) & KEYBOARD_BUSY; i++)
		(void)inb(DIAGNOSTIC_PORT);
	outb(KEYBOARD_STATUS, KEYBOARD_PULSE_RESET);
}

static void chipset_reset(void)
{
	outb(RESET_CONTROL, RESET_CPU);
	outb(RESET_CONTROL, RESET_NOW);
}

/* The power goes off and on again, where the chipset does that. */
static void chipset_power_cycle(void)
{
	outb(RESET_CONTROL, RESET_FULL);
	outb(RESET_CONTROL, RESET_FULL | RESET_NOW);
}

static void efi_reset(void)
{
	efi_runtime_call_last(efi_runtime_services()->reset_system,
			      boot_options.reboot_kind == REBOOT_WARM ? EFI_RESET_WARM :
									EFI_RESET_COLD,
			      EFI_SUCCESS, 0, 0, 0);
}

/* An exception without an interrupt table: the CPU shuts down, which resets the machine. */
static void triple_fault(void)
{
	const struct {
		uint16_t limit;
		uint64_t base;
	} __packed no_table = { 0 };

	__asm__ __volatile__("lidt %0; int3" : : "m"(no_table));
}

/* In this order, but what reboot= says goes first. Power-cycling only then. */
static const struct {
	const char *name;
	void (*function)(void);
} ways[] = {
	[REBOOT_ACPI] = { "ACPI's reset register", acpi_reset },
	[REBOOT_EFI] = { "the firmware's service", efi_reset },
	[REBOOT_KEYBOARD] = { "the keyboard controller", keyboard_reset },
	[REBOOT_PCI] = { "port 0xcf9", chipset_reset },
	[REBOOT_POWER] = { "power-cycling by port 0xcf9", chipset_power_cycle },
	[REBOOT_TRIPLE] = { "a triple fault", triple_fault },
};

static bool is_possible(enum reboot_way way)
{
	switch (way) {
	case REBOOT_ACPI:
		return acpi_info.fadt.has_reset;
	case REBOOT_EFI:
		return efi_runtime_is_there();
	default:
		return true;
	}
}

/* Once only: it may be what crashes, and then the next is due. */
static void way_try(enum reboot_way way)
{
	static bool is_tried[ARRAY_SIZE(ways)];

	if (is_tried[way] || !is_possible(way))
		return;
	is_tried[way] = true;
	log_info("Restarting by %s\n", ways[way].name);
	ways[way].function();
	wait_us(TRY_US);
}

/* What a BIOS looks at to know whether memory is to be kept: IBM PC/AT BIOS data area. */
static void kind_tell(void)
{
	volatile uint16_t *word = (volatile uint16_t *)frame_map(mfn(0)) + BDA_RESET_KIND / 2;

	if (boot_options.reboot_kind != REBOOT_UNSAID && !efi_tables() &&
	    e820_all_ram(0, PAGE_SIZE))
		*word = boot_options.reboot_kind == REBOOT_WARM ? BDA_RESET_WARM : 0;
}

void machine_restart(unsigned int delay_ms)
{
	irq_disable();
	cpus_stop_others();
	while (delay_ms--)
		wait_us(1000);
	kind_tell();
	way_try(boot_options.reboot_way ? boot_options.reboot_way : REBOOT_EFI);
	for (unsigned int way = REBOOT_ACPI; way < ARRAY_SIZE(ways); way++)
		if (way != REBOOT_POWER)
			way_try(way);
	cpu_halt_forever();
	__builtin_unreachable();
}

void machine_stop_others(void)
{
	cpus_stop_others();
}

void machine_halt(void)
{
	irq_disable();
	cpus_stop_others();
	cpu_halt_forever();
	__builtin_unreachable();
}
