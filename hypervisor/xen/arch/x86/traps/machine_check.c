/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processors' error banks. Source: Intel SDM volume 3 chapter 15, AMD64 manual volume 2 chapter 9. Corrected
 * errors are found by a look at the banks every few seconds, and told to dom0 by VIRQ_MCA (xen-mca.h).
 */
#include <asm/machine_check.h>

#include <hv/domain.h>
#include <hv/event_channel.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/time.h>
#include <hv/timer.h>

#include <asm/apic.h>
#include <asm/cpu_features.h>
#include <asm/percpu.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <asm/traps.h>

#define MSR_MCG_CAP	   0x179
#define MSR_MCG_STATUS	   0x17a
#define MSR_MCG_CTL	   0x17b
#define MSR_BANK_CTL(b)	   (0x400 + 4 * (b))
#define MSR_BANK_STATUS(b) (0x401 + 4 * (b))
#define MSR_BANK_ADDR(b)   (0x402 + 4 * (b))
#define MSR_BANK_MISC(b)   (0x403 + 4 * (b))

#define MCG_CAP_COUNT	   0xff
#define MCG_CAP_HAS_CTL	   (1UL << 8)
#define BANKS_MAX	   32

#define STATUS_VALID	   (1UL << 63)
#define STATUS_UNCORRECTED (1UL << 61)
#define STATUS_HAS_MISC	   (1UL << 59)
#define STATUS_HAS_ADDR	   (1UL << 58)

#define CR4_MCE		   (1UL << 6)
#define PERIOD_NS	   (10 * NS_PER_SECOND)
#define LINES_MAX	   20

static struct timer timers[MAX_CPUS];

static bool has_banks(void)
{
	return cpu_has(MCE) && cpu_has(MCA);
}

static uint64_t read_or_zero(uint32_t msr)
{
	uint64_t value;

	return rdmsr_safe(msr, &value) ? 0 : value;
}

static unsigned int bank_count(void)
{
	unsigned int count = read_or_zero(MSR_MCG_CAP) & MCG_CAP_COUNT;

	return count < BANKS_MAX ? count : BANKS_MAX;
}

void machine_check_cpu_init(void)
{
	if (!has_banks())
		return;
	if (read_or_zero(MSR_MCG_CAP) & MCG_CAP_HAS_CTL)
		(void)!wrmsr_safe(MSR_MCG_CTL, ~0UL);
	for (unsigned int b = 0; b < bank_count(); b++)
		(void)!wrmsr_safe(MSR_BANK_CTL(b), ~0UL);
	cr4_write(cr4_read() | CR4_MCE);
}

static void bank_print(unsigned int bank, uint64_t status)
{
	static unsigned int lines;	/* all CPUs together, more or less */

	if (__atomic_fetch_add(&lines, 1, __ATOMIC_RELAXED) < LINES_MAX)
		log_warning("Machine check: CPU %u bank %u status %016lx address %016lx\n",
			    this_cpu(), bank, (unsigned long)status,
			    (unsigned long)(status & STATUS_HAS_ADDR ?
						    read_or_zero(MSR_BANK_ADDR(bank)) :
						    0));
}

static bool bank_take(struct mc_info *info, unsigned int bank)
{
	uint64_t status = read_or_zero(MSR_BANK_STATUS(bank));
	struct mcinfo_bank *b;

	if (!(status & STATUS_VALID))
		return false;
	bank_print(bank, status);
	b = mc_info_bank(info);
	if (b) {
		b->mc_bank = bank;
		b->mc_domid = DOMID_INVALID;
		b->mc_status = status;
		b->mc_addr = status & STATUS_HAS_ADDR ? read_or_zero(MSR_BANK_ADDR(bank)) : 0;
		b->mc_misc = status & STATUS_HAS_MISC ? read_or_zero(MSR_BANK_MISC(bank)) : 0;
		b->mc_tsc = rdtsc();
	}
	(void)!wrmsr_safe(MSR_BANK_STATUS(bank), 0);
	return true;
}

static void banks_poll(void *unused)
{
	unsigned int cpu = this_cpu();
	struct mcinfo_global *g;
	bool has_any = false;
	struct mc_info info;

	(void)unused;
	g = mc_info_begin(&info);
	g->mc_domid = g->mc_vcpuid = DOMID_INVALID;
	g->mc_apicid = apic_id_of_cpu[cpu];
	g->mc_socketid = cpu;
	g->mc_gstatus = read_or_zero(MSR_MCG_STATUS);
	g->mc_flags = MC_FLAG_POLLED | MC_FLAG_CORRECTABLE;
	for (unsigned int b = 0; b < bank_count(); b++)
		has_any |= bank_take(&info, b);
	if (has_any && mc_log_add(&info) && hardware_domain)
		virq_send_global(hardware_domain, VIRQ_MCA);
	timer_set(&timers[cpu], system_time_ns() + PERIOD_NS);
}

void machine_check_poll_init(void)
{
	if (!has_banks())
		return;
	for (unsigned int cpu = 0; cpu < cpus_online; cpu++) {
		timer_init(&timers[cpu], banks_poll, NULL, cpu);
		timer_set(&timers[cpu], system_time_ns() + PERIOD_NS);
	}
}

void machine_check_print(void)
{
	panic_begin();
	log_error("Machine check on CPU %u, global status %016lx\n", this_cpu(),
		  (unsigned long)read_or_zero(MSR_MCG_STATUS));
	for (unsigned int b = 0; b < bank_count(); b++) {
		uint64_t status = read_or_zero(MSR_BANK_STATUS(b));

		if (status & STATUS_VALID)
			log_error(" bank %u: status %016lx address %016lx misc %016lx%s\n", b,
				  (unsigned long)status,
				  (unsigned long)(status & STATUS_HAS_ADDR ?
							  read_or_zero(MSR_BANK_ADDR(b)) :
							  0),
				  (unsigned long)(status & STATUS_HAS_MISC ?
							  read_or_zero(MSR_BANK_MISC(b)) :
							  0),
				  status & STATUS_UNCORRECTED ? ", uncorrected" : "");
	}
}
