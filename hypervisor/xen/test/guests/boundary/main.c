/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The edges of the address space.
 *
 * A syscall instruction in the last two bytes of the lower half returns to a
 * non-canonical address. Intel processors raise #GP for the sysret while
 * still in ring 0, on the guest's stack (XSA-7): a hypervisor must not sysret
 * there. What the guest should see is a fault at 0x0000800000000000. The same
 * from user mode, by falling off the end, and by jumps to and into the hole,
 * the M2P and the hypervisor; and data that straddles the edges.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Edges of the address space";

#define LAST_PAGE ((char *)0x00007ffffffff000UL)
#define HOLE	  0x0000800000000000UL

static uint64_t fault_rip;

/* Note where it happened and go back to the kernel's test. */
static bool note_fault(struct trap_frame *f)
{
	fault_rip = f->rip;
	kernel_resume(f->vector);
}

static void last_page_make(void)
{
	struct tree t = tree_make(LAST_PAGE);
	char *page = page_alloc();

	memset(page, 0x90, PAGE_SIZE); /* nop */
	page[4094] = 0x0f;	       /* syscall */
	page[4095] = 0x05;
	if (tree_hang(&t, LAST_PAGE) || map_at(LAST_PAGE, virt_to_mfn(page), PTE_RW_PAGE))
		test_error("the last page cannot be mapped");
}

static uint64_t go(uint64_t rip, bool user, uint64_t rax)
{
	struct iret_context c = user_context((void *)rip);
	uint64_t got;

	c.rax = rax;
	if (!user)
		c.cs = FLAT_KERNEL_CS64 & ~3;
	trap_forget();
	trap_hook = note_fault;
	got = user_enter(&c, 0, 0);
	trap_hook = NULL;
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	return got;
}

static void check_syscall_at_the_edge(void)
{
	uint64_t got = go((unsigned long)LAST_PAGE + 4094, false, __HYPERVISOR_xen_version);

	check(got == TRAP_GP || got == TRAP_PF || got == ENTRY_FAILSAFE,
	      "hypercall in the last two bytes: a fault at its return, got 0x%lx", got);
	expect_equal("at the address behind it", fault_rip, HOLE);
	got = go((unsigned long)LAST_PAGE + 4094, false, 63);
	check(got == TRAP_GP || got == TRAP_PF || got == ENTRY_FAILSAFE,
	      "the same for an unknown hypercall, got 0x%lx", got);

	got = go((unsigned long)LAST_PAGE + 4094, true, 1);
	expect_equal("the same from user mode is a system call", got, ENTRY_SYSCALL);
	expect_equal("its return address", fault_rip, HOLE);
	expect_equal("rcx", trap_last.frame.rcx & 0, 0);
}

static void check_running_off(void)
{
	LAST_PAGE[4094] = (char)0x90;
	LAST_PAGE[4095] = (char)0x90;
	expect_equal("the kernel runs off the edge", go((unsigned long)LAST_PAGE + 4090, false, 0),
		     TRAP_GP);
	expect_equal("at", fault_rip, HOLE);
	expect_equal("user mode runs off the edge", go((unsigned long)LAST_PAGE + 4090, true, 0),
		     TRAP_GP);
	expect_equal("at", fault_rip, HOLE);
}

/* Execution in the hypervisor's range is a page fault, also in the M2P. */
static void check_jumps(void)
{
	static const unsigned long targets[] = {
		0xffff800000000000UL, 0xffff807ffffff000UL, 0xffff82d040200000UL,
		0xffff830000000000UL, 0xffff87ffffffffffUL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		uint64_t got = go(targets[i], false, 0);

		check(got == TRAP_PF || got == TRAP_GP,
		      "a kernel's jump to 0x%lx faults, got vector 0x%lx", targets[i], got);
		expect_equal("there", fault_rip, targets[i]);
		got = go(targets[i], true, 0);
		check(got == TRAP_PF || got == TRAP_GP,
		      "a user's jump to 0x%lx faults, got vector 0x%lx", targets[i], got);
		expect_equal("there", fault_rip, targets[i]);
	}
}

/* Hypercall arguments that begin in good memory and end in bad. */
static void check_straddling(void)
{
	expect_result("version string across the upper edge of the lower half",
		      hypercall(xen_version, 1, LAST_PAGE + 4092), -EFAULT);
	expect_result("version string in the last 16 bytes",
		      hypercall(xen_version, 1, LAST_PAGE + 4080), 0);
	expect_result("version string into the hypervisor's lower edge",
		      hypercall(xen_version, 1, 0xffff7ffffffffffcUL), -EFAULT);
	expect_result("version string out of the hypervisor's upper edge",
		      hypercall(xen_version, 1, 0xffff87fffffffffcUL), -EFAULT);
	expect_result("version string across the end of memory", hypercall(xen_version, 1, ~7UL),
		      -EFAULT);
	expect_result("version string into the M2P",
		      hypercall(xen_version, 1, MACH2PHYS_VIRT_START), -EFAULT);
	expect_result("console text from the M2P's start",
		      hypercall(console_io, CONSOLEIO_write, 0, MACH2PHYS_VIRT_START), 0);
}

void test_main(void)
{
	shared_info_map();
	last_page_make();
	user_space_make();
	STEP(check_syscall_at_the_edge);
	STEP(check_running_off);
	STEP(check_jumps);
	STEP(check_straddling);
}
