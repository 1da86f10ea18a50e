/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hidden bases of FS and GS, as they are in this CPU. The hypervisor uses
 * neither. With FSGSBASE, CR4.FSGSBASE is always set.
 */
#ifndef ASM_SEGMENT_BASE_H
#define ASM_SEGMENT_BASE_H

#include <hv/types.h>

unsigned long fs_base_read(void);
void fs_base_write(unsigned long base);

/* Of the mode, kernel or user, that the guest is in. */
unsigned long gs_base_read(void);
void gs_base_write(unsigned long base);

/* Of the other mode. */
unsigned long gs_base_shadow_read(void);
void gs_base_shadow_write(unsigned long base);

#endif
