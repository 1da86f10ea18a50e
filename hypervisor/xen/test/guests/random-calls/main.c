/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random hypercalls, half sensible, by a seeded generator.
 *
 * Arguments are drawn from what a confused or hostile kernel has at hand:
 * small numbers, bad addresses, edges of what it may use, its own frames,
 * entries of its own tables, a buffer of such values. Nothing but 32 scratch
 * pages is at stake, so the kernel itself must survive whatever the calls do
 * to those. In between the memory rule is audited, from inside (a frame that can be
 * validated as a page table has no writable mapping) and, on a debug build,
 * by the hypervisor. Calls that rightly end, stop or blind the caller are
 * left out. SEED, COUNT (of calls, of all vCPUs) and WORKERS (vCPUs) come from the matrix;
 * with one vCPU the same seed makes the same calls.
 */
#include "event.h"
#include "random.h"
#include "trap.h"
#include "vcpu.h"

#include <xen/sched.h>

const char test_title[] = "Random hypercalls";

#ifndef WORKERS
#define WORKERS 1
#endif
#define BATCH 4096 /* calls of each between two audits */

void entries_restore(void);

char *scratch[SCRATCH];
unsigned long scratch_mfn[SCRATCH];
uint64_t scratch_entry[SCRATCH];

static struct worker workers[WORKERS];
static struct vcpu_barrier barrier;
static unsigned int traps_seen, differences;

static void call_one(struct worker *w)
{
	switch (below(w, 32)) {
	case 0 ... 6:
		call_mmu_update(w);
		break;
	case 7 ... 10:
		call_mmuext(w);
		break;
	case 11 ... 12:
		call_update_va(w);
		break;
	case 13 ... 15:
		call_memory(w);
		break;
	case 16 ... 17:
		call_descriptor(w);
		break;
	case 18 ... 19:
		if (w->vcpu == 0)
			call_direct_write(w);
		else
			call_update_va(w);
		break;
	case 20:
		call_entries(w);
		break;
	case 21 ... 22:
		call_event_channel(w);
		break;
	case 23 ... 24:
		call_grant(w);
		break;
	case 25 ... 26:
		call_vcpu(w);
		break;
	case 27:
		call_sched(w);
		break;
	case 28:
		call_device(w);
		break;
	case 29:
		call_multicall(w);
		break;
	default:
		call_any(w);
	}
}

static bool is_mapped_writable(unsigned long mfn)
{
	const uint64_t *table = table_of(image_start, 1);
	unsigned long va;

	for (va = VIRT_BASE_ADDRESS; va < VIRT_BASE_ADDRESS + (4UL << 20); va += PAGE_SIZE) {
		if (!(va & ((2UL << 20) - 1)))
			table = table_of((void *)va, 1);
		if (table && (table[L_INDEX(va, 1)] & (PTE_P | PTE_RW)) == (PTE_P | PTE_RW) &&
		    mfn_of_pte(table[L_INDEX(va, 1)]) == mfn)
			return true;
	}
	return false;
}

static void audit_mappings(void)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < SCRATCH; i++) {
		bool is_writable = is_mapped_writable(scratch_mfn[i]);

		if (mmuext(MMUEXT_PIN_L1_TABLE, scratch_mfn[i], 0))
			continue;
		wrong += is_writable;
		mmuext(MMUEXT_UNPIN_TABLE, scratch_mfn[i], 0);
	}
	if (wrong)
		test_failure("%u frames could be made page tables while mapped writable, seed %lu",
			     wrong, (unsigned long)SEED);
}

/* Everybody makes a batch of calls; then the first looks what became of it. */
static void work(void *arg)
{
	struct worker *w = arg;
	unsigned int batch, n;

	for (batch = 0; batch < COUNT / WORKERS / BATCH + 1; batch++) {
		vcpu_barrier_wait(&barrier, WORKERS);
		for (n = 0; n < BATCH; n++)
			call_one(w);
		vcpu_barrier_wait(&barrier, WORKERS);
		if (w->vcpu)
			continue;
		WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
		hypercall(set_debugreg, 7, 0);
		audit_mappings();
		differences += audit() != 0;
		scratch_replenish(w);
		if (batch % 256 == 255)
			print("  note: %u calls\n", (batch + 1) * BATCH * WORKERS);
	}
}

/* What the calls bring about: breakpoints, NMIs, #NM after fpu_taskswitch, events. */
static bool expected(struct trap_frame *f)
{
	switch (f->vector) {
	case TRAP_DB:
		hypercall(set_debugreg, 7, 0);
		break;
	case TRAP_NM:
	case ENTRY_NMI:
		break;
	case ENTRY_EVENT:
		WRITE_ONCE(vcpu_info->evtchn_upcall_pending, 0);
		break;
	default:
		return false;
	}
	traps_seen++;
	return true;
}

static void tell(void)
{
	static unsigned int results[NUMBERS][2], errors[ERRORS], strange;
	unsigned int i, n, kinds = 0;

	for (i = 0; i < WORKERS; i++) {
		for (n = 0; n < NUMBERS; n++) {
			results[n][0] += workers[i].results[n][0];
			results[n][1] += workers[i].results[n][1];
		}
		for (n = 0; n < ERRORS; n++)
			errors[n] += workers[i].errors[n];
		strange += workers[i].strange;
	}
	for (n = 0; n < NUMBERS; n++)
		if (results[n][0] + results[n][1])
			print("  note: hypercall %2u: %8u good, %8u refused\n", n, results[n][0],
			      results[n][1]);
	for (n = 1; n < ERRORS; n++) {
		if (!errors[n])
			continue;
		kinds++;
		print("  note: %-10s %8u times\n", errno_name(-(long)n) ?: "(none)", errors[n]);
		check(errno_name(-(long)n), "error %u has a name in xen/errno.h", n);
	}
	print("  note: %u traps of the expected kinds\n", traps_seen);
	expect_equal("results between the errors and sense", strange, 0);
	expect_equal("batches after which an audit found differences", differences, 0);
	check(kinds >= 6, "at least 6 kinds of errors, got %u", kinds);
}

/* The kernel and the hypervisor do what they did before. */
static void check_alive(void)
{
	char *page = page_alloc();

	hypercall(set_debugreg, 7, 0);
	hypercall(fpu_taskswitch, 0);
	trap_hook = NULL;
	expect_result("xen_version", hypercall(xen_version, 0, 0), 0x40011);
	expect_result("a page read-only", make_readonly(page), 0);
	expect_result("and writable", make_writable(page), 0);
	trap_forget();
	__asm__ volatile(GUARD("ud2") : : : "memory");
	expect_trap("exceptions arrive", TRAP_UD, 0, 0);
}

static void check_calls(void)
{
	unsigned int i;

	for (i = 1; i < WORKERS; i++)
		if (!vcpu_start(i, work, &workers[i]))
			test_skip("there are no %u vCPUs", WORKERS);
	work(&workers[0]);
	for (i = 1; i < WORKERS; i++)
		vcpu_wait(i);
}

void test_main(void)
{
	unsigned int i;

	shared_info_map();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	entries_restore();
	for (i = 0; i < SCRATCH; i++) {
		scratch[i] = page_alloc();
		scratch_mfn[i] = virt_to_mfn(scratch[i]);
		scratch_entry[i] = entry_maddr(scratch[i], 1);
	}
	values_init();
	for (i = 0; i < WORKERS; i++) {
		workers[i].state = SEED + 0x9e3779b97f4a7c15UL * i;
		workers[i].vcpu = i;
		workers[i].buffer = page_alloc();
		map_at(page_alloc(), 0, 0);
	}
	trap_hook = expected;
	STEP(check_calls);
	STEP(tell);
	STEP(check_alive);
}
