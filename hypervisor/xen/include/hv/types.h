/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Basic types and macros. Addresses of different worlds are different
 * types: a machine frame, a guest frame and a guest's linear address cannot
 * be mixed up by accident. All are one word and travel in a register.
 */
#ifndef HV_TYPES_H
#define HV_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define static_assert _Static_assert

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a)			(((x) + (a)-1) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a)		((x) & ~((__typeof__(x))(a)-1))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define __must_check	__attribute__((warn_unused_result))
#define __noreturn	__attribute__((noreturn))
#define __packed	__attribute__((packed))
#define __aligned(n)	__attribute__((aligned(n)))
#define __used		__attribute__((used))
/* Zeroed data that is of use only until dom0 is built: hypervisor_map.c gives its memory away then. */
#define __boot_only	__attribute__((section(".bss.boot_only")))
#define __section(s)	__attribute__((section(s)))
#define __format_printf(f, a) __attribute__((format(printf, f, a)))

/* A single access that the compiler may neither repeat nor tear. */
#define READ_ONCE(x)	 (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define barrier()	 __asm__ __volatile__("" ::: "memory")

/* A machine address in bytes. */
typedef uint64_t paddr_t;

/* A machine frame number. */
typedef struct {
	unsigned long raw;
} mfn_t;

/* A guest (pseudo-physical) frame number. */
typedef struct {
	unsigned long raw;
} gfn_t;

#define INVALID_MFN ((mfn_t){ ~0UL })
#define INVALID_GFN ((gfn_t){ ~0UL })

static inline mfn_t mfn(unsigned long n)
{
	return (mfn_t){ n };
}

static inline unsigned long mfn_raw(mfn_t m)
{
	return m.raw;
}

static inline mfn_t mfn_add(mfn_t m, unsigned long n)
{
	return (mfn_t){ m.raw + n };
}

static inline bool mfn_eq(mfn_t a, mfn_t b)
{
	return a.raw == b.raw;
}

static inline mfn_t mfn_of_paddr(paddr_t pa)
{
	return (mfn_t){ pa >> PAGE_SHIFT };
}

static inline paddr_t paddr_of_mfn(mfn_t m)
{
	return (paddr_t)m.raw << PAGE_SHIFT;
}

static inline gfn_t gfn(unsigned long n)
{
	return (gfn_t){ n };
}

static inline unsigned long gfn_raw(gfn_t g)
{
	return g.raw;
}

#endif
