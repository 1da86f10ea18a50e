/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's end (hv/machine.h). Used in a crash, so nothing here takes a
 * lock or waits without bound. From the mildest way to restart to the last one.
 */
#include <hv/machine.h>

#include <hv/time.h>
#include <hv/types.h>

#include <asm/acpi.h>
#include <asm/smp.h>
#include <asm/system.h>

#define KEYBOARD_STATUS	     0x64
#define KEYBOARD_BUSY	     0x02
#define KEYBOARD_PULSE_RESET 0xfe
#define RESET_CONTROL	     0xcf9
#define RESET_CPU	     0x02
#define RESET_NOW	     0x06
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

/* An exception without an interrupt table: the CPU shuts down, which resets the machine. */
static void triple_fault(void)
{
	const struct {
		uint16_t limit;
		uint64_t base;
	} __packed no_table = { 0 };

	__asm__ __volatile__("lidt %0; int3" : : "m"(no_table));
}

void machine_restart(unsigned int delay_ms)
{
	static void (*const ways[])(void) = {
		acpi_reset,
		keyboard_reset,
		chipset_reset,
		triple_fault,
	};

	irq_disable();
	cpus_stop_others();
	while (delay_ms--)
		wait_us(1000);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		ways[i]();
		wait_us(TRY_US);
	}
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
