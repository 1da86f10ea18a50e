/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * More vCPUs than CPUs, each of which gives up its CPU all the time.
 *
 * SCHEDOP_yield lets another vCPU have the CPU, and who yielded goes on wherever there is a place: with its
 * own registers, and on one CPU at a time. A vCPU that is chosen by one CPU while another has not
 * put its registers away has to wait for them. Each vCPU keeps patterns in its registers, integer and SSE, and counts
 * its turns both in memory and in a register: who goes on with an older state, or twice, finds another number.
 */
#include "event.h"
#include "memory.h"
#include "vcpu.h"

#include <xen/sched.h>

const char test_title[] = "vCPUs that move from CPU to CPU";

#define TURNS 20000

static struct {
	unsigned long turns;
	unsigned long lost;	/* registers that were not kept, turns that were not one's own */
} movers[VCPUS_MAX] __attribute__((aligned(64)));
static unsigned int count;

_Static_assert(__HYPERVISOR_sched_op == 29 && SCHEDOP_yield == 0, "numbers in yield_and_compare()");

/* How many registers of seven have another value than before the hypercall. */
static unsigned long yield_and_compare(unsigned long pattern)
{
	unsigned long lost;

	__asm__ volatile("mov %1, %%rbx; lea 1(%1), %%r12; lea 2(%1), %%r13; lea 3(%1), %%r14\n\t"
			 "lea 4(%1), %%r15; lea 5(%1), %%r9; movq %1, %%xmm5\n\t"
			 "mov $29, %%eax; xor %%edi, %%edi; xor %%esi, %%esi; syscall\n\t"
			 "xor %0, %0\n\t"
			 "cmp %1, %%rbx; setne %%al; movzbl %%al, %%eax; add %%rax, %0\n\t"
			 "lea -1(%%r12), %%rdx; cmp %1, %%rdx; setne %%al; add %%rax, %0\n\t"
			 "lea -2(%%r13), %%rdx; cmp %1, %%rdx; setne %%al; add %%rax, %0\n\t"
			 "lea -3(%%r14), %%rdx; cmp %1, %%rdx; setne %%al; add %%rax, %0\n\t"
			 "lea -4(%%r15), %%rdx; cmp %1, %%rdx; setne %%al; add %%rax, %0\n\t"
			 "lea -5(%%r9), %%rdx; cmp %1, %%rdx; setne %%al; add %%rax, %0\n\t"
			 "movq %%xmm5, %%rdx; cmp %1, %%rdx; setne %%al; add %%rax, %0"
			 : "=&r"(lost)
			 : "r"(pattern)
			 : "rax", "rbx", "rcx", "rdx", "rdi", "rsi", "r9", "r11", "r12", "r13",
			   "r14", "r15", "memory", "cc");
	return lost;
}

static void move(void *arg)
{
	unsigned long id = (unsigned long)arg, lost = 0;

	for (unsigned long n = 0; n < TURNS; n++) {
		lost += yield_and_compare(id << 56 | n << 8);
		lost += READ_ONCE(movers[id].turns) != n;
		WRITE_ONCE(movers[id].turns, n + 1);
	}
	movers[id].lost = lost;
}

void test_main(void)
{
	for (count = 1; count < VCPUS_MAX && vcpu_start(count, move, (void *)(unsigned long)count);)
		count++;
	if (count < 3)
		test_error("%u vCPUs: too few to move", count);
	print("  note: %u vCPUs\n", count);
	move((void *)0);
	for (unsigned int id = 1; id < count; id++)
		vcpu_wait(id);
	for (unsigned int id = 0; id < count; id++) {
		expect_equal("turns", movers[id].turns, TURNS);
		expect_equal("registers and turns lost", movers[id].lost, 0);
	}
}
