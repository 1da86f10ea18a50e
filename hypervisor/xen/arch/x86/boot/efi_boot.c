/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last of a UEFI machine's boot services: asks for screen and memory map,
 * then ends them. Runs where the loader put us, on the firmware's page tables,
 * before anything of ours is set up: only what is addressed relative to the
 * code may be used, no table of pointers. Source: UEFI specification 2.9,
 * sections 7.2, 7.3, 7.4 and 12.9; Multiboot specification 2.0 section 3.6.
 */
#include "boot.h"

#include <hv/string.h>

#include <asm/boot.h>
#include <asm/efi_abi.h>
#include <asm/system.h>

#define TAG_END		 0
#define TAG_SYSTEM_TABLE 12
#define TAG_IMAGE_HANDLE 20

#define END_TRIES 8

struct tag {
	uint32_t type, size;
	uint64_t value;
};

struct efi_boot_result efi_boot_result __boot_only;

static const struct efi_guid gop_guid = {
	0x9042a9de, 0x23dc, 0x4a38, { 0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a }
};

/* Position and size of a colour, of its mask. */
static void colour_set(uint8_t *position, uint8_t *size, uint32_t mask)
{
	*position = *size = 0;
	if (!mask)
		return;
	while (!(mask >> *position & 1))
		++*position;
	while (*position + *size < 32 && mask >> (*position + *size) & 1)
		++*size;
}

/* Of the four pixel formats the fourth has no memory to write to. */
static void framebuffer_describe(const struct efi_gop_mode *mode)
{
	const struct efi_gop_info *info = (const void *)mode->info;
	struct boot_framebuffer *fb = &efi_boot_result.framebuffer;
	uint32_t red = 0xff, green = 0xff00, blue = 0xff0000, rest = 0xff000000;

	if (info->pixel_format == EFI_PIXEL_BGRX) {
		red = 0xff0000;
		blue = 0xff;
	} else if (info->pixel_format == EFI_PIXEL_MASKS) {
		red = info->red_mask;
		green = info->green_mask;
		blue = info->blue_mask;
		rest = info->reserved_mask;
	} else if (info->pixel_format != EFI_PIXEL_RGBX) {
		return;
	}
	fb->is_linear = true;
	fb->address = mode->framebuffer;
	fb->bytes = mode->framebuffer_size;
	fb->width = info->width;
	fb->height = info->height;
	fb->bits_per_pixel = 32;
	fb->pitch = info->pixels_per_line * 4;
	colour_set(&fb->red_pos, &fb->red_size, red);
	colour_set(&fb->green_pos, &fb->green_size, green);
	colour_set(&fb->blue_pos, &fb->blue_size, blue);
	colour_set(&fb->rest_pos, &fb->rest_size, rest);
}

static void screen_find(const struct efi_boot_services *services)
{
	const struct efi_gop *gop;
	uint64_t found = 0;

	if (efi_call(services->locate_protocol, (unsigned long)&gop_guid, 0, (unsigned long)&found,
		     0, 0) ||
	    !found)
		return;
	gop = (const void *)found;
	if (gop->mode)
		framebuffer_describe((const void *)gop->mode);
}

/* The map may change while it is asked for: then the key does not fit, and once more. */
static bool services_end(const struct efi_boot_services *services, uint64_t image)
{
	struct efi_boot_result *r = &efi_boot_result;

	for (unsigned int i = 0; i < END_TRIES; i++) {
		uint64_t size = sizeof(r->map), key = 0, step = 0;
		uint32_t version = 0;

		if (efi_call(services->get_memory_map, (unsigned long)&size, (unsigned long)r->map,
			     (unsigned long)&key, (unsigned long)&step, (unsigned long)&version))
			return false;
		r->map_size = size;
		r->map_step = step;
		if (!efi_call(services->exit_boot_services, image, key, 0, 0, 0))
			return true;
	}
	return false;
}

static void give_up(const struct efi_system_table *table)
{
	static const uint16_t text[] =
		u"(XEN) The firmware does not end its boot services: the hypervisor cannot start.\r\n";
	const struct efi_text_output *out = (const void *)table->con_out;

	if (out)
		efi_call(out->output_string, (unsigned long)out, (unsigned long)text, 0, 0, 0);
	cpu_halt_forever();
}

void efi_boot(uint32_t info)
{
	const char *base = (const char *)(unsigned long)info;
	uint32_t total = *(const uint32_t *)base, at = 8;
	uint64_t table = 0, image = 0;
	const struct efi_boot_services *services;

	while (at + sizeof(struct tag) <= total) {
		const struct tag *tag = (const void *)(base + at);

		if (tag->type == TAG_END || tag->size < 8)
			break;
		if (tag->type == TAG_SYSTEM_TABLE)
			table = tag->value;
		else if (tag->type == TAG_IMAGE_HANDLE)
			image = tag->value;
		at += ALIGN_UP(tag->size, 8);
	}
	if (!table)
		return;	/* without a map, boot_start() will say so */
	services = (const void *)((const struct efi_system_table *)table)->boot_services;
	screen_find(services);
	if (!services_end(services, image))
		give_up((const void *)table);
}
