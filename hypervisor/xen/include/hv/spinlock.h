/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spin locks. The annotations are checked by clang (-Wthread-safety) and
 * vanish under gcc. All hypervisor code that takes a lock also taken by an
 * interrupt handler uses the _irqsave forms.
 */
#ifndef HV_SPINLOCK_H
#define HV_SPINLOCK_H

#include <hv/types.h>

#include <asm/nospec.h>
#include <asm/system.h>

#ifdef __clang__
#define __lockable	   __attribute__((capability("mutex")))
#define __acquires(...)	   __attribute__((acquire_capability(__VA_ARGS__)))
#define __releases(...)	   __attribute__((release_capability(__VA_ARGS__)))
#define __try_acquires(...) __attribute__((try_acquire_capability(true, __VA_ARGS__)))
#define __must_hold(...)   __attribute__((requires_capability(__VA_ARGS__)))
#define __guarded_by(l)	   __attribute__((guarded_by(l)))
#define __no_lock_check	   __attribute__((no_thread_safety_analysis))
#else
#define __lockable
#define __acquires(...)
#define __releases(...)
#define __try_acquires(...)
#define __must_hold(...)
#define __guarded_by(l)
#define __no_lock_check
#endif

struct __lockable spinlock {
	uint32_t held;
};

#define SPINLOCK_INIT \
	{             \
		0     \
	}

static inline void spin_lock_init(struct spinlock *l)
{
	l->held = 0;
}

static inline bool spin_is_locked(const struct spinlock *l)
{
	return __atomic_load_n(&l->held, __ATOMIC_RELAXED);
}

static inline bool spin_trylock(struct spinlock *l) __try_acquires(*l) __no_lock_check
{
	return !__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE);
}

static inline void spin_lock(struct spinlock *l) __acquires(*l) __no_lock_check
{
	while (unlikely(__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE)))
		while (spin_is_locked(l))
			cpu_relax();
	lock_barrier();
}

static inline void spin_unlock(struct spinlock *l) __releases(*l) __no_lock_check
{
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

/* Returns the flags that spin_unlock_irqrestore() wants back. */
static inline unsigned long spin_lock_irqsave(struct spinlock *l) __acquires(*l) __no_lock_check
{
	unsigned long flags = irq_save();

	spin_lock(l);
	return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
	__releases(*l) __no_lock_check
{
	spin_unlock(l);
	irq_restore(flags);
}

#endif
