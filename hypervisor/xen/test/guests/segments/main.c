/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segment bases: FS, both GS bases, selectors, and the swap between modes.
 *
 * set_segment_base sets the FS base, the kernel's GS base (in effect while the
 * kernel runs) and the user's; every entry into the kernel and every return
 * to user mode swaps the two. SEGBASE_GS_USER_SEL loads a selector into the
 * user's GS. Bases must be canonical (-EINVAL). The MSRs are emulated for the
 * kernel; a swapgs instruction of a ring-3 kernel faults.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Segment bases";

static uint64_t data_a[4] = { 0xa0, 0xa1 }, data_b[4] = { 0xb0, 0xb1 }, data_c[4] = { 0xc0 };

static uint64_t read_fs(void)
{
	uint64_t v;

	__asm__ volatile("mov %%fs:0, %0" : "=r"(v));
	return v;
}

static uint64_t read_gs(void)
{
	uint64_t v;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

extern const char user_read_fs[], user_read_gs[], user_load_gs[];
__asm__(".pushsection .text\n"
	"user_read_fs: mov %fs:0, %rax; int $0x80\n"
	"user_read_gs: mov %gs:0, %rax; int $0x80\n"
	"user_load_gs: mov %edi, %gs; mov %gs, %eax; int $0x80\n"
	".popsection");

static long set_base(unsigned int which, const void *base)
{
	return hypercall(set_segment_base, which, base);
}

static void check_bases(void)
{
	expect_result("FS base", set_base(SEGBASE_FS, data_a), 0);
	expect_equal("read through FS", read_fs(), 0xa0);
	expect_result("kernel's GS base", set_base(SEGBASE_GS_KERNEL, data_b), 0);
	expect_equal("read through GS", read_gs(), 0xb0);
	expect_result("user's GS base", set_base(SEGBASE_GS_USER, data_c), 0);
	expect_equal("the kernel's GS is as it was", read_gs(), 0xb0);

	expect_equal("user mode reads its GS", user_run(user_read_gs, 0, 0), 0xc0);
	expect_equal("user mode reads FS", user_run(user_read_fs, 0, 0), 0xa0);
	expect_equal("the kernel's GS after that", read_gs(), 0xb0);
	expect_result("FS base", set_base(SEGBASE_FS, data_b), 0);
	expect_equal("user mode reads the new FS", user_run(user_read_fs, 0, 0), 0xb0);
	trap_forget();
}

static void check_errors(void)
{
	static const unsigned long bad[] = {
		0x8000000000000000UL,
		0x0000800000000000UL,
		0xffff7fffffffffffUL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_result("non-canonical FS base", set_base(SEGBASE_FS, (void *)bad[i]),
			      -EINVAL);
		expect_result("non-canonical user GS base",
			      set_base(SEGBASE_GS_USER, (void *)bad[i]), -EINVAL);
		expect_result("non-canonical kernel GS base",
			      set_base(SEGBASE_GS_KERNEL, (void *)bad[i]), -EINVAL);
	}
	expect_equal("the bases are as they were", read_fs(), 0xb0);
	expect_result("no such base", set_base(4, 0), -EINVAL);
	expect_result("no such base", set_base(~0u, 0), -EINVAL);
	expect_result("the hypervisor as base", set_base(SEGBASE_FS, (void *)0xffff830000000000UL),
		      0);
	trap_forget();
	__asm__ volatile(GUARD("mov %%fs:0, %%rax") : : : "rax", "memory");
	check(trap_count == 1 && trap_last.frame.vector == TRAP_PF,
	      "a read through it is a page fault, got %u traps", trap_count);
	trap_forget();
	set_base(SEGBASE_FS, data_b);
}

/* The user's GS selector: 0 gives a null selector, a flat one base 0. */
static void check_user_selector(void)
{
	expect_result("user's GS selector", set_base(SEGBASE_GS_USER_SEL, (void *)FLAT_USER_DS32),
		      0);
	expect_equal("the kernel's GS is as it was", read_gs(), 0xb0);
	trap_forget();
	user_run(user_read_gs, 0, 0);
	check(trap_last.frame.vector == TRAP_PF && trap_last.cr2 == 0,
	      "user GS now has base 0: page fault at 0, got vector 0x%lx cr2 0x%lx",
	      trap_last.frame.vector, trap_last.cr2);
	expect_result("user's GS selector null", set_base(SEGBASE_GS_USER_SEL, 0), 0);
	expect_result("user's GS base", set_base(SEGBASE_GS_USER, data_c), 0);
	expect_equal("user mode reads its GS", user_run(user_read_gs, 0, 0), 0xc0);
	expect_equal("user mode loads a selector into GS",
		     user_run(user_load_gs, FLAT_USER_DS32, 0), FLAT_USER_DS32);
	expect_equal("the kernel's GS after that", read_gs(), 0xb0);
	set_base(SEGBASE_GS_USER_SEL, (void *)0x1230);
	expect_equal("after a bad selector the kernel's GS is as it was", read_gs(), 0xb0);
	trap_forget();
}

static uint64_t rdmsr(uint32_t msr)
{
	uint32_t low = 0, high = 0;

	__asm__ volatile(GUARD("rdmsr") : "+a"(low), "+d"(high) : "c"(msr) : "memory");
	return (uint64_t)high << 32 | low;
}

static void wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile(GUARD("wrmsr")
			 :
			 : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
			 : "memory");
}

static void check_msrs(void)
{
	trap_forget();
	expect_equal("MSR FS_BASE", rdmsr(0xc0000100), (unsigned long)data_b);
	expect_equal("MSR GS_BASE", rdmsr(0xc0000101), (unsigned long)data_b);
	set_base(SEGBASE_GS_USER_SEL, 0);
	set_base(SEGBASE_GS_USER, data_c);
	expect_equal("MSR KERNEL_GS_BASE is the user's", rdmsr(0xc0000102), (unsigned long)data_c);
	expect_no_trap("reading them");
	wrmsr(0xc0000100, (unsigned long)data_a);
	wrmsr(0xc0000101, (unsigned long)data_c);
	wrmsr(0xc0000102, (unsigned long)data_a);
	expect_no_trap("writing them");
	expect_equal("FS", read_fs(), 0xa0);
	expect_equal("GS", read_gs(), 0xc0);
	expect_equal("user's GS", user_run(user_read_gs, 0, 0), 0xa0);
	trap_forget();
	wrmsr(0xc0000100, 0x8000000000000000UL);
	expect_trap("writing a non-canonical FS base", TRAP_GP, 0, 0);
	wrmsr(0xc0000102, 0x0000800000000000UL);
	expect_trap("writing a non-canonical user GS base", TRAP_GP, 0, 0);
	__asm__ volatile(GUARD("swapgs") : : : "memory");
	check(trap_count == 1, "swapgs faults, got %u traps", trap_count);
	trap_forget();
	expect_equal("GS", read_gs(), 0xc0);
}

void test_main(void)
{
	shared_info_map();
	user_space_make();
	STEP(check_bases);
	STEP(check_errors);
	STEP(check_user_selector);
	STEP(check_msrs);
}
