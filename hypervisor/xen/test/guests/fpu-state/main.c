/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating point: pending exceptions, bad control words, and whose registers they are.
 *
 * An x87 exception stays pending until the next x87 instruction, which may as well be the
 * hypervisor's when it saves or loads registers: it must not be raised there, and must
 * come (#MF) at the guest's next one. Values that FXRSTOR, LDMXCSR and XSETBV refuse
 * are #GP for the guest. Registers are a vCPU's own: a new vCPU on
 * the same CPU finds none of another's (XSA-267), nor does its own come back
 * changed from a hypercall that switched.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"
#include "vcpu.h"

#include <xen/sched.h>

const char test_title[] = "Floating-point state";

static uint8_t area[512] __attribute__((aligned(64)));
static uint8_t seen_by_second[512] __attribute__((aligned(64)));

#define EXPECT_TRAP(what, vector, insn, ...)                             \
	do {                                                             \
		trap_forget();                                           \
		__asm__ volatile(GUARD(insn) : : __VA_ARGS__ : "memory"); \
		expect_trap(what, vector, 0, 0);                         \
	} while (0)

/* QEMU raises neither #XM nor #GP for MXCSR: none, or the right one. */
#define EXPECT_TRAP_OR_NONE(what, vect, insn, ...)                                         \
	do {                                                                               \
		trap_forget();                                                             \
		__asm__ volatile(GUARD(insn) : : __VA_ARGS__ : "memory");                  \
		check(!trap_count || (trap_count == 1 && trap_last.frame.vector == (vect)), \
		      what ": got vector 0x%lx", trap_last.frame.vector);                  \
	} while (0)

static void switch_away(void)
{
	struct sched_poll poll = { .timeout = time_now() + 1000000 };

	hypercall(sched_op, SCHEDOP_yield, 0);
	hypercall(sched_op, SCHEDOP_poll, &poll);
}

static void check_x87(void)
{
	static const uint16_t unmasked = 0x0360;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		__asm__ volatile("fninit; fldcw %0; fldz; fldz; fdivrp" : : "m"(unmasked));
		if (i == 1)
			hypercall(xen_version, 0, 0);
		if (i == 2)
			switch_away();
		EXPECT_TRAP("a pending x87 exception", TRAP_MF, "fwait", "r"(0));
		__asm__ volatile("fnclex");
		trap_forget();
		__asm__ volatile(GUARD("fwait") : : : "memory");
		expect_no_trap("none after fnclex");
	}
	/* pending while the registers are somebody else's for the processor */
	__asm__ volatile("fldz; fldz; fdivrp");
	expect_result("fpu_taskswitch", hypercall(fpu_taskswitch, 1), 0);
	EXPECT_TRAP("#NM first", TRAP_NM, "fwait", "r"(0));
	EXPECT_TRAP("then #MF", TRAP_MF, "fwait", "r"(0));
	__asm__ volatile("fninit");
}

static void check_sse(void)
{
	uint32_t unmasked = 0, masked = 0x1f80, reserved = 0xffff0000;

	__asm__ volatile("xorps %%xmm0, %%xmm0; mov $1, %%eax; cvtsi2ss %%eax, %%xmm1;"
			 "ldmxcsr %0"
			 :
			 : "m"(unmasked)
			 : "rax");
	switch_away();
	EXPECT_TRAP_OR_NONE("an SSE exception", TRAP_XM, "divss %%xmm0, %%xmm1", "r"(0));
	__asm__ volatile("ldmxcsr %0" : : "m"(masked));
	EXPECT_TRAP_OR_NONE("reserved bits of MXCSR", TRAP_GP, "ldmxcsr %0", "m"(reserved));
	__asm__ volatile("fxsave %0" : "+m"(area));
	memset(area + 24, 0xff, 4);
	EXPECT_TRAP_OR_NONE("reserved bits by fxrstor", TRAP_GP, "fxrstor %0", "m"(area));
	trap_forget();
	/* refused, or the processor has no such instruction */
	__asm__ volatile(GUARD("xsetbv") : : "a"(~0u), "c"(0), "d"(~0u) : "memory");
	check(trap_count == 1 &&
		      (trap_last.frame.vector == TRAP_GP || trap_last.frame.vector == TRAP_UD),
	      "xsetbv of all ones: #GP or #UD, got vector 0x%lx", trap_last.frame.vector);
	trap_forget();
	__asm__ volatile("ldmxcsr %0; fninit" : : "m"(masked));
}

static void registers_fill(void)
{
	unsigned int i;

	__asm__ volatile("fxsave %0" : "+m"(area));
	for (i = 160; i < 416; i++)
		area[i] = (uint8_t)(0x40 + i);
	__asm__ volatile("fxrstor %0" : : "m"(area));
}

static void look(void *unused)
{
	(void)unused;
	__asm__ volatile("fxsave %0" : "+m"(seen_by_second));
}

static void check_second(void)
{
	unsigned int i, foreign = 0;

	registers_fill();
	if (!vcpu_start(1, look, NULL))
		test_skip("there is no second vCPU");
	vcpu_wait(1);
	for (i = 32; i < 416; i++)
		foreign += seen_by_second[i] != 0;
	expect_equal("bytes in a new vCPU's registers", foreign, 0);
	memset(seen_by_second, 0, sizeof(seen_by_second));
	__asm__ volatile("fxsave %0" : "+m"(seen_by_second));
	expect_equal("the first vCPU's are what they were",
		     (unsigned long)memcmp(seen_by_second + 160, area + 160, 256), 0);
}

void test_main(void)
{
	shared_info_map();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	STEP(check_x87);
	STEP(check_sse);
	STEP(check_second);
}
