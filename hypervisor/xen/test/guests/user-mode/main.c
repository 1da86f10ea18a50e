/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User mode: iret into it, exceptions, int 0x80 and syscall out of it.
 *
 * A guest has two roots; user mode runs on the one of NEW_USER_BASEPTR. Cs
 * with RPL 3 in an iret frame means user mode. A trap from there runs on the
 * stack given to stack_switch, cs in its frame has RPL 3, and bit 2 of a page
 * fault's error code is set. syscall is not a hypercall there but enters the
 * syscall callback; int 0x80 goes through the guest's gate if its DPL is 3.
 */
#include "memory.h"
#include "trap.h"

#include <xen/callback.h>

const char test_title[] = "User mode";

#define USER(name, code)          \
	extern const char name[]; \
	__asm__(".pushsection .text\n" #name ":\n\t" code "\n.popsection")

USER(user_return, "lea 5(%rdi,%rsi), %rax; int $0x80");
USER(user_ud, "mov $0x77, %ecx; mov $0x88, %r11d; stc; ud2");
USER(user_read, "mov (%rdi), %al; int $0x80");
USER(user_write, "mov %al, (%rdi); int $0x80");
USER(user_jump, "jmp *%rdi");
USER(user_syscall, "mov $0x1234, %eax; mov $17, %edi; std; syscall; user_syscall_end: cld;"
		   "mov %rax, %rdi; int $0x80");
USER(user_sysenter, "sysenter; int $0x80");
USER(user_hlt, "hlt");
USER(user_cli, "cli");
USER(user_cr3, "mov %cr3, %rax");
USER(user_rdmsr, "mov $0xc0000080, %ecx; rdmsr");
USER(user_out, "mov $0x80, %edx; out %al, %dx");
USER(user_int3, "int3");
USER(user_int4, "int $4");
USER(user_int14, "int $14");
USER(user_segments, "mov %cs, %eax; mov %ss, %ecx; shl $16, %ecx; or %ecx, %eax; int $0x80");
USER(user_rflags, "pushfq; pop %rax; int $0x80");
extern const char user_syscall_end[];

static void expect_user_trap(const char *what, unsigned int vector, uint64_t error, const char *rip)
{
	const struct trap_frame *f = &trap_last.frame;

	if (check(trap_count == 1 && trap_last.from_user, "%s: one trap from user mode, got %u",
		  what, trap_count)) {
		check(f->vector == vector && f->error == error,
		      "%s: expected vector %u error 0x%lx, got vector 0x%lx error 0x%lx", what,
		      vector, error, f->vector, f->error);
		check(f->rip == (unsigned long)rip, "%s: expected rip %p, got %p", what, rip,
		      (void *)f->rip);
	}
	trap_forget();
}

static void check_frame(void)
{
	struct trap_frame *f = &trap_last.frame;
	struct iret_context c = user_context(user_ud);
	uint64_t got;

	trap_forget();
	got = user_run(user_return, 30, 7);
	expect_equal("int 0x80 ends user code with rax", got, 42);
	expect_equal("its vector", f->vector, TRAP_INT80);
	expect_equal("cs in the frame", f->cs, FLAT_USER_CS64);
	expect_equal("ss in the frame", f->ss, FLAT_USER_SS64);
	expect_equal("rsp in the frame", f->rsp, c.rsp);
	expect_equal("IF in the frame", f->rflags & 0x200, 0x200);
	expect_equal("mask inside the handler", trap_last.mask_inside, 1);
	expect_equal("saved mask", f->saved_mask, 0);
	expect_equal("rip behind int 0x80", f->rip, (unsigned long)user_return + 7);

	trap_forget();
	user_run(user_ud, 0, 0);
	expect_equal("rcx", f->rcx, 0x77);
	expect_equal("r11", f->r11, 0x88);
	expect_equal("carry flag", f->rflags & 1, 1);
	expect_equal("vector of ud2", f->vector, TRAP_UD);
	trap_forget();

	got = user_run(user_segments, 0, 0);
	expect_equal("cs in user mode", got & 0xffff, FLAT_USER_CS64);
	expect_equal("ss in user mode", got >> 16, FLAT_USER_SS64);
	got = user_run(user_rflags, 0, 0);
	expect_equal("IF and IOPL that user mode sees", got & 0x3200, 0x200);
	trap_forget();
}

static void check_page_faults(void)
{
	char *gone = page_alloc(), *readonly = page_alloc(), *nx = page_alloc();
	long rc = update_va(gone, 0, UVMF_INVLPG);

	rc |= make_readonly(readonly);
	rc |= map_at(nx, virt_to_mfn(nx), PTE_RW_PAGE | PTE_NX);
	if (rc)
		test_error("mappings cannot be prepared");

	user_run(user_read, (unsigned long)gone + 3, 0);
	expect_equal("cr2", trap_last.cr2, (unsigned long)gone + 3);
	expect_user_trap("read of an absent page", TRAP_PF, 4, user_read);
	user_run(user_write, (unsigned long)gone, 0);
	expect_user_trap("write to an absent page", TRAP_PF, 6, user_write);
	user_run(user_write, (unsigned long)readonly, 0);
	expect_user_trap("write to a read-only page", TRAP_PF, 7, user_write);
	user_run(user_jump, (unsigned long)nx, 0);
	expect_user_trap("fetch from a no-execute page", TRAP_PF, 0x15, nx);
	user_run(user_jump, (unsigned long)gone, 0);
	expect_user_trap("fetch from an absent page", TRAP_PF, 0x14, gone);
	user_run(user_read, 0x8000000000000000UL, 0);
	expect_user_trap("read of a non-canonical address", TRAP_GP, 0, user_read);
}

/* The hypervisor's range, the M2P too, is closed to user mode. */
static void check_hypervisor_memory(void)
{
	static const unsigned long addresses[] = {
		0xffff800000000000,
		0xffff808000000000,
		0xffff82d040000000,
		0xffff830000000000,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		trap_forget();
		user_run(user_read, addresses[i], 0);
		check(trap_count == 1 && trap_last.frame.vector == TRAP_PF,
		      "user read of 0x%lx is a page fault, got vector 0x%lx", addresses[i],
		      trap_last.frame.vector);
		check(trap_last.frame.error & 4, "its error code has the user bit: 0x%lx",
		      trap_last.frame.error);
		trap_forget();
		user_run(user_write, addresses[i], 0);
		check(trap_count == 1 && trap_last.frame.vector == TRAP_PF,
		      "user write to 0x%lx is a page fault, got vector 0x%lx", addresses[i],
		      trap_last.frame.vector);
	}
	trap_forget();
}

/* A user page: PTE_US clear makes it the kernel's own. */
static void check_kernel_pages(void)
{
	char *page = page_alloc();
	uint64_t flags = (PTE_RW_PAGE | PTE_NX) & ~PTE_US;

	page[0] = 0x5a;
	if (map_at(page, virt_to_mfn(page), flags))
		test_error("a kernel-only mapping is refused");
	expect_equal("the kernel reads its page", (uint8_t)READ_ONCE(page[0]), 0x5a);
	check(!(*entry_of(page, 1) & PTE_RW) == false, "the entry reads back writable");
}

static void check_privileged(void)
{
	user_run(user_hlt, 0, 0);
	expect_user_trap("hlt", TRAP_GP, 0, user_hlt);
	user_run(user_cli, 0, 0);
	expect_user_trap("cli", TRAP_GP, 0, user_cli);
	user_run(user_cr3, 0, 0);
	expect_user_trap("mov from cr3", TRAP_GP, 0, user_cr3);
	user_run(user_rdmsr, 0, 0);
	expect_user_trap("rdmsr", TRAP_GP, 0, user_rdmsr + 5);
	user_run(user_out, 0, 0);
	expect_user_trap("out", TRAP_GP, 0, user_out + 5);
	user_run(user_int3, 0, 0);
	expect_user_trap("int3", TRAP_BP, 0, user_int3 + 1);
	user_run(user_int4, 0, 0);
	expect_user_trap("int $4", TRAP_OF, 0, user_int4 + 2);

	trap_forget();
	user_run(user_int14, 0, 0);
	check(trap_count == 1 && trap_last.frame.vector == TRAP_GP,
	      "int $14 through a gate of DPL 0 is #GP, got vector 0x%lx", trap_last.frame.vector);
	expect_equal("its rip", trap_last.frame.rip, (unsigned long)user_int14);
	trap_forget();
}

static void check_syscall(void)
{
	struct trap_frame *f = &trap_last.frame;

	trap_forget();
	user_run(user_syscall, 0, 0);
	check(trap_count == 1 && f->vector == ENTRY_SYSCALL,
	      "syscall enters the callback, got "
	      "%u traps, vector 0x%lx",
	      trap_count, f->vector);
	expect_equal("rax", f->rax, 0x1234);
	expect_equal("rdi", f->rdi, 17);
	expect_equal("rip behind syscall", f->rip, (unsigned long)user_syscall_end);
	expect_equal("cs", f->cs, FLAT_USER_CS64);
	expect_equal("ss", f->ss, FLAT_USER_SS64);
	expect_equal("IF in rflags", f->rflags & 0x200, 0x200);
	expect_equal("DF in rflags", f->rflags & 0x400, 0x400);
	expect_equal("mask inside, callback registered with mask_events", trap_last.mask_inside, 1);
	trap_forget();
}

static bool answer_syscall(struct trap_frame *f)
{
	if (f->vector != ENTRY_SYSCALL)
		return false;
	f->rax = 0xabcdef;
	return true;
}

static void check_syscall_return(void)
{
	uint64_t got;

	trap_hook = answer_syscall;
	got = user_run(user_syscall, 0, 0);
	trap_hook = NULL;
	expect_equal("a system call's result", got, 0xabcdef);
	expect_equal("traps of call and end", trap_count, 2);
	trap_forget();
}

static void check_no_syscall_mask(void)
{
	struct callback_register cb = {
		.type = CALLBACKTYPE_syscall,
		.address = (unsigned long)syscall_entry,
	};

	expect_result("syscall callback without mask_events",
		      hypercall(callback_op, CALLBACKOP_register, &cb), 0);
	user_run(user_syscall, 0, 0);
	expect_equal("mask inside, without mask_events", trap_last.mask_inside, 0);
	trap_forget();
}

void test_main(void)
{
	shared_info_map();
	user_space_make();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	STEP(check_frame);
	STEP(check_page_faults);
	STEP(check_hypervisor_memory);
	STEP(check_kernel_pages);
	STEP(check_privileged);
	STEP(check_syscall);
	STEP(check_syscall_return);
	STEP(check_no_syscall_mask);
}
