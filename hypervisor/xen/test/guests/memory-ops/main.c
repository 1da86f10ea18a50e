/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory_op: reservations, exchange, the M2P's whereabouts, memory maps.
 *
 * A guest gives frames back (decrease_reservation: they must be unmapped) and
 * gets others (populate_physmap, which also fills in the M2P; or
 * increase_reservation). exchange swaps frames for others that satisfy an
 * order and an address width: drivers need it for DMA. Results are counts of
 * extents done or negative errors. New frames come without the content that
 * others left in them.
 */
#include "memory.h"
#include "trap.h"

#include <xen/memory.h>

const char test_title[] = "Memory operations";

static unsigned long *p2m; /* the frame list, which we keep up to date */

static long reservation(unsigned int cmd, xen_pfn_t *list, unsigned long count, unsigned int order,
			unsigned int flags)
{
	struct xen_memory_reservation r = {
		.nr_extents = count,
		.extent_order = order,
		.mem_flags = flags,
		.domid = DOMID_SELF,
	};

	set_xen_guest_handle(r.extent_start, list);
	return hypercall(memory_op, cmd, &r);
}

static long simple(unsigned int cmd)
{
	struct xen_memory_domain d = { .domid = DOMID_SELF };

	return hypercall(memory_op, cmd, &d);
}

static void check_counts(void)
{
	long now = simple(XENMEM_current_reservation), most = simple(XENMEM_maximum_reservation);
	struct xen_memory_domain other = { .domid = 77 };

	expect_equal("current_reservation", (unsigned long)now, start_info->nr_pages);
	check(most >= now, "maximum_reservation %ld is at least current %ld", most, now);
	check(simple(XENMEM_maximum_gpfn) >= 0, "maximum_gpfn, got %ld",
	      simple(XENMEM_maximum_gpfn));
	expect_result("current_reservation of no domain",
		      hypercall(memory_op, XENMEM_current_reservation, &other), -ESRCH);
	check(hypercall(memory_op, XENMEM_maximum_ram_page, 0) >= 0x1f000,
	      "maximum_ram_page on a machine of 512 MiB");
	expect_result("unknown command", hypercall(memory_op, 63, &other), -ENOSYS);
	expect_result("bad pointer", hypercall(memory_op, XENMEM_current_reservation, 0), -EFAULT);
}

static void check_decrease_and_populate(void)
{
	uint64_t *page = page_alloc();
	xen_pfn_t mfn = virt_to_mfn(page), pfn = virt_to_pfn(page), list;
	long before = simple(XENMEM_current_reservation);

	list = mfn;
	expect_result("decrease of a mapped page is not done",
		      reservation(XENMEM_decrease_reservation, &list, 1, 0, 0), 1);
	/* The frame has left the reservation; its mapping still counts as a reference. */
	update_va(page, 0, UVMF_INVLPG);
	expect_equal("current_reservation", (unsigned long)simple(XENMEM_current_reservation),
		     (unsigned long)before - 1);
	expect_refused("a mapping of the frame that was given back",
		       map_at(page, mfn, PTE_RW_PAGE));

	list = pfn;
	expect_result("populate_physmap", reservation(XENMEM_populate_physmap, &list, 1, 0, 0), 1);
	expect_equal("the M2P entry of the new frame", mfn_to_pfn(list), pfn);
	p2m[pfn] = list;
	expect_result("its mapping", map_at(page, list, PTE_RW_PAGE), 0);
	WRITE_ONCE(page[0], 0x77);
	expect_equal("it is memory", page[0], 0x77);
	expect_equal("current_reservation", (unsigned long)simple(XENMEM_current_reservation),
		     (unsigned long)before);
}

static void check_increase(void)
{
	uint64_t *page = page_alloc(), *window = page_alloc();
	xen_pfn_t list = virt_to_mfn(page);
	unsigned int i, wrong = 0;

	update_va(page, 0, UVMF_INVLPG);
	expect_result("decrease_reservation",
		      reservation(XENMEM_decrease_reservation, &list, 1, 0, 0), 1);
	expect_result("decrease_reservation of the same frame",
		      reservation(XENMEM_decrease_reservation, &list, 1, 0, 0), 0);
	list = 0;
	expect_result("increase_reservation",
		      reservation(XENMEM_increase_reservation, &list, 1, 0, 0), 1);
	check(list != 0, "it names the frame");
	expect_result("its mapping", map_at(window, list, PTE_RW_PAGE), 0);
	for (i = 0; i < 512; i++)
		wrong += window[i] != 0;
	check(wrong == 0 || wrong == 512, "a new frame has no foreign content (%u words)", wrong);
	expect_result(
		"MACHPHYS_UPDATE for it",
		mmu_update((uint64_t)list << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, virt_to_pfn(page)),
		0);
	make_writable(window);
	p2m[virt_to_pfn(page)] = list;
	expect_result("its place", make_writable(page), 0);
}

static void check_refusals(void)
{
	uint64_t *page = page_alloc();
	xen_pfn_t list[4] = { 0xfffffffUL, 0, 0, 0 };

	expect_result("decrease of no frame",
		      reservation(XENMEM_decrease_reservation, list, 1, 0, 0), 0);
	list[0] = mfn_of_pte(((uint64_t *)start_info->pt_base)[256]);
	expect_result("decrease of the hypervisor's frame",
		      reservation(XENMEM_decrease_reservation, list, 1, 0, 0), 0);
	expect_refused("populate of order 60",
		       reservation(XENMEM_populate_physmap, list, 1, 60, 0) ?: -1);
	check(reservation(XENMEM_decrease_reservation, (void *)0xffff830000000000UL, 1, 0, 0) <= 0,
	      "decrease from a bad list");
	check(reservation(XENMEM_increase_reservation, (void *)0x8000000000000000UL, 1, 0, 0) <= 0,
	      "increase into a bad list");
	check(reservation(XENMEM_populate_physmap, (void *)0x8000000000000000UL, 1, 0, 0) <= 0,
	      "populate from a bad list");
	expect_result("an empty list", reservation(XENMEM_populate_physmap, list, 0, 0, 0), 0);
	expect_equal("frames are the same number",
		     (unsigned long)simple(XENMEM_current_reservation), start_info->nr_pages);
	WRITE_ONCE(page[0], 1);
}

static long exchange(xen_pfn_t *in, unsigned long in_count, unsigned int in_order, xen_pfn_t *out,
		     unsigned long out_count, unsigned int out_order, unsigned int bits,
		     unsigned long *done)
{
	struct xen_memory_exchange x = {
		.in = { .nr_extents = in_count, .extent_order = in_order, .domid = DOMID_SELF },
		.out = { .nr_extents = out_count,
			 .extent_order = out_order,
			 .mem_flags = XENMEMF_address_bits(bits),
			 .domid = DOMID_SELF },
	};
	long rc;

	set_xen_guest_handle(x.in.extent_start, in);
	set_xen_guest_handle(x.out.extent_start, out);
	rc = hypercall(memory_op, XENMEM_exchange, &x);
	*done = x.nr_exchanged;
	return rc;
}

/* Eight single frames for eight contiguous ones below 4 GiB, as swiotlb does. */
static void check_exchange(void)
{
	static xen_pfn_t in[8];
	xen_pfn_t out;
	char *pages[8];
	unsigned long done, i, first;

	for (i = 0; i < 8; i++) {
		pages[i] = page_alloc();
		in[i] = virt_to_mfn(pages[i]);
		update_va(pages[i], 0, UVMF_INVLPG);
	}
	first = virt_to_pfn(pages[0]);
	out = first;
	expect_result("exchange 8 of order 0 for 1 of order 3",
		      exchange(in, 8, 0, &out, 1, 3, 32, &done), 0);
	expect_equal("nr_exchanged", done, 8);
	check(!(out & 7), "the new extent is aligned: 0x%lx", out);
	check(out + 8 <= 1UL << 20, "it lies below 4 GiB: 0x%lx", out);
	for (i = 0; i < 8; i++) {
		expect_equal("the M2P", mfn_to_pfn(out + i), first + i);
		p2m[first + i] = out + i;
		expect_result("mapping", make_writable(pages[i]), 0);
		WRITE_ONCE(pages[i][0], (char)i);
	}
	expect_refused("a mapping of an old frame", map_at(pages[0], in[0], PTE_RW_PAGE));

	/* And back to single ones. */
	for (i = 0; i < 8; i++) {
		in[i] = first + i;
		update_va(pages[i], 0, UVMF_INVLPG);
	}
	expect_result("exchange 1 of order 3 for 8 of order 0",
		      exchange(&out, 1, 3, in, 8, 0, 0, &done), 0);
	expect_equal("nr_exchanged", done, 1);
	for (i = 0; i < 8; i++) {
		p2m[first + i] = in[i];
		expect_result("mapping", make_writable(pages[i]), 0);
	}
}

static void check_exchange_errors(void)
{
	char *page = page_alloc();
	xen_pfn_t in = virt_to_mfn(page), out = virt_to_pfn(page);
	unsigned long done;

	expect_result("exchange of sizes that differ", exchange(&in, 1, 0, &out, 1, 3, 0, &done),
		      -EINVAL);
	expect_refused("exchange from a bad list",
		       exchange((void *)0xffff830000000000UL, 1, 0, &out, 1, 0, 0, &done));
	expect_refused("exchange into a bad list",
		       exchange(&in, 1, 0, (void *)0x8000000000000000UL, 1, 0, 0, &done));
	expect_refused("exchange of 2^60 frames",
		       exchange(&in, 1UL << 60, 0, &out, 1UL << 60, 0, 0, &done));
	in = 0xfffffffUL;
	expect_refused("exchange of no frame", exchange(&in, 1, 0, &out, 1, 0, 0, &done));
	expect_equal("nr_exchanged", done, 0);
	in = mfn_of_pte(((uint64_t *)start_info->pt_base)[256]);
	expect_refused("exchange of the hypervisor's frame",
		       exchange(&in, 1, 0, &out, 1, 0, 0, &done));
	expect_refused("exchange with a bad pointer", hypercall(memory_op, XENMEM_exchange, 0));
}

static void check_machphys(void)
{
	struct xen_machphys_mapping map;
	struct xen_machphys_mfn_list list = { .max_extents = 4 };
	static xen_pfn_t extents[4];

	expect_result("machphys_mapping", hypercall(memory_op, XENMEM_machphys_mapping, &map), 0);
	expect_equal("its start", map.v_start, MACH2PHYS_VIRT_START);
	check(map.max_mfn >= 0x1f000, "its last frame 0x%lx", map.max_mfn);
	check(map.v_end > map.v_start + 8 * map.max_mfn && map.v_end <= MACH2PHYS_VIRT_END,
	      "its end 0x%lx holds the last frame's entry", map.v_end);

	set_xen_guest_handle(list.extent_start, extents);
	expect_result("machphys_mfn_list", hypercall(memory_op, XENMEM_machphys_mfn_list, &list),
		      0);
	check(list.nr_extents >= 1 && list.nr_extents <= 4, "extents: %u", list.nr_extents);
	check(extents[0] != 0 && !(extents[0] & 511), "the first extent 0x%lx is one of 2 MiB",
	      extents[0]);
	list.max_extents = 0;
	expect_result("machphys_mfn_list of 0",
		      hypercall(memory_op, XENMEM_machphys_mfn_list, &list), 0);
	expect_equal("its extents", list.nr_extents, 0);
}

struct e820 {
	uint64_t start, size;
	uint32_t type;
} __attribute__((packed));

static void check_maps(void)
{
	static struct e820 entries[128];
	struct xen_memory_map map = { .nr_entries = 128 };
	unsigned int i, needed;
	uint64_t ram = 0;

	set_xen_guest_handle(map.buffer, entries);
	expect_result("machine_memory_map", hypercall(memory_op, XENMEM_machine_memory_map, &map),
		      0);
	check(map.nr_entries >= 3 && map.nr_entries < 128, "entries: %u", map.nr_entries);
	for (i = 0; i < map.nr_entries && i < 128; i++) {
		if (entries[i].type == 1)
			ram += entries[i].size;
		if (i)
			check(entries[i].start >= entries[i - 1].start + entries[i - 1].size,
			      "entry %u begins behind the one before it", i);
	}
	check(ram > 500UL << 20 && ram <= 512UL << 20, "RAM in it: %lu bytes", ram);

	needed = map.nr_entries;
	set_xen_guest_handle(map.buffer, NULL);
	map.nr_entries = 0;
	expect_result("machine_memory_map without buffer",
		      hypercall(memory_op, XENMEM_machine_memory_map, &map), 0);
	check(map.nr_entries >= needed, "says how many are needed: %u, %u filled", map.nr_entries,
	      needed);
	set_xen_guest_handle(map.buffer, entries);
	map.nr_entries = 1;
	hypercall(memory_op, XENMEM_machine_memory_map, &map);
	check(map.nr_entries <= 1, "machine_memory_map into one entry gives one, got %u",
	      map.nr_entries);
	set_xen_guest_handle(map.buffer, (void *)0xffff830000000000UL);
	map.nr_entries = 128;
	expect_result("machine_memory_map to a bad pointer",
		      hypercall(memory_op, XENMEM_machine_memory_map, &map), -EFAULT);
	map.nr_entries = 128;
	set_xen_guest_handle(map.buffer, entries);
	expect_result("memory_map of a dom0 that was given none",
		      hypercall(memory_op, XENMEM_memory_map, &map), -ENOSYS);
}

void test_main(void)
{
	p2m = (unsigned long *)start_info->mfn_list;
	STEP(check_counts);
	STEP(check_decrease_and_populate);
	STEP(check_increase);
	STEP(check_refusals);
	STEP(check_exchange);
	STEP(check_exchange_errors);
	STEP(check_machphys);
	STEP(check_maps);
}
