/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot order, as a list: from head.S to the first look for something to run. */
#include "boot.h"

#include <hv/console.h>
#include <hv/crash_record.h>
#include <hv/domain.h>
#include <hv/event_channel.h>
#include <hv/options.h>
#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/pci.h>
#include <hv/printk.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/time.h>
#include <hv/uart.h>
#include <hv/vga.h>

#include <asm/acpi.h>
#include <asm/apic.h>
#include <asm/audit.h>
#include <asm/boot.h>
#include <asm/build_dom0.h>
#include <asm/context_switch.h>
#include <asm/cpu_area.h>
#include <asm/cpu_features.h>
#include <asm/efi.h>
#include <asm/emulate.h>
#include <asm/entry.h>
#include <asm/frame.h>
#include <asm/image.h>
#include <asm/io_memory.h>
#include <asm/io_permission.h>
#include <asm/iommu.h>
#include <asm/irq.h>
#include <asm/machine_check.h>
#include <asm/microcode.h>
#include <asm/nmi.h>
#include <asm/percpu.h>
#include <asm/smp.h>
#include <asm/speculation.h>
#include <asm/start.h>
#include <asm/system.h>

#define CR4_SMEP (1UL << 20)
#define CR4_SMAP (1UL << 21)
#define CR4_UMIP (1UL << 11)

#define MSR_APIC_BASE	  0x1b
#define APIC_BASE_ADDRESS 0x000ffffffffff000UL

#define MSR_PAT	 0x277
/* The ABI's: xen/xen.h, "The PAT MSR". */
#define PAT_VALUE 0x50100070406UL

static_assert(sizeof(struct cpu_info) <= CPUINFO_MAX,
	      "head.S leaves that much above the first stack");
static_assert((PERCPU_SIZE - sizeof(struct cpu_info) + offsetof(struct cpu_info, guest_regs.es)) %
			      16 ==
		      0,
	      "the CPU aligns rsp0 before it pushes");

static struct vcpu boot_idle_vcpu;

void cpu_protections_enable(void)
{
	unsigned long cr4 = cr4_read();

	if (cpu_has(SMEP))
		cr4 |= CR4_SMEP;
	if (cpu_has(SMAP))
		cr4 |= CR4_SMAP;
	if (cpu_has(UMIP))
		cr4 |= CR4_UMIP;
	cr4_write(cr4);
	wrmsr(MSR_PAT, PAT_VALUE);
	speculation_cpu_init();
	machine_check_cpu_init();
}

static void console_input_ready(void)
{
	if (hardware_domain)
		virq_send_global(hardware_domain, VIRQ_CONSOLE);
}

static void console_input_init(void)
{
	int line = uart_irq_line();

	console_set_input_hook(console_input_ready);
	if (line < 0)
		return;
	if (irq_register_host(isa_irq_to_gsi(line), console_input_poll)) {
		log_warning("Serial console: no interrupt for line %d, no input\n", line);
		return;
	}
	uart_rx_interrupt_enable();
}

static void banner(void)
{
	log_info("Zazen 4.17 (Xen ABI), loaded by %s\n",
		 boot_info.loader[0] ? boot_info.loader : "an unnamed boot loader");
	log_info("Command line: %s\n", boot_info.cmdline);
	log_info("Loaded at %lx, firmware is %s\n", (unsigned long)image_paddr(image_start),
		 boot_info.efi_system_table ? "UEFI" : "a BIOS");
	speculation_log();
	e820_print();
	log_info("%lu MiB of memory, %lu MiB free\n", pages_total_count() >> 8,
		 pages_free_count() >> 8);
}

/* Of AMD processors: AMD64 manual volume 2, "HyperTransport Address Space". */
#define HYPERTRANSPORT_START 0xfd00000000UL
#define HYPERTRANSPORT_SIZE  0x300000000UL

/* Where devices' interrupt messages go; the local APIC's registers begin it. */
#define MESSAGES_START 0xfee00000UL
#define MESSAGES_SIZE  0x100000UL

/* What registers of the machine are ours alone, and what dom0's map says of them, as on Debian's Xen. */
static void device_memory_protect(void)
{
	if (cpu_identity.vendor == CPU_AMD)
		io_memory_deny(HYPERTRANSPORT_START, HYPERTRANSPORT_SIZE);
	io_memory_deny(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS, PAGE_SIZE);
	if (acpi_info.hpet.address)
		io_memory_read_only(acpi_info.hpet.address, PAGE_SIZE);
	for (unsigned int i = 0; i < acpi_info.madt.ioapic_count; i++) {
		io_memory_read_only(acpi_info.madt.ioapic[i].address, PAGE_SIZE);
		machine_map_reserve(acpi_info.madt.ioapic[i].address, PAGE_SIZE);
	}
	for (unsigned int i = 0; i < acpi_info.iommu.unit_count; i++)
		machine_map_reserve(acpi_info.iommu.unit[i], PAGE_SIZE);
	machine_map_reserve(MESSAGES_START, MESSAGES_SIZE);
}

/* On the final page tables, on the CPU's own stack. */
static void start(void)
{
	struct cpu_info *info = cpu_info();

	info->current = &boot_idle_vcpu;
	info->cpu = 0;
	cpu_infos[0] = info;
	idle_vcpu[0] = &boot_idle_vcpu;
	cpu_tables_init(0);
	cpu_protections_enable();
	fpu_cpu_init();

	boot_memory_release();
	banner();
	options_report_warnings();
	if (options_error())
		boot_error("%s\n", options_error());

	acpi_init();
	efi_runtime_init();
	crash_record_report();
	iommu_init();
	apic_init();
	ioapic_init();
	pci_init();
	time_init();
	console_set_clock(system_time_ns);
	timer_cpu_init(0);
	sched_cpu_init(0);
	cpuid_policy_init();
	cpus_start();
	device_memory_protect();
	io_permission_init();
	console_input_init();
	audit_key_init();

	microcode_boot();
	dom0_build();
	boot_memory_report();
	iommu_dom0_init();
	watchdog_init();
	machine_check_poll_init();
	console_give_input_to_dom0();

	softirq_raise(SOFTIRQ_SCHEDULE);
	irq_enable();
	idle_loop();
}

void boot_start(uint32_t magic, uint32_t info)
{
	int rc;

	cpu_info()->current = &boot_idle_vcpu;
	cpu_info()->cpu = 0;
	if (!multiboot_parse(magic, info))
		panic("Started by something that is no multiboot loader (magic %08x)\n", magic);
	rc = options_parse(boot_info.cmdline);
	uart_console_init();
	vga_init((volatile void *)(DIRECT_MAP_START + VGA_TEXT_PADDR));
	(void)rc;	/* start() says it, when all consoles are up */

	e820_finish();
	if (!boot_info.e820_count)
		panic("The boot loader gave no memory map\n");
	cpu_identify();
	speculation_init();
	boot_memory_init();
	crash_record_init();
	hypervisor_map_init();
	stack_switch_and_call(percpu_area_end(0) - sizeof(struct cpu_info), start);
}
