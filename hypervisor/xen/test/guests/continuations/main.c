/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hypercalls that are interrupted, and what a guest can do to them meanwhile.
 *
 * A long hypercall stops when an event is due and is executed again with what is
 * left in its registers (or in its list, for a multicall). Between the two the
 * guest runs and may change all of it: that is then simply another hypercall, to
 * be judged anew. And a multicall may contain what changes the ground under
 * it: iret into user mode (XSA-213) ends it; another multicall is refused; a
 * call may overwrite the entries that follow.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/memory.h>
#include <xen/version.h>

const char test_title[] = "Interrupted hypercalls";

void traps_init(void);

#define BATCH	1024
#define SECONDS 1000000000UL

USER_CODE(user_end, "int $0x80");

static evtchn_port_t timer_port;
static struct mmu_update requests[BATCH];
static unsigned int changes;
static unsigned int trick;

/* The timer is due now: the next hypercall that looks finds an event. */
static void alarm_set(uint64_t ns)
{
	port_clear(timer_port);
	timer_set(time_now() + ns, 0);
}

/*
 * An upcall in the kernel: was it a hypercall that is to go on? Its registers are ours to
 * change. rip is at the syscall instruction then.
 */
static bool meddle(struct trap_frame *f)
{
	static const unsigned long bad[] = {
		0, 0x00007fffffffffffUL, 0x8000000000000000UL, 0xffff830000000000UL, ~0UL,
	};
	const uint8_t *code = (const uint8_t *)f->rip;

	if (f->vector != ENTRY_EVENT)
		return false;
	WRITE_ONCE(vcpu_info->evtchn_upcall_pending, 0);
	vcpu_info->evtchn_pending_sel = 0;
	port_clear(timer_port);
	if (code[0] != 0x0f || code[1] != 0x05 || f->rax >= 64)
		return true;
	changes++;
	switch (trick % 12) {
	case 0 ... 4:
		f->rdi = bad[trick % 12];
		break;
	case 5:
		f->rsi = ~0UL;
		break;
	case 6:
		f->rsi |= 1UL << 31;
		f->rdx = 0xffff830000000000UL;
		break;
	case 7:
		f->r10 = 77;
		break;
	case 8:
		f->rax = __HYPERVISOR_xen_version;
		f->rdi = 0;
		break;
	case 9:
		f->rax = 63;
		break;
	case 10:
		f->rsi = 0;
		break;
	default: /* as it was */
		break;
	}
	return true;
}

static void requests_make(void)
{
	char *page = page_alloc();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		requests[i].ptr = entry_maddr(page, 1);
		requests[i].val = make_pte(virt_to_mfn(page), i & 1 ? PTE_RW_PAGE : PTE_RO_PAGE);
	}
}

/* Batches with an alarm at another moment each time; the guest answers with each trick. */
static void check_batches(void)
{
	uint64_t end = time_now() + SECONDS;
	unsigned int strange = 0, n = 0;
	long rc;

	requests_make();
	trap_hook = meddle;
	events_on();
	while (time_now() < end && n < 2000) {
		trick = n++;
		alarm_set(20000 + n % 64 * 2000);
		rc = hypercall(mmu_update, requests, BATCH, 0, DOMID_SELF);
		strange += (rc > 0 && rc != 0x40011) || rc <= -4096;
	}
	events_off();
	print("  note: %u batches, %u of them changed on the way\n", n, changes);
	expect_equal("results that are neither 0 nor an error", strange, 0);
}

/* The same through a multicall, whose list we change while it is under way. */
static void check_multicalls(void)
{
	static struct multicall_entry calls[16];
	uint64_t end = time_now() + SECONDS;
	unsigned int i, n = 0, strange = 0;

	events_on();
	while (time_now() < end && n < 500) {
		trick = n++;
		for (i = 0; i < ARRAY_SIZE(calls); i++)
			calls[i] = (struct multicall_entry){
				.op = __HYPERVISOR_mmu_update,
				.args = { (unsigned long)requests, 256, 0, DOMID_SELF },
			};
		alarm_set(20000 + n % 64 * 3000);
		strange += hypercall(multicall, calls, ARRAY_SIZE(calls)) > 0 && trick % 12 != 8;
	}
	events_off();
	trap_hook = NULL;
	/* a longer list goes on into zeroes, which are set_trap_table(NULL) */
	traps_init();
	expect_equal("multicalls with a strange result", strange, 0);
}

/* A call's result or output may be a later entry: it is read when its turn comes. */
static void check_overwrite(void)
{
	static struct {
		struct multicall_entry calls[3];
		char space[2048]; /* a kilobyte is written over entries 1 and 2, and here */
	} list;
	struct multicall_entry *calls = list.calls;

	calls[0].op = __HYPERVISOR_xen_version;
	calls[0].args[0] = XENVER_extraversion;
	calls[0].args[1] = 0xffff830000000000UL;
	calls[1].op = __HYPERVISOR_multicall;
	calls[1].args[0] = (unsigned long)calls;
	calls[1].args[1] = 3;
	calls[2].op = __HYPERVISOR_xen_version;
	expect_result("a multicall in a multicall", hypercall(multicall, calls, 3), 0);
	expect_result("bad output", (long)calls[0].result, -EFAULT);
	expect_result("the inner one", (long)calls[1].result, -EINVAL);
	expect_result("the last", (long)calls[2].result, 0x40011);

	memset(&list, 0, sizeof(list));
	calls[0].op = __HYPERVISOR_xen_version;
	calls[0].args[0] = XENVER_commandline;
	calls[0].args[1] = (unsigned long)&calls[1];
	calls[1].op = __HYPERVISOR_xen_version;
	calls[2].op = __HYPERVISOR_xen_version;
	/* text, which is no number */
	expect_result("a call over the list's rest", hypercall(multicall, calls, 2), 0);
	expect_result("what became of entry 1", (long)calls[1].result, -ENOSYS);
}

/* iret in a multicall: to user mode it is the last, to kernel mode one like others. */
static void check_iret(void)
{
	static struct multicall_entry calls[4];
	struct iret_context c = user_context(user_end);
	uint64_t *page = page_alloc();
	uint64_t entry;
	unsigned int i;

	calls[0].op = __HYPERVISOR_xen_version;
	calls[1].op = __HYPERVISOR_iret;
	calls[1].result = 0x1234;
	for (i = 2; i < 4; i++) {
		calls[i].op = __HYPERVISOR_update_va_mapping;
		calls[i].args[0] = (unsigned long)page;
		calls[i].args[1] = 0;
		calls[i].args[2] = UVMF_INVLPG;
	}
	entry = *entry_of(page, 1);
	c.rax = __HYPERVISOR_multicall;
	trap_forget();
	/* user_enter() makes an iret; here its frame is used by the one in the list */
	__asm__ volatile("mov %%rsp, kernel_rsp_kept(%%rip)\n\t"
			 "mov %%rbp, kernel_rbp_kept(%%rip)\n\t"
			 "pushq 64(%0); pushq 56(%0); pushq 48(%0); pushq 40(%0); pushq 32(%0)\n\t"
			 "pushq 24(%0); pushq 16(%0); pushq 8(%0); pushq 0(%0)\n\t"
			 "mov %1, %%eax\n\t"
			 "syscall\n\t"
			 "ud2\n"
			 ".globl back_from_user\n"
			 "back_from_user:\n\t"
			 "mov kernel_rsp_kept(%%rip), %%rsp\n\t"
			 "mov kernel_rbp_kept(%%rip), %%rbp"
			 :
			 : "b"(&c), "i"(__HYPERVISOR_multicall), "D"(calls), "S"(4UL)
			 : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
			   "r15", "memory", "cc");
	expect_equal("one trap, from user mode", trap_last.from_user ? trap_count : 0, 1);
	expect_result("the call before", (long)calls[0].result, 0x40011);
	expect_equal("no call after iret was made", (*entry_of(page, 1) ^ entry) & ~(PTE_A | PTE_D),
		     0);
	expect_equal("no result is written after it", calls[2].result | calls[3].result, 0);
}

extern const char back_from_user[];
uint64_t kernel_rsp_kept, kernel_rbp_kept;

static bool to_kernel(struct trap_frame *f)
{
	if (f->vector != TRAP_INT80)
		return false;
	f->rip = (unsigned long)back_from_user;
	f->cs = FLAT_KERNEL_CS64 & ~3;
	f->ss = FLAT_KERNEL_SS64;
	f->rsp = kernel_rsp_kept;
	f->rflags &= ~0x200UL;
	return true;
}

/* A memory_op that says it has come further than it can have. */
static void check_progress(void)
{
	xen_pfn_t list[4] = { ~0UL, ~0UL, ~0UL, ~0UL };
	struct xen_memory_reservation r = { .nr_extents = 4, .domid = DOMID_SELF };
	static const unsigned int commands[] = {
		XENMEM_increase_reservation,
		XENMEM_decrease_reservation,
		XENMEM_populate_physmap,
	};
	unsigned long start;
	unsigned int i;

	set_xen_guest_handle(r.extent_start, list);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		for (start = 1; start < 1UL << 58; start = start * 3 + 1) {
			long rc = hypercall(memory_op, commands[i] | start << 6, &r);

			check(rc <= 4 || rc == (long)start,
			      "command %u from extent %lu on: got %ld", commands[i], start, rc);
		}
}

void test_main(void)
{
	events_init();
	event_hook = NULL;
	user_space_make();
	if (evtchn_bind_virq(VIRQ_TIMER, 0, &timer_port))
		test_error("VIRQ_TIMER");
	port_mask_clear(timer_port);
	STEP(check_batches);
	STEP(check_multicalls);
	STEP(check_overwrite);
	trap_hook = to_kernel;
	STEP(check_iret);
	trap_hook = NULL;
	STEP(check_progress);
}
