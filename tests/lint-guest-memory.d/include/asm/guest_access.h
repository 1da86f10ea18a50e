/* SPDX-License-Identifier: GPL-2.0-or-later */
/* asm/guest_access.h as tests/lint-guest-memory sees it: loads of single words are copies like others. */
#ifndef ASM_GUEST_ACCESS_H
#define ASM_GUEST_ACCESS_H

#include <hv/guest_copy.h>

#include <asm/layout.h>

static inline bool guest_range_ok(unsigned long va, size_t len)
{
	return va + len >= va && (va >= HV_VIRT_END || va + len <= HV_VIRT_START);
}

#define guest_access_begin() ((void)0)
#define guest_access_end()   ((void)0)

#define guest_store(va, value, failed)                         \
	do {                                                   \
		uint64_t lint_value = (value);                 \
		if (guest_copy_to((va), &lint_value, 8))       \
			goto failed;                           \
	} while (0)

#define guest_store_16(va, value, failed)                      \
	do {                                                   \
		uint16_t lint_value = (value);                 \
		if (guest_copy_to((va), &lint_value, 2))       \
			goto failed;                           \
	} while (0)

#define guest_load(to, va, failed)                             \
	do {                                                   \
		if (guest_copy_from(&(to), (va), sizeof(to)))  \
			goto failed;                           \
	} while (0)

#define guest_load_32(to, va, failed) guest_load(to, va, failed)

#endif
