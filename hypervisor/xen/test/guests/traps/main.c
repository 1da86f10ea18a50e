/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions of the kernel: vector, error code, frame and event mask.
 *
 * The processor raises the exception in ring 3; the hypervisor pushes the
 * frame of xen-x86_64.h (rcx, r11, error code where there is one, rip, cs with
 * RPL 0 for kernel context and the upcall mask beside it, rflags, rsp, ss) and
 * enters the handler of the trap table. A fault's rip is the instruction, a
 * trap's the one after it. For #PF the user bit of the error code tells kernel
 * from user mode of the guest, not of the processor, and cr2 is in vcpu_info.
 * TI_IF in a gate masks events during the handler; int n needs the gate's DPL.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Exceptions of the kernel";

static void check_faults(void)
{
	unsigned long bad = 0x8000000000000000UL;

	__asm__ volatile(GUARD("div %%ecx") : : "a"(1), "d"(0), "c"(0) : "memory");
	expect_trap("#DE by a division", TRAP_DE, 0, 0);
	__asm__ volatile(GUARD("int3") : : : "memory");
	expect_trap("#BP by int3", TRAP_BP, 0, 1);
	__asm__ volatile(GUARD(".byte 0xcd, 3") : : : "memory");
	expect_trap("#BP by int $3", TRAP_BP, 0, 2);
	__asm__ volatile(GUARD("int $4") : : : "memory");
	expect_trap("#OF by int $4", TRAP_OF, 0, 2);
	__asm__ volatile(GUARD("ud2") : : : "memory");
	expect_trap("#UD by ud2", TRAP_UD, 0, 0);
	__asm__ volatile(GUARD("mov (%0), %%al") : : "r"(bad) : "rax", "memory");
	expect_trap("#GP by a non-canonical read", TRAP_GP, 0, 0);
	__asm__ volatile(GUARD("mov %0, %%es") : : "r"(0x1230) : "memory");
	expect_trap("#GP by a selector outside of the table", TRAP_GP, 0x1230, 0);
	__asm__ volatile(GUARD("mov %0, %%ss") : : "r"(0) : "memory");
	expect_trap("#GP by a null stack selector", TRAP_GP, 0, 0);
}

static void check_frame(void)
{
	struct trap_frame *f = &trap_last.frame;
	uint64_t rsp;

	trap_forget();
	__asm__ volatile("mov $0x1111, %%ecx; mov $0x2222, %%r11d; mov $0x3333, %%r15d\n"
			 "xor %%eax, %%eax; stc\n"
			 "mov %%rsp, %%rdx\n" GUARD("ud2")
			 : "=d"(rsp)
			 :
			 : "rax", "rcx", "r11", "r15", "memory", "cc");
	check(trap_count == 1 && f->vector == TRAP_UD, "#UD was taken");
	expect_equal("cs has RPL 0 in kernel context", f->cs, FLAT_KERNEL_CS64 & ~3);
	expect_equal("ss", f->ss & ~3UL, FLAT_KERNEL_SS64 & ~3);
	expect_equal("rsp", f->rsp, rsp);
	expect_equal("rcx", f->rcx, 0x1111);
	expect_equal("r11", f->r11, 0x2222);
	expect_equal("r15", f->r15, 0x3333);
	expect_equal("rflags: CF, ZF and PF are kept", f->rflags & 0x8d5, 0x45);
	check(!(f->rflags & 0x3100), "no TF, no IOPL in rflags: 0x%lx", f->rflags);
	trap_forget();
}

struct fault_case {
	const char *what;
	const void *address;
	uint64_t error;
};

static void check_page_faults(void)
{
	char *gone = page_alloc(), *readonly = page_alloc(), *nx = page_alloc();
	uint64_t cr2;
	long rc;

	rc = update_va(gone, 0, UVMF_INVLPG);
	rc |= make_readonly(readonly);
	rc |= map_at(nx, virt_to_mfn(nx), PTE_RW_PAGE | PTE_NX);
	if (rc)
		test_error("mappings cannot be prepared");
	nx[0] = (char)0xc3; /* ret */

	__asm__ volatile(GUARD("mov (%0), %%al") : : "r"(gone + 5) : "rax", "memory");
	cr2 = trap_last.cr2;
	expect_trap("#PF by a read of an absent page", TRAP_PF, 0, 0);
	expect_equal("cr2", cr2, (unsigned long)gone + 5);
	__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	expect_equal("cr2 by mov", cr2, (unsigned long)gone + 5);

	__asm__ volatile(GUARD("mov %%al, (%0)") : : "r"(gone + 7), "a"(1) : "memory");
	cr2 = trap_last.cr2;
	expect_trap("#PF by a write to an absent page", TRAP_PF, 2, 0);
	expect_equal("cr2", cr2, (unsigned long)gone + 7);

	__asm__ volatile(GUARD("mov %%al, (%0)") : : "r"(readonly), "a"(1) : "memory");
	expect_trap("#PF by a write to a read-only page", TRAP_PF, 3, 0);

	/* rip differs from the guard here: compare the parts. */
	trap_forget();
	__asm__ volatile(GUARD("jmp *%0") : : "r"(nx) : "memory");
	check(trap_count == 1 && trap_last.frame.vector == TRAP_PF &&
		      trap_last.frame.error == 0x11 && trap_last.frame.rip == (unsigned long)nx,
	      "#PF 0x11 by a fetch from a no-execute page, got %u traps, vector 0x%lx error 0x%lx",
	      trap_count, trap_last.frame.vector, trap_last.frame.error);
	trap_forget();
	__asm__ volatile(GUARD("jmp *%0") : : "r"(gone) : "memory");
	check(trap_count == 1 && trap_last.frame.vector == TRAP_PF &&
		      trap_last.frame.error == 0x10 && trap_last.frame.rip == (unsigned long)gone,
	      "#PF 0x10 by a fetch from an absent page, got %u traps, vector 0x%lx error 0x%lx",
	      trap_count, trap_last.frame.vector, trap_last.frame.error);
	trap_forget();
}

/* The hypervisor's memory: reads and writes fault; only the M2P can be read. */
static void check_hypervisor_memory(void)
{
	static const unsigned long addresses[] = {
		0xffff808000000000, 0xffff820000000000, 0xffff82d040000000,
		0xffff830000000000, 0xffff87ffffffffff,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		trap_forget();
		__asm__ volatile(GUARD("mov (%0), %%al") : : "r"(addresses[i]) : "rax", "memory");
		check(trap_count == 1 && trap_last.frame.vector == TRAP_PF,
		      "a read of 0x%lx is a page fault, got %u traps, vector 0x%lx", addresses[i],
		      trap_count, trap_last.frame.vector);
		trap_forget();
		__asm__ volatile(GUARD("mov %%al, (%0)") : : "r"(addresses[i]), "a"(0) : "memory");
		check(trap_count == 1 && trap_last.frame.vector == TRAP_PF,
		      "a write to 0x%lx is a page fault, got %u traps, vector 0x%lx", addresses[i],
		      trap_count, trap_last.frame.vector);
	}
	trap_forget();
	__asm__ volatile(GUARD("mov %%rax, (%0)") : : "r"(MACH2PHYS_VIRT_START), "a"(0) : "memory");
	check(trap_count == 1 && trap_last.frame.vector == TRAP_PF,
	      "a write to the M2P is a page fault, got %u traps, vector 0x%lx", trap_count,
	      trap_last.frame.vector);
	trap_forget();
}

/* A gate's flags for vector 3 in a table of one. */
static void gate_set(uint8_t flags)
{
	struct trap_info table[2] = {
		{ 3, flags, FLAT_KERNEL_CS, (unsigned long)trap_entry_3 },
		{ 0, 0, 0, 0 },
	};
	long rc = hypercall(set_trap_table, table);

	if (rc)
		test_error("set_trap_table with one entry: %ld", rc);
}

static void check_event_mask(void)
{
	shared_info_map();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 0);

	__asm__ volatile(GUARD("int3") : : : "memory");
	expect_equal("mask inside a handler with TI_IF", trap_last.mask_inside, 1);
	expect_equal("mask saved beside cs", trap_last.frame.saved_mask, 0);
	expect_equal("IF saved in rflags", trap_last.frame.rflags & 0x200, 0x200);
	expect_equal("mask restored by iret", vcpu_info->evtchn_upcall_mask, 0);

	gate_set(3);
	__asm__ volatile(GUARD("int3") : : : "memory");
	expect_equal("mask inside a handler without TI_IF", trap_last.mask_inside, 0);

	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	__asm__ volatile(GUARD("int3") : : : "memory");
	expect_equal("events masked before: mask inside", trap_last.mask_inside, 1);
	expect_equal("events masked before: saved mask", trap_last.frame.saved_mask, 1);
	expect_equal("events masked before: IF", trap_last.frame.rflags & 0x200, 0);
	expect_equal("events masked before: mask afterwards", vcpu_info->evtchn_upcall_mask, 1);
	gate_set(7);
	trap_forget();
}

/* int3 is #BP whatever the DPL of the guest's gate is, from the kernel. */
static void check_gate_privilege(void)
{
	gate_set(4);
	__asm__ volatile(GUARD("int3") : : : "memory");
	expect_trap("int3 through a gate of DPL 0", TRAP_BP, 0, 1);
	gate_set(5);
	__asm__ volatile(GUARD(".byte 0xcd, 3") : : : "memory");
	expect_trap("int $3 through a gate of DPL 1", TRAP_BP, 0, 2);
	gate_set(7);
}

static bool clear_tf(struct trap_frame *f)
{
	f->rflags &= ~0x100UL;
	return true;
}

static void check_single_step(void)
{
	unsigned long dr6;

	hypercall(set_debugreg, 6, 0xffff0ff0UL);
	trap_hook = clear_tf;
	__asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq\n"
			 "nop\n"
			 "770: movq $770b, guard_start(%%rip)\n"
			 :
			 :
			 : "memory", "cc");
	trap_hook = NULL;
	expect_trap("#DB by the trap flag", TRAP_DB, 0, 0);
	dr6 = (unsigned long)hypercall(get_debugreg, 6);
	expect_equal("dr6.BS", dr6 & 0x4000, 0x4000);
}

/* The table's form: terminated by address 0, replaced by NULL. */
static void check_table_form(void)
{
	struct trap_info bad[2] = {
		{ 3, 3, FLAT_KERNEL_CS, 0x8000000000000000UL },
		{ 0, 0, 0, 0 },
	};

	expect_result("set_trap_table from a bad pointer",
		      hypercall(set_trap_table, 0x8000000000000000UL), -EFAULT);
	expect_result("set_trap_table from the hypervisor",
		      hypercall(set_trap_table, 0xffff830000000000UL), -EFAULT);
	expect_result("set_trap_table, non-canonical handler", hypercall(set_trap_table, bad),
		      -EINVAL);
	gate_set(7);
}

void test_main(void)
{
	shared_info_map();
	STEP(check_faults);
	STEP(check_frame);
	STEP(check_page_faults);
	STEP(check_hypervisor_memory);
	STEP(check_event_mask);
	STEP(check_gate_privilege);
	STEP(check_single_step);
	STEP(check_table_form);
}
