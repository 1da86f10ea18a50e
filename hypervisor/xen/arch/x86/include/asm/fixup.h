/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of ours that are allowed to fault, and where to go on. */
#ifndef ASM_FIXUP_H
#define ASM_FIXUP_H

#include <hv/abi.h>
#include <hv/types.h>

/* If regs->rip is in the exception table, point it at its fixup. */
bool fixup_apply(struct cpu_user_regs *regs);

#endif
