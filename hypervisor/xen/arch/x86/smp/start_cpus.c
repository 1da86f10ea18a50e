/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting the other CPUs, one after the other (Intel SDM volume 3 section 9.4): the boot
 * CPU prepares all that one needs, wakes it into trampoline.S, and waits for
 * it a bounded time. A CPU that does not come is taken off the list: the rest
 * are numbered without holes.
 */
#include "../boot/boot.h"

#include <hv/domain.h>
#include <hv/frame.h>
#include <hv/options.h>
#include <hv/page_allocator.h>
#include <hv/printk.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/string.h>
#include <hv/time.h>
#include <hv/timer.h>

#include <asm/apic.h>
#include <asm/boot.h>
#include <asm/clock.h>
#include <asm/context_switch.h>
#include <asm/cpu_area.h>
#include <asm/cpu_features.h>
#include <asm/cpu_tables.h>
#include <asm/emulate.h>
#include <asm/frame.h>
#include <asm/hypervisor_map.h>
#include <asm/percpu.h>
#include <asm/smp.h>
#include <asm/system.h>

#define MSR_EFER   0xc0000080
#define EFER_START 0x901	/* SCE LME NXE, as far as the boot CPU has them */

#define LOW_MEMORY_END 0xa0000

#define INIT_WAIT_US	10000
#define STARTUP_WAIT_US 300
#define ARRIVAL_WAIT_MS 2000	/* an emulator may be busy with something else */

#define TSC_ROUNDS 16

/* Four pages below 4 GiB: a root, and tables for one page below 1 MiB. */
#define TABLES_ORDER 2

extern const char trampoline_start[], trampoline_end[], trampoline_gdt_base[], trampoline_jump_32[],
	trampoline_jump_64[], trampoline_cr3[], trampoline_efer[], trampoline_stack[],
	trampoline_entry[];

unsigned int cpus_online = 1;

/* Of the one CPU that is being started; each is written by one side alone. */
static struct {
	unsigned int here;	/* CPU: its number, when it is ready */
	unsigned int go;	/* boot CPU: its number, when it may begin to idle */
	unsigned int ping;	/* boot CPU */
	unsigned int pong;	/* CPU: the last ping, answered */
	uint64_t tsc;		/* CPU: when that was */
} starting;

static void tsc_answer(void)
{
	unsigned int ping = __atomic_load_n(&starting.ping, __ATOMIC_ACQUIRE);

	if (ping == starting.pong)
		return;
	starting.tsc = rdtsc();
	__atomic_store_n(&starting.pong, ping, __ATOMIC_SEQ_CST);
}

/* A CPU's first C: on its own stack and the trampoline's tables, interrupts off. */
static void cpu_main(void)
{
	unsigned int cpu = this_cpu();

	cr3_write(paddr_of_mfn(virt_to_mfn(idle_root)));
	cpu_tables_init(cpu);
	cpu_protections_enable();
	fpu_cpu_init();
	apic_cpu_init(cpu);
	clock_event_cpu_init();

	__atomic_store_n(&starting.here, cpu, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&starting.go, __ATOMIC_ACQUIRE) != cpu) {
		tsc_answer();
		cpu_relax();
	}
	irq_enable();
	idle_loop();
}

/* A page of RAM below 1 MiB, which nobody but firmware has used yet; 0: none. */
static paddr_t low_page_find(void)
{
	for (unsigned int i = boot_info.e820_count; i; i--) {
		const struct e820_entry *e = &boot_info.e820[i - 1];
		uint64_t end = e->start + e->size;

		if (e->type != E820_RAM || e->start >= LOW_MEMORY_END)
			continue;
		end = ALIGN_DOWN(end < LOW_MEMORY_END ? end : LOW_MEMORY_END, PAGE_SIZE);
		if (end >= 2 * PAGE_SIZE && end - PAGE_SIZE >= e->start)
			return end - PAGE_SIZE;
	}
	return 0;
}

/* The hypervisor's slots, and @page one to one; @tables are zero. */
static void tables_fill(pte_t *tables, paddr_t page)
{
	pte_t *t = tables;

	for (unsigned int i = HV_FIRST_SLOT; i < HV_FIRST_SLOT + HV_SLOT_COUNT; i++)
		t[i] = idle_root[i];
	for (unsigned int level = 4; level > 1; level--, t += TABLE_ENTRIES)
		t[table_index(page, level)] = pte_make(virt_to_mfn(t + TABLE_ENTRIES),
						       PTE_P | PTE_RW | PTE_A);
	t[table_index(page, 1)] = page | PTE_P | PTE_A;
}

static void *field(char *page, const char *label)
{
	return page + (label - trampoline_start);
}

static void address_add(char *page, const char *label, uint32_t address)
{
	uint32_t value;

	memcpy(&value, field(page, label), sizeof(value));
	value += address;
	memcpy(field(page, label), &value, sizeof(value));
}

static void trampoline_write(paddr_t at, const pte_t *tables)
{
	char *page = frame_map(mfn_of_paddr(at));
	uint64_t cr3 = paddr_of_mfn(virt_to_mfn(tables)), efer = rdmsr(MSR_EFER) & EFER_START;
	uint64_t entry = (unsigned long)cpu_main;

	memcpy(page, trampoline_start, trampoline_end - trampoline_start);
	address_add(page, trampoline_gdt_base, at);
	address_add(page, trampoline_jump_32, at);
	address_add(page, trampoline_jump_64, at);
	memcpy(field(page, trampoline_cr3), &cr3, sizeof(cr3));
	memcpy(field(page, trampoline_efer), &efer, sizeof(efer));
	memcpy(field(page, trampoline_entry), &entry, sizeof(entry));
	frame_unmap(page);
}

/* Its area, stack and idle vCPU. False: no memory. */
static bool cpu_prepare(unsigned int cpu, paddr_t trampoline)
{
	struct cpu_info *info;
	uint64_t stack;

	/* All of it may be there, for one of this number that did not come. */
	if (!idle_vcpu[cpu]) {
		struct vcpu *idle = cpu_tables_alloc(cpu) ? NULL : heap_alloc(sizeof(*idle));

		if (!idle)
			return false;
		percpu_area_map(cpu);
		idle_vcpu[cpu] = idle;
	}
	info = (struct cpu_info *)(percpu_area_end(cpu) - sizeof(*info));
	info->current = idle_vcpu[cpu];
	info->cpu = cpu;
	cpu_infos[cpu] = info;

	stack = (unsigned long)info;
	memcpy(field(frame_map(mfn_of_paddr(trampoline)), trampoline_stack), &stack, sizeof(stack));
	return true;
}

static bool is_here(unsigned int cpu)
{
	return __atomic_load_n(&starting.here, __ATOMIC_ACQUIRE) == cpu;
}

static bool cpu_wake(unsigned int cpu, paddr_t trampoline)
{
	apic_send_init(cpu);
	delay_us(INIT_WAIT_US);
	apic_send_startup(cpu, trampoline);
	delay_us(STARTUP_WAIT_US);
	if (!is_here(cpu))
		apic_send_startup(cpu, trampoline);
	for (unsigned int ms = 0; ms < ARRIVAL_WAIT_MS && !is_here(cpu); ms++)
		delay_us(1000);
	return is_here(cpu);
}

static bool tsc_answered(unsigned int ping)
{
	uint64_t start = rdtsc(), ticks = tsc_ticks_of_ns(ARRIVAL_WAIT_MS * NS_PER_MS);

	while (__atomic_load_n(&starting.pong, __ATOMIC_ACQUIRE) != ping) {
		if (rdtsc() - start > ticks)
			return false;
		cpu_relax();
	}
	return true;
}

/*
 * Is its TSC outside the time between question and answer? Then by that much
 * at least it is not the boot CPU's, and time is not the same everywhere. False: it does not answer any more.
 */
static bool tsc_compare(unsigned int cpu)
{
	uint64_t behind = 0, ahead = 0;

	for (unsigned int i = 0; i < TSC_ROUNDS; i++) {
		uint64_t asked = rdtsc(), answered;
		unsigned int ping = starting.ping + 1;

		__atomic_store_n(&starting.ping, ping, __ATOMIC_SEQ_CST);
		if (!tsc_answered(ping))
			return false;
		answered = rdtsc();
		if (starting.tsc < asked && asked - starting.tsc > behind)
			behind = asked - starting.tsc;
		if (starting.tsc > answered && starting.tsc - answered > ahead)
			ahead = starting.tsc - answered;
	}
	if (behind || ahead)
		log_warning(
			"CPU %u: its TSC is at least %lu cycles %s: time is not the same there\n",
			cpu, behind ? behind : ahead, behind ? "behind" : "ahead");
	else
		log_debug("CPU %u: TSC in step\n", cpu);
	return true;
}

static bool cpu_start(unsigned int cpu, paddr_t trampoline)
{
	if (!cpu_prepare(cpu, trampoline)) {
		log_warning("CPU %u (APIC ID %u): no memory to start it\n", cpu,
			    apic_id_of_cpu[cpu]);
		return false;
	}
	if (!cpu_wake(cpu, trampoline) || !tsc_compare(cpu)) {
		log_warning("CPU %u (APIC ID %u) does not start: going on without it\n", cpu,
			    apic_id_of_cpu[cpu]);
		apic_send_init(cpu);	/* wherever it is: not here, later */
		return false;
	}
	timer_cpu_init(cpu);
	sched_cpu_init(cpu);
	cpus_online++;
	__atomic_store_n(&starting.go, cpu, __ATOMIC_SEQ_CST);
	return true;
}

/* Low bits of an APIC ID that tell a core's threads apart (CPUID leaf 0xb; AMD: leaf 0x8000001e). */
static uint32_t thread_mask(void)
{
	struct cpuid_result r;

	if (cpu_identity.max_leaf >= 0xb) {
		r = cpuid(0xb, 0);
		if (r.ebx)
			return (1U << (r.eax & 0x1f)) - 1;
	}
	if (cpu_identity.vendor == CPU_AMD && cpu_identity.max_extended_leaf >= 0x8000001e)
		return cpuid(0x8000001e, 0).ebx >> 8 & 0xff;
	return 0;
}

static bool is_wanted(unsigned int cpu)
{
	if (boot_options.smt || !(apic_id_of_cpu[cpu] & thread_mask()))
		return true;
	log_info("CPU with APIC ID %u: a core's further thread, not started (smt=off)\n",
		 apic_id_of_cpu[cpu]);
	return false;
}

static void cpus_start_by(paddr_t trampoline)
{
	unsigned int cpu = 1;

	while (cpu < cpu_count_present && cpu < boot_options.max_cpus)
		if (is_wanted(cpu) && cpu_start(cpu, trampoline))
			cpu++;
		else
			apic_cpu_forget(cpu);
}

void cpus_start(void)
{
	paddr_t trampoline = low_page_find();
	struct page_info *tables;
	char *low, *kept;

	if (cpu_count_present < 2 || boot_options.max_cpus < 2)
		return;
	tables = pages_alloc(TABLES_ORDER, 32);
	kept = hv_pages_alloc(0);
	if (!trampoline || !tables || !kept) {
		log_warning("CPUs: no memory below %s: the others are not started\n",
			    trampoline ? "4 GiB" : "1 MiB");
	} else {
		memset(page_to_virt(tables), 0, PAGE_SIZE << TABLES_ORDER);
		tables_fill(page_to_virt(tables), trampoline);
		low = frame_map(mfn_of_paddr(trampoline));
		memcpy(kept, low, PAGE_SIZE);
		trampoline_write(trampoline, page_to_virt(tables));
		cpus_start_by(trampoline);
		memcpy(low, kept, PAGE_SIZE);
		frame_unmap(low);
		log_info("CPUs: %u of %u run\n", cpus_online, cpu_count_present);
	}
	if (tables)
		pages_free(tables, TABLES_ORDER);
	if (kept)
		hv_pages_free(kept, 0);
}
