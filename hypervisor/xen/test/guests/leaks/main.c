/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest can read that it was not given.
 *
 * Memory that the hypervisor hands out, its M2P and what it writes into
 * structures come from frames and stacks that held something before. Checked:
 * frames given by populate_physmap, increase_reservation and exchange hold
 * nothing of others (all zero, or what this kernel itself left there); nothing that a hypercall writes looks
 * like an address of the hypervisor's, and two calls agree in every byte that they wrote, padding
 * included, but for counters; registers come back from a hypercall as they
 * went in, but for the result and those that the ABI gives up (rcx, r11 and the arguments).
 */
#include "memory.h"
#include "trap.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

const char test_title[] = "Information leaks";

#define FRAMES 256
#define CANARY 0x1ea4ca4a4a41ea4UL

static xen_pfn_t frames[FRAMES];
static uint64_t *window;

static long reservation(unsigned int command, unsigned int count, unsigned int order)
{
	struct xen_memory_reservation r = { .nr_extents = count,
					    .extent_order = order,
					    .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, frames);
	return hypercall(memory_op, command, &r);
}

/* Words of a frame that are neither 0 nor ours; the frame is marked as ours. */
static unsigned int strange_words(unsigned long mfn)
{
	unsigned int i, strange = 0;

	if (map_at(window, mfn, PTE_RW_PAGE))
		test_error("a frame of ours cannot be mapped");
	for (i = 0; i < 512; i++) {
		strange += window[i] && window[i] != CANARY;
		window[i] = CANARY;
	}
	return strange;
}

/* Memory from the heap, as much of it as there is for us, again and again. */
static void check_given(void)
{
	unsigned int round, i, strange = 0, given = 0;
	long n;

	/* of the memory that it has, this kernel does not use the upper part */
	for (i = 0; i < FRAMES; i++) {
		frames[i] = pfn_to_mfn(start_info->nr_pages - 1 - i);
		strange_words(frames[i]);
	}
	map_at(window, virt_to_mfn(window), PTE_RW_PAGE);
	n = reservation(XENMEM_decrease_reservation, FRAMES, 0);
	expect_result("frames given back", n, FRAMES);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < FRAMES; i++)
			frames[i] = start_info->nr_pages - 1 - i;
		n = reservation(round & 1 ? XENMEM_populate_physmap : XENMEM_increase_reservation,
				FRAMES, 0);
		check(n > 0, "frames given: %ld", n);
		for (i = 0; i < n; i++)
			strange += strange_words(frames[i]);
		given += (unsigned int)n;
		map_at(window, virt_to_mfn(window), PTE_RW_PAGE);
		expect_result("and back again", reservation(XENMEM_decrease_reservation, n, 0), n);
	}
	n = reservation(XENMEM_increase_reservation, FRAMES, 0);
	expect_equal("words that somebody left in them", strange, 0);
}

static void check_exchange(void)
{
	struct xen_memory_exchange x = {
		.in = { .nr_extents = 4, .domid = DOMID_SELF },
		.out = { .nr_extents = 1, .extent_order = 2, .domid = DOMID_SELF },
	};
	static xen_pfn_t out[1];
	unsigned int i, strange = 0;
	long rc;

	set_xen_guest_handle(x.in.extent_start, frames);
	set_xen_guest_handle(x.out.extent_start, out);
	out[0] = start_info->nr_pages - 4;
	rc = hypercall(memory_op, XENMEM_exchange, &x);
	if (rc)
		return;
	for (i = 0; i < 4; i++)
		strange += strange_words(out[0] + i);
	map_at(window, virt_to_mfn(window), PTE_RW_PAGE);
	expect_equal("words in frames that were exchanged", strange, 0);
}

static uint64_t first[512], second[512];

static bool is_address(uint64_t value)
{
	return value >= 0xffff800000000000UL && value < 0xffff880000000000UL;
}

/* Is there an address of the hypervisor's in it? */
static bool has_address(const void *p, size_t bytes)
{
	const uint64_t *words = p;
	size_t i;

	for (i = 0; i < bytes / 8; i++)
		if (is_address(words[i]))
			return true;
	return false;
}

/* Calls of which nothing stays but what they write. */
static long harmless(unsigned int which, void *p)
{
	static const unsigned char versions[] = { 1, 2, 3, 4, 5, 6, 7, 9, 10 };
	struct xen_platform_op *pf = p;

	switch (which) {
	case 0 ... 8:
		return hypercall(xen_version, versions[which], p);
	case 9:
		((struct evtchn_status *)p)->dom = DOMID_SELF;
		((struct evtchn_status *)p)->port = 1;
		return hypercall(event_channel_op, EVTCHNOP_status, p);
	case 10:
		return hypercall(vcpu_op, VCPUOP_get_runstate_info, 0, p);
	case 11:
		return hypercall(vcpu_op, VCPUOP_get_physid, 0, p);
	case 12:
		((struct gnttab_query_size *)p)->dom = DOMID_SELF;
		return hypercall(grant_table_op, GNTTABOP_query_size, p, 1);
	case 13:
		((struct gnttab_get_version *)p)->dom = DOMID_SELF;
		return hypercall(grant_table_op, GNTTABOP_get_version, p, 1);
	case 14:
		return hypercall(memory_op, XENMEM_machphys_mapping, p);
	case 15:
		((struct physdev_irq_status_query *)p)->irq = 1;
		return hypercall(physdev_op, PHYSDEVOP_irq_status_query, p);
	case 16:
		((struct physdev_apic *)p)->apic_physbase = 0xfec00000;
		((struct physdev_apic *)p)->reg = 1;
		return hypercall(physdev_op, PHYSDEVOP_apic_read, p);
	case 17:
		pf->cmd = XENPF_get_cpuinfo;
		pf->interface_version = XENPF_INTERFACE_VERSION;
		pf->u.pcpu_info.xen_cpuid = 0;
		return hypercall(platform_op, pf);
	case 18:
		pf->cmd = XENPF_get_cpu_version;
		pf->interface_version = XENPF_INTERFACE_VERSION;
		pf->u.pcpu_version.xen_cpuid = 0;
		return hypercall(platform_op, pf);
	case 19:
		pf->cmd = XENPF_firmware_info;
		pf->interface_version = XENPF_INTERFACE_VERSION;
		pf->u.firmware_info.type = XEN_FW_KBD_SHIFT_FLAGS;
		return hypercall(platform_op, pf);
	default:
		pf->cmd = XENPF_read_memtype;
		pf->interface_version = XENPF_INTERFACE_VERSION;
		pf->u.read_memtype.reg = 0;
		return hypercall(platform_op, pf);
	}
}

/* Twice, over different grounds: a byte is left, or written the same. */
static void check_structures(void)
{
	unsigned int which, i, differing;
	uint8_t *a = (uint8_t *)first, *b = (uint8_t *)second;

	for (which = 0; which <= 20; which++) {
		long rc;

		memset(first, 0xaa, sizeof(first));
		memset(second, 0x55, sizeof(second));
		rc = harmless(which, first);
		harmless(which, second);
		/* two calls are there to say where the guest's part begins, and the M2P */
		check(which == 4 || which == 14 || !has_address(first, sizeof(first)),
		      "call %u (result %ld) writes no address of the hypervisor's", which, rc);
		differing = 0;
		for (i = 0; i < sizeof(first); i++)
			differing += a[i] != b[i] && !(a[i] == 0xaa && b[i] == 0x55);
		/* times differ */
		if (which != 10)
			check(!differing, "call %u (result %ld): %u bytes differ from call to call",
			      which, rc, differing);
	}
}

/* A fixed number in each register that a hypercall has no business with. */
static void check_registers(void)
{
	static const unsigned long excluded = 1UL << __HYPERVISOR_iret |
					      1UL << __HYPERVISOR_sched_op |
					      1UL << __HYPERVISOR_sched_op_compat |
					      1UL << __HYPERVISOR_set_trap_table |
					      1UL << __HYPERVISOR_set_callbacks |
					      1UL << __HYPERVISOR_vcpu_op;
	unsigned int nr, changed = 0, leaked = 0;

	for (nr = 0; nr < 64; nr++) {
		register uint64_t r8 __asm__("r8") = 0x8888, r9 __asm__("r9") = 0x9999;
		register uint64_t r10 __asm__("r10") = 0x1010, r12 __asm__("r12") = 0x1212;
		register uint64_t r13 __asm__("r13") = 0x1313, r14 __asm__("r14") = 0x1414;
		register uint64_t r15 __asm__("r15") = 0x1515, r11 __asm__("r11");
		uint64_t rdi = 0xd1d1, rsi = 0x5151, rdx = 0xd0d0, rbx = 0xb0b0, rcx;
		uint64_t rax = nr;

		if (excluded >> nr & 1)
			continue;
		__asm__ volatile("syscall"
				 : "+a"(rax), "+b"(rbx), "=c"(rcx), "+d"(rdx), "+S"(rsi), "+D"(rdi),
				   "+r"(r8), "+r"(r9), "+r"(r10), "=r"(r11), "+r"(r12), "+r"(r13),
				   "+r"(r14), "+r"(r15)
				 :
				 : "memory", "cc");
		changed += rbx != 0xb0b0 || r9 != 0x9999 || r12 != 0x1212 || r13 != 0x1313 ||
			   r14 != 0x1414 || r15 != 0x1515;
		leaked += is_address(rcx) || is_address(r11) || is_address(rdi) ||
			  is_address(rsi) || is_address(rdx) || is_address(r8) || is_address(r10) ||
			  is_address(rax);
	}
	hypercall(stack_switch, FLAT_KERNEL_SS, trap_stack_end);
	hypercall(fpu_taskswitch, 0);
	expect_equal("hypercalls that change a register that is not theirs", changed, 0);
	expect_equal("hypercalls that leave an address of the hypervisor's in one", leaked, 0);
}

/* The M2P says nothing of frames of others; shared_info nothing but what it is for. */
static void check_tables(void)
{
	unsigned long mfn, end = (unsigned long)hypercall(memory_op, XENMEM_maximum_ram_page, 0);
	unsigned int strange = 0;

	shared_info_map();
	check(!has_address(shared_info, sizeof(*shared_info)), "no address in shared_info");
	check(!has_address((const char *)shared_info + sizeof(*shared_info),
			   PAGE_SIZE - sizeof(*shared_info)),
	      "nor behind it");
	check(!has_address(start_info, PAGE_SIZE), "no address in start_info");
	for (mfn = 0; mfn < end; mfn++)
		strange += has_address(&machine_to_phys_mapping[mfn], 8);
	expect_equal("entries of the M2P that are addresses", strange, 0);
}

void test_main(void)
{
	window = page_alloc();
	STEP(check_structures);
	STEP(check_registers);
	STEP(check_tables);
	STEP(check_given);
	STEP(check_exchange);
}
