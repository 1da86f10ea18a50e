/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC, as memory (xAPIC) or as MSRs (x2APIC), and the list of CPUs.
 * Source: Intel SDM volume 3 chapter 10.
 */
#include <asm/apic.h>
#include <asm/acpi.h>
#include <asm/iomap.h>
#include <asm/irq.h>
#include <asm/system.h>

#include <hv/options.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/softirq.h>

#define MSR_APIC_BASE	    0x1b
#define CPUID_1_ECX_X2APIC  (1U << 21)
#define APIC_BASE_X2APIC    (1UL << 10)
#define APIC_BASE_ENABLE    (1UL << 11)
#define APIC_BASE_ADDRESS   0xffffff000UL
#define MSR_X2APIC_FIRST    0x800

enum apic_register {
	APIC_ID		   = 0x020,
	APIC_VERSION	   = 0x030,
	APIC_TPR	   = 0x080,
	APIC_EOI	   = 0x0b0,
	APIC_SPURIOUS	   = 0x0f0,
	APIC_ERROR	   = 0x280,
	APIC_LVT_CMCI	   = 0x2f0,
	APIC_ICR	   = 0x300,
	APIC_ICR_HIGH	   = 0x310,
	APIC_LVT_TIMER	   = 0x320,
	APIC_LVT_THERMAL   = 0x330,
	APIC_LVT_PERF	   = 0x340,
	APIC_LVT_LINT0	   = 0x350,
	APIC_LVT_LINT1	   = 0x360,
	APIC_LVT_ERROR	   = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE  = 0x3e0,
};

#define APIC_SOFTWARE_ENABLE   (1U << 8)
#define LVT_MASKED	       (1U << 16)
#define LVT_NMI		       (4U << 8)
#define LVT_TIMER_DEADLINE     (2U << 17)
#define ICR_NMI		       (4U << 8)
#define ICR_INIT	       (5U << 8)
#define ICR_STARTUP	       (6U << 8)
#define ICR_BUSY	       (1U << 12)
#define ICR_ASSERT	       (1U << 14)
#define TIMER_DIVIDE_BY_1      0xb
#define ICR_WAIT_MAX	       100000
#define DESTINATION_BROADCAST  0xff
#define XAPIC_ID_MAX	       0xfe

unsigned int cpu_count_present;
uint32_t apic_id_of_cpu[MAX_CPUS];
uint32_t acpi_id_of_cpu[MAX_CPUS];

/* Set by each CPU for itself. */
static bool is_online[MAX_CPUS];

/* Set at boot: all CPUs are in the same mode. */
static bool is_x2apic;
static volatile uint8_t *apic_page;

static uint32_t apic_read(enum apic_register reg)
{
	if (is_x2apic)
		return rdmsr(MSR_X2APIC_FIRST + reg / 16);
	return *(volatile uint32_t *)(apic_page + reg);
}

static void apic_write(enum apic_register reg, uint32_t value)
{
	if (is_x2apic)
		wrmsr(MSR_X2APIC_FIRST + reg / 16, value);
	else
		*(volatile uint32_t *)(apic_page + reg) = value;
}

static uint32_t apic_id_read(void)
{
	uint32_t id = apic_read(APIC_ID);

	return is_x2apic ? id : id >> 24;
}

bool cpu_is_online(unsigned int cpu)
{
	return cpu < MAX_CPUS && READ_ONCE(is_online[cpu]);
}

bool apic_can_be_destination(unsigned int cpu)
{
	return cpu_is_online(cpu) &&
	       (apic_id_of_cpu[cpu] < DESTINATION_BROADCAST || interrupts_reach_all_ids());
}

/* The boot CPU is number 0, wherever the MADT has it. */
static void cpus_list(uint32_t boot_id)
{
	const struct acpi_madt *m = &acpi_info.madt;
	unsigned int n = 1;

	apic_id_of_cpu[0] = boot_id;
	for (unsigned int i = 0; i < m->cpu_count; i++) {
		if (m->cpu[i].apic_id == boot_id) {
			acpi_id_of_cpu[0] = m->cpu[i].acpi_id;
		} else if (n < MAX_CPUS) {
			apic_id_of_cpu[n] = m->cpu[i].apic_id;
			acpi_id_of_cpu[n] = m->cpu[i].acpi_id;
			n++;
		}
	}
	cpu_count_present = n;
}

static void lvt_mask_all(void)
{
	static const enum apic_register lvt[] = {
		/* Each is there if the highest entry's number, in the version, reaches it. */
		APIC_LVT_TIMER, APIC_LVT_LINT0, APIC_LVT_LINT1, APIC_LVT_ERROR,
		APIC_LVT_PERF, APIC_LVT_THERMAL, APIC_LVT_CMCI,
	};
	unsigned int count = (apic_read(APIC_VERSION) >> 16 & 0xff) + 1;

	for (unsigned int i = 0; i < ARRAY_SIZE(lvt) && i < count; i++)
		apic_write(lvt[i], LVT_MASKED | VECTOR_SPURIOUS);
}

/* Which local input of @cpu the chipset's NMI line is at: by the MADT, else LINT1, as on every PC. */
static enum apic_register nmi_input(unsigned int cpu)
{
	const struct acpi_madt *m = &acpi_info.madt;

	for (unsigned int i = 0; i < m->nmi_count; i++)
		if (m->nmi[i].is_for_all || m->nmi[i].acpi_id == acpi_id_of_cpu[cpu])
			return m->nmi[i].lint ? APIC_LVT_LINT1 : APIC_LVT_LINT0;
	return APIC_LVT_LINT1;
}

/*
 * To x2APIC only from xAPIC, and back only through "disabled", which resets the
 * APIC (SDM 10.12.5); an AP keeps its mode over INIT.
 */
static void mode_switch(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (!is_x2apic && base & APIC_BASE_X2APIC) {
		base &= ~(APIC_BASE_X2APIC | APIC_BASE_ENABLE);
		wrmsr(MSR_APIC_BASE, base);
	}
	base |= APIC_BASE_ENABLE;
	wrmsr(MSR_APIC_BASE, base);
	if (is_x2apic)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
}

void apic_cpu_init(unsigned int cpu)
{
	mode_switch();
	lvt_mask_all();
	apic_write(APIC_TPR, 0);
	apic_write(APIC_TIMER_INITIAL, 0);
	apic_write(APIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
	apic_write(APIC_SPURIOUS, APIC_SOFTWARE_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_ERROR, 0);
	apic_write(APIC_LVT_ERROR, VECTOR_APIC_ERROR);
	/* One CPU hears of NMIs; the line goes to all. */
	if (cpu == 0)
		apic_write(nmi_input(cpu), LVT_NMI);
	WRITE_ONCE(is_online[cpu], true);
}

static bool ids_need_x2apic(void)
{
	const struct acpi_madt *m = &acpi_info.madt;

	for (unsigned int i = 0; i < m->cpu_count; i++)
		if (m->cpu[i].apic_id > XAPIC_ID_MAX)
			return true;
	return false;
}

/*
 * x2APIC where the firmware left it on, where devices' interrupts can be sent to any ID, or
 * where a CPU could not be reached otherwise; then x2apic=no is not obeyed.
 */
static bool x2apic_choose(bool is_on)
{
	if (!(cpuid(1, 0).ecx & CPUID_1_ECX_X2APIC))
		return false;
	if (boot_options.x2apic)
		return is_on || interrupts_reach_all_ids() || ids_need_x2apic();
	if (!ids_need_x2apic())
		return false;
	log_warning("APIC: x2apic=no is not possible, there are APIC IDs above %u\n", XAPIC_ID_MAX);
	return true;
}

void apic_init(void)
{
	uint64_t base;
	uint32_t id;

	if (!(cpuid(1, 0).edx & 1U << 9))
		panic("this CPU has no local APIC\n");
	pic_disable();

	base = rdmsr(MSR_APIC_BASE);
	is_x2apic = x2apic_choose(base & APIC_BASE_X2APIC);
	if (!is_x2apic)
		apic_page = iomap_device(base & APIC_BASE_ADDRESS, PAGE_SIZE);
	mode_switch();
	id = apic_id_read();
	cpus_list(id);
	apic_cpu_init(0);
	log_info("APIC: %s, boot CPU has ID %u, %u CPUs present\n", is_x2apic ? "x2APIC" : "xAPIC",
		 apic_id_of_cpu[0], cpu_count_present);
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

uint32_t apic_error_read(void)
{
	apic_write(APIC_ERROR, 0);
	return apic_read(APIC_ERROR);
}

/* The two halves of the command register must not be torn by an interrupt that sends one too. */
static void icr_write(uint32_t destination, uint32_t command)
{
	unsigned long flags;

	if (is_x2apic) {
		/* Not serialising, unlike a store to memory: what the other CPU is to see comes first. */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		wrmsr(MSR_X2APIC_FIRST + APIC_ICR / 16, (uint64_t)destination << 32 | command);
		return;
	}
	flags = irq_save();
	for (unsigned int i = 0; i < ICR_WAIT_MAX && apic_read(APIC_ICR) & ICR_BUSY; i++)
		cpu_relax();
	apic_write(APIC_ICR_HIGH, destination << 24);
	apic_write(APIC_ICR, command);
	irq_restore(flags);
}

void apic_send_ipi(unsigned int cpu, unsigned int vector)
{
	if (cpu_is_online(cpu))
		icr_write(apic_id_of_cpu[cpu], ICR_ASSERT | vector);
}

/* An NMI may have come between the halves of a command: the upper one is put back. */
void apic_send_nmi(unsigned int cpu)
{
	uint32_t high = is_x2apic ? 0 : apic_read(APIC_ICR_HIGH);

	if (!cpu_is_online(cpu))
		return;
	icr_write(apic_id_of_cpu[cpu], ICR_ASSERT | ICR_NMI);
	if (!is_x2apic)
		apic_write(APIC_ICR_HIGH, high);
}

void apic_send_init(unsigned int cpu)
{
	icr_write(apic_id_of_cpu[cpu], ICR_ASSERT | ICR_INIT);
}

void apic_send_startup(unsigned int cpu, paddr_t page)
{
	icr_write(apic_id_of_cpu[cpu], ICR_ASSERT | ICR_STARTUP | page >> PAGE_SHIFT);
}

void apic_cpu_forget(unsigned int cpu)
{
	WRITE_ONCE(is_online[cpu], false);
	cpu_count_present--;
	for (; cpu < cpu_count_present; cpu++) {
		apic_id_of_cpu[cpu] = apic_id_of_cpu[cpu + 1];
		acpi_id_of_cpu[cpu] = acpi_id_of_cpu[cpu + 1];
	}
}

void arch_cpu_kick(unsigned int cpu)
{
	apic_send_ipi(cpu, VECTOR_KICK);
}

void apic_timer_mode_set(enum apic_timer_mode mode)
{
	uint32_t lvt = VECTOR_TIMER;

	if (mode == APIC_TIMER_MASKED)
		lvt |= LVT_MASKED;
	else if (mode == APIC_TIMER_DEADLINE)
		lvt |= LVT_TIMER_DEADLINE;
	apic_write(APIC_LVT_TIMER, lvt);
	/* In xAPIC mode a following write of the deadline MSR could overtake this store. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void apic_timer_count_set(uint32_t count)
{
	apic_write(APIC_TIMER_INITIAL, count);
}

uint32_t apic_timer_count_read(void)
{
	return apic_read(APIC_TIMER_CURRENT);
}
