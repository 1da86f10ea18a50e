/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hypercalls that have much to do.
 *
 * However much a guest asks for at once, and be it one extent of a gigabyte, a
 * table full of tables or a list of thousands of requests: the hypervisor stops
 * in between to see whether something else is to be done, and then goes on; the
 * guest sees nothing of it but the result. Each step makes the longest calls of
 * its kind, first undisturbed, then with a timer every millisecond. What is
 * checked here are the results; tests/preemption measures the distance of those
 * moments.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

const char test_title[] = "Long hypercalls";

#define FAR_VA	  ((char *)0x0000123400000000UL)
#define LIST_SIZE 8192

static xen_pfn_t list[LIST_SIZE], other_list[LIST_SIZE];
static xen_pfn_t extent;	/* a large one, not mapped */
static unsigned int extent_order;

/* For tests/preemption/longest.c: which step this is. */
#define MEASURE(number, function)                                                       \
	do {                                                                            \
		print("step " #number " " #function "\n");                              \
		__asm__ volatile(".byte 0x0f, 0x1f, 0x80, " #number ", 'n', 'o', 'l'"); \
		function();                                                             \
	} while (0)

static long reservation(unsigned int cmd, xen_pfn_t *at, unsigned long count, unsigned int order)
{
	struct xen_memory_reservation r = {
		.nr_extents = count,
		.extent_order = order,
		.domid = DOMID_SELF,
	};

	set_xen_guest_handle(r.extent_start, at);
	return hypercall(memory_op, cmd, &r);
}

static long current_pages(void)
{
	struct xen_memory_domain d = { .domid = DOMID_SELF };

	return hypercall(memory_op, XENMEM_current_reservation, &d);
}

static uint64_t first_word(unsigned long mfn)
{
	uint64_t *window = page_alloc(), word;

	if (map_at(window, mfn, PTE_RW_PAGE))
		test_error("frame 0x%lx cannot be mapped", mfn);
	word = READ_ONCE(window[0]);
	WRITE_ONCE(window[0], 0x5a5a);
	make_writable(window);
	return word;
}

/* The largest extent that there is, to a gigabyte; and back; and once more. */
static void one_extent(void)
{
	long before = current_pages();

	for (extent_order = 18; extent_order > 9; extent_order--) {
		extent = 0;
		if (reservation(XENMEM_increase_reservation, &extent, 1, extent_order) == 1)
			break;
	}
	print("  note: an extent of order %u\n", extent_order);
	expect_equal("pages", current_pages(), before + (1L << extent_order));
	expect_equal("its first frame is empty", first_word(extent), 0);
	expect_equal("and its last", first_word(extent + (1UL << extent_order) - 1), 0);
	expect_result("decrease",
		      reservation(XENMEM_decrease_reservation, &extent, 1, extent_order), 1);
	expect_equal("pages", current_pages(), before);
	expect_result("decrease of what is gone",
		      reservation(XENMEM_decrease_reservation, &extent, 1, extent_order), 0);
	extent = 0x100000;
	expect_result("populate", reservation(XENMEM_populate_physmap, &extent, 1, extent_order),
		      1);
	expect_equal("the M2P of its first frame", mfn_to_pfn(extent), 0x100000);
	expect_equal("and its last", mfn_to_pfn(extent + (1UL << extent_order) - 1),
		     0x100000 + (1UL << extent_order) - 1);
	expect_equal("empty again", first_word(extent), 0);
	expect_result("decrease",
		      reservation(XENMEM_decrease_reservation, &extent, 1, extent_order), 1);
	expect_equal("pages", current_pages(), before);
}

static void many_extents(void)
{
	expect_result("increase", reservation(XENMEM_increase_reservation, list, LIST_SIZE, 0),
		      LIST_SIZE);
	expect_result("decrease", reservation(XENMEM_decrease_reservation, list, LIST_SIZE, 0),
		      LIST_SIZE);
}

/* A list that ends in a page that cannot be written. */
static void unwritable_list(void)
{
	xen_pfn_t *at = (xen_pfn_t *)0xffff800000000000UL;
	long before = current_pages();

	expect_result("increase into our table",
		      reservation(XENMEM_increase_reservation, at, 1, extent_order), 0);
	expect_equal("pages", current_pages(), before);
}

static long exchange(xen_pfn_t *in, unsigned long in_count, unsigned int in_order, xen_pfn_t *out,
		     unsigned long out_count, unsigned int out_order)
{
	struct xen_memory_exchange x = {
		.in = { .nr_extents = in_count, .extent_order = in_order, .domid = DOMID_SELF },
		.out = { .nr_extents = out_count, .extent_order = out_order, .domid = DOMID_SELF },
	};
	long rc;

	set_xen_guest_handle(x.in.extent_start, in);
	set_xen_guest_handle(x.out.extent_start, out);
	rc = hypercall(memory_op, XENMEM_exchange, &x);
	if (!rc)
		expect_equal("nr_exchanged", x.nr_exchanged, in_count);
	else
		expect_equal("nr_exchanged of a failure", x.nr_exchanged, 0);
	return rc;
}

/* Contiguous frames for single ones, and back; then for others that are as contiguous. */
static void exchanges(void)
{
	unsigned int order = 12, i;
	long before = current_pages();

	expect_result("increase", reservation(XENMEM_increase_reservation, list, 1UL << order, 0),
		      1L << order);
	for (i = 0; i < 1U << order; i++)
		other_list[i] = 0x200000 + i;
	expect_result("single frames for one extent",
		      exchange(list, 1UL << order, 0, other_list, 1, order), 0);
	expect_equal("the M2P", mfn_to_pfn(other_list[0] + 77), 0x200000 + 77);
	list[0] = 0x300000;
	expect_result("one extent for another", exchange(other_list, 1, order, list, 1, order), 0);
	expect_equal("the M2P", mfn_to_pfn(list[0] + 77), 0x300000 + 77);
	for (i = 0; i < 1U << order; i++)
		other_list[i] = 0x200000 + i;
	expect_result("one extent for single frames",
		      exchange(list, 1, order, other_list, 1UL << order, 0), 0);
	expect_equal("the M2P", mfn_to_pfn(other_list[77]), 0x200000 + 77);
	memcpy(list, other_list, sizeof(list));
	list[(1U << order) - 1] = 0xfffffffUL;
	expect_refused("single frames, the last of which is none",
		       exchange(list, 1UL << order, 0, list, 1, order));
	expect_equal("pages", current_pages(), before + (1L << order));
	expect_result("decrease",
		      reservation(XENMEM_decrease_reservation, other_list, 1UL << order, 0),
		      1L << order);
}

/* Tables, each full: all entries of @t lead to @to. */
static void fill(uint64_t *t, const void *to, uint64_t flags)
{
	for (unsigned int i = 0; i < 512; i++)
		t[i] = make_pte(virt_to_mfn(to), flags);
}

static uint64_t *full_tables[24];

static void full_tables_make(void)
{
	char *page = page_alloc();

	for (unsigned int i = 0; i < ARRAY_SIZE(full_tables); i++) {
		full_tables[i] = page_alloc();
		fill(full_tables[i], page, PTE_RW_PAGE);
		if (make_readonly(full_tables[i]))
			test_error("a table cannot be made read-only");
	}
}

static void pin_and_unpin(uint64_t *t, unsigned int level)
{
	expect_result("pin", mmuext(MMUEXT_PIN_L1_TABLE + level - 1, virt_to_mfn(t), 0), 0);
	expect_result("unpin", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t), 0), 0);
}

/* A tree of full tables, at the end of which there is an entry that may not be. */
static void pins(void)
{
	static uint64_t *l2, *l3;

	if (!l2) {
		full_tables_make();
		l2 = page_alloc();
		l3 = page_alloc();
	}
	pin_and_unpin(full_tables[0], 1);
	for (unsigned int bad = 0; bad < 2; bad++) {
		make_writable(l2);
		for (unsigned int i = 0; i < 512; i++)
			l2[i] = make_pte(virt_to_mfn(full_tables[i % ARRAY_SIZE(full_tables)]),
					 PTE_TABLE);
		l2[511] |= bad ? PTE_PSE : 0;
		make_readonly(l2);
		make_writable(l3);
		memset(l3, 0, PAGE_SIZE);
		l3[511] = make_pte(virt_to_mfn(l2), PTE_TABLE);
		make_readonly(l3);
		if (bad)
			expect_refused("pin of a bad tree",
				       mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(l3), 0));
		else
			pin_and_unpin(l3, 3);
	}
	expect_result("the last table is free", make_writable(full_tables[23]), 0);
	make_readonly(full_tables[23]);
}

/* Each request makes a full table part of the address space, or the next one instead of it. */
static void upper_updates(void)
{
	struct mmu_update req[ARRAY_SIZE(full_tables)];
	struct tree t = tree_make(FAR_VA);
	unsigned int done;

	if (tree_hang(&t, FAR_VA))
		test_error("a tree cannot be hung");
	for (unsigned int i = 0; i < ARRAY_SIZE(req); i++) {
		req[i].ptr = virt_to_maddr(&t.l2[7]);
		req[i].val = make_pte(virt_to_mfn(full_tables[i]), PTE_TABLE);
	}
	expect_result("mmu_update", hypercall(mmu_update, req, ARRAY_SIZE(req), &done, DOMID_SELF),
		      0);
	expect_equal("requests done", done, ARRAY_SIZE(req));
	expect_equal("the entry", t.l2[7] & PTE_MFN_MASK,
		     req[ARRAY_SIZE(req) - 1].val & PTE_MFN_MASK);
	expect_result("take it out", tree_unhang(FAR_VA), 0);
}

/* Level 1: page and page again, of either kind. */
static void many_updates(void)
{
	static struct mmu_update req[4096];
	char *window = page_alloc(), *page = page_alloc();
	unsigned int done;

	for (unsigned int i = 0; i < ARRAY_SIZE(req); i++) {
		req[i].ptr = entry_maddr(window, 1);
		req[i].val = make_pte(virt_to_mfn(i & 1 ? window : page),
				      i & 2 ? PTE_RW_PAGE : PTE_RO_PAGE);
	}
	expect_result("mmu_update", hypercall(mmu_update, req, ARRAY_SIZE(req), &done, DOMID_SELF),
		      0);
	expect_equal("requests done", done, ARRAY_SIZE(req));
}

static void many_operations(void)
{
	static struct mmuext_op op[1024];
	char *page = page_alloc(), *other = page_alloc();
	unsigned int done;

	for (unsigned int i = 0; i < ARRAY_SIZE(op); i++) {
		static const unsigned int cmds[] = { MMUEXT_CLEAR_PAGE, MMUEXT_TLB_FLUSH_ALL,
						     MMUEXT_COPY_PAGE, MMUEXT_FLUSH_CACHE };

		op[i].cmd = cmds[i % 4];
		op[i].arg1.mfn = virt_to_mfn(page);
		op[i].arg2.src_mfn = virt_to_mfn(other);
	}
	expect_result("mmuext_op", hypercall(mmuext_op, op, ARRAY_SIZE(op), &done, DOMID_SELF), 0);
	expect_equal("operations done", done, ARRAY_SIZE(op));
}

/* As many pages as a GDT can have, and then none; the one in use is set again. */
static void descriptor_tables(void)
{
	unsigned long frames[FIRST_RESERVED_GDT_PAGE];
	uint64_t *page;

	for (unsigned int i = 0; i < ARRAY_SIZE(frames); i++) {
		page = page_alloc();
		for (unsigned int j = 0; j < 512; j++)
			page[j] = 0x00cff3000000ffffUL;
		if (make_readonly(page))
			test_error("read-only");
		frames[i] = virt_to_mfn(page);
	}
	for (unsigned int i = 0; i < 3; i++) {
		expect_result("set_gdt",
			      hypercall(set_gdt, frames, i == 1 ? 512 : FIRST_RESERVED_GDT_ENTRY),
			      0);
	}
	expect_result("no GDT", hypercall(set_gdt, frames, 0), 0);
}

static void multicalls(void)
{
	static struct multicall_entry call[1024];

	for (unsigned int i = 0; i < ARRAY_SIZE(call); i++) {
		call[i].op = __HYPERVISOR_xen_version;
		call[i].args[0] = XENVER_version;
	}
	expect_result("multicall", hypercall(multicall, call, ARRAY_SIZE(call)), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(call); i++)
		if (call[i].result >> 16 != 4)
			expect_equal("a result", call[i].result >> 16, 4);
}

static void trap_tables(void)
{
	static struct trap_info t[2048];

	for (unsigned int i = 0; i < ARRAY_SIZE(t) - 1; i++)
		t[i] = (struct trap_info){ .vector = 0xe0, .address = (unsigned long)trap_entry_3 };
	expect_result("set_trap_table", hypercall(set_trap_table, t), 0);
}

/* What scrolls most and what is longest. */
static void console(void)
{
	static char text[4096];

	memset(text, '\n', sizeof(text));
	expect_result("lines", hypercall(console_io, CONSOLEIO_write, 1024, text), 0);
	memset(text, '.', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	expect_result("text", hypercall(console_io, CONSOLEIO_write, sizeof(text), text), 0);
}

static void maps(void)
{
	struct xen_machphys_mfn_list extents = { .max_extents = LIST_SIZE };
	static char entries[128][20];
	struct xen_memory_map map = { .nr_entries = 128 };

	set_xen_guest_handle(extents.extent_start, list);
	set_xen_guest_handle(map.buffer, entries);
	expect_result("machphys_mfn_list", hypercall(memory_op, XENMEM_machphys_mfn_list, &extents),
		      0);
	expect_result("machine_memory_map", hypercall(memory_op, XENMEM_machine_memory_map, &map),
		      0);
}

static void event_channels(void)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	struct sched_poll poll = { .nr_ports = 128, .timeout = 1 };
	static evtchn_port_t ports[128];
	evtchn_port_t port;
	unsigned int count = 0;

	while (count < 4000 && !evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF, &port))
		count++;
	check(count > 1000, "ports: %u", count);
	for (unsigned int i = 0; i < ARRAY_SIZE(ports); i++)
		ports[i] = 100 + i;
	set_xen_guest_handle(poll.ports, ports);
	expect_result("poll", hypercall(sched_op, SCHEDOP_poll, &poll), 0);
	expect_result("reset", hypercall(event_channel_op, EVTCHNOP_reset, &reset), 0);
}

static void grant_tables(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 64 };
	struct gnttab_set_version version = { .version = 2 };

	set_xen_guest_handle(setup.frame_list, list);
	expect_result("setup_table", hypercall(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
	hypercall(grant_table_op, GNTTABOP_set_version, &version, 1);
	version.version = 1;
	hypercall(grant_table_op, GNTTABOP_set_version, &version, 1);
}

/* A vCPU with as large a GDT as can be, and roots that are new: refused at the very end. */
static void vcpu_contexts(void)
{
	static struct vcpu_guest_context context;
	uint64_t *page;

	memset(&context, 0, sizeof(context));
	context.gdt_ents = FIRST_RESERVED_GDT_ENTRY;
	for (unsigned int i = 0; i < FIRST_RESERVED_GDT_PAGE; i++) {
		page = page_alloc();
		make_readonly(page);
		context.gdt_frames[i] = virt_to_mfn(page);
	}
	context.flags = VGCF_in_kernel;
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn(image_start));
	expect_refused("initialise", hypercall(vcpu_op, VCPUOP_initialise, 1, &context));
}

static void all_steps(void)
{
	MEASURE(1, one_extent);
	MEASURE(2, many_extents);
	MEASURE(3, unwritable_list);
	MEASURE(4, exchanges);
	MEASURE(5, pins);
	MEASURE(6, upper_updates);
	MEASURE(7, many_updates);
	MEASURE(8, many_operations);
	MEASURE(9, multicalls);
	MEASURE(10, trap_tables);
	MEASURE(11, console);
	MEASURE(12, maps);
	MEASURE(13, event_channels);
	MEASURE(14, grant_tables);
}

/* A timer that the vCPU need not be told about: that it expires is enough. */
static void disturb(bool on)
{
	struct vcpu_set_periodic_timer timer = { .period_ns = 1000000 };

	if (on)
		expect_result("a periodic timer",
			      hypercall(vcpu_op, VCPUOP_set_periodic_timer, 0, &timer), 0);
	else
		expect_result("no timer", hypercall(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
}

void test_main(void)
{
	shared_info_map();
	all_steps();
	disturb(true);
	all_steps();
	disturb(false);
	MEASURE(15, vcpu_contexts);
	MEASURE(16, descriptor_tables);
}
