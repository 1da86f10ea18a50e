/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Barriers against what a guest makes us do speculatively; patched in where they are wanted. */
#ifndef ASM_NOSPEC_H
#define ASM_NOSPEC_H

#include <asm/patch.h>

/* Behind a condition on a guest's number: nothing that follows happens unless it holds. */
static inline void branch_barrier(void)
{
	__asm__ __volatile__(OPTIONAL_INSTRUCTION(PATCH_BRANCH, 0x0f, 0xae, 0xe8)::: "memory");
}

/* Behind taking a lock: what it guards is not looked at before. */
static inline void lock_barrier(void)
{
	__asm__ __volatile__(OPTIONAL_INSTRUCTION(PATCH_LOCK, 0x0f, 0xae, 0xe8)::: "memory");
}

#endif
