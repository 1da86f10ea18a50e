/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoints where the hypervisor would run into them.
 *
 * Debug registers work on linear addresses in every ring. A breakpoint on the
 * hypervisor's addresses would stop it (XSA-444 and before): those are refused,
 * like GD, which would stop any access to the registers, and I/O breakpoints
 * without CR4.DE, which mean something else then. One on the guest's own memory is
 * met by the hypervisor when it reads an argument there or pushes a frame: it
 * goes on, and the guest's own access afterwards is a #DB.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Breakpoints on everything";

#define DR7_LOCAL(n)	     (1UL << (2 * (n)))
#define DR7_TYPE(n, type)    ((unsigned long)(type) << (16 + 4 * (n)))
#define DR7_LENGTH(n, code)  ((unsigned long)(code) << (18 + 4 * (n)))
#define TYPE_EXECUTE	     0
#define TYPE_WRITE	     1
#define TYPE_IO		     2
#define TYPE_ACCESS	     3

static long set(unsigned int reg, unsigned long value)
{
	return hypercall(set_debugreg, reg, value);
}

/* The same by the instruction, which is emulated: true if it was refused. */
static bool set_by_mov(unsigned long value)
{
	bool refused;

	trap_forget();
	__asm__ volatile(GUARD("mov %0, %%dr1") : : "r"(value) : "memory");
	refused = trap_count == 1 && trap_last.frame.vector == TRAP_GP;
	trap_forget();
	return refused;
}

static void check_addresses(void)
{
	static const unsigned long hypervisors[] = {
		0xffff800000000000UL, 0xffff800000000001UL, 0xffff808000000000UL,
		0xffff82d040000000UL, 0xffff82d040200000UL, 0xffff830000000000UL,
		0xffff87fffffffff8UL, 0xffff87ffffffffffUL, 0x0000800000000000UL,
		0xffff7fffffffffffUL, 0x8000000000000000UL, 0x00ff880000000000UL,
	};
	static const unsigned long good[] = {
		0, 0x00007fffffffffffUL, 0xffff880000000000UL, ~0UL, 0xfffffffffffffff8UL,
	};
	unsigned int i, reg;

	for (reg = 0; reg < 4; reg++) {
		for (i = 0; i < ARRAY_SIZE(hypervisors); i++)
			expect_refused("a breakpoint that is not in the guest's part",
				       set(reg, hypervisors[i]));
		for (i = 0; i < ARRAY_SIZE(good); i++)
			expect_result("a breakpoint at the edge", set(reg, good[i]), 0);
	}
	for (i = 0; i < ARRAY_SIZE(hypervisors); i++)
		check(set_by_mov(hypervisors[i]), "mov of 0x%lx to dr1 is #GP", hypervisors[i]);
	expect_equal("dr1 is what it was", (unsigned long)hypercall(get_debugreg, 1), good[4]);
	/* armed first, moved then */
	expect_result("armed", set(7, DR7_LOCAL(1) | DR7_TYPE(1, TYPE_ACCESS)), 0);
	for (i = 0; i < ARRAY_SIZE(hypervisors); i++)
		expect_refused("moved while armed", set(1, hypervisors[i]));
	expect_result("disarmed", set(7, 0), 0);
}

static void check_control(void)
{
	unsigned int i, bit;

	for (bit = 32; bit < 64; bit++) {
		expect_refused("an upper bit of dr7", set(7, 1UL << bit));
		expect_refused("an upper bit of dr6", set(6, 1UL << bit));
	}
	for (i = 0; i < 4; i++)
		expect_refused("an I/O breakpoint without CR4.DE",
			       set(7, DR7_LOCAL(i) | DR7_TYPE(i, TYPE_IO)));
	expect_result("all reserved bits", set(7, 0xdc00), 0);
	expect_equal("are not taken", (unsigned long)hypercall(get_debugreg, 7) & 0xf800, 0);
	/* GD is refused, or left out: either way registers can be read */
	set(7, 1UL << 13);
	expect_equal("GD", (unsigned long)hypercall(get_debugreg, 7) & 1UL << 13, 0);
	for (i = 8; i < 100; i++)
		expect_refused("a register that is not there", set(i, 0));
	expect_result("dr7 off", set(7, 0), 0);
}

static volatile unsigned int hits;

static bool hit(struct trap_frame *f)
{
	if (f->vector == TRAP_UD)
		f->rip += 2;
	else if (f->vector != TRAP_DB)
		return false;
	hits += f->vector == TRAP_DB;
	if (f->vector == TRAP_DB)
		f->rflags |= 0x10000; /* past an execution breakpoint */
	return hits < 100;
}

static void arm(const volatile void *va, unsigned int type)
{
	if (set(0, (unsigned long)va) ||
	    set(7, DR7_LOCAL(0) | DR7_TYPE(0, type) | DR7_LENGTH(0, type ? 2 : 0)))
		test_error("a breakpoint");
	hits = 0;
}

/* Arguments and results, the list of a multicall, the frame of a trap. */
static void check_copies(void)
{
	static struct mmu_update req __attribute__((aligned(8)));
	static struct multicall_entry call __attribute__((aligned(8)));
	static char *page;

	page = page_alloc();
	trap_hook = hit;
	req.ptr = entry_maddr(page, 1);
	req.val = make_pte(virt_to_mfn(page), PTE_RO_PAGE);
	arm(&req.ptr, TYPE_ACCESS);
	expect_result("mmu_update with a breakpoint on its request",
		      hypercall(mmu_update, &req, 1, 0, DOMID_SELF), 0);
	READ_ONCE(req.ptr);
	check(hits >= 1, "the guest's own read is #DB");

	call.op = __HYPERVISOR_xen_version;
	call.result = 77;
	arm(&call.result, TYPE_WRITE);
	expect_result("multicall with a breakpoint on its result", hypercall(multicall, &call, 1),
		      0);
	arm(&call.op, TYPE_ACCESS);
	expect_result("and on its number", hypercall(multicall, &call, 1), 0);
	set(7, 0);
	expect_equal("its result", call.result, 0x40011);
	trap_hook = NULL;
}

static void check_frames(void)
{
	unsigned int offset;
	uint64_t rsp;

	trap_hook = hit;
	__asm__ volatile("mov %%rsp, %0" : "=r"(rsp));
	for (offset = 8; offset < 256; offset += 8) {
		arm((void *)((rsp & ~15UL) - offset), TYPE_ACCESS);
		__asm__ volatile("ud2" : : : "memory");
	}
	/* at the entries, and at the instructions that lead there */
	arm(trap_entry_0, TYPE_EXECUTE);
	arm(syscall_entry, TYPE_EXECUTE);
	set(7, 0);
	trap_hook = NULL;
	check(true, "the kernel goes on");
}

void test_main(void)
{
	shared_info_map();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	STEP(check_addresses);
	STEP(check_control);
	STEP(check_copies);
	STEP(check_frames);
}
