/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which RAM is in use before there is a page allocator: a sorted list of
 * taken ranges. Boot is single-threaded: no locks.
 */
#include "boot.h"

#include <hv/domain.h>
#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/printk.h>

#include <asm/boot.h>
#include <asm/boot_modules.h>
#include <asm/image.h>
#include <asm/layout.h>

#define TAKEN_MAX 64

struct range {
	uint64_t start, end;
};

static struct range taken[TAKEN_MAX];
static unsigned int taken_count;

static void take(uint64_t start, uint64_t end)
{
	unsigned int i = taken_count;

	start = ALIGN_DOWN(start, PAGE_SIZE);
	end = ALIGN_UP(end, PAGE_SIZE);
	if (start >= end)
		return;
	/* Tables are taken downwards, one after the other: they make one range. */
	for (unsigned int n = 0; n < taken_count; n++)
		if (taken[n].start == end) {
			taken[n].start = start;
			return;
		}
	BUG_ON(taken_count == TAKEN_MAX);
	for (; i && taken[i - 1].start > start; i--)
		taken[i] = taken[i - 1];
	taken[i] = (struct range){ start, end };
	taken_count++;
}

/* The highest place for [size] below @top and above @bottom that touches nothing taken; 0: none. */
static uint64_t find_below(uint64_t bottom, uint64_t top, uint64_t size, uint64_t align)
{
	unsigned int i = taken_count;
	uint64_t end = top;

	for (;;) {
		uint64_t at;

		if (end < size || end - size < bottom)
			return 0;
		at = ALIGN_DOWN(end - size, align);
		if (at < bottom)
			return 0;
		/* the ranges are sorted by start; look for any that overlaps */
		for (i = taken_count; i; i--)
			if (taken[i - 1].start < at + size && taken[i - 1].end > at)
				break;
		if (!i)
			return at;
		end = taken[i - 1].start;
	}
}

/*
 * What a loader gives as a module may be where there is no memory. As they are
 * known by their order, those behind it are of no use either.
 */
static void modules_check(void)
{
	for (unsigned int i = 0; i < boot_info.module_count; i++) {
		const struct boot_module *m = &boot_info.module[i];

		if (!m->size || e820_all_ram(m->start, m->size))
			continue;
		log_warning("Module %u at [%lx, %lx] is not in memory: ignored from there on\n", i,
			    (unsigned long)m->start, (unsigned long)(m->start + m->size - 1));
		boot_info.module_count = i;
	}
}

void boot_memory_init(void)
{
	modules_check();
	take(0, MIB(1));
	take(image_paddr(image_start), image_paddr(image_end));
	for (unsigned int i = 0; i < boot_info.module_count; i++)
		take(boot_info.module[i].start,
		     boot_info.module[i].start + boot_info.module[i].size);
}

void boot_memory_keep(paddr_t start, uint64_t size)
{
	take(start, start + size);
}

paddr_t boot_memory_take(uint64_t size, uint64_t align, uint64_t below)
{
	size = ALIGN_UP(size, PAGE_SIZE);
	for (unsigned int i = boot_info.e820_count; i; i--) {
		const struct e820_entry *e = &boot_info.e820[i - 1];
		uint64_t end = e->start + e->size < below ? e->start + e->size : below;
		uint64_t at;

		if (e->type != E820_RAM || e->start >= below)
			continue;
		at = find_below(ALIGN_UP(e->start, PAGE_SIZE), ALIGN_DOWN(end, PAGE_SIZE), size,
				align);
		if (at) {
			take(at, at + size);
			return at;
		}
	}
	panic("Too little memory: no room for %lu KiB of the hypervisor's own tables\n",
	      (unsigned long)(size >> 10));
}

/* Give [start, end) less what is taken. */
static void release_ram(uint64_t start, uint64_t end)
{
	start = ALIGN_UP(start, PAGE_SIZE);
	end = ALIGN_DOWN(end, PAGE_SIZE);
	for (unsigned int i = 0; i < taken_count && start < end; i++) {
		if (taken[i].end <= start || taken[i].start >= end)
			continue;
		if (taken[i].start > start)
			page_allocator_add(mfn_of_paddr(start), mfn_of_paddr(taken[i].start));
		start = taken[i].end;
	}
	if (start < end)
		page_allocator_add(mfn_of_paddr(start), mfn_of_paddr(end));
}

void boot_memory_release(void)
{
	for (unsigned int i = 0; i < boot_info.e820_count; i++) {
		const struct e820_entry *e = &boot_info.e820[i];

		if (e->type == E820_RAM)
			release_ram(e->start, e->start + e->size);
	}
}

unsigned long machine_ram_pages(void)
{
	unsigned long count = 0;

	for (unsigned int i = 0; i < machine_map_count; i++) {
		const struct e820_entry *e = &machine_map[i];

		if (e->type == E820_RAM)
			count += ALIGN_DOWN(e->start + e->size, PAGE_SIZE) / PAGE_SIZE -
				 ALIGN_UP(e->start, PAGE_SIZE) / PAGE_SIZE;
	}
	return count;
}

void boot_memory_report(void)
{
	unsigned long ram = machine_ram_pages(), dom0 = READ_ONCE(hardware_domain->total_pages);
	unsigned long own = ram - dom0 - pages_free_count();

	log_info("Memory: %lu KiB of %lu MiB are the hypervisor's own\n", own << (PAGE_SHIFT - 10),
		 ram >> (20 - PAGE_SHIFT));
}

/* Modules may share a page with what lies before or behind: only whole pages of their own are given. */
void boot_modules_release(void)
{
	for (unsigned int i = 0; i < boot_info.module_count; i++) {
		struct boot_module *m = &boot_info.module[i];
		uint64_t start = ALIGN_UP(m->start, PAGE_SIZE);
		uint64_t end = ALIGN_DOWN(m->start + m->size, PAGE_SIZE);

		if (start < end)
			page_allocator_add(mfn_of_paddr(start), mfn_of_paddr(end));
		m->size = 0;
	}
	boot_info.module_count = 0;
}
