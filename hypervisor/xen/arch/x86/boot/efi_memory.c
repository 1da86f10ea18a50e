/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware's memory map (UEFI 2.9 section 7.2.3): turned into the one that
 * everything else uses, and kept, because it also tells what runtime services
 * are made of. The map is foreign: entries that make no sense are left out.
 */
#include "boot.h"

#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/string.h>

#include <asm/boot.h>
#include <asm/efi.h>
#include <asm/efi_abi.h>

#define PAGES_MAX (1UL << 40)

/* A copy that outlives the boot; until there is one that of the loader is looked at. */
static struct {
	const char *map;
	uint64_t size, step;	/* bytes */
} kept;

void efi_memory_keep(void)
{
	const struct efi_boot_result *r = &efi_boot_result;
	char *copy;

	if (!r->map_size || r->map_size > sizeof(r->map))
		return;
	copy = heap_alloc(r->map_size);
	if (!copy)
		panic("Too little memory for the firmware's memory map\n");
	memcpy(copy, r->map, r->map_size);
	kept.size = r->map_size;
	kept.step = r->map_step;
	kept.map = copy;
}

bool efi_memory_entry(unsigned int i, struct efi_memory_descriptor *d)
{
	const struct efi_boot_result *r = &efi_boot_result;
	uint64_t size = kept.map ? kept.size : r->map_size;
	uint64_t step = kept.map ? kept.step : r->map_step;

	if (step < sizeof(*d) || size > sizeof(r->map) || i >= size / step)
		return false;
	memcpy(d, (kept.map ? kept.map : r->map) + i * step, sizeof(*d));
	if (d->physical_start % PAGE_SIZE || d->page_count > PAGES_MAX ||
	    d->physical_start > (PAGES_MAX << PAGE_SHIFT))
		d->page_count = 0;
	return true;
}

bool efi_memory_find(uint64_t address, struct efi_memory_descriptor *d)
{
	for (unsigned int i = 0; efi_memory_entry(i, d); i++)
		if (address >= d->physical_start &&
		    address - d->physical_start < d->page_count << PAGE_SHIFT)
			return true;
	return false;
}

static uint32_t e820_type(const struct efi_memory_descriptor *d)
{
	switch (d->type) {
	case EFI_MEMORY_LOADER_CODE:
	case EFI_MEMORY_LOADER_DATA:
	case EFI_MEMORY_BOOT_CODE:
	case EFI_MEMORY_BOOT_DATA:
	case EFI_MEMORY_CONVENTIONAL:
		if (d->attribute & EFI_MEMORY_WB && !(d->attribute & EFI_MEMORY_SP))
			return E820_RAM;
		return E820_RESERVED;
	case EFI_MEMORY_ACPI_RECLAIM:
		return E820_ACPI;
	case EFI_MEMORY_ACPI_NVS:
		return E820_NVS;
	case EFI_MEMORY_UNUSABLE:
		return E820_UNUSABLE;
	default:
		return E820_RESERVED;
	}
}

/* Neighbours of one kind become one entry: firmware has more of them than e820 has room. */
void efi_memory_to_e820(void)
{
	uint64_t start = 0, size = 0;
	struct efi_memory_descriptor d;
	uint32_t type = 0;

	for (unsigned int i = 0; efi_memory_entry(i, &d); i++) {
		if (!d.page_count)
			continue;
		if (size && e820_type(&d) == type && d.physical_start == start + size) {
			size += d.page_count << PAGE_SHIFT;
			continue;
		}
		e820_add(start, size, type);
		start = d.physical_start;
		size = d.page_count << PAGE_SHIFT;
		type = e820_type(&d);
	}
	e820_add(start, size, type);
}
