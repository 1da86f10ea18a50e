/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where head.S comes to. */
#ifndef ASM_START_H
#define ASM_START_H

#include <hv/types.h>

/* In 64-bit mode on the first stack, interrupts off; does not return. */
void boot_start(uint32_t magic, uint32_t info);

#endif
