/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every hypercall, every command, with pointers that lead nowhere good.
 *
 * A guest handle is a linear address of the guest; whatever it is, the
 * hypervisor reads and writes through it only what the guest itself could.
 * Each of the 64 numbers is called with each of a list of addresses in each
 * argument's place: the null page, both edges of the non-canonical hole, the
 * M2P and the rest of the hypervisor's range, its upper edge, a read-only
 * page table, an absent page, the last byte of memory. The result may be any
 * error, or 0 where there is nothing to do; the kernel must live on, with its
 * tables unchanged. Left out are calls that rightly end or stop the caller.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Bad pointers in every hypercall";

void traps_init(void);

static unsigned long addresses[24];
static unsigned int address_count;
static uint64_t root_before[512];

static void addresses_make(void)
{
	static const unsigned long fixed[] = {
		1,
		0xfff,
		0x00007fffffffefffUL,
		0x00007fffffffffffUL,
		0x0000800000000000UL,
		0x8000000000000000UL,
		0xffff7fffffffffffUL,
		0xffff800000000000UL,
		0xffff807fffffffffUL,
		0xffff82d040200000UL,
		0xffff830000000000UL,
		0xffff87fffffffff8UL,
		0xffff880000000000UL,
		0xfffffffffffffff8UL,
		~0UL,
	};
	char *gone = page_alloc();
	unsigned int i;

	update_va(gone, 0, UVMF_INVLPG);
	for (i = 0; i < ARRAY_SIZE(fixed); i++)
		addresses[address_count++] = fixed[i];
	addresses[address_count++] = (unsigned long)gone;
	addresses[address_count++] = (unsigned long)gone - 4; /* half of it is there */
	addresses[address_count++] = start_info->pt_base;
	addresses[address_count++] = 0;
}

/* Calls that would end, stop or blind this kernel when they succeed. */
static bool is_excluded(unsigned int nr, unsigned long first)
{
	switch (nr) {
	case __HYPERVISOR_iret:
	case __HYPERVISOR_update_va_mapping:
	case __HYPERVISOR_sched_op_compat:
		return true;
	case __HYPERVISOR_sched_op: /* block to remote_shutdown, watchdog */
		return ((uint32_t)first >= 1 && (uint32_t)first <= 4) || (uint32_t)first == 6;
	case __HYPERVISOR_vcpu_op:
		return first == 2; /* down */
	case __HYPERVISOR_set_trap_table:
		return first == 0; /* no handlers at all */
	}
	return false;
}

static unsigned int bad_results;

static void judge(unsigned int nr, unsigned int place, unsigned long first, long rc)
{
	if (rc < 0 && rc > -4096)
		return;
	/* A result that is no error must be small: a count, a flag, a version. */
	if (rc >= 0 && rc <= 0x10000000)
		return;
	if (nr == __HYPERVISOR_get_debugreg || nr == __HYPERVISOR_set_timer_op)
		return;
	/* The upper bits of its command are the extent to start with, and come back. */
	if (nr == __HYPERVISOR_memory_op && (place == 0 || rc == 0xffffffff))
		return;
	if (bad_results++ < 10)
		print("  note: hypercall %u place %u first 0x%lx: result 0x%lx\n", nr, place, first,
		      (unsigned long)rc);
}

/* The pointer in one place, small numbers in the others. */
static void call_with(unsigned int nr, unsigned int place, unsigned long pointer,
		      unsigned long small)
{
	unsigned long a[5] = { small, small & 1, small, 1, 0 };

	a[place] = pointer;
	if (is_excluded(nr, a[0]))
		return;
	judge(nr, place, a[0], hypercall5(nr, a[0], a[1], a[2], a[3], a[4]));
}

static void restore(void)
{
	traps_init();
	hypercall(set_debugreg, 7, 0);
	hypercall(fpu_taskswitch, 0);
	hypercall(set_gdt, 0, 0);
	mmuext(MMUEXT_SET_LDT, 0, 0);
}

static void check_all(void)
{
	unsigned int nr, place, i, small;

	for (nr = 0; nr < 64; nr++) {
		print("step hypercall %u\n", nr);
		for (place = 0; place < 4; place++)
			for (i = 0; i < address_count; i++)
				for (small = 0; small < (place ? 33 : 2); small++)
					call_with(nr, place, addresses[i], small);
		restore();
		if (hypercall(xen_version, 0, 0) != 0x40011)
			test_failure("after hypercall %u the kernel is not what it was", nr);
	}
	expect_equal("results that are neither errors nor small", bad_results, 0);
}

static void check_state(void)
{
	const uint64_t *root = (const uint64_t *)start_info->pt_base;
	unsigned int i, changed = 0;
	char *page = page_alloc();

	for (i = 0; i < 512; i++)
		changed += (root[i] ^ root_before[i]) & ~(PTE_A | PTE_D) ? 1 : 0;
	expect_equal("entries of the root that changed", changed, 0);
	expect_result("a page can be made read-only", make_readonly(page), 0);
	expect_result("and writable", make_writable(page), 0);
	trap_forget();
	__asm__ volatile(GUARD("ud2") : : : "memory");
	expect_trap("exceptions arrive", TRAP_UD, 0, 0);
}

void test_main(void)
{
	memcpy(root_before, (void *)start_info->pt_base, sizeof(root_before));
	addresses_make();
	STEP(check_all);
	STEP(check_state);
}
