/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptor tables, TSS and entry MSRs of each CPU. The GDT that is loaded is
 * always seen through a window whose page 14 is ours (the ABI reserves entries
 * from FIRST_RESERVED_GDT_ENTRY on): of an idle CPU the other pages do not
 * exist, of a vCPU they are the guest's.
 */
#include <hv/abi.h>
#include <hv/errno.h>
#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/string.h>

#include <asm/cpu_area.h>
#include <asm/cpu_tables.h>
#include <asm/entry.h>
#include <asm/frame.h>
#include <asm/image.h>
#include <asm/layout.h>
#include <asm/percpu.h>
#include <asm/system.h>
#include <asm/traps.h>

#include "../boot/boot.h"

#define MSR_SYSENTER_CS	 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_EFER	 0xc0000080
#define MSR_STAR	 0xc0000081
#define MSR_LSTAR	 0xc0000082
#define MSR_CSTAR	 0xc0000083
#define MSR_FMASK	 0xc0000084

struct idt_entry {
	uint16_t offset_low, selector;
	uint8_t	 ist, attributes;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};

struct tss {
	uint32_t reserved0;
	uint64_t rsp0, rsp1, rsp2, reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, io_bitmap;
} __packed;

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __packed;

enum ist { IST_DF = 1, IST_NMI, IST_MC, IST_DB };

#define GATE_RING0 0x8e
#define GATE_RING3 0xee

/* Shared by all CPUs, constant after boot. */
static struct idt_entry idt[256] __aligned(16) __section(".data.entry");

/* One page each, entries FIRST_RESERVED_GDT_ENTRY on: the boot CPU's is here, others are allocated. */
static uint64_t boot_cpu_gdt[PAGE_SIZE / 8] __aligned(PAGE_SIZE);
static struct tss tss[MAX_CPUS] __aligned(64) __section(".data.entry");
static uint64_t *gdt_page[MAX_CPUS];

#define ENTRY(selector) (((selector) >> 3) - FIRST_RESERVED_GDT_ENTRY)

mfn_t cpu_gdt_mfn(unsigned int cpu)
{
	unsigned long va = (unsigned long)gdt_page[cpu];

	return va >= DIRECT_MAP_START ? virt_to_mfn(gdt_page[cpu]) : mfn_of_paddr(image_paddr(va));
}

static void gate_set(unsigned int vector, unsigned int ist, uint8_t attributes)
{
	unsigned long handler = (unsigned long)vector_entries + 16 * vector;

	idt[vector] = (struct idt_entry){
		.offset_low = handler,
		.selector = HV_CS,
		.ist = ist,
		.attributes = attributes,
		.offset_middle = handler >> 16,
		.offset_high = handler >> 32,
	};
}

static void idt_init(void)
{
	for (unsigned int i = 0; i < 256; i++)
		gate_set(i, 0, GATE_RING0);
	gate_set(X86_DB, IST_DB, GATE_RING0);
	gate_set(X86_NMI, IST_NMI, GATE_RING0);
	gate_set(X86_DF, IST_DF, GATE_RING0);
	gate_set(X86_MC, IST_MC, GATE_RING0);
	/* What ring 3 may raise by INT; the guest's own gate decides about the rest in #GP. */
	gate_set(X86_BP, 0, GATE_RING3);
	gate_set(X86_OF, 0, GATE_RING3);
	gate_set(VECTOR_LEGACY_SYSCALL, 0, GATE_RING3);
}

static void system_descriptor(uint64_t *gdt, unsigned int selector, unsigned long base,
			      uint32_t limit, uint64_t type)
{
	gdt[ENTRY(selector)] = (limit & 0xffff) | (base & 0xffffff) << 16 | type << 40 |
			       (uint64_t)(limit >> 16 & 15) << 48 | (base >> 24 & 0xff) << 56;
	gdt[ENTRY(selector) + 1] = base >> 32;
}

static void gdt_init(unsigned int cpu, uint64_t *gdt)
{
	gdt[ENTRY(HV_CS)] = 0x00af9b000000ffff;
	gdt[ENTRY(HV_DS)] = 0x00cf93000000ffff;
	gdt[ENTRY(FLAT_RING3_CS32)] = 0x00cffb000000ffff;
	gdt[ENTRY(FLAT_RING3_CS64)] = 0x00affb000000ffff;
	gdt[ENTRY(FLAT_RING3_SS64)] = 0x00cff3000000ffff;
	system_descriptor(gdt, HV_TSS, (unsigned long)&tss[cpu], sizeof(struct tss) - 1, 0x89);
}

static void tss_init(unsigned int cpu)
{
	unsigned long end = percpu_area_end(cpu), base = end - PERCPU_SIZE;

	tss[cpu].rsp0 = end - sizeof(struct cpu_info) + offsetof(struct cpu_info, guest_regs.es);
	tss[cpu].ist[IST_DF - 1] = base + PERCPU_DF_STACK_END;
	tss[cpu].ist[IST_NMI - 1] = base + PERCPU_NMI_STACK_END;
	tss[cpu].ist[IST_MC - 1] = base + PERCPU_MC_STACK_END;
	tss[cpu].ist[IST_DB - 1] = base + PERCPU_DB_STACK_END;
	tss[cpu].io_bitmap = sizeof(struct tss);	/* none: port access by ring 3 is #GP */
}

void gdt_window_load(unsigned long window)
{
	struct table_pointer p = { (FIRST_RESERVED_GDT_PAGE + 1) * PAGE_SIZE - 1, window };

	__asm__ __volatile__("lgdt %0" : : "m"(p));
}

void gdt_idle_load(unsigned int cpu)
{
	gdt_window_load((unsigned long)gdt_page[cpu] - FIRST_RESERVED_GDT_BYTE);
}

void ldt_descriptor_set(unsigned int cpu, unsigned long base, unsigned int entries)
{
	if (entries) {
		system_descriptor(gdt_page[cpu], HV_LDT, base, entries * 8 - 1, 0x82);
		__asm__ __volatile__("lldt %w0" : : "r"(HV_LDT));
	} else {
		__asm__ __volatile__("lldt %w0" : : "r"(0));
	}
}

static void jump_aim(char *page, const char *field, unsigned long stub_va, const char *target)
{
	long offset = field - stub_syscall;
	int32_t displacement = (unsigned long)target - (stub_va + offset + 4);

	memcpy(page + offset, &displacement, sizeof(displacement));
}

void entry_stub_write(void *page, unsigned long base)
{
	memcpy(page, stub_syscall, stub_end - stub_syscall);
	jump_aim(page, stub_syscall_jump, base, syscall_entry);
	jump_aim(page, stub_syscall32_jump, base, syscall32_entry);
}

static void entry_msrs_init(unsigned int cpu)
{
	unsigned long stub = percpu_area_end(cpu) - PERCPU_SIZE;

	wrmsr(MSR_STAR, (uint64_t)FLAT_RING3_CS32 << 48 | (uint64_t)HV_CS << 32);
	wrmsr(MSR_LSTAR, stub);
	wrmsr(MSR_CSTAR, stub + (stub_syscall32 - stub_syscall));
	wrmsr(MSR_FMASK, EFLAGS_TF | EFLAGS_IF | EFLAGS_DF | EFLAGS_IOPL | EFLAGS_NT | EFLAGS_RF |
				 EFLAGS_VM | EFLAGS_AC);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | 1);
	if (cpuid(1, 0).edx & (1U << 11)) {
		wrmsr(MSR_SYSENTER_CS, HV_CS);
		wrmsr(MSR_SYSENTER_ESP, tss[cpu].rsp0);
		wrmsr(MSR_SYSENTER_EIP, (unsigned long)sysenter_entry);
	}
}

static void selectors_load(void)
{
	__asm__ __volatile__("pushq %0; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
			     :
			     : "i"(HV_CS)
			     : "rax", "memory");
	__asm__ __volatile__(
		"mov %w0, %%ss; mov %w1, %%ds; mov %w1, %%es; mov %w1, %%fs; mov %w1, %%gs"
		:
		: "r"(HV_DS), "r"(0));
	__asm__ __volatile__("ltr %w0" : : "r"(HV_TSS));
}

int cpu_tables_alloc(unsigned int cpu)
{
	if (!gdt_page[cpu])
		gdt_page[cpu] = hv_pages_alloc(0);
	return gdt_page[cpu] ? 0 : -ENOMEM;
}

void cpu_tables_init(unsigned int cpu)
{
	struct table_pointer idtr = { sizeof(idt) - 1, (unsigned long)idt };

	if (!cpu) {
		idt_init();
		gdt_page[0] = boot_cpu_gdt;
	}
	gdt_init(cpu, gdt_page[cpu]);
	tss_init(cpu);
	gdt_idle_load(cpu);
	selectors_load();
	ldt_descriptor_set(cpu, 0, 0);
	__asm__ __volatile__("lidt %0" : : "m"(idtr));
	entry_msrs_init(cpu);
}
