/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen: 80x25 text mode of a VGA, until dom0 takes it over. */
#ifndef HV_VGA_H
#define HV_VGA_H

#include <hv/abi.h>
#include <hv/types.h>

#define VGA_TEXT_PADDR 0xb8000
#define VGA_TEXT_BYTES 0x8000

/*
 * Make the screen a console, if the options ask for it and there is a VGA
 * in colour text mode. @mapped: VGA_TEXT_BYTES at VGA_TEXT_PADDR, mapped
 * for good, uncached (iomap_device()).
 */
void vga_init(volatile void *mapped);

/*
 * dom0 is about to run: fill in what its start info says of the screen, and
 * stop writing to it unless vga=keep. Returns false when there is no
 * screen to tell of (then *info is all zero).
 */
bool vga_handover(struct dom0_vga_console_info *info);

#endif
