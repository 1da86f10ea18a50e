/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of the hypervisor: say why, then restart or wait for a person.
 * Relies on nothing that can be broken by then but the console devices.
 */
#include <hv/panic.h>

#include <hv/console.h>
#include <hv/crash_record.h>
#include <hv/format.h>
#include <hv/machine.h>
#include <hv/options.h>
#include <hv/printk.h>

#include <asm/backtrace.h>
#include <asm/percpu.h>
#include <asm/system.h>

#define NO_CPU		(~0U)
#define REBOOT_DELAY_MS 5000
#define REASON_SIZE	256

/* The first CPU to panic; the others' panics follow from its own. */
static unsigned int panicking_cpu = NO_CPU;

bool panic_in_progress(void)
{
	return READ_ONCE(panicking_cpu) != NO_CPU;
}

void panic_begin(void)
{
	unsigned int nobody = NO_CPU;

	irq_disable();
	if (__atomic_compare_exchange_n(&panicking_cpu, &nobody, this_cpu(), false,
					__ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		machine_stop_others();
		console_take_over();
	}
}

static void restart_or_halt(bool is_announced) __noreturn;

/* Last, but for the end itself: of all this it is what calls the firmware. */
static void keep(const char *title, const char *why)
{
	static char text[REASON_SIZE + 64];

	format_string(text, sizeof(text), "%s%s", title, why);
	crash_record_keep(text);
}

static void restart_or_halt(bool is_announced)
{
	if (boot_options.noreboot) {
		if (is_announced)
			log_error("Manual reset required ('noreboot' specified)\n");
		machine_halt();
	}
	if (is_announced)
		log_error("Reboot in five seconds...\n");
	machine_restart(REBOOT_DELAY_MS);
}

static void tell(const char *title, const char *why)
{
	static const char stars[] = "****************************************";

	printk_end_line();
	log_error("\n");
	log_error("%s\n", stars);
	log_error("%s%s", title, why);
	printk_end_line();
	log_error("%s\n", stars);
	log_error("\n");
}

void panic(const char *fmt, ...)
{
	static unsigned int count;
	static char title[32], why[REASON_SIZE];
	va_list args;

	panic_begin();
	if (READ_ONCE(panicking_cpu) != this_cpu())
		cpu_halt_forever();

	/* Each time less is tried: what failed may be the telling itself. */
	switch (count++) {
	case 0:
		format_string(title, sizeof(title), "Panic on CPU %u:\n", this_cpu());
		va_start(args, fmt);
		format_string_v(why, sizeof(why), fmt, args);
		va_end(args);
		printk_end_line();
		backtrace_caller((unsigned long)__builtin_return_address(0));
		tell(title, why);
		keep(title, why);
		break;
	case 1:
		tell(title, why);
		log_error("and again while saying so\n");
		break;
	case 2:
		restart_or_halt(false);
	default:
		cpu_halt_forever();
	}
	restart_or_halt(true);
}

void boot_error(const char *fmt, ...)
{
	char why[REASON_SIZE];
	va_list args;

	panic_begin();
	va_start(args, fmt);
	format_string_v(why, sizeof(why), fmt, args);
	va_end(args);
	tell("Cannot boot: ", why);
	restart_or_halt(true);
}
