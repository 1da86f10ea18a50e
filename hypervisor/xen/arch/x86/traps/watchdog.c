/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watchdog (watchdog=): a timer on every CPU says once a second that the CPU still serves
 * interrupts and softirqs. The PC's interval timer, channel 0, which nothing else uses, sends CPU 0 an NMI
 * at 19 Hz, and CPU 0 looks whether any has been silent too long; a stuck CPU gets an NMI to show where it is.
 * Performance counters would do without the timer, and differ from one processor to the next.
 */
#include <asm/nmi.h>

#include <hv/options.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/time.h>
#include <hv/timer.h>

#include <asm/apic.h>
#include <asm/backtrace.h>
#include <asm/irq.h>
#include <asm/percpu.h>
#include <asm/smp.h>
#include <asm/system.h>

#define PIT_CHANNEL_0	   0x40
#define PIT_COMMAND	   0x43
#define COMMAND_RATE	   0x34		/* channel 0, both bytes, rate generator; 0 counts 65,536 */
#define PIT_ISA_IRQ	   0
#define TICK_NS		   54925000UL	/* 65,536 of 1,193,182 Hz */
#define SIGN_OF_LIFE_NS	   NS_PER_SECOND

static struct {
	uint64_t     last_ns;	/* [a] */
	struct timer timer;
} __cacheline_aligned life[MAX_CPUS];

static bool is_on;		/* set at boot */
static int stuck_cpu = -1;	/* [a] who is to show where it is */

static void life_show(void *data)
{
	unsigned int cpu = this_cpu();

	(void)data;
	WRITE_ONCE(life[cpu].last_ns, system_time_ns());
	timer_set(&life[cpu].timer, system_time_ns() + SIGN_OF_LIFE_NS);
}

void watchdog_init(void)
{
	uint64_t now = system_time_ns();

	if (!boot_options.watchdog || !boot_options.watchdog_timeout_s)
		return;
	for (unsigned int cpu = 0; cpu < cpus_online; cpu++) {
		life[cpu].last_ns = now;
		timer_init(&life[cpu].timer, life_show, NULL, cpu);
		timer_set(&life[cpu].timer, now);
	}
	is_on = true;
	outb(PIT_COMMAND, COMMAND_RATE);
	outb(PIT_CHANNEL_0, 0);
	outb(PIT_CHANNEL_0, 0);
	if (ioapic_line_to_nmi(isa_irq_to_gsi(PIT_ISA_IRQ))) {
		is_on = false;
		log_warning("Watchdog: the interval timer has no interrupt line: off\n");
		return;
	}
	log_info("Watchdog: a CPU that is stuck for %u s ends the machine\n",
		 boot_options.watchdog_timeout_s);
}

int watchdog_find_stuck(const uint64_t *last_ns, unsigned int stride, unsigned int count,
			uint64_t now_ns, uint64_t timeout_ns)
{
	for (unsigned int cpu = 0; cpu < count; cpu++) {
		uint64_t last = READ_ONCE(
			*(const uint64_t *)((const char *)last_ns + (size_t)cpu * stride));

		if (now_ns > last && now_ns - last > timeout_ns)
			return cpu;
	}
	return -1;
}

static void __noreturn stuck(const struct cpu_user_regs *regs)
{
	is_on = false;
	crash_dump(regs);
	panic("Watchdog: CPU %u is stuck\n", this_cpu());
}

/* Ours come in step: one that is early is somebody else's. */
static bool tick_is_due(uint64_t now_ns)
{
	static uint64_t last_ns;	/* CPU 0 alone */

	if (now_ns - last_ns < TICK_NS / 2)
		return false;
	last_ns = now_ns;
	return true;
}

bool watchdog_nmi(const struct cpu_user_regs *regs)
{
	uint64_t now;
	int cpu;

	if (!is_on)
		return false;
	now = system_time_ns();
	cpu = __atomic_load_n(&stuck_cpu, __ATOMIC_ACQUIRE);
	if (cpu == (int)this_cpu())
		stuck(regs);
	if (this_cpu() || cpu >= 0)
		return true;
	cpu = watchdog_find_stuck(&life[0].last_ns, sizeof(life[0]), cpus_online, now,
				  boot_options.watchdog_timeout_s * NS_PER_SECOND);
	if (cpu == 0)
		stuck(regs);
	if (cpu > 0) {
		__atomic_store_n(&stuck_cpu, cpu, __ATOMIC_RELEASE);
		apic_send_nmi(cpu);
	}
	return boot_options.ignores_unknown_nmis || tick_is_due(now);
}
