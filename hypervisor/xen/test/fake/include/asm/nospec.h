/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's stand-in for asm/nospec.h: no barriers. */
#ifndef ASM_NOSPEC_H
#define ASM_NOSPEC_H

static inline void branch_barrier(void)
{
}

static inline void lock_barrier(void)
{
}

#endif
