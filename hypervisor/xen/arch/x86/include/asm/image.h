/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bounds of the image and its sections: xen.lds.S. */
#ifndef ASM_IMAGE_H
#define ASM_IMAGE_H

extern char image_start[], image_end[];
extern char text_start[], text_end[];
extern char rodata_start[], rodata_end[];
extern char data_start[], data_end[];
extern char symbols_section_start[];

#endif
