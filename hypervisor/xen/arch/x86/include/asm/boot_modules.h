/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of the boot loader's modules. */
#ifndef ASM_BOOT_MODULES_H
#define ASM_BOOT_MODULES_H

/* dom0 has its copies: their memory goes to the page allocator. Once. */
void boot_modules_release(void);

#endif
