/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bounds of the image and its sections (xen.lds.S), and where it lies. */
#ifndef ASM_IMAGE_H
#define ASM_IMAGE_H

#include <stdint.h>

#include <asm/layout.h>

extern char image_start[], image_end[];
extern char text_start[], text_end[];
/* What is mapped while a guest runs that is isolated: entry code, descriptor tables. */
extern char entry_text_start[], entry_text_end[], entry_data_start[], entry_data_end[];
extern char rodata_start[], rodata_end[];
extern char data_start[], data_end[];
extern char boot_only_start[], boot_only_end[];	/* among the data */
extern char symbols_section_start[];
extern const char build_id_note[], build_id_note_end[];	/* an ELF note */

/* How far the boot loader put it above IMAGE_PHYS, a multiple of 2 MiB: set by head.S. */
extern uint64_t image_load_offset;

/* The machine address of something in it. */
#define image_paddr(p) ((uint64_t)(unsigned long)(p)-IMAGE_START + image_load_offset)

#endif
