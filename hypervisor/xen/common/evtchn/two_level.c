/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two-level ABI (xen/xen.h, struct shared_info): a pending and a mask
 * bit for each port, a selector word for each vCPU with a bit for each word
 * of pending bits. All of it is the guest's to scribble on: each word is
 * used in single atomic operations, and whatever it says is only the guest's
 * affair.
 */
#include "evtchn_private.h"

#include <hv/sched.h>

static_assert(sizeof(((shared_info_t *)0)->evtchn_pending) * 8 == EVTCHN_2L_NR_CHANNELS,
	      "a bit for each port");
static_assert(offsetof(vcpu_info_t, evtchn_pending_sel) == 8, "x86-64 layout in xen/xen.h");

#define BITS 64

static bool bit_test_and_set(xen_ulong_t *words, unsigned int n)
{
	return __atomic_fetch_or(&words[n / BITS], 1UL << (n % BITS), __ATOMIC_SEQ_CST) &
	       1UL << (n % BITS);
}

static bool bit_test_and_clear(xen_ulong_t *words, unsigned int n)
{
	return __atomic_fetch_and(&words[n / BITS], ~(1UL << (n % BITS)), __ATOMIC_SEQ_CST) &
	       1UL << (n % BITS);
}

static bool bit_test(const xen_ulong_t *words, unsigned int n)
{
	return READ_ONCE(words[n / BITS]) & 1UL << (n % BITS);
}

static void upcall_request_at(struct vcpu *v, vcpu_info_t *info)
{
	if (!__atomic_exchange_n(&info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
		vcpu_kick(v);
}

/*
 * If the selector bit is set already, the guest has yet to look at this word
 * of pending bits: it clears the selector first. That is also why the port's
 * bit was set before.
 */
static void notify(struct vcpu *v, unsigned int port)
{
	vcpu_info_t *info = READ_ONCE(v->info);

	if (!bit_test_and_set(&info->evtchn_pending_sel, port / BITS))
		upcall_request_at(v, info);
}

void upcall_request(struct vcpu *v)
{
	upcall_request_at(v, READ_ONCE(v->info));
}

void two_level_remember(struct domain *d, unsigned int port)
{
	bit_test_and_set(d->shared->evtchn_pending, port);
}

void two_level_set_pending(struct domain *d, unsigned int port, unsigned int vcpu)
{
	if (!bit_test_and_set(d->shared->evtchn_pending, port) &&
	    !bit_test(d->shared->evtchn_mask, port))
		notify(d->vcpu[vcpu], port);
}

void two_level_clear_pending(struct domain *d, unsigned int port)
{
	bit_test_and_clear(d->shared->evtchn_pending, port);
}

void two_level_unmask(struct domain *d, unsigned int port, unsigned int vcpu)
{
	if (bit_test_and_clear(d->shared->evtchn_mask, port) &&
	    bit_test(d->shared->evtchn_pending, port))
		notify(d->vcpu[vcpu], port);
}

bool two_level_is_pending(const struct domain *d, unsigned int port)
{
	return bit_test(d->shared->evtchn_pending, port);
}

bool vcpu_event_deliverable(const struct vcpu *v)
{
	const vcpu_info_t *info = v->info;

	return READ_ONCE(info->evtchn_upcall_pending) && !READ_ONCE(info->evtchn_upcall_mask);
}

void evtchn_resync(struct vcpu *v)
{
	vcpu_info_t *info = v->info;

	__atomic_store_n(&info->evtchn_pending_sel, ~0UL, __ATOMIC_SEQ_CST);
	upcall_request_at(v, info);
}
