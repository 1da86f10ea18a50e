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

#define FAKE_STORE(type, va, value, failed)                                 \
	do {                                                                \
		if ((va) < PAGE_SIZE)                                       \
			goto failed;                                        \
		type value_ = (value);                                      \
		__builtin_memcpy((void *)(va), &value_, sizeof(value_));    \
	} while (0)

#define FAKE_LOAD(type, to, va, failed)                                        \
	do {                                                                   \
		if ((va) < PAGE_SIZE)                                          \
			goto failed;                                           \
		type value_;                                                   \
		__builtin_memcpy(&value_, (const void *)(va), sizeof(value_)); \
		(to) = value_;                                                 \
	} while (0)

#define guest_store(va, value, failed)	  FAKE_STORE(uint64_t, va, value, failed)
#define guest_store_16(va, value, failed) FAKE_STORE(uint16_t, va, value, failed)
#define guest_load(to, va, failed)	  FAKE_LOAD(uint64_t, to, va, failed)
#define guest_load_32(to, va, failed)	  FAKE_LOAD(uint32_t, to, va, failed)

#endif
