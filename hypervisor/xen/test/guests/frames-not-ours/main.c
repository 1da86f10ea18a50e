/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every frame of the machine, and many that do not exist, in every operation.
 *
 * dom0 may map its own frames, I/O memory and the first MiB; frames of the hypervisor, free
 * ones and numbers beyond all memory are refused, in every form and for every
 * domain that it may name. What is RAM comes from the machine's memory map;
 * what is ours from the table of our own frames.
 */
#include "memory.h"
#include "trap.h"

#include <xen/grant_table.h>
#include <xen/memory.h>

const char test_title[] = "Frames of others";

struct e820entry {
	uint64_t addr, size;
	uint32_t type;
} __attribute__((packed));

#define E820_RAM 1
#define MANY	 64
#define LOW_FRAMES 256

static struct e820entry map[64];
static unsigned int map_entries;
static unsigned long frames_end;
static uint8_t is_own[1UL << 16]; /* a bit for each of 2^19 frames */
static char *window;
static xen_pfn_t grant_frame;

static bool is_ram(unsigned long mfn)
{
	unsigned int i;

	for (i = 0; i < map_entries; i++)
		if (map[i].type == E820_RAM && mfn >= (map[i].addr + PAGE_SIZE - 1) >> PAGE_SHIFT &&
		    mfn < (map[i].addr + map[i].size) >> PAGE_SHIFT)
			return true;
	return false;
}

static void memory_map_read(void)
{
	struct xen_memory_map m = { .nr_entries = ARRAY_SIZE(map) };
	unsigned long pfn;

	set_xen_guest_handle(m.buffer, (void *)map);
	if (hypercall(memory_op, XENMEM_machine_memory_map, &m))
		test_error("no memory map of the machine");
	map_entries = m.nr_entries;
	frames_end = (unsigned long)hypercall(memory_op, XENMEM_maximum_ram_page, 0) + 1;
	if (frames_end > sizeof(is_own) * 8)
		test_error("more memory than expected");
	for (pfn = 0; pfn < start_info->nr_pages; pfn++)
		if (pfn_to_mfn(pfn) < frames_end)
			is_own[pfn_to_mfn(pfn) / 8] |= (uint8_t)(1 << pfn_to_mfn(pfn) % 8);
}

/* The grant table's first frame, which may be there before anyone asks for it. */
static void grant_table_find(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };

	set_xen_guest_handle(setup.frame_list, &grant_frame);
	if (hypercall(grant_table_op, GNTTABOP_setup_table, &setup, 1) || setup.status)
		test_error("no grant table");
}

static bool owns(unsigned long mfn)
{
	return is_own[mfn / 8] >> (mfn % 8) & 1;
}

/* One at a time, because a list stops at its first refusal; a multicall does not. */
static void map_many(unsigned long first, uint64_t flags, unsigned int *taken)
{
	static struct multicall_entry calls[MANY];
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		calls[i].op = __HYPERVISOR_update_va_mapping;
		calls[i].args[0] = (unsigned long)window;
		calls[i].args[1] = make_pte(first + i, flags);
		calls[i].args[2] = 0;
	}
	if (hypercall(multicall, calls, MANY))
		test_error("multicall");
	for (i = 0; i < MANY; i++) {
		unsigned long mfn = first + i;

		if ((long)calls[i].result || owns(mfn) || !is_ram(mfn))
			continue;
		/* these are the hypervisor's to give; the first MiB is dom0's, as on a PC */
		if (mfn == start_info->shared_info >> PAGE_SHIFT || mfn == grant_frame ||
		    mfn < LOW_FRAMES)
			continue;
		if ((*taken)++ < 10)
			print("  note: frame 0x%lx can be mapped\n", mfn);
	}
}

static void check_mappings(void)
{
	unsigned int readable = 0, writable = 0;
	unsigned long mfn;

	for (mfn = 0; mfn < frames_end; mfn += MANY) {
		map_many(mfn, PTE_RO_PAGE, &readable);
		map_many(mfn, PTE_RW_PAGE, &writable);
	}
	expect_equal("frames of others that can be read", readable, 0);
	expect_equal("frames of others that can be written", writable, 0);
	expect_result("the window back", map_at(window, virt_to_mfn(window), PTE_RW_PAGE), 0);
}

static long mmu_update_for(uint64_t ptr, uint64_t val, unsigned int domain)
{
	struct mmu_update req = { .ptr = ptr, .val = val };

	return hypercall(mmu_update, &req, 1, 0, domain);
}

/* Nothing may be done with @mfn, which is nobody's or the hypervisor's. */
static void check_refusals(unsigned long mfn)
{
	static const unsigned int others[] = { 1, 77, DOMID_COW, DOMID_INVALID, DOMID_IDLE };
	uint64_t maddr = (uint64_t)mfn << PAGE_SHIFT, entry = entry_maddr(window, 1);
	xen_pfn_t list[2] = { mfn, mfn };
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };
	struct xen_add_to_physmap add = { .domid = DOMID_SELF,
					  .space = XENMAPSPACE_gmfn,
					  .idx = mfn };
	struct xen_remove_from_physmap remove = { .domid = DOMID_SELF, .gpfn = mfn };
	unsigned int cmd, i;

	for (cmd = MMUEXT_PIN_L1_TABLE; cmd <= MMUEXT_UNPIN_TABLE; cmd++)
		expect_refused("a pin or unpin", mmuext(cmd, mfn, 0));
	expect_refused("a root", mmuext(MMUEXT_NEW_BASEPTR, mfn, 0));
	expect_refused("a user root", mmuext(MMUEXT_NEW_USER_BASEPTR, mfn, 0));
	expect_refused("CLEAR_PAGE", mmuext(MMUEXT_CLEAR_PAGE, mfn, 0));
	expect_refused("COPY_PAGE to it", mmuext(MMUEXT_COPY_PAGE, mfn, virt_to_mfn(window)));
	expect_refused("COPY_PAGE from it", mmuext(MMUEXT_COPY_PAGE, virt_to_mfn(window), mfn));
	for (i = 0; i < 4; i++)
		expect_refused("mmu_update in it", mmu_update(maddr | 8 | (i == 3 ? 0 : i), 0));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		expect_refused("mapped for another domain",
			       mmu_update_for(entry, make_pte(mfn, PTE_RO_PAGE), others[i]));
		expect_refused("in tables of another domain",
			       mmu_update_for(maddr, 0, (others[i] + 1) << 16 | DOMID_SELF));
	}
	expect_refused("update_descriptor", hypercall(update_descriptor, maddr, 0));
	expect_refused("set_gdt", hypercall(set_gdt, list, 1024));
	set_xen_guest_handle(r.extent_start, list);
	check(hypercall(memory_op, XENMEM_decrease_reservation, &r) <= 0, "decrease_reservation");
	expect_refused("add_to_physmap", hypercall(memory_op, XENMEM_add_to_physmap, &add));
	/* a physmap operation, or its lack of meaning for PV guests */
	check(hypercall(memory_op, XENMEM_remove_from_physmap, &remove) <= 0,
	      "remove_from_physmap");
}

static void check_numbers(void)
{
	unsigned int bit;

	for (bit = 20; bit < 52; bit++) {
		check_refusals(1UL << bit);
		check_refusals((1UL << bit) - 1 + (bit == 20 ? 1 : 0));
	}
	for (bit = 52; bit < 64; bit++) {
		expect_refused("a pin", mmuext(MMUEXT_PIN_L1_TABLE, 1UL << bit, 0));
		expect_refused("a root", mmuext(MMUEXT_NEW_BASEPTR, 1UL << bit, 0));
		expect_refused("CLEAR_PAGE", mmuext(MMUEXT_CLEAR_PAGE, 1UL << bit, 0));
	}
	for (bit = 40; bit < 52; bit++)
		expect_refused("an entry with such a bit",
			       mmu_update(entry_maddr(window, 1),
					  make_pte(virt_to_mfn(window), PTE_RO_PAGE) | 1UL << bit));
	expect_refused("mfn ~0", mmuext(MMUEXT_PIN_L4_TABLE, ~0UL, 0));
	expect_refused("root ~0", mmuext(MMUEXT_NEW_BASEPTR, ~0UL, 0));
	expect_refused("user root ~0", mmuext(MMUEXT_NEW_USER_BASEPTR, ~0UL, 0));
}

/* RAM that is not ours: every 97th frame of it. */
static void check_ram_of_others(void)
{
	unsigned int tried = 0;
	unsigned long mfn;

	for (mfn = LOW_FRAMES; mfn < frames_end; mfn += 97)
		if (is_ram(mfn) && !owns(mfn) && mfn != start_info->shared_info >> PAGE_SHIFT &&
		    mfn != grant_frame) {
			check_refusals(mfn);
			tried++;
		}
	check(tried > 100, "there is RAM of others: %u frames tried", tried);
}

void test_main(void)
{
	window = page_alloc();
	memory_map_read();
	grant_table_find();
	STEP(check_mappings);
	STEP(check_numbers);
	STEP(check_ram_of_others);
	expect_result("the window is ours", make_writable(window), 0);
}
