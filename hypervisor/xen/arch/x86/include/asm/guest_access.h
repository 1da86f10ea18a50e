/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single words to and from guest memory, as one instruction each, for paths
 * where the copies of hv/guest_copy.h would be most of the work. The caller
 * has checked the range (guest_range_ok) and opened user pages.
 */
#ifndef ASM_GUEST_ACCESS_H
#define ASM_GUEST_ACCESS_H

#include <hv/types.h>

#include <asm/layout.h>
#include <asm/patch.h>

/* Guests have everything but our part; a non-canonical address faults by itself. */
static inline bool guest_range_ok(unsigned long va, size_t len)
{
	return va + len >= va && (va >= HV_VIRT_END || va + len <= HV_VIRT_START);
}

/* Around guest_store() and guest_load(): STAC and CLAC, where the machine has SMAP. */
static inline void guest_access_begin(void)
{
	__asm__ __volatile__(OPTIONAL_INSTRUCTION(PATCH_SMAP, 0x0f, 0x01, 0xcb)::: "memory");
}

static inline void guest_access_end(void)
{
	__asm__ __volatile__(OPTIONAL_INSTRUCTION(PATCH_SMAP, 0x0f, 0x01, 0xca)::: "memory");
}

/* An entry of the exception table that leads to a label of the C function: %l2 of "asm goto". */
#define FAULT_TO_LABEL \
	".pushsection .ex_table, \"a\"\n .balign 4\n .long 1b - ., %l2 - .\n .popsection"

/* Store @value at guest address @va, or go to @failed. */
#define guest_store(va, value, failed)                                                             \
	__asm__ goto("1: movq %1, %0\n" FAULT_TO_LABEL                                             \
		     :                                                                             \
		     : "m"(*(uint64_t *)(va)), "er"((uint64_t)(value))                             \
		     : "memory"                                                                    \
		     : failed)

/* The same with 16 bits. */
#define guest_store_16(va, value, failed)                                                          \
	__asm__ goto("1: movw %1, %0\n" FAULT_TO_LABEL                                             \
		     :                                                                             \
		     : "m"(*(uint16_t *)(va)), "r"((uint16_t)(value))                              \
		     : "memory"                                                                    \
		     : failed)

/* Load a word from guest address @va into the lvalue @to, or go to @failed. */
#define guest_load(to, va, failed)                                                                 \
	__asm__ goto("1: movq %1, %0\n" FAULT_TO_LABEL                                             \
		     : "=r"(to)                                                                    \
		     : "m"(*(const uint64_t *)(va))                                                \
		     :                                                                             \
		     : failed)

/* The same with 32 bits. */
#define guest_load_32(to, va, failed)                                                              \
	__asm__ goto("1: movl %1, %0\n" FAULT_TO_LABEL                                             \
		     : "=r"(to)                                                                    \
		     : "m"(*(const uint32_t *)(va))                                                \
		     :                                                                             \
		     : failed)

#endif
