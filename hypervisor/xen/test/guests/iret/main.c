/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The iret hypercall: registers, flags, modes, and frames that cannot be used.
 *
 * xen-x86_64.h: the frame on the stack is rax r11 rcx flags rip cs rflags rsp
 * ss. Cs with RPL 3 means user mode, else kernel mode. All is restored, with
 * VGCF_in_syscall in flags rcx and r11 may hold rip and rflags instead. IF
 * becomes the inverse of the upcall mask; IOPL is 0 for the processor. A
 * selector or address that the processor refuses at its own iret must not
 * hurt the hypervisor: the failsafe callback (or a #GP) tells the kernel.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "The iret hypercall";

#define FAILSAFE 0xfa11UL

struct landed {
	uint64_t rax, rcx, r11, rflags, rsp, rbx;
};
struct landed landed; /* written by the code below */

/* Kernel code that notes its registers and ends user_enter(). */
extern const char kernel_landing[], user_landing[], user_back[];
__asm__(".pushsection .text\n"
	"kernel_landing:\n\t"
	"mov %rax, landed(%rip); mov %rcx, landed+8(%rip); mov %r11, landed+16(%rip)\n\t"
	"pushfq; pop landed+24(%rip); mov %rsp, landed+32(%rip); cld\n\t"
	"mov $0x600d, %edi; jmp kernel_resume\n"
	"user_landing:\n\t"
	"mov %rcx, landed+8(%rip); mov %r11, landed+16(%rip); mov %rax, landed(%rip)\n\t"
	"mov %rsp, landed+32(%rip); pushfq; pop landed+24(%rip)\n"
	"user_back: cld; mov $0x600d, %eax; int $0x80\n"
	".popsection");

static bool failsafe_hook(struct trap_frame *f)
{
	if (f->vector == ENTRY_FAILSAFE || (f->vector == TRAP_GP && !trap_last.from_user))
		kernel_resume(FAILSAFE);
	return false;
}

static void check_kernel(void)
{
	struct iret_context c = user_context(kernel_landing);
	uint64_t got;

	c.cs = FLAT_KERNEL_CS64 & ~3;
	c.rax = 0x1111;
	c.rcx = 0x2222;
	c.r11 = 0x3333;
	c.rflags = 0xcd7; /* OF DF SF ZF AF PF CF, IF clear */
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 0);
	got = user_enter(&c, 0, 0);
	expect_equal("iret to the kernel", got, 0x600d);
	expect_equal("rax", landed.rax, 0x1111);
	expect_equal("rcx", landed.rcx, 0x2222);
	expect_equal("r11", landed.r11, 0x3333);
	expect_equal("rsp", landed.rsp, c.rsp);
	expect_equal("arithmetic flags", landed.rflags & 0xcd5, 0xcd5);
	expect_equal("IF clear masks events", vcpu_info->evtchn_upcall_mask, 1);

	c.rflags = 0x202;
	user_enter(&c, 0, 0);
	expect_equal("IF set lets events in", vcpu_info->evtchn_upcall_mask, 0);
	expect_equal("arithmetic flags", landed.rflags & 0xcd5, 0);
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
}

static void check_user(void)
{
	struct iret_context c = user_context(user_landing);
	uint64_t got;

	c.rax = 0x4444;
	c.rcx = 0x5555;
	c.r11 = 0x6666;
	c.rflags = 0x200ed7; /* ID OF DF IF SF ZF AF PF CF */
	got = user_enter(&c, 0, 0);
	expect_equal("iret to user mode", got, 0x600d);
	expect_equal("rax", landed.rax, 0x4444);
	expect_equal("rcx", landed.rcx, 0x5555);
	expect_equal("r11", landed.r11, 0x6666);
	expect_equal("rsp", landed.rsp, c.rsp);
	expect_equal("flags", landed.rflags & 0x200ed5, 0x200ed5);

	c.rflags = 0x3202;
	user_enter(&c, 0, 0);
	expect_equal("IOPL 3 in the frame, seen by the processor", landed.rflags & 0x3000, 0);
	c.rflags = 0x202;
	c.flags = VGCF_in_syscall;
	got = user_enter(&c, 0, 0);
	expect_equal("return from a system call", got, 0x600d);
	expect_equal("rax", landed.rax, 0x4444);
	expect_equal("rsp", landed.rsp, c.rsp);
	check(landed.rcx == (unsigned long)user_landing || landed.rcx == 0x5555,
	      "rcx is rip (or restored), got 0x%lx", landed.rcx);
	check(landed.r11 == 0x202 || landed.r11 == 0x6666, "r11 is rflags (or restored), got 0x%lx",
	      landed.r11);
}

/* Direct iretq within the kernel, as the ABI recommends for cs RPL 0. */
static void check_iretq(void)
{
	uint64_t flags;

	__asm__ volatile("mov %%rsp, %%rdx\n\t"
			 "mov %%ss, %%eax; push %%rax; push %%rdx\n\t"
			 "push $0x246; mov %%cs, %%eax; push %%rax; push $1f; iretq\n"
			 "1: pushfq; pop %0"
			 : "=r"(flags)
			 :
			 : "rax", "rdx", "memory", "cc");
	expect_equal("flags after iretq", flags & 0x44, 0x44);
}

struct bad_frame {
	const char *what;
	uint64_t rip, cs, ss, rsp, rflags, flags;
};

/* Frames that the processor refuses: each must come back as a failsafe. */
static void check_bad_frames(void)
{
	static const struct bad_frame bad[] = {
		{ "non-canonical rip", 0x8000000000000000UL, 0xe033, 0xe02b, 0, 0x202, 0 },
		{ "rip just above the lower half", 0x0000800000000000UL, 0xe033, 0xe02b, 0, 0x202,
		  0 },
		{ "rip just below the upper half", 0xffff7fffffffffffUL, 0xe033, 0xe02b, 0, 0x202,
		  0 },
		{ "a system call's return to a non-canonical rip", 0x0000800000000000UL, 0xe033,
		  0xe02b, 0, 0x202, VGCF_in_syscall },
		{ "another one", 0x8000000000000000UL, 0xe033, 0xe02b, 0, 0x202, VGCF_in_syscall },
		{ "cs outside of the table", 0, 0x1233, 0xe02b, 0, 0x202, 0 },
		{ "cs of a data segment", 0, 0xe02b, 0xe02b, 0, 0x202, 0 },
		{ "null cs", 0, 3, 0xe02b, 0, 0x202, 0 },
		{ "ss outside of the table", 0, 0xe033, 0x1233, 0, 0x202, 0 },
		{ "ss of a code segment", 0, 0xe033, 0xe033, 0, 0x202, 0 },
		{ "null ss with RPL 3", 0, 0xe033, 3, 0, 0x202, 0 },
		{ "a local ss without LDT", 0, 0xe033, 0x0f, 0, 0x202, 0 },
	};
	unsigned int i;

	trap_hook = failsafe_hook;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct iret_context c = user_context(user_back);
		uint64_t got;

		c.rip = bad[i].rip ? bad[i].rip : c.rip;
		c.cs = bad[i].cs;
		c.ss = bad[i].ss;
		c.rflags = bad[i].rflags;
		c.flags = bad[i].flags;
		trap_forget();
		got = user_enter(&c, 0, 0);
		print("  note: %s: ended 0x%lx, vector 0x%lx error 0x%lx rip 0x%lx cs 0x%x\n",
		      bad[i].what, got, trap_last.frame.vector, trap_last.frame.error,
		      trap_last.frame.rip, trap_last.frame.cs);
		check(got == FAILSAFE || trap_last.frame.vector == TRAP_GP ||
			      trap_last.frame.vector == TRAP_PF,
		      "%s: expected a failsafe callback or a fault, got 0x%lx, vector 0x%lx",
		      bad[i].what, got, trap_last.frame.vector);
	}
	trap_hook = NULL;
}

/* Flags that no guest may set for itself are dropped, not obeyed. */
static void check_hard_flags(void)
{
	static const uint64_t flags[] = {
		0x4202,	  /* NT */
		0x20202,  /* VM */
		0x10202,  /* RF */
		0x100202, /* VIP */
		0x80202,  /* VIF */
		0xffffffff003f7002UL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct iret_context c = user_context(user_landing);
		uint64_t got;

		c.rflags = flags[i];
		trap_forget();
		trap_hook = failsafe_hook;
		got = user_enter(&c, 0, 0);
		trap_hook = NULL;
		check(got == 0x600d || got == FAILSAFE,
		      "flags 0x%lx: user code or a failsafe, got 0x%lx, vector 0x%lx", flags[i],
		      got, trap_last.frame.vector);
		if (got == 0x600d)
			expect_equal("VM and IOPL", landed.rflags & 0x23000, 0);
	}
}

void test_main(void)
{
	shared_info_map();
	user_space_make();
	STEP(check_kernel);
	STEP(check_user);
	STEP(check_iretq);
	STEP(check_bad_frames);
	STEP(check_hard_flags);
}
