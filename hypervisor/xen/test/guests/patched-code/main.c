/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code that another vCPU changes while it runs, as kernels do for static keys.
 *
 * A kernel that patches an instruction first puts int3 over its first byte;
 * whoever meets that is sent behind the instruction. Later the byte is put
 * back. An int3 trap may still come when the byte is back already: then the
 * instruction is tried again, and must run soon. Intel SDM volume 3, section
 * 9.1.3 (cross-modifying code); Linux: text_poke_bp(), kprobe_int3_handler().
 *
 * On one CPU the two take turns, and hardly anything is tried.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/sched.h>
#include <xen/vcpu.h>

const char test_title[] = "Code patched under a running vCPU";

#define ROUNDS	   20000
#define SECONDS	   1000000000UL
#define RUN_LIMIT  (10 * SECONDS)
#define WAIT_LIMIT (10 * SECONDS)
#define INT3	   0xcc

static struct vcpu_guest_context context;
static char runner_stack[4096] __attribute__((aligned(16)));
uint64_t runner_loops, runner_traps, runner_retries; /* written by the code below */
extern char patched_site[];
extern const char runner_entry[], runner_int3[];

/*
 * The second vCPU goes round a loop with a five-byte no-op in it, on a page of their own.
 * The trap's frame: rcx r11 rip cs rflags rsp ss; that of HYPERVISOR_iret:
 * rax r11 rcx flags rip cs rflags rsp ss.
 */
__asm__(".pushsection .text\n"
	".balign 4096\n"
	"runner_entry:\n"
	"patched_site:\n\t"
	".byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\t"
	"incq runner_loops(%rip)\n\t"
	"jmp runner_entry\n"
	".balign 4096\n"
	"runner_int3:\n\t"
	"pop %rcx; pop %r11\n\t"
	"incq runner_traps(%rip)\n\t"
	"cmpb $0xcc, patched_site(%rip)\n\t"
	"jne 1f\n\t"
	"addq $4, (%rsp)\n\t"
	"jmp 2f\n"
	"1:\tdecq (%rsp)\n\t"
	"incq runner_retries(%rip)\n"
	"2:\tpush $0; push %rcx; push %r11; push %rax\n\t"
	"mov $23, %eax; syscall\n\t"
	".popsection");
_Static_assert(__HYPERVISOR_iret == 23, "number in runner_int3");

static void runner_start(void)
{
	memset(&context, 0, sizeof(context));
	context.flags = VGCF_in_kernel;
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn((void *)start_info->pt_base));
	context.user_regs.rip = (unsigned long)runner_entry;
	context.user_regs.rsp = (unsigned long)(runner_stack + sizeof(runner_stack));
	context.user_regs.rflags = 0x202;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.kernel_sp = (unsigned long)(runner_stack + sizeof(runner_stack));
	context.trap_ctxt[TRAP_BP] = (struct trap_info){
		.vector = TRAP_BP,
		.flags = 3 | 4,
		.cs = FLAT_KERNEL_CS,
		.address = (unsigned long)runner_int3,
	};
	expect_result("initialise", hypercall(vcpu_op, VCPUOP_initialise, 1, &context), 0);
	expect_result("up", hypercall(vcpu_op, VCPUOP_up, 1, 0), 0);
}

/* Has it gone round? Twice: the first time may have begun before. */
static bool runner_goes_on(void)
{
	uint64_t loops = READ_ONCE(runner_loops) + 2, end = time_now() + WAIT_LIMIT;

	while (READ_ONCE(runner_loops) < loops) {
		if (time_now() > end)
			return false;
		hypercall(sched_op, SCHEDOP_yield, 0);
	}
	return true;
}

static void wait_a_little(unsigned int turns)
{
	while (turns--)
		__asm__ volatile("pause" : : : "memory");
}

static void check_patching(void)
{
	uint64_t end = time_now() + RUN_LIMIT;
	unsigned int round;

	for (round = 0; round < ROUNDS && time_now() < end; round++) {
		__atomic_store_n(&patched_site[0], INT3, __ATOMIC_SEQ_CST);
		wait_a_little(round * 7 % 301);
		__atomic_store_n(&patched_site[0], 0x0f, __ATOMIC_SEQ_CST);
		if (!check(runner_goes_on(),
			   "round %u: the second vCPU does not get past the place that was patched",
			   round))
			break;
	}
	print("  %u rounds, %lu traps, %lu of them late\n", round, READ_ONCE(runner_traps),
	      READ_ONCE(runner_retries));
}

void test_main(void)
{
	shared_info_map();
	runner_start();
	expect_equal("the second vCPU goes round", runner_goes_on(), true);
	STEP(check_patching);
}
