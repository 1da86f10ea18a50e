/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies what a multiboot 1 or 2 loader left in memory into boot_info, before
 * anything else uses memory. All of it lies below 4 GiB, mapped by head.S.
 * Layouts: Multiboot Specification 0.6.96 section 3.3 and 2.0 section 3.6.
 */
#include "boot.h"

#include <hv/panic.h>
#include <hv/string.h>

#include <asm/boot.h>
#include <asm/layout.h>

#define MULTIBOOT1_LOADED 0x2badb002
#define MULTIBOOT2_LOADED 0x36d76289

#define MB1_HAS_CMDLINE	    (1U << 2)
#define MB1_HAS_MODULES	    (1U << 3)
#define MB1_HAS_MMAP	    (1U << 6)
#define MB1_HAS_LOADER	    (1U << 9)
#define MB1_HAS_FRAMEBUFFER (1U << 12)

struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
	uint32_t mods_count, mods_addr;
	uint32_t syms[4];
	uint32_t mmap_length, mmap_addr;
	uint32_t drives_length, drives_addr, config_table, loader_name, apm_table;
	uint32_t vbe[4];
	uint64_t fb_addr;
	uint32_t fb_pitch, fb_width, fb_height;
	uint8_t	 fb_bpp, fb_type, fb_colour[6];
} __packed;

struct mb1_module {
	uint32_t start, end, cmdline, pad;
};

struct mb1_mmap {
	uint32_t size;
	uint64_t start, length;
	uint32_t type;
} __packed;

struct mb2_tag {
	uint32_t type, size;
};

enum mb2_tag_type {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_LOADER = 2,
	MB2_MODULE = 3,
	MB2_MMAP = 6,
	MB2_FRAMEBUFFER = 8,
	MB2_EFI64 = 12,
	MB2_RSDP_OLD = 14,
	MB2_RSDP_NEW = 15,
	MB2_EFI_MMAP = 17,
};

struct mb2_module {
	struct mb2_tag tag;
	uint32_t start, end;
	char	 cmdline[];
};

struct mb2_mmap {
	struct mb2_tag tag;
	uint32_t entry_size, entry_version;
};

struct mb2_mmap_entry {
	uint64_t start, length;
	uint32_t type, reserved;
};

struct mb2_framebuffer {
	struct mb2_tag tag;
	uint64_t addr;
	uint32_t pitch, width, height;
	uint8_t	 bpp, type;
	uint16_t reserved;
	uint8_t	 colour[6];
} __packed;

struct boot_info boot_info;

static const void *low(uint32_t address)
{
	return (const void *)(DIRECT_MAP_START + address);
}

static void copy_text(char *dst, size_t size, const char *src)
{
	size_t n = strnlen(src, size - 1);

	memcpy(dst, src, n);
	dst[n] = 0;
}

static void add_module(uint32_t start, uint32_t end, const char *cmdline)
{
	struct boot_module *m;

	if (boot_info.module_count == BOOT_MODULES_MAX || end < start)
		return;
	m = &boot_info.module[boot_info.module_count++];
	m->start = start;
	m->size = end - start;
	copy_text(m->cmdline, sizeof(m->cmdline), cmdline);
}

static void set_framebuffer(uint64_t addr, uint32_t pitch, uint32_t width, uint32_t height,
			    uint8_t bpp, uint8_t type, const uint8_t *colour)
{
	struct boot_framebuffer *fb = &boot_info.framebuffer;

	fb->is_linear = type == 1;
	fb->is_text = type == 2;
	fb->address = addr;
	fb->bytes = (uint64_t)pitch * height;
	fb->pitch = pitch;
	fb->width = width;
	fb->height = height;
	fb->bits_per_pixel = bpp;
	if (!fb->is_linear)
		return;
	fb->red_pos = colour[0];
	fb->red_size = colour[1];
	fb->green_pos = colour[2];
	fb->green_size = colour[3];
	fb->blue_pos = colour[4];
	fb->blue_size = colour[5];
}

static void parse_multiboot1(const struct mb1_info *mb)
{
	if (mb->flags & MB1_HAS_LOADER)
		copy_text(boot_info.loader, sizeof(boot_info.loader), low(mb->loader_name));
	if (mb->flags & MB1_HAS_CMDLINE)
		copy_text(boot_info.cmdline, sizeof(boot_info.cmdline), low(mb->cmdline));

	if (mb->flags & MB1_HAS_MODULES) {
		const struct mb1_module *m = low(mb->mods_addr);

		for (unsigned int i = 0; i < mb->mods_count; i++)
			add_module(m[i].start, m[i].end, m[i].cmdline ? low(m[i].cmdline) : "");
	}

	if (mb->flags & MB1_HAS_MMAP) {
		uint32_t at = 0;

		while (at + sizeof(struct mb1_mmap) <= mb->mmap_length) {
			const struct mb1_mmap *e = low(mb->mmap_addr + at);

			e820_add(e->start, e->length, e->type);
			at += e->size + sizeof(e->size);
		}
	}

	if (mb->flags & MB1_HAS_FRAMEBUFFER)
		set_framebuffer(mb->fb_addr, mb->fb_pitch, mb->fb_width, mb->fb_height, mb->fb_bpp,
				mb->fb_type, mb->fb_colour);
	else
		boot_info.framebuffer.is_text = true;
}

static void parse_mb2_mmap(const struct mb2_mmap *map)
{
	uint32_t at = sizeof(*map);

	if (map->entry_size < sizeof(struct mb2_mmap_entry))
		return;
	for (; at + map->entry_size <= map->tag.size; at += map->entry_size) {
		const struct mb2_mmap_entry *e = (const void *)((const char *)map + at);

		e820_add(e->start, e->length, e->type);
	}
}

struct mb2_efi_mmap {
	struct mb2_tag tag;
	uint32_t step, version;
	char	 map[];
};

/* Only of a loader that ended boot services itself. */
static void copy_efi_map(const struct mb2_efi_mmap *mmap)
{
	struct efi_boot_result *r = &efi_boot_result;
	size_t n = mmap->tag.size - sizeof(*mmap);

	if (mmap->tag.size < sizeof(*mmap) || n > sizeof(r->map))
		return;
	memcpy(r->map, mmap->map, n);
	r->map_size = n;
	r->map_step = mmap->step;
}

static void copy_rsdp(const struct mb2_tag *tag)
{
	size_t n = tag->size - sizeof(*tag);

	if (n > sizeof(boot_info.rsdp_copy))
		n = sizeof(boot_info.rsdp_copy);
	memcpy(boot_info.rsdp_copy, tag + 1, n);
	boot_info.has_rsdp_copy = true;
}

static void parse_mb2_tag(const struct mb2_tag *tag)
{
	switch (tag->type) {
	case MB2_CMDLINE:
		copy_text(boot_info.cmdline, sizeof(boot_info.cmdline), (const char *)(tag + 1));
		break;
	case MB2_LOADER:
		copy_text(boot_info.loader, sizeof(boot_info.loader), (const char *)(tag + 1));
		break;
	case MB2_MODULE: {
		const struct mb2_module *m = (const void *)tag;

		add_module(m->start, m->end, m->cmdline);
		break;
	}
	case MB2_MMAP:
		parse_mb2_mmap((const void *)tag);
		break;
	case MB2_FRAMEBUFFER: {
		const struct mb2_framebuffer *fb = (const void *)tag;

		set_framebuffer(fb->addr, fb->pitch, fb->width, fb->height, fb->bpp, fb->type,
				fb->colour);
		break;
	}
	case MB2_EFI64:
		memcpy(&boot_info.efi_system_table, tag + 1, sizeof(boot_info.efi_system_table));
		break;
	case MB2_EFI_MMAP:
		copy_efi_map((const void *)tag);
		break;
	case MB2_RSDP_OLD:
		if (boot_info.has_rsdp_copy)
			break;	/* the newer one is better */
		copy_rsdp(tag);
		break;
	case MB2_RSDP_NEW:
		copy_rsdp(tag);
		break;
	}
}

static void parse_multiboot2(uint32_t info)
{
	const uint32_t *total = low(info);
	uint32_t at = 8;

	while (at + sizeof(struct mb2_tag) <= *total) {
		const struct mb2_tag *tag = low(info + at);

		if (tag->type == MB2_END || tag->size < sizeof(*tag))
			break;
		parse_mb2_tag(tag);
		at += ALIGN_UP(tag->size, 8);
	}
	if (!boot_info.e820_count)
		efi_memory_to_e820();
	if (efi_boot_result.framebuffer.is_linear)
		boot_info.framebuffer = efi_boot_result.framebuffer;
}

/* QEMU's own loader puts the file's name before the arguments. */
static void strip_file_name(void)
{
	char *args = boot_info.cmdline;

	if (strncmp(boot_info.loader, "qemu", 4))
		return;
	while (*args && *args != ' ')
		args++;
	while (*args == ' ')
		args++;
	memmove(boot_info.cmdline, args, strlen(args) + 1);
}

bool multiboot_parse(uint32_t magic, uint32_t info)
{
	if (magic == MULTIBOOT1_LOADED)
		parse_multiboot1(low(info));
	else if (magic == MULTIBOOT2_LOADED)
		parse_multiboot2(info);
	else
		return false;
	strip_file_name();
	return true;
}
