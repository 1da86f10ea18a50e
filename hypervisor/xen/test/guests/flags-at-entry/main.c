/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TF, NT, AC, DF and RF at every way into the hypervisor.
 *
 * SYSCALL clears the flags of MSR FMASK, an interrupt gate clears TF, NT and
 * RF, SYSENTER clears IF and RF alone. Whatever is left set in the hypervisor
 * would be felt there: TF single-steps its code, NT makes its next IRET a task
 * switch, AC opens SMAP, DF turns its copies round. The ABI: the guest's kernel is
 * entered without those flags, its frame shows them as they were, and they
 * are back after iret. Each combination is taken through each entry, from
 * user and from kernel mode; single steps may only come a bounded number of
 * times. MOV SS with a breakpoint on what it reads puts off the #DB until after the
 * next instruction, which may be an entry, too (XSA-260).
 */
#include "memory.h"
#include "trap.h"

#include <xen/callback.h>

const char test_title[] = "Flags at every entry";

#define FLAG_TF 0x100UL
#define FLAG_DF 0x400UL
#define FLAG_NT 0x4000UL
#define FLAG_RF 0x10000UL
#define FLAG_AC 0x40000UL
#define FLAG_ID 0x200000UL

#define GOOD 0x600d

/* Flags from rdi, then the entry, then plain flags again and the end. */
#define WAY(name, insn)                                                                  \
	USER_CODE(name, "push %rdi; popfq; " insn "; pushq $0x202; popfq;"               \
			"mov $0x600d, %eax; int $0x80")

WAY(way_syscall, "mov $0x111, %eax; syscall");
WAY(way_syscall_fast, "syscall");
WAY(way_int80, "mov $0x222, %eax; int $0x80");
WAY(way_int3, "int3");
WAY(way_ud2, "ud2");
WAY(way_read, "mov 0(%rsi), %al");
WAY(way_hlt, "hlt");
WAY(way_icebp, ".byte 0xf1");
WAY(way_divide, "xor %ecx, %ecx; div %ecx");
WAY(way_int_n, "int $0x99");
WAY(way_sysenter, "mov %rsp, %rcx; lea 991f(%rip), %rdx; sysenter; 991:");
WAY(way_cpuid, "ud2; .ascii \"xen\"; cpuid");

#define WAY_SS(name, insn)                                                                       \
	USER_CODE(name, "push %rdi; popfq; mov (%rsi), %ss; " insn "; pushq $0x202; popfq;"      \
			"mov $0x600d, %eax; int $0x80")
WAY_SS(way_ss_syscall, "syscall");
WAY_SS(way_ss_int3, "int3");
WAY_SS(way_ss_int80, "int $0x80");
WAY_SS(way_ss_ud2, "ud2");
WAY_SS(way_ss_icebp, ".byte 0xf1");
WAY_SS(way_ss_nop, "nop");

static unsigned int steps, entries;
static uint64_t flags_shown;

/* Lengths of those that fault; the others go on behind themselves. */
static unsigned int length_of_fault(const struct trap_frame *f)
{
	static const struct {
		uint8_t bytes[2];
		uint8_t length;
	} faults[] = {
		{ { 0x0f, 0x0b }, 2 }, { { 0x8a, 0x06 }, 2 }, { { 0xf4, 0x68 }, 1 },
		{ { 0xf7, 0xf1 }, 2 }, { { 0xcd, 0x99 }, 2 }, { { 0x0f, 0x34 }, 2 },
		{ { 0x0f, 0x05 }, 2 }, { { 0xf1, 0x68 }, 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++)
		if (!memcmp((const void *)f->rip, faults[i].bytes, 2))
			return faults[i].length;
	return 0;
}

/* The processor does not tell where it was; its user left that in two registers. */
static void after_sysenter(struct trap_frame *f)
{
	f->rip = f->rdx;
	f->rsp = f->rcx;
	f->cs = FLAT_USER_CS64;
	f->ss = FLAT_USER_SS64;
	f->rflags = 0x202;
}

static bool pass(struct trap_frame *f)
{
	switch (f->vector) {
	case TRAP_DB:
		/* icebp comes with the flags that are looked for, a step with others */
		flags_shown = f->rflags;
		return steps++ < 40;
	case TRAP_INT80:
		if (f->rax == GOOD)
			return false;
		break;
	case ENTRY_SYSENTER:
		after_sysenter(f);
		break;
	case TRAP_UD: /* QEMU's icebp is one of these */
	case TRAP_PF:
	case TRAP_GP:
	case TRAP_DE:
		if (f->rip)
			f->rip += length_of_fault(f);
		else
			after_sysenter(f);
		break;
	default:
		break;
	}
	flags_shown = f->rflags;
	return entries++ < 4;
}

struct way {
	const char *name, *code;
	bool shows_flags;
};

static const struct way ways[] = {
	{ "syscall", way_syscall, true },
	{ "syscall, rax 0", way_syscall_fast, true },
	{ "int $0x80", way_int80, true },
	{ "int3", way_int3, true },
	{ "ud2", way_ud2, true },
	{ "page fault", way_read, true },
	{ "hlt", way_hlt, true },
	{ "icebp", way_icebp, true },
	{ "division by zero", way_divide, true },
	{ "int $0x99", way_int_n, true },
	{ "sysenter", way_sysenter, false },
	{ "forced cpuid", way_cpuid, false },
};

/* Each set of the flags in question. */
static uint64_t flag_set(unsigned int n)
{
	static const uint64_t flags[] = { FLAG_TF, FLAG_NT, FLAG_AC, FLAG_DF, FLAG_ID, FLAG_RF };
	uint64_t set = 0x202;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (n >> i & 1)
			set |= flags[i];
	return set;
}

static void check_way(const struct way *way, uint64_t flags)
{
	const uint64_t looked_at = FLAG_NT | FLAG_AC | FLAG_DF | FLAG_ID;
	uint64_t got;

	steps = entries = 0;
	flags_shown = 0;
	got = user_run(way->code, flags, 8);
	if (got != GOOD)
		check(false,
		      "%s with flags 0x%lx goes on: got 0x%lx, %u steps, %u entries, last 0x%lx",
		      way->name, flags, got, steps, entries, trap_last.frame.vector);
	if (way->shows_flags && !(flags & FLAG_TF))
		check((flags_shown & looked_at) == (flags & looked_at),
		      "%s: its frame shows flags 0x%lx, had 0x%lx", way->name, flags_shown, flags);
	if (!(flags & FLAG_TF) && way->code != way_icebp)
		check(!steps, "%s without TF: %u single steps", way->name, steps);
}

static void check_user(void)
{
	unsigned int i, n;

	trap_hook = pass;
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		for (n = 0; n < 64; n++)
			check_way(&ways[i], flag_set(n));
	trap_hook = NULL;
}

/* The kernel's own hypercalls and faults; TF of the kernel is its own business, too. */
static bool step_kernel(struct trap_frame *f)
{
	if (f->vector == TRAP_UD)
		f->rip += 2;
	else if (f->vector != TRAP_DB && f->vector != TRAP_BP)
		return false;
	if (f->vector != TRAP_DB)
		flags_shown = f->rflags;
	return steps++ < 40;
}

static void check_kernel(void)
{
	unsigned int n;
	uint64_t after;

	trap_hook = step_kernel;
	for (n = 0; n < 32; n++) {
		uint64_t flags = flag_set(n);
		long rc = __HYPERVISOR_xen_version;

		steps = 0;
		__asm__ volatile("push %3; popfq; syscall; pushfq; pop %1; pushq $0x202; popfq"
				 : "+a"(rc), "=&b"(after), "+m"(steps)
				 : "r"(flags), "D"(0UL), "S"(0UL)
				 : "rcx", "rdx", "r10", "r11", "memory", "cc");
		expect_result("a hypercall with such flags", rc, 0x40011);
		expect_equal("they are kept", (after ^ flags) & (FLAG_NT | FLAG_AC | FLAG_DF), 0);
		check(!!steps == !!(flags & FLAG_TF), "flags 0x%lx: %u single steps", flags, steps);
		steps = 0;
		__asm__ volatile("push %0; popfq; int3; ud2; pushq $0x202; popfq"
				 :
				 : "r"(flags)
				 : "memory", "cc");
		check(steps >= 2, "int3 and ud2 with flags 0x%lx come", flags);
		check(((flags_shown ^ flags) & (FLAG_NT | FLAG_AC | FLAG_DF)) == 0,
		      "their frames show flags 0x%lx, had 0x%lx", flags_shown, flags);
	}
	trap_hook = NULL;
}

static void check_mov_ss(void)
{
	static const struct way ss_ways[] = {
		{ "mov ss, syscall", way_ss_syscall, false },
		{ "mov ss, int3", way_ss_int3, false },
		{ "mov ss, int $0x80", way_ss_int80, false },
		{ "mov ss, ud2", way_ss_ud2, false },
		{ "mov ss, icebp", way_ss_icebp, false },
		{ "mov ss, nop", way_ss_nop, false },
	};
	static const uint64_t selector = FLAT_USER_SS64;
	unsigned int i, n;

	expect_result("a breakpoint on a selector", hypercall(set_debugreg, 0, &selector), 0);
	expect_result("on reading it", hypercall(set_debugreg, 7, 0x30001 | 1UL << 18), 0);
	trap_hook = pass;
	for (i = 0; i < ARRAY_SIZE(ss_ways); i++)
		for (n = 0; n < 16; n++) {
			uint64_t got;

			steps = entries = 0;
			got = user_run(ss_ways[i].code, flag_set(n), (unsigned long)&selector);
			check(got == GOOD, "%s with flags 0x%lx: got 0x%lx, %u steps",
			      ss_ways[i].name, flag_set(n), got, steps);
		}
	trap_hook = NULL;
	hypercall(set_debugreg, 7, 0);
}

void test_main(void)
{
	struct callback_register cb = {
		.type = CALLBACKTYPE_sysenter,
		.flags = CALLBACKF_mask_events,
		.address = (unsigned long)sysenter_entry,
	};

	shared_info_map();
	user_space_make();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	STEP(check_user);
	expect_result("a callback for sysenter", hypercall(callback_op, CALLBACKOP_register, &cb),
		      0);
	STEP(check_user);
	STEP(check_kernel);
	STEP(check_mov_ss);
}
