/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Privileged instructions of the kernel, which the hypervisor emulates.
 *
 * The kernel runs in ring 3, so each of them raises #GP in the processor. The
 * hypervisor performs those that a PV kernel may use (control registers,
 * clts, known MSRs, cpuid behind the forced-emulation prefix, port I/O within
 * the virtual IOPL and the domain's ports, wbinvd, invlpg) and passes #GP on
 * for the rest. Port I/O is tried on the VGA's CRTC and PCI configuration.
 */
#include "memory.h"
#include "trap.h"

#include <xen/physdev.h>

const char test_title[] = "Privileged instructions";

/* Expect #GP at the instruction itself. */
#define REFUSED(what, insn, ...)                                                              \
	do {                                                                                  \
		trap_forget();                                                                \
		__asm__ volatile(GUARD(insn) : : __VA_ARGS__ : "rax", "rdx", "memory", "cc"); \
		expect_trap(what, TRAP_GP, 0, 0);                                             \
	} while (0)

/* Expect it to be carried out. */
#define ALLOWED(what, insn, ...)                                                              \
	do {                                                                                  \
		trap_forget();                                                                \
		__asm__ volatile(GUARD(insn) : : __VA_ARGS__ : "rax", "rdx", "memory", "cc"); \
		expect_no_trap(what);                                                         \
	} while (0)

#define CR0_PE 0x1UL
#define CR0_TS 0x8UL
#define CR0_WP 0x10000UL
#define CR0_PG 0x80000000UL

#define READ_CR(n)                                                                     \
	({                                                                             \
		unsigned long v_ = 0;                                                  \
                                                                                       \
		__asm__ volatile(GUARD("mov %%cr" #n ", %0") : "+r"(v_) : : "memory"); \
		v_;                                                                    \
	})

static void check_control_registers(void)
{
	unsigned long cr0 = READ_CR(0), cr4 = READ_CR(4);

	expect_no_trap("reading cr0 and cr4");
	expect_equal("cr0: PE, PG, WP", cr0 & (CR0_PE | CR0_PG | CR0_WP), CR0_PE | CR0_PG | CR0_WP);
	ALLOWED("setting TS by mov to cr0", "mov %0, %%cr0", "r"(cr0 | CR0_TS));
	expect_equal("cr0.TS", READ_CR(0) & CR0_TS, CR0_TS);
	ALLOWED("clts", "clts", "r"(0));
	expect_equal("cr0.TS after clts", READ_CR(0) & CR0_TS, 0);
	ALLOWED("writing cr0 as it is", "mov %0, %%cr0", "r"(cr0 & ~CR0_TS));
	REFUSED("clearing cr0.PG", "mov %0, %%cr0", "r"(cr0 & ~CR0_PG));
	REFUSED("clearing cr0.WP", "mov %0, %%cr0", "r"(cr0 & ~CR0_WP));
	REFUSED("a reserved bit of cr0", "mov %0, %%cr0", "r"(cr0 | 1UL << 40));

	ALLOWED("writing cr4 as it is", "mov %0, %%cr4", "r"(cr4));
	expect_equal("cr4 reads the same again", READ_CR(4), cr4);
	expect_equal("cr4: PAE", cr4 & 0x20, 0x20);
	ALLOWED("writing cr2", "mov %0, %%cr2", "r"(0x12345678UL));
	expect_equal("cr2", READ_CR(2), 0x12345678);
	expect_equal("cr2 in vcpu_info", vcpu_info->arch.cr2, 0x12345678);
	REFUSED("a non-canonical cr3", "mov %0, %%cr3", "r"(0x8000000000000000UL));
}

static void check_plain(void)
{
	uint64_t table[2] = { 0, 0 };

	ALLOWED("wbinvd", "wbinvd", "r"(0));
	ALLOWED("rdtsc", "rdtsc", "r"(0));
	REFUSED("hlt", "hlt", "r"(0));
	REFUSED("lgdt", "lgdt (%0)", "r"(table));
	REFUSED("lidt", "lidt (%0)", "r"(table));
	REFUSED("lldt", "lldt %w0", "r"(0));
	REFUSED("ltr", "ltr %w0", "r"(0));
	REFUSED("lmsw", "lmsw %w0", "r"(1));
	REFUSED("rdpmc", "rdpmc", "c"(0));
}

static bool rdmsr(uint32_t msr, uint64_t *v)
{
	uint32_t low = 0, high = 0;

	trap_forget();
	__asm__ volatile(GUARD("rdmsr") : "+a"(low), "+d"(high) : "c"(msr) : "memory");
	*v = (uint64_t)high << 32 | low;
	return !trap_count;
}

static void check_msrs(void)
{
	uint64_t v;

	if (check(rdmsr(0xc0000080, &v), "rdmsr of EFER"))
		expect_equal("EFER: LMA, LME", v & 0x500, 0x500);
	if (check(rdmsr(0x277, &v), "rdmsr of PAT"))
		expect_equal("PAT", v, 0x50100070406UL);
	if (check(rdmsr(0x1b, &v), "rdmsr of APIC_BASE"))
		expect_equal("APIC_BASE: enabled", v & 0x800, 0x800);
	check(!rdmsr(0xdeadbeef, &v) && trap_last.frame.vector == TRAP_GP,
	      "rdmsr of no MSR is #GP");
	check(!rdmsr(0x40000500, &v), "rdmsr of an MSR of some other hypervisor is #GP");
	REFUSED("wrmsr of no MSR", "wrmsr", "c"(0xdeadbeef));
	REFUSED("wrmsr to LSTAR", "wrmsr", "c"(0xc0000082));
	REFUSED("wrmsr to VM_HSAVE_PA", "wrmsr", "c"(0xc0010117));
	trap_forget();
}

static void forced_cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
	__asm__ volatile(GUARD(XEN_CPUID)
			 : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "0"(leaf), "2"(sub)
			 : "memory");
}

static void check_cpuid(void)
{
	uint32_t r[4];
	char name[13] = "";

	trap_forget();
	forced_cpuid(0x40000000, 0, r);
	memcpy(name, &r[1], 12);
	check(!strcmp(name, "XenVMMXenVMM"), "hypervisor signature, got \"%s\"", name);
	check(r[0] >= 0x40000002 && r[0] < 0x40000100, "last hypervisor leaf 0x%x", r[0]);
	forced_cpuid(0x40000001, 0, r);
	expect_equal("hypervisor version", r[0], 0x40011);
	forced_cpuid(0x40000002, 0, r);
	expect_equal("hypercall pages", r[0], 1);
	expect_equal("their MSR", r[1], 0x40000000);
	forced_cpuid(1, 0, r);
	expect_equal("FPU, TSC, MSR, CX8, APIC, CMOV, PAT, FXSR, SSE, SSE2 bits", r[3] & 0x07018331,
		     0x07018331);
	expect_equal("no PSE, MTRR or VME", r[3] & 0x0000100a & ~0x1000u, 0);
	expect_equal("no MONITOR, VMX or PCID", r[2] & 0x20028, 0);
	expect_equal("the hypervisor bit", r[2] >> 31, 1);
	forced_cpuid(0x80000001, 0, r);
	expect_equal("long mode, NX, syscall", r[3] & 0x20100800, 0x20100800);
	expect_equal("no SVM", r[2] & 4, 0);
	expect_equal("no 1 GiB pages", r[3] & 1u << 26, 0);
	forced_cpuid(7, 0, r);
	expect_equal("no LA57, PKU", r[2] & 0x10008, 0);
	expect_no_trap("forced cpuid");
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "0"(0));
	check(r[0] >= 1, "plain cpuid works");
	trap_forget();
	__asm__ volatile(GUARD(".byte 0x0f,0x0b,0x78,0x65,0x6f; cpuid")
			 :
			 :
			 : "rax", "rbx", "rcx", "rdx", "memory");
	expect_trap("a prefix that is misspelt", TRAP_UD, 0, 0);
}

static long set_iopl(uint32_t iopl)
{
	struct physdev_set_iopl arg = { .iopl = iopl };

	return hypercall(physdev_op, PHYSDEVOP_set_iopl, &arg);
}

static void check_iopl(void)
{
	REFUSED("out with IOPL 0", "outb %%al, $0x80", "r"(0));
	REFUSED("in with IOPL 0", "inb $0x80, %%al", "r"(0));
	REFUSED("cli with IOPL 0", "cli", "r"(0));
	REFUSED("sti with IOPL 0", "sti", "r"(0));
	expect_result("set_iopl 4", set_iopl(4), -EINVAL);
	expect_result("set_iopl 1", set_iopl(1), 0);
	ALLOWED("out with IOPL 1", "outb %%al, $0x80", "r"(0));
	ALLOWED("cli with IOPL 1 does nothing", "cli", "r"(0));
	ALLOWED("sti with IOPL 1 does nothing", "sti", "r"(0));
}

#define OUT(size, value, port) \
	__asm__ volatile(GUARD("out" size) : : "a"(value), "d"((uint16_t)(port)) : "memory")
#define IN(size, port)                                                                            \
	({                                                                                        \
		uint32_t v_ = 0;                                                                  \
                                                                                                  \
		__asm__ volatile(GUARD("in" size) : "+a"(v_) : "d"((uint16_t)(port)) : "memory"); \
		v_;                                                                               \
	})

/* The CRTC's cursor registers 0x0e and 0x0f keep what is written to them. */
static void check_ports(void)
{
	static uint8_t bytes[4] = { 0x11, 0x22, 0x33, 0x44 };
	static uint8_t in[4];
	void *p;
	uint64_t n;

	trap_forget();
	OUT("b %%al, %%dx", 0x0f, 0x3d4);
	OUT("b %%al, %%dx", 0x5a, 0x3d5);
	expect_equal("inb", IN("b %%dx, %%al", 0x3d5) & 0xff, 0x5a);
	OUT("w %%ax, %%dx", 0xa50f, 0x3d4);
	expect_equal("outw writes index and data", IN("b %%dx, %%al", 0x3d5) & 0xff, 0xa5);
	expect_equal("inw", IN("w %%dx, %%ax", 0x3d4), 0xa50f);
	OUT("l %%eax, %%dx", 0x80000000, 0xcf8);
	expect_equal("inl of the host bridge's id", IN("l %%dx, %%eax", 0xcfc) & 0xffff, 0x8086);
	expect_equal("inw of it", IN("w %%dx, %%ax", 0xcfc), 0x8086);

	p = bytes;
	n = 4;
	__asm__ volatile(GUARD("rep outsb") : "+S"(p), "+c"(n) : "d"((uint16_t)0x3d5) : "memory");
	expect_equal("rep outsb: rcx", n, 0);
	check(p == bytes + 4, "rep outsb: rsi");
	expect_equal("the last byte arrived", IN("b %%dx, %%al", 0x3d5) & 0xff, 0x44);
	p = in;
	n = 3;
	__asm__ volatile(GUARD("rep insb") : "+D"(p), "+c"(n) : "d"((uint16_t)0x3d5) : "memory");
	expect_equal("rep insb: rcx", n, 0);
	check(in[0] == 0x44 && in[2] == 0x44 && in[3] == 0, "rep insb stores three bytes");
	p = bytes;
	__asm__ volatile(GUARD("outsb") : "+S"(p) : "d"((uint16_t)0x3d5) : "memory");
	expect_equal("outsb", IN("b %%dx, %%al", 0x3d5) & 0xff, 0x11);
	expect_no_trap("port I/O");
}

/* Bad memory of a string instruction is the guest's page fault. */
static void check_string_fault(void)
{
	char *gone = page_alloc();
	void *p = gone;

	update_va(gone, 0, UVMF_INVLPG);
	trap_forget();
	__asm__ volatile(GUARD("outsb") : "+S"(p) : "d"((uint16_t)0x3d5) : "memory");
	check(trap_count == 1 && trap_last.frame.vector == TRAP_PF &&
		      trap_last.cr2 == (unsigned long)gone,
	      "outsb from an absent page is a page fault there, got vector 0x%lx cr2 0x%lx",
	      trap_last.frame.vector, trap_last.cr2);
	p = (void *)0xffff830000000000UL;
	trap_forget();
	__asm__ volatile(GUARD("insb") : "+D"(p) : "d"((uint16_t)0x3d5) : "memory");
	check(trap_count == 1, "insb into the hypervisor faults, got %u traps", trap_count);
	trap_forget();
}

/* Ports that the hypervisor keeps for itself read as ones or fault. */
static void check_denied_ports(void)
{
	static const uint16_t ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x40, 0x43, 0x3f8 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		uint32_t v;

		trap_forget();
		v = IN("b %%dx, %%al", ports[i]);
		check(trap_count == 0 ? (v & 0xff) == 0xff || ports[i] >= 0x40 :
					trap_last.frame.vector == TRAP_GP,
		      "port 0x%x is denied: ones or #GP, got 0x%x", ports[i], v);
	}
	trap_forget();
}

void test_main(void)
{
	shared_info_map();
	STEP(check_control_registers);
	STEP(check_plain);
	STEP(check_msrs);
	STEP(check_cpuid);
	STEP(check_iopl);
	STEP(check_ports);
	STEP(check_string_fault);
	STEP(check_denied_ports);
}
