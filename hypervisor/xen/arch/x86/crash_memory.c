/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the reason of a crash outlives the restart: a page of RAM at a fixed
 * place, far from what firmware and boot loaders use, and on UEFI machines a
 * variable of the firmware too, which also outlives switching off.
 */
#include "boot/boot.h"

#include <hv/crash_record.h>
#include <hv/printk.h>
#include <hv/string.h>

#include <asm/boot.h>
#include <asm/efi.h>
#include <asm/efi_abi.h>
#include <asm/frame.h>
#include <asm/image.h>
#include <asm/iomap.h>

/*
 * For guests it is RAM of ours, as other pages are, not a hole of the memory
 * map: Linux as dom0 lays its own memory out by that map. OVMF unpacks itself
 * below 16 MiB; GRUB's heap and modules, and our tables, come from the top.
 */
#define RECORD_PADDR 0x4000000UL

static_assert(sizeof(struct crash_record) <= PAGE_SIZE, "it has one page");

static char last_text[CRASH_TEXT_MAX];
static bool has_last;

/* NULL: something else lies there. Uncached: a restart may not write caches back. */
static volatile struct crash_record *record;
static bool has_place;
static bool is_kept;

static const uint16_t variable_name[] = u"ZazenCrash";
static const struct efi_guid variable_guid = {
	0x6f1c3b0e, 0x52d4, 0x4d2b, { 0x9e, 0x51, 0x7a, 0x0c, 0x93, 0xb8, 0x1f, 0x64 }
};

static bool overlaps(uint64_t start, uint64_t end)
{
	return start < RECORD_PADDR + PAGE_SIZE && end > RECORD_PADDR;
}

static bool place_is_free(void)
{
	if (!e820_all_ram(RECORD_PADDR, PAGE_SIZE) ||
	    overlaps(image_paddr(image_start), image_paddr(image_end)))
		return false;
	for (unsigned int i = 0; i < boot_info.module_count; i++) {
		const struct boot_module *m = &boot_info.module[i];

		if (overlaps(m->start, m->start + m->size))
			return false;
	}
	return true;
}

void crash_record_init(void)
{
	const void *old = frame_map(mfn_of_paddr(RECORD_PADDR));

	if (!place_is_free())
		return;
	has_place = true;
	has_last = crash_record_read(old, sizeof(struct crash_record), last_text,
				     sizeof(last_text));
	boot_memory_keep(RECORD_PADDR, PAGE_SIZE);
}

/* Byte by byte: the other side is uncached memory, or none of ours. */
static void record_write(const struct crash_record *from, size_t size)
{
	volatile uint8_t *to = (volatile uint8_t *)record;

	for (size_t i = 0; i < size; i++)
		to[i] = ((const uint8_t *)from)[i];
}

static uint64_t variable_set(const void *data, size_t size)
{
	return efi_runtime_call_last(efi_runtime_services()->set_variable,
				     (unsigned long)variable_name, (unsigned long)&variable_guid,
				     EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOT_ACCESS |
					     EFI_VARIABLE_RUNTIME_ACCESS,
				     size, (unsigned long)data);
}

/* The one in memory tells the same, if it is still there. */
static void variable_take(void)
{
	static struct crash_record value;
	uint64_t size = sizeof(value);

	if (efi_runtime_call(efi_runtime_services()->get_variable, (unsigned long)variable_name,
			     (unsigned long)&variable_guid, 0, (unsigned long)&size,
			     (unsigned long)&value))
		return;
	variable_set(NULL, 0);
	if (!has_last && size <= sizeof(value))
		has_last = crash_record_read(&value, size, last_text, sizeof(last_text));
}

void crash_record_report(void)
{
	static const struct crash_record none;

	if (has_place) {
		record = iomap_device(RECORD_PADDR, PAGE_SIZE);
		record_write(&none, sizeof(none));
	}
	if (efi_runtime_is_there())
		variable_take();
	if (has_last)
		log_warning("The previous boot ended by a crash: %s\n", last_text);
}

void crash_record_keep(const char *text)
{
	static struct crash_record made;

	if (is_kept)
		return;
	is_kept = true;
	crash_record_fill(&made, text);
	if (record)
		record_write(&made, crash_record_size(&made));
	if (efi_runtime_is_there())
		variable_set(&made, crash_record_size(&made));
}
