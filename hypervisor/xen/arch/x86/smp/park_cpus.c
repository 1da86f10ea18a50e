/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUs taken out of use while the machine runs, and back (XENPF_cpu_offline, core parking, SYSCTL
 * cpu_hotplug). Such a CPU is parked: it runs no vCPU, gets no device's interrupt
 * and has no timers, so that it halts; but it still answers when another CPU
 * calls it, which is why nothing else needs to know.
 */
#include <asm/smp.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/options.h>
#include <hv/printk.h>
#include <hv/sched.h>
#include <hv/timer.h>

#include <asm/apic.h>
#include <asm/irq.h>

#define BOOT_CPU 0

static struct spinlock park_lock = SPINLOCK_INIT;
static struct cpu_mask parked __guarded_by(park_lock);
static unsigned int
	idle_count __guarded_by(park_lock); /* core parking: how many dom0 wants parked */

bool cpu_is_in_use(unsigned int cpu)
{
	bool is_parked;

	spin_lock(&park_lock);
	is_parked = cpu < MAX_CPUS && cpu_mask_has(&parked, cpu);
	spin_unlock(&park_lock);
	return cpu_is_online(cpu) && !is_parked;
}

/* Those of guests follow their vCPUs; what is left goes to the boot CPU. */
static void interrupts_leave(unsigned int cpu)
{
	for (unsigned int i = 0; i < IRQ_COUNT; i++)
		if (READ_ONCE(irq_table[i].controller) && READ_ONCE(irq_table[i].cpu) == cpu &&
		    irq_set_affinity(&irq_table[i], BOOT_CPU))
			log_warning("CPU %u: interrupt source %u stays there\n", cpu, i);
}

static int park(unsigned int cpu) __must_hold(park_lock)
{
	if (cpu == BOOT_CPU || !cpu_is_online(cpu))
		return -EINVAL;
	if (cpu_mask_has(&parked, cpu))
		return 0;
	/* it is a vCPU's own, which would stand still */
	if (boot_options.scheduler == XEN_SCHEDULER_NULL)
		return -EBUSY;
	cpu_mask_add(&parked, cpu);
	sched_cpu_set_active(cpu, false);
	interrupts_leave(cpu);
	timers_leave(cpu, BOOT_CPU);
	return 0;
}

static int unpark(unsigned int cpu) __must_hold(park_lock)
{
	if (!cpu_is_online(cpu))
		return -EINVAL;
	if (cpu_mask_has(&parked, cpu)) {
		cpu_mask_remove(&parked, cpu);
		sched_cpu_set_active(cpu, true);
	}
	return 0;
}

int cpu_take_offline(unsigned int cpu)
{
	int rc;

	spin_lock(&park_lock);
	rc = park(cpu);
	spin_unlock(&park_lock);
	if (!rc)
		virq_send_global(hardware_domain, VIRQ_PCPU_STATE);
	return rc;
}

int cpu_take_online(unsigned int cpu)
{
	int rc;

	spin_lock(&park_lock);
	rc = unpark(cpu);
	spin_unlock(&park_lock);
	if (!rc)
		virq_send_global(hardware_domain, VIRQ_PCPU_STATE);
	return rc;
}

/* The highest numbers first, in both directions. */
int cpus_park(unsigned int count)
{
	unsigned int cpu;

	if (count >= cpus_online)
		return -EINVAL;
	spin_lock(&park_lock);
	for (cpu = cpus_online - 1; idle_count < count && cpu != BOOT_CPU; cpu--)
		if (!cpu_mask_has(&parked, cpu) && !park(cpu))
			idle_count++;
	for (cpu = 1; idle_count > count && cpu < cpus_online; cpu++)
		if (cpu_mask_has(&parked, cpu) && !unpark(cpu))
			idle_count--;
	spin_unlock(&park_lock);
	virq_send_global(hardware_domain, VIRQ_PCPU_STATE);
	return 0;
}

unsigned int cpus_parked(void)
{
	unsigned int count;

	spin_lock(&park_lock);
	count = idle_count;
	spin_unlock(&park_lock);
	return count;
}
