/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the processor keeps of one domain while another one runs on it.
 *
 * dom0 fills what it can: floating-point and vector registers, XCR0, debug registers with a breakpoint on code of both
 * images, segment bases, a GDT and an LDT with an entry more. A domU that begins on the same CPU finds nothing of it.
 * Then it fills the same with values of its own, and both look, in turns, that theirs are there; and a word that has one
 * address in both.
 */
#include "domu.h"
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/sched.h>

const char test_title[] = "What a CPU keeps of one domain while another runs";

#define ROUNDS	     20
#define FLAT_DATA    0x00cff3000000ffffUL
#define LDT_SELECTOR 7	/* its entry 0 */
#define GDT_ENTRY    8
#define GDT_SELECTOR (GDT_ENTRY << 3 | 3)
#define DR7_EXECUTE0 0x3UL
#define XCR0_AVX     7

static uint8_t area[512] __attribute__((aligned(64))), seen[512] __attribute__((aligned(64)));
static uint64_t fs_word, gs_word, gs_user_word, same_place;
static bool has_avx;

/* Where breakpoints are; nothing else. */
static __attribute__((noinline)) void probe(void)
{
	__asm__ volatile("nop");
}

static bool avx_is_there(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;

	/* the prefix that makes it the hypervisor's answer */
	__asm__ volatile("ud2a; .ascii \"xen\"; cpuid"
			 : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return ecx >> 28 & 1;
}

/* XCR0 is the guest's when its CR4 says that it uses XSAVE; on Debian's Xen, not before. */
static void xsave_begin(void)
{
	uint64_t cr4;

	__asm__ volatile("movq %%cr4, %0; orq %1, %0; movq %0, %%cr4" : "=&r"(cr4) : "i"(1 << 18));
}

static uint64_t xcr0_read(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low | (uint64_t)high << 32;
}

static void vectors_fill(uint8_t seed)
{
	__asm__ volatile("fninit; fxsave %0" : "+m"(area));
	for (unsigned int i = 32; i < 416; i++)
		area[i] = (uint8_t)(seed + i);
	/* x87 registers have 80 bits, six bytes behind each are not theirs; all eight are in use */
	for (unsigned int i = 32; i < 160; i++)
		if (i % 16 >= 10)
			area[i] = 0;
	area[4] = 0xff;
	__asm__ volatile("fxrstor %0" : : "m"(area));
	if (has_avx) {
		xsave_begin();
		__asm__ volatile("xsetbv" : : "a"(XCR0_AVX), "d"(0), "c"(0));
		__asm__ volatile("vinsertf128 $1, %0, %%ymm3, %%ymm3" : : "m"(area[200]));
	}
}

static void vectors_check(void)
{
	uint8_t upper[16];

	__asm__ volatile("fxsave %0" : "+m"(seen));
	expect_equal("our vector registers", (unsigned long)memcmp(seen + 32, area + 32, 416 - 32),
		     0);
	if (!has_avx)
		return;
	expect_equal("our XCR0", xcr0_read(), XCR0_AVX);
	__asm__ volatile("vextractf128 $1, %%ymm3, %0" : "=m"(upper));
	expect_equal("their upper half", (unsigned long)memcmp(upper, area + 200, 16), 0);
}

static void set_base(unsigned int which, const uint64_t *base)
{
	expect_result("a segment's base", hypercall(set_segment_base, which, base), 0);
}

static long debug_set(unsigned int reg, uint64_t value)
{
	return hypercall(set_debugreg, reg, value);
}

static uint64_t debug_get(unsigned int reg)
{
	return (uint64_t)hypercall(get_debugreg, reg);
}

/* Everything is @seed's: 1 or 2. */
static void take(uint8_t seed)
{
	has_avx = avx_is_there();
	vectors_fill(seed * 0x40);
	fs_word = 0xf500 + seed;
	gs_word = 0x6500 + seed;
	gs_user_word = 0x6501 + seed;
	same_place = 0x1111111111111111UL * seed;
	set_base(SEGBASE_FS, &fs_word);
	set_base(SEGBASE_GS_KERNEL, &gs_word);
	set_base(SEGBASE_GS_USER, &gs_user_word);
	for (unsigned int reg = 1; reg < 4; reg++)
		expect_result("a debug register", debug_set(reg, 0x1000UL * reg + seed), 0);
}

static void check_taken(uint8_t seed)
{
	uint64_t value;

	vectors_check();
	__asm__ volatile("movq %%fs:0, %0" : "=r"(value));
	expect_equal("our FS base", value, 0xf500UL + seed);
	__asm__ volatile("movq %%gs:0, %0" : "=r"(value));
	expect_equal("our GS base", value, 0x6500UL + seed);
	for (unsigned int reg = 1; reg < 4; reg++)
		expect_equal("our debug register", debug_get(reg), 0x1000UL * reg + seed);
	expect_equal("our word", READ_ONCE(same_place), 0x1111111111111111UL * seed);
}

/* ---- the domU ---- */

static void none_of_its_vectors(void)
{
	unsigned int foreign = 0;

	__asm__ volatile("fxsave %0" : "+m"(seen));
	for (unsigned int i = 32; i < 416; i++)
		foreign += seen[i] != 0;
	expect_equal("bytes in our registers", foreign, 0);
	expect_equal("x87 control word", *(uint16_t *)(void *)seen, 0x37f);
	expect_equal("MXCSR", *(uint32_t *)(void *)(seen + 24), 0x1f80);
	if (!avx_is_there())
		return;
	xsave_begin();
	/* x87, and SSE on Debian's Xen */
	expect_equal("XCR0", xcr0_read() & ~2UL, 1);
	__asm__ volatile("xsetbv" : : "a"(XCR0_AVX), "d"(0), "c"(0));
	__asm__ volatile("vextractf128 $1, %%ymm3, %0" : "=m"(seen[0]));
	for (unsigned int i = foreign = 0; i < 16; i++)
		foreign += seen[i] != 0;
	expect_equal("bytes in an upper half", foreign, 0);
}

static void none_of_its_segments(void)
{
	static const uint16_t selectors[] = { LDT_SELECTOR, GDT_SELECTOR };

	trap_forget();
	__asm__ volatile(GUARD("movq %%fs:0, %%rax") : : : "rax", "memory");
	check(trap_count == 1 && trap_last.cr2 == 0, "FS has no base: it led to 0x%lx",
	      trap_last.cr2);
	trap_forget();
	__asm__ volatile(GUARD("movq %%gs:0, %%rax") : : : "rax", "memory");
	check(trap_count == 1 && trap_last.cr2 == 0, "GS has no base: it led to 0x%lx",
	      trap_last.cr2);
	for (unsigned int i = 0; i < 2; i++) {
		trap_forget();
		__asm__ volatile(GUARD("movw %0, %%es") : : "r"(selectors[i]) : "memory");
		check(trap_count == 1 && trap_last.frame.vector == TRAP_GP, "no selector %u",
		      selectors[i]);
	}
}

static void none_of_its_breakpoints(void)
{
	for (unsigned int reg = 0; reg < 4; reg++)
		expect_equal("a debug register", debug_get(reg), 0);
	expect_equal("enabled breakpoints", debug_get(7) & 0xff, 0);
	trap_forget();
	probe();
	expect_no_trap("code with another's breakpoint");
}

void domu_main(void)
{
	shared_info_map();
	events_off();
	STEP(none_of_its_vectors);
	STEP(none_of_its_segments);
	STEP(none_of_its_breakpoints);
	expect_equal("the word that dom0 has changed", same_place, 0);
	take(2);
	for (unsigned int n = 1; n <= ROUNDS; n++) {
		domu_step(n);
		check_taken(2);
	}
}

/* ---- dom0 ---- */

static unsigned int breakpoints_hit;

static bool count_breakpoint(struct trap_frame *f)
{
	if (f->vector != TRAP_DB)
		return false;
	breakpoints_hit++;
	f->rflags |= 1UL << 16;	/* RF: the instruction is run now */
	return true;
}

static void tables_take(void)
{
	uint64_t *gdt = page_alloc(), *ldt = page_alloc();
	unsigned long frame = virt_to_mfn(gdt);

	gdt[GDT_ENTRY] = ldt[0] = FLAT_DATA;
	if (make_readonly(gdt) || make_readonly(ldt) || hypercall(set_gdt, &frame, 512) ||
	    mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 512))
		test_error("no descriptor tables");
	trap_forget();
	__asm__ volatile(GUARD("movw %0, %%es") : : "r"((uint16_t)GDT_SELECTOR) : "memory");
	__asm__ volatile(GUARD("movw %0, %%ds") : : "r"((uint16_t)LDT_SELECTOR) : "memory");
	expect_no_trap("our selectors");
}

static void breakpoint_take(void)
{
	trap_hook = count_breakpoint;
	expect_result("its address", debug_set(0, (unsigned long)probe), 0);
	expect_result("on", debug_set(7, DR7_EXECUTE0), 0);
	probe();
	expect_equal("our breakpoint is hit", breakpoints_hit, 1);
}

void test_main(void)
{
	static struct domu u;

	events_init();
	STEP(tables_take);
	take(1);
	STEP(breakpoint_take);
	domu_run(&u, 1);
	for (unsigned int n = 1; n <= ROUNDS; n++) {
		domu_wait_step(&u, n);
		check_taken(1);
		domu_let_go(&u, n);
	}
	expect_equal("its end", domu_wait(&u), SHUTDOWN_poweroff);
	probe();
	expect_equal("our breakpoint is hit again", breakpoints_hit, 2);
	__asm__ volatile(GUARD("movw %0, %%es") : : "r"((uint16_t)GDT_SELECTOR) : "memory");
	expect_result("destroydomain", domu_destroy(&u), 0);
	check_taken(1);
}
