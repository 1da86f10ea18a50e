/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's stand-in for asm/guest_access.h: a guest address is a host address, but for those of test/fake/guest.h. */
#ifndef ASM_GUEST_ACCESS_H
#define ASM_GUEST_ACCESS_H

#include <hv/types.h>

#include <asm/layout.h>

static inline bool guest_range_ok(unsigned long va, size_t len)
{
	return va + len >= va && (va >= HV_VIRT_END || va + len <= HV_VIRT_START);
}

static inline void guest_access_begin(void)
{
}

static inline void guest_access_end(void)
{
}

#define guest_store(va, value, failed)                          \
	do {                                                    \
		if ((va) < PAGE_SIZE)                           \
			goto failed;                            \
		uint64_t value_ = (value);                      \
		__builtin_memcpy((void *)(va), &value_, 8);                    \
	} while (0)

#define guest_load(to, va, failed)                              \
	do {                                                    \
		if ((va) < PAGE_SIZE)                           \
			goto failed;                            \
		uint64_t value_;                                \
		__builtin_memcpy(&value_, (const void *)(va), 8); \
		(to) = value_;                 \
	} while (0)

#endif
