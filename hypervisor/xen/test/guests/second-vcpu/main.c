/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second vCPU: VCPUOP_initialise, its refusals, and what it leaves alone.
 *
 * vcpu.h: initialise gives a vCPU that is down its registers and tables, once;
 * up lets it run. Loading its root is the new vCPU's business: the caller's
 * processor stays on the caller's tables. In user mode a vCPU runs on the root
 * in ctrlreg[1], so that a context in user mode without one cannot run, and
 * is refused. A refusal leaves the vCPU as it was, to be initialised later.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/sched.h>
#include <xen/vcpu.h>

const char test_title[] = "A second virtual CPU";

#define FAR_VA	((char *)0x0000123400000000UL)
#define SECONDS 1000000000UL

static struct vcpu_guest_context context;
static uint64_t *second_root;
static char second_stack[4096] __attribute__((aligned(16)));
uint32_t second_ran; /* written by the code below */

/* The second vCPU says that it runs, and blocks for good. */
extern const char second_entry[];
__asm__(".pushsection .text\n"
	"second_entry:\n\t"
	"movl $1, second_ran(%rip)\n"
	"1:\tmov $29, %eax; mov $1, %edi; xor %esi, %esi; syscall; jmp 1b\n"
	".popsection");
_Static_assert(__HYPERVISOR_sched_op == 29 && SCHEDOP_block == 1, "numbers in second_entry");

static long vcpu_op(unsigned int cmd, void *arg)
{
	return hypercall(vcpu_op, cmd, 1, arg);
}

static void context_fill(void)
{
	memset(&context, 0, sizeof(context));
	context.flags = VGCF_in_kernel;
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn(second_root));
	context.user_regs.rip = (unsigned long)second_entry;
	context.user_regs.rsp = (unsigned long)(second_stack + sizeof(second_stack));
	context.user_regs.rflags = 0x202;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.kernel_sp = (unsigned long)(second_stack + sizeof(second_stack));
}

static void check_refused(void)
{
	expect_result("is_up", vcpu_op(VCPUOP_is_up, 0), 0);
	expect_refused("up before initialise", vcpu_op(VCPUOP_up, 0));
	expect_result("a context from a bad pointer",
		      vcpu_op(VCPUOP_initialise, (void *)0xffff830000000000UL), -EFAULT);
	context_fill();
	context.ctrlreg[3] = xen_pfn_to_cr3(0xfffffffUL);
	expect_refused("a root beyond memory", vcpu_op(VCPUOP_initialise, &context));
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn(second_stack));
	expect_refused("a root that is mapped writable", vcpu_op(VCPUOP_initialise, &context));
	context_fill();
	context.syscall_callback_eip = 0x8000000000000000UL;
	expect_refused("a callback at no address", vcpu_op(VCPUOP_initialise, &context));
	expect_refused("up after refusals", vcpu_op(VCPUOP_up, 0));
}

/* What was refused holds nothing: GDT and root are the caller's to write again. */
static void check_given_back(void)
{
	char *gdt = page_alloc(), *root = page_alloc();

	if (make_readonly(gdt) || make_readonly(root))
		test_error("pages cannot be made read-only");
	context_fill();
	context.gdt_frames[0] = virt_to_mfn(gdt);
	context.gdt_ents = 512;
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn(second_stack));
	expect_refused("a GDT, and a root that is none", vcpu_op(VCPUOP_initialise, &context));
	expect_result("the GDT's page is free", make_writable(gdt), 0);
	make_readonly(gdt);
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn(root));
	context.ctrlreg[1] = xen_pfn_to_cr3(virt_to_mfn(second_stack));
	expect_refused("a user root that is none", vcpu_op(VCPUOP_initialise, &context));
	expect_result("the root is free", make_writable(root), 0);
	expect_result("the GDT's page is free again", make_writable(gdt), 0);
}

/* It would start on no tables at all. */
static void check_no_user_root(void)
{
	context_fill();
	context.flags = 0;
	context.user_regs.cs = FLAT_USER_CS;
	context.user_regs.ss = FLAT_USER_SS;
	expect_refused("user mode without a root", vcpu_op(VCPUOP_initialise, &context));
	expect_refused("up after that", vcpu_op(VCPUOP_up, 0));
}

/* The caller has a mapping that the root of the second vCPU has not. */
static void check_caller(void)
{
	struct tree tree = tree_make(FAR_VA);
	char *page = page_alloc();

	page[0] = 0x5a;
	if (tree_hang(&tree, FAR_VA) ||
	    mmu_update(entry_maddr(FAR_VA, 1), make_pte(virt_to_mfn(page), PTE_RW_PAGE)))
		test_error("the page cannot be mapped");
	context_fill();
	expect_result("initialise", vcpu_op(VCPUOP_initialise, &context), 0);
	trap_forget();
	__asm__ volatile(GUARD("movb (%0), %%al") : : "r"(FAR_VA) : "memory", "rax");
	expect_no_trap("the caller's mapping after initialise");
	expect_result("a second initialise", vcpu_op(VCPUOP_initialise, &context), -EEXIST);
	expect_equal("the second vCPU has not run", READ_ONCE(second_ran), 0);
}

static void check_runs(void)
{
	uint64_t end = time_now() + 20 * SECONDS;

	expect_result("up", vcpu_op(VCPUOP_up, 0), 0);
	while (!READ_ONCE(second_ran) && time_now() < end)
		hypercall(sched_op, SCHEDOP_yield, 0);
	expect_equal("the second vCPU has run", READ_ONCE(second_ran), 1);
	expect_result("is_up", vcpu_op(VCPUOP_is_up, 0), 1);
	trap_forget();
	__asm__ volatile(GUARD("movb (%0), %%al") : : "r"(FAR_VA) : "memory", "rax");
	expect_no_trap("the caller's mapping when both run");
	expect_result("down", vcpu_op(VCPUOP_down, 0), 0);
	expect_result("is_up", vcpu_op(VCPUOP_is_up, 0), 0);
}

void test_main(void)
{
	shared_info_map();
	second_root = user_space_make();
	STEP(check_refused);
	STEP(check_given_back);
	STEP(check_no_user_root);
	STEP(check_caller);
	STEP(check_runs);
}
