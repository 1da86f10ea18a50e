/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of what only the start needs: the boot loader's modules, and some of our own data. */
#ifndef ASM_BOOT_MODULES_H
#define ASM_BOOT_MODULES_H

/* dom0 has its copies: their memory goes to the page allocator. Once. */
void boot_modules_release(void);

/* What is marked __boot_only likewise. Once, before a guest runs. */
void boot_only_release(void);

#endif
