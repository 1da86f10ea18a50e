/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the hypervisor's address space (asm/layout.h) at boot, on the tables
 * of head.S, which map the first 4 GiB: all tables come from below that.
 * Nothing is both writable and executable: the image appears only at its own
 * place, section by section, and is left out of the direct map.
 */
#include "../boot/boot.h"

#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/string.h>

#include <asm/boot.h>
#include <asm/boot_modules.h>
#include <asm/cpu_area.h>
#include <asm/frame.h>
#include <asm/hypervisor_map.h>
#include <asm/image.h>
#include <asm/iomap.h>
#include <asm/page_table.h>
#include <asm/system.h>
#include <asm/tlb.h>

#include <hv/frame.h>
#include <hv/spinlock.h>

#define EARLY_LIMIT GIB(4)

/* Of the arrays over all frames: a large page, and how many of them hold a whole number of any array's records. */
#define CHUNK_SIZE  MIB(2)
#define HOLE_CHUNKS 3

static_assert(HOLE_CHUNKS * CHUNK_SIZE % sizeof(struct page_info) == 0, "phases of map_array()");

#define DATA_FLAGS (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_NX)
#define TABLE_FLAGS (PTE_P | PTE_RW | PTE_US | PTE_A)

pte_t *idle_root;
/* Of its slots, an isolated guest gets the image's: entry code, descriptor tables, per-CPU areas. */
static pte_t *isolated_root;
unsigned long frame_table_end;

static uint64_t nx_if_any = PTE_NX;	/* 0 on a CPU without NX */

/* A zeroed page, for good; from the page allocator as soon as that has any. */
static void *page_new(void)
{
	void *page;

	if (pages_total_count()) {
		page = hv_pages_alloc(0);
		if (!page)
			panic("Too little memory for the hypervisor's own tables\n");
		return page;
	}
	page = frame_map(mfn_of_paddr(boot_memory_take(PAGE_SIZE, PAGE_SIZE, EARLY_LIMIT)));
	memset(page, 0, PAGE_SIZE);
	return page;
}

/* The entry for @va at @level below @root, its tables made on the way. */
static pte_t *entry_below(pte_t *root, unsigned long va, unsigned int level)
{
	pte_t *t = root;

	for (unsigned int l = 4; l > level; l--) {
		pte_t *e = &t[table_index(va, l)];

		if (!(*e & PTE_P))
			*e = pte_make(virt_to_mfn(page_new()), TABLE_FLAGS);
		t = frame_map(pte_mfn(*e));
	}
	return &t[table_index(va, level)];
}

static pte_t *entry_for(unsigned long va, unsigned int level)
{
	return entry_below(idle_root, va, level);
}

/* Map [pa, pa+len) at @va with the largest pages that fit; all page aligned. */
static void map_range_below(pte_t *root, unsigned long va, paddr_t pa, uint64_t len, uint64_t flags)
{
	if (!nx_if_any)
		flags &= ~PTE_NX;
	while (len) {
		bool large = !((va | pa) & (MIB(2) - 1)) && len >= MIB(2);
		uint64_t step = large ? MIB(2) : PAGE_SIZE;

		*entry_below(root, va, large ? 2 : 1) = pa | flags | (large ? PTE_PSE : 0);
		va += step;
		pa += step;
		len -= step;
	}
}

static void map_range(unsigned long va, paddr_t pa, uint64_t len, uint64_t flags)
{
	map_range_below(idle_root, va, pa, len, flags);
}

static void map_image(void)
{
	const struct {
		char *start, *end;
		uint64_t flags;
	} part[] = {
		{ text_start, text_end, PTE_P | PTE_A },
		{ rodata_start, rodata_end, PTE_P | PTE_A | PTE_NX },
		{ data_start, boot_only_start, DATA_FLAGS },
		{ boot_only_start, boot_only_end, DATA_FLAGS },
		{ boot_only_end, data_end, DATA_FLAGS },
		{ data_end, image_end, PTE_P | PTE_A | PTE_NX },	/* symbols */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(part); i++) {
		unsigned long va = ALIGN_DOWN((unsigned long)part[i].start, PAGE_SIZE);

		map_range(va, image_paddr(va), ALIGN_UP((unsigned long)part[i].end, PAGE_SIZE) - va,
			  part[i].flags);
	}
}

/* One range of RAM, less the image. */
static void map_direct(uint64_t start, uint64_t end)
{
	uint64_t hole_start = image_paddr(image_start), hole_end = image_paddr(image_end);

	start = ALIGN_DOWN(start, PAGE_SIZE);
	end = ALIGN_UP(end, PAGE_SIZE);
	if (start < hole_start && end > hole_start) {
		map_range(DIRECT_MAP_START + start, start, hole_start - start, DATA_FLAGS);
		start = hole_start;
	}
	if (start < hole_end && end > hole_start)
		start = hole_end < end ? hole_end : end;
	if (start < end)
		map_range(DIRECT_MAP_START + start, start, end - start, DATA_FLAGS);
}

/*
 * From here on it is memory like any other: in the direct map, and not in the
 * image. No other CPU has looked at it, nor will one before it loads a root.
 */
void boot_only_release(void)
{
	uint64_t start = image_paddr(boot_only_start), end = image_paddr(boot_only_end);

	for (char *at = boot_only_start; at < boot_only_end; at += PAGE_SIZE)
		*entry_for((unsigned long)at, 1) = 0;
	tlb_flush_local();
	map_range(DIRECT_MAP_START + start, start, end - start, DATA_FLAGS);
	page_allocator_add(mfn_of_paddr(start), mfn_of_paddr(end));
}

static uint64_t ram_end(void)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < boot_info.e820_count; i++) {
		const struct e820_entry *e = &boot_info.e820[i];

		if (e->type == E820_RAM)
			end = e->start + e->size;
	}
	if (end > DIRECT_MAP_END - DIRECT_MAP_START)
		end = DIRECT_MAP_END - DIRECT_MAP_START;
	return ALIGN_DOWN(end, PAGE_SIZE);
}

static bool has_ram(unsigned long first, unsigned long last)
{
	for (unsigned int i = 0; i < boot_info.e820_count; i++) {
		const struct e820_entry *e = &boot_info.e820[i];

		if (e->type == E820_RAM && e->start < (uint64_t)(last + 1) << PAGE_SHIFT &&
		    e->start + e->size > (uint64_t)first << PAGE_SHIFT)
			return true;
	}
	return false;
}

/* A chunk of an array, all of its bytes @fill. */
static paddr_t chunk_new(int fill)
{
	paddr_t pa = boot_memory_take(CHUNK_SIZE, CHUNK_SIZE, EARLY_LIMIT);

	memset(frame_map(mfn_of_paddr(pa)), fill, CHUNK_SIZE);
	return pa;
}

/*
 * An array over all frames, of @size bytes for each, backed by chunks that are
 * mapped where it is wanted, twice if asked. What it says of the hole below
 * 4 GiB, or of one between nodes, is everywhere the same: chunks without RAM
 * are one, or as many as it takes until a record begins with a chunk again.
 */
static void map_array(unsigned long va, unsigned long alias, size_t size, int fill)
{
	uint64_t len = frame_table_end * size;
	paddr_t shared[HOLE_CHUNKS] = { 0 };

	for (uint64_t done = 0; done < len; done += CHUNK_SIZE) {
		unsigned int phase = CHUNK_SIZE % size ? done / CHUNK_SIZE % HOLE_CHUNKS : 0;
		paddr_t pa;

		if (has_ram(done / size, (done + CHUNK_SIZE - 1) / size)) {
			pa = chunk_new(fill);
		} else {
			if (!shared[phase])
				shared[phase] = chunk_new(fill);
			pa = shared[phase];
		}
		map_range(va + done, pa, CHUNK_SIZE, DATA_FLAGS);
		if (alias)
			map_range(alias + done, pa, CHUNK_SIZE, PTE_P | PTE_A | PTE_US | PTE_NX);
	}
}

static void map_isolated(void)
{
	const struct {
		char *start, *end;
		uint64_t flags;
	} part[] = {
		{ entry_text_start, entry_text_end, PTE_P | PTE_A },
		{ entry_data_start, entry_data_end, DATA_FLAGS },
	};

	isolated_root = page_new();
	for (unsigned int i = 0; i < ARRAY_SIZE(part); i++)
		for (char *at = part[i].start; at < part[i].end; at += PAGE_SIZE)
			map_range_below(isolated_root, (unsigned long)at, image_paddr(at),
					PAGE_SIZE, part[i].flags);
}

static void map_frame_arrays(void)
{
	frame_table_end = ram_end() >> PAGE_SHIFT;
	map_array(M2P_RW_START, M2P_RO_START, sizeof(unsigned long), 0xff);
	map_array(FRAME_TABLE_START, 0, sizeof(struct page_info), 0);
}

/* Every frame starts as something no guest may have, then RAM is told from holes. */
static void frame_table_init(void)
{
	for (unsigned long n = 0; n < frame_table_end; n++) {
		frame_table[n].owner = OWNER_NONE;
		frame_table[n].flags = PAGE_NOT_RAM;
		frame_table[n].next = frame_table[n].prev = FRAME_NO_LINK;
	}
	for (unsigned int i = 0; i < boot_info.e820_count; i++) {
		const struct e820_entry *e = &boot_info.e820[i];
		unsigned long n = ALIGN_UP(e->start, PAGE_SIZE) >> PAGE_SHIFT;

		if (e->type != E820_RAM)
			continue;
		/* The first MiB is dom0's to look at: BIOS, video, and what they left in RAM. */
		if (n < MIB(1) >> PAGE_SHIFT)
			n = MIB(1) >> PAGE_SHIFT;
		for (; n < (e->start + e->size) >> PAGE_SHIFT && n < frame_table_end; n++)
			frame_table[n].flags = 0;
	}
}

unsigned long percpu_area_end(unsigned int cpu)
{
	return PERCPU_START + ((unsigned long)(cpu + 1) << PERCPU_SHIFT);
}

static void large_page_split(pte_t *slot)
{
	pte_t *table = page_new(), e = *slot & ~PTE_PSE;

	for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
		table[i] = e + i * PAGE_SIZE;
	*slot = pte_make(virt_to_mfn(table), TABLE_FLAGS);
}

/*
 * The stub is code: nothing may be able to write it by the direct map either.
 * Other CPUs forget that they could when they next load a root.
 */
static void stub_alias_protect(unsigned int cpu)
{
	unsigned long va = percpu_area_end(cpu) - PERCPU_SIZE + PERCPU_STUB_PAGE * PAGE_SIZE;
	unsigned long alias = (unsigned long)frame_map(pte_mfn(*entry_for(va, 1)));
	pte_t *slot = entry_for(alias, 2);

	if (*slot & PTE_PSE)
		large_page_split(slot);
	*entry_for(alias, 1) &= ~PTE_RW;
}

void percpu_area_map(unsigned int cpu)
{
	unsigned long base = percpu_area_end(cpu) - PERCPU_SIZE;

	for (unsigned int i = 0; i < PERCPU_SIZE / PAGE_SIZE; i++) {
		bool is_stub = i == PERCPU_STUB_PAGE;
		void *page;

		if (!is_stub && !(PERCPU_STACK_PAGES & (1U << i)))
			continue;	/* a guard */
		page = page_new();
		if (is_stub)
			entry_stub_write(page, base);
		for (unsigned int r = 0; r < 2; r++)
			map_range_below(r ? isolated_root : idle_root, base + i * PAGE_SIZE,
					paddr_of_mfn(virt_to_mfn(page)), PAGE_SIZE,
					is_stub ? PTE_P | PTE_A : DATA_FLAGS);
	}
	/* The boot CPU's is made before there is a direct map. */
	if (cpu) {
		stub_alias_protect(cpu);
		tlb_flush_local();
	}
}

/* Tables for devices are made now, so that no root ever misses one. */
static void iomap_tables_init(void)
{
	for (unsigned long va = IOMAP_START; va < IOMAP_START + IOMAP_SIZE; va += MIB(2))
		(void)entry_for(va, 1);
}

void hypervisor_map_init(void)
{
	struct cpuid_result ext = cpuid(0x80000001, 0);

	if (!(ext.edx & (1U << 20)))
		nx_if_any = 0;
	idle_root = page_new();
	/* The L3 of each slot exists from now on: guests' roots copy these entries. */
	for (unsigned int slot = HV_FIRST_SLOT; slot < HV_FIRST_SLOT + HV_SLOT_COUNT; slot++)
		(void)entry_for(HV_VIRT_START + (slot - HV_FIRST_SLOT) * L4_SLOT_BYTES, 3);

	map_image();
	map_isolated();
	map_frame_arrays();
	iomap_tables_init();
	percpu_area_map(0);
	for (unsigned int i = 0; i < boot_info.e820_count; i++) {
		const struct e820_entry *e = &boot_info.e820[i];

		if (e->type == E820_RAM)
			map_direct(e->start, e->start + e->size);
	}
	/* Video memory and BIOS, for the VGA console; RAM below was mapped with the rest. */
	map_range(DIRECT_MAP_START + 0xa0000, 0xa0000, 0x60000, DATA_FLAGS);
	stub_alias_protect(0);
	cr3_write(paddr_of_mfn(virt_to_mfn(idle_root)));
	frame_table_init();
}

pte_t *one_to_one_root_new(void)
{
	pte_t *root = page_new();

	for (unsigned int i = HV_FIRST_SLOT; i < HV_FIRST_SLOT + HV_SLOT_COUNT; i++)
		root[i] = idle_root[i];
	return root;
}

void one_to_one_map(pte_t *root, paddr_t start, uint64_t len, uint64_t flags)
{
	if (!nx_if_any)
		flags &= ~PTE_NX;
	for (uint64_t done = 0; done < len; done += PAGE_SIZE)
		*entry_below(root, start + done, 1) = (start + done) | flags;
}

void hypervisor_slots_install(pte_t *l4, const void *perdomain_l3)
{
	for (unsigned int i = HV_FIRST_SLOT; i < HV_FIRST_SLOT + HV_SLOT_COUNT; i++)
		l4[i] = idle_root[i];
	l4[PERDOMAIN_SLOT] = pte_make(virt_to_mfn(perdomain_l3), PTE_P | PTE_RW | PTE_A);
}

/* Guards iomap_next. */
static struct spinlock iomap_lock = SPINLOCK_INIT;
static unsigned long iomap_next = IOMAP_START;

void isolated_slots_install(pte_t *l4, const void *perdomain_l3, bool with_m2p)
{
	const unsigned int image_slot = HV_FIRST_SLOT +
					(IMAGE_START - HV_VIRT_START) / L4_SLOT_BYTES;

	for (unsigned int i = HV_FIRST_SLOT; i < HV_FIRST_SLOT + HV_SLOT_COUNT; i++)
		l4[i] = 0;
	if (with_m2p)
		l4[HV_FIRST_SLOT] = idle_root[HV_FIRST_SLOT];
	l4[PERDOMAIN_SLOT] = pte_make(virt_to_mfn(perdomain_l3), PTE_P | PTE_RW | PTE_A);
	l4[image_slot] = isolated_root[image_slot];
}

static void *iomap(paddr_t start, size_t len, uint64_t flags)
{
	paddr_t first = ALIGN_DOWN(start, PAGE_SIZE);
	size_t bytes = ALIGN_UP(start + len, PAGE_SIZE) - first;
	unsigned long va;

	spin_lock(&iomap_lock);
	va = iomap_next;
	if (bytes > IOMAP_START + IOMAP_SIZE - va)
		panic("No room to map %zu bytes at %lx for the hypervisor\n", len,
		      (unsigned long)start);
	iomap_next = va + bytes;
	for (size_t done = 0; done < bytes; done += PAGE_SIZE)
		*entry_for(va + done, 1) = (first + done) | (nx_if_any ? flags : flags & ~PTE_NX);
	spin_unlock(&iomap_lock);
	return (void *)(va + (start - first));
}

volatile void *iomap_device(paddr_t start, size_t len)
{
	return iomap(start, len, DATA_FLAGS | PTE_PCD | PTE_PWT);
}

const void *iomap_table(paddr_t start, size_t len)
{
	return iomap(start, len, PTE_P | PTE_A | PTE_NX);
}
