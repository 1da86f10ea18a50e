/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock as guests see it: vcpu_time_info and the wall clock of shared_info, both
 * with a version that is odd while they change (xen/xen.h). The memory is the
 * guest's too: it is written, never read.
 */
#include <hv/time.h>

#include <hv/domain.h>
#include <hv/guest_copy.h>
#include <hv/spinlock.h>
#include <hv/types.h>

#include <asm/clock.h>
#include <asm/system.h>

static_assert(sizeof(vcpu_time_info_t) == 32, "xen/xen.h says so");

/* Guards wc_version and what it protects, in every domain's shared_info. */
static struct spinlock publish_lock = SPINLOCK_INIT;

/* One for all domains: the version a guest sees grows, that is all it relies on. */
static uint32_t wallclock_version __guarded_by(publish_lock);

void guest_wallclock_update(struct domain *d)
{
	uint64_t base = wallclock_base_ns();
	uint64_t seconds = base / NS_PER_SECOND + READ_ONCE(d->time_offset_s);
	unsigned long flags = spin_lock_irqsave(&publish_lock);

	wallclock_version += 2;
	WRITE_ONCE(d->shared->wc_version, wallclock_version - 1);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	WRITE_ONCE(d->shared->wc_sec, seconds);
	WRITE_ONCE(d->shared->wc_sec_hi, seconds >> 32);
	WRITE_ONCE(d->shared->wc_nsec, base % NS_PER_SECOND);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	WRITE_ONCE(d->shared->wc_version, wallclock_version);
	spin_unlock_irqrestore(&publish_lock, flags);
}

static void time_info_make(struct vcpu *v, vcpu_time_info_t *t)
{
	v->arch.time_version += 2;
	*t = (vcpu_time_info_t){
		.version = v->arch.time_version,
		.tsc_timestamp = rdtsc(),
		.tsc_to_system_mul = tsc_scale.mul,
		.tsc_shift = tsc_scale.shift,
		.flags = tsc_is_invariant() ? XEN_PVCLOCK_TSC_STABLE_BIT : 0,
	};
	t->system_time = system_time_of_tsc(t->tsc_timestamp);
}

static void time_info_publish(volatile vcpu_time_info_t *to, const vcpu_time_info_t *t)
{
	to->version = t->version - 1;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	to->tsc_timestamp = t->tsc_timestamp;
	to->system_time = t->system_time;
	to->tsc_to_system_mul = t->tsc_to_system_mul;
	to->tsc_shift = t->tsc_shift;
	to->flags = t->flags;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	to->version = t->version;
}

/*
 * The same through the guest's address. It may not be mapped now (in user mode, by the
 * guest's own tables): what the area holds stays right, for the scale never changes.
 */
static void time_info_copy(struct vcpu *v, const vcpu_time_info_t *t)
{
	unsigned long guest_va = v->time_guest;
	unsigned long version_va = guest_va + offsetof(vcpu_time_info_t, version);
	unsigned long body_va = guest_va + offsetof(vcpu_time_info_t, tsc_timestamp);
	size_t body_len = sizeof(*t) - offsetof(vcpu_time_info_t, tsc_timestamp);
	uint32_t changing = t->version - 1;

	if (guest_write(version_va, &changing))
		return;
	/* An area that ends in a page which is not there is the guest's own loss, ... */
	if (guest_copy_to(body_va, &t->tsc_timestamp, body_len) ||
	    guest_write(version_va, &t->version))
		v->time_guest = 0;	/* ... and only once */
}

void guest_clock_update(struct vcpu *v)
{
	vcpu_time_info_t t;

	time_info_make(v, &t);
	time_info_publish(&v->info->time, &t);
	if (v->time_guest && v == current_vcpu())
		time_info_copy(v, &t);
}
