/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page that tells dom0 where it is and what it has: struct start_info of xen/xen.h. */
#include "build_dom0.h"

#include <hv/abi.h>
#include <hv/frame.h>
#include <hv/string.h>
#include <hv/vga.h>

#include <asm/boot.h>

/* dom0's page has the screen's description behind the struct. */
#define CONSOLE_OFFSET ALIGN_UP(sizeof(struct start_info), 16)

static_assert(CONSOLE_OFFSET + sizeof(struct dom0_vga_console_info) <= PAGE_SIZE,
	      "the console info is in the same page, xen/xen.h");

/* The boot loader's text begins with a file name, or a word that stands for it. */
static const char *cmdline_of_kernel(const char *text)
{
	while (*text == ' ')
		text++;
	while (*text && *text != ' ')
		text++;
	while (*text == ' ')
		text++;
	return text;
}

static void initrd_tell(const struct dom0_layout *l, struct start_info *si)
{
	if (!l->initrd_len)
		return;
	si->mod_len = l->initrd_len;
	if (l->initrd) {
		si->mod_start = l->initrd;
		return;
	}
	si->mod_start = l->initrd_pfn;
	si->flags |= SIF_MOD_START_PFN;
}

static void linear_framebuffer_describe(struct dom0_vga_console_info *info)
{
	const struct boot_framebuffer *fb = &boot_info.framebuffer;

	info->video_type = boot_info.efi_system_table ? XEN_VGATYPE_EFI_LFB : XEN_VGATYPE_VESA_LFB;
	info->u.vesa_lfb.width = (uint16_t)fb->width;
	info->u.vesa_lfb.height = (uint16_t)fb->height;
	info->u.vesa_lfb.bytes_per_line = (uint16_t)fb->pitch;
	info->u.vesa_lfb.bits_per_pixel = (uint16_t)fb->bits_per_pixel;
	info->u.vesa_lfb.lfb_base = (uint32_t)fb->address;
	info->u.vesa_lfb.ext_lfb_base = (uint32_t)(fb->address >> 32);
	info->u.vesa_lfb.lfb_size = (uint32_t)(ALIGN_UP(fb->bytes, KIB(64)) >> 16);
	info->u.vesa_lfb.red_pos = fb->red_pos;
	info->u.vesa_lfb.red_size = fb->red_size;
	info->u.vesa_lfb.green_pos = fb->green_pos;
	info->u.vesa_lfb.green_size = fb->green_size;
	info->u.vesa_lfb.blue_pos = fb->blue_pos;
	info->u.vesa_lfb.blue_size = fb->blue_size;
	info->u.vesa_lfb.rsvd_pos = fb->rest_pos;
	info->u.vesa_lfb.rsvd_size = fb->rest_size;
}

/* A screen in text mode that is none of our consoles: nobody wrote to it since the boot loader. */
static void text_screen_describe(struct dom0_vga_console_info *info)
{
	info->video_type = XEN_VGATYPE_TEXT_MODE_3;
	info->u.text_mode_3.font_height = 16;
	info->u.text_mode_3.rows = 25;
	info->u.text_mode_3.columns = 80;
}

static bool screen_describe(struct dom0_vga_console_info *info)
{
	if (vga_handover(info))
		return true;
	memset(info, 0, sizeof(*info));
	if (boot_info.framebuffer.is_linear)
		linear_framebuffer_describe(info);
	else if (boot_info.framebuffer.is_text)
		text_screen_describe(info);
	else
		return false;
	return true;
}

static void console_tell(struct start_info *si)
{
	struct dom0_vga_console_info info;

	if (!screen_describe(&info))
		return;
	memcpy((char *)si + CONSOLE_OFFSET, &info, sizeof(info));
	si->console.dom0.info_off = CONSOLE_OFFSET;
	si->console.dom0.info_size = sizeof(info);
}

void dom0_start_info_write(const struct dom0_builder *b, const char *cmdline)
{
	const struct dom0_layout *l = &b->layout;
	struct start_info *si = dom0_page_map(b, dom0_layout_pfn(l, l->start_info));

	string_copy(si->magic, "xen-3.0-x86_64", sizeof(si->magic));
	si->nr_pages = l->nr_pages;
	si->shared_info = paddr_of_mfn(mfn_of_page(b->d->shared_page));
	si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
	si->pt_base = l->tables;
	si->nr_pt_frames = l->table_count;
	si->mfn_list = l->p2m;
	if (l->p2m_is_apart) {
		si->first_p2m_pfn = l->p2m_pfn;
		si->nr_p2m_frames = l->p2m_page_count + l->p2m_table_count;
	}
	initrd_tell(l, si);
	console_tell(si);
	string_copy((char *)si->cmd_line, cmdline_of_kernel(cmdline), sizeof(si->cmd_line));
	frame_unmap(si);
}
