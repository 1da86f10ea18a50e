/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random hypercalls, half sensible, by a seeded generator.
 *
 * Arguments are drawn from what a confused or hostile kernel has at hand:
 * small numbers, bad addresses, its own frames, entries of its own tables, a
 * buffer of such values. Nothing but 32 scratch pages is at stake, so the
 * kernel itself must survive whatever the calls do to those. Afterwards the
 * memory rule is audited: a frame that can be validated as a page table has no
 * writable mapping. Calls that rightly end, stop or blind the caller, or that
 * reach the machine's devices, are left out. SEED and COUNT come from the
 * matrix; the same seed makes the same calls.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/memory.h>

const char test_title[] = "Random hypercalls";

#define SCRATCH	    32
#define BUFFER_SIZE 4096

static char *scratch[SCRATCH];
static unsigned long scratch_mfn[SCRATCH];
static uint64_t scratch_entry[SCRATCH];
static unsigned long buffer[BUFFER_SIZE / 8] __attribute__((aligned(64)));
static uint64_t state = SEED;

static uint64_t random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dUL >> 11;
}

static unsigned int below(unsigned int n)
{
	return (unsigned int)(random() % n);
}

static unsigned long bad_address(void)
{
	static const unsigned long bad[] = {
		0,
		1,
		0x7fffffffffffUL,
		0x800000000000UL,
		0xffff7fffffffffffUL,
		0xffff800000000000UL,
		0xffff830000000000UL,
		0xffff87fffffffff0UL,
		0x8000000000000000UL,
		~0UL,
		0xfffffffffffff000UL,
	};

	return bad[below(ARRAY_SIZE(bad))];
}

/* One plausible word: what it is used as, the call decides. */
static unsigned long word(void)
{
	switch (below(10)) {
	case 0:
		return bad_address();
	case 1:
		return scratch_mfn[below(SCRATCH)];
	case 2:
		return scratch_entry[below(SCRATCH)] | below(4);
	case 3:
		return make_pte(scratch_mfn[below(SCRATCH)], random() & 0xfff) |
		       (below(4) ? 0 : PTE_NX);
	case 4:
		return (unsigned long)scratch[below(SCRATCH)] + (below(2) ? 0 : below(4096));
	case 5:
		return virt_to_pfn(scratch[below(SCRATCH)]);
	case 6:
		return random() << below(40);
	case 7:
		return 1UL << below(64);
	case 8:
		return below(3) ? DOMID_SELF : DOMID_SELF + below(8);
	default:
		return below(40);
	}
}

static void buffer_fill(void)
{
	unsigned int i;

	for (i = 0; i < 32; i++)
		buffer[i] = word();
}

static unsigned long pointer(void)
{
	if (!below(8))
		return bad_address();
	if (!below(8))
		return (unsigned long)scratch[below(SCRATCH)];
	return (unsigned long)buffer;
}

static long do_mmu_update(void)
{
	struct mmu_update *req = (void *)buffer;
	unsigned int i, n = below(8);

	for (i = 0; i < n; i++) {
		req[i].ptr = scratch_entry[below(SCRATCH)] | below(4);
		if ((req[i].ptr & 3) == MMU_MACHPHYS_UPDATE)
			req[i].ptr = ((uint64_t)scratch_mfn[below(SCRATCH)] << PAGE_SHIFT) |
				     MMU_MACHPHYS_UPDATE;
		req[i].val = below(4) ? make_pte(scratch_mfn[below(SCRATCH)],
						 PTE_P | PTE_US | PTE_A | (below(2) ? PTE_RW : 0)) :
					word();
	}
	return hypercall(mmu_update, buffer, n, below(2) ? &buffer[100] : NULL,
			 below(8) ? DOMID_SELF : word());
}

/* New roots for the kernel are left out: an empty one would be its end. */
static long do_mmuext(void)
{
	struct mmuext_op *op = (void *)buffer;
	unsigned int i, n = below(4);

	for (i = 0; i < n; i++) {
		do {
			op[i].cmd = below(22);
		} while (op[i].cmd == MMUEXT_NEW_BASEPTR);
		op[i].arg1.mfn = op[i].cmd == MMUEXT_SET_LDT || !below(6) ?
					 word() :
					 scratch_mfn[below(SCRATCH)];
		op[i].arg2.src_mfn = below(3) ? scratch_mfn[below(SCRATCH)] : word();
	}
	return hypercall(mmuext_op, buffer, n, below(2) ? &buffer[100] : NULL, DOMID_SELF);
}

static long do_update_va(void)
{
	unsigned long flags = below(2) ? below(8) : word();
	unsigned long va = below(6) ? (unsigned long)scratch[below(SCRATCH)] : bad_address();

	if (va >= VIRT_BASE_ADDRESS && va < (unsigned long)scratch[0])
		va = 0;
	return hypercall(update_va_mapping, va, below(2) ? word() : 0, flags);
}

/* Reservations of scratch frames only, and never more than they are. */
static long do_memory(void)
{
	static const unsigned int commands[] = {
		XENMEM_increase_reservation, XENMEM_decrease_reservation,
		XENMEM_populate_physmap,     XENMEM_maximum_ram_page,
		XENMEM_current_reservation,  XENMEM_maximum_reservation,
		XENMEM_machphys_mapping,     XENMEM_maximum_gpfn,
	};
	unsigned int command = commands[below(ARRAY_SIZE(commands))];
	struct xen_memory_reservation *r = (void *)buffer;
	xen_pfn_t *list = (xen_pfn_t *)&buffer[64];

	list[0] = below(8) ? scratch_mfn[below(SCRATCH)] : 0xfffffffUL;
	if (command == XENMEM_populate_physmap)
		list[0] = virt_to_pfn(scratch[below(SCRATCH)]);
	r->nr_extents = below(8) ? 1 : word();
	/* A larger extent would take the pages behind a scratch page along. */
	r->extent_order = list[0] == 0xfffffffUL ? below(64) : 0;
	r->mem_flags = below(8) ? 0 : (unsigned int)word();
	r->domid = below(8) ? DOMID_SELF : (domid_t)word();
	if (r->nr_extents != 1)
		list = (xen_pfn_t *)bad_address();
	set_xen_guest_handle(r->extent_start, list);
	return hypercall(memory_op, command, below(8) ? (unsigned long)buffer : bad_address());
}

static long do_plain(void)
{
	/* Not callback_op and nmi_op: their garbage would be entered. */
	static const unsigned int numbers[] = {
		__HYPERVISOR_xen_version,
		__HYPERVISOR_event_channel_op,
		__HYPERVISOR_grant_table_op,
		__HYPERVISOR_set_gdt,
		__HYPERVISOR_set_debugreg,
		__HYPERVISOR_get_debugreg,
		__HYPERVISOR_set_timer_op,
		__HYPERVISOR_vm_assist,
		__HYPERVISOR_set_segment_base,
		__HYPERVISOR_fpu_taskswitch,
		__HYPERVISOR_update_descriptor,
		__HYPERVISOR_hvm_op,
		__HYPERVISOR_xenpmu_op,
		__HYPERVISOR_argo_op,
		__HYPERVISOR_xsm_op,
		__HYPERVISOR_hypfs_op,
	};
	unsigned int nr = numbers[below(ARRAY_SIZE(numbers))];

	buffer_fill();
	switch (nr) {
	case __HYPERVISOR_set_gdt:
		return HYPERCALL(nr, pointer(), below(2) ? below(600) : word());
	case __HYPERVISOR_update_descriptor:
		return HYPERCALL(nr, (scratch_mfn[below(SCRATCH)] << PAGE_SHIFT) + 8 * below(512),
				 word());
	case __HYPERVISOR_set_debugreg:
	case __HYPERVISOR_vm_assist:
	case __HYPERVISOR_set_segment_base:
		return HYPERCALL(nr, below(9), word());
	case __HYPERVISOR_fpu_taskswitch:
	case __HYPERVISOR_set_timer_op:
		return HYPERCALL(nr, word());
	case __HYPERVISOR_get_debugreg: /* its result is any number */
		HYPERCALL(nr, word());
		return 0;
	case __HYPERVISOR_grant_table_op:
		return HYPERCALL(nr, below(14), pointer(), below(4));
	default:
		return HYPERCALL(nr, below(20), pointer(), word());
	}
}

static long do_vcpu(void)
{
	unsigned int command = below(16);

	buffer_fill();
	/* down stops us, an NMI finds no handler; areas would be written behind our back. */
	if (command == 2 || command == 11 || command == 10 || command == 5 || command == 13)
		return 0;
	return hypercall(vcpu_op, command, below(4) ? 0 : below(64), pointer());
}

static long do_multicall(void)
{
	struct multicall_entry *calls = (void *)buffer;
	unsigned int i, n = below(6);

	memset(calls, 0, 6 * sizeof(*calls));
	for (i = 0; i < n; i++) {
		calls[i].op = below(2) ? __HYPERVISOR_xen_version : __HYPERVISOR_multicall;
		if (!below(3)) {
			calls[i].op = __HYPERVISOR_update_va_mapping;
			calls[i].args[0] = (unsigned long)scratch[below(SCRATCH)];
			calls[i].args[1] = word();
			calls[i].args[2] = below(8);
		} else {
			calls[i].args[0] = below(12);
			/* Away from the calls: a result there would be a call. */
			calls[i].args[1] = (unsigned long)&buffer[256];
		}
	}
	/* Nor from the M2P, which we may read: its words would be calls like any other. */
	return hypercall(multicall, below(8) ? (unsigned long)calls : 0xffff830000000000UL, n);
}

static long do_one(void)
{
	switch (below(12)) {
	case 0 ... 2:
		return do_mmu_update();
	case 3 ... 4:
		return do_mmuext();
	case 5:
		return do_update_va();
	case 6:
		return do_memory();
	case 7:
		return do_vcpu();
	case 8:
		return do_multicall();
	default:
		return do_plain();
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

static void audit(void)
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

static void run_calls(void)
{
	unsigned int n, strange = 0;

	for (n = 0; n < COUNT; n++) {
		long rc = do_one();

		strange += rc < -4095 && rc > -0x10000;
		if (n % 4096 == 4095) {
			WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
			audit();
		}
	}
	expect_equal("errors beyond -4095", strange, 0);
}

/* The kernel and the hypervisor do what they did before. */
static void check_alive(void)
{
	char *page = page_alloc();

	hypercall(set_debugreg, 7, 0);
	hypercall(fpu_taskswitch, 0);
	expect_result("xen_version", hypercall(xen_version, 0, 0), 0x40011);
	expect_result("a page read-only", make_readonly(page), 0);
	expect_result("and writable", make_writable(page), 0);
	trap_forget();
	__asm__ volatile(GUARD("ud2") : : : "memory");
	expect_trap("exceptions arrive", TRAP_UD, 0, 0);
}

void test_main(void)
{
	unsigned int i;

	shared_info_map();
	for (i = 0; i < SCRATCH; i++) {
		scratch[i] = page_alloc();
		scratch_mfn[i] = virt_to_mfn(scratch[i]);
		scratch_entry[i] = entry_maddr(scratch[i], 1);
	}
	STEP(run_calls);
	STEP(check_alive);
}
