/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two watchdogs for each domain: who does not poke its own in time is shut down (xen/sched.h). */
#include "sched_private.h"

#include <hv/errno.h>
#include <hv/nospec.h>
#include <hv/sched.h>
#include <hv/time.h>

#define WATCHDOG_COUNT ARRAY_SIZE(((struct domain *)0)->watchdog)

static void watchdog_expired(void *data)
{
	domain_shutdown(data, SHUTDOWN_watchdog);
}

static void watchdog_arm(struct timer *t, unsigned int timeout_s)
{
	timer_set(t, system_time_ns() + timeout_s * NS_PER_SECOND);
}

/* The id of a new one. */
static long watchdog_start(struct domain *d, unsigned int timeout_s, unsigned int cpu)
{
	unsigned int i;

	if (!timeout_s)
		return -EINVAL;

	for (i = 0; i < WATCHDOG_COUNT; i++) {
		if (d->watchdogs_used & 1U << i)
			continue;
		d->watchdogs_used |= 1U << i;
		timer_init(&d->watchdog[i], watchdog_expired, d, cpu);
		watchdog_arm(&d->watchdog[i], timeout_s);
		return i + 1;
	}
	return -ENOSPC;
}

/*
 * @id 0: start one that expires on @cpu. Else poke it, or stop it if @timeout_s is 0.
 *
 * The id or 0; -EINVAL: no such watchdog, or none started with time-out 0; -ENOSPC: both in use.
 */
long watchdog_op(struct domain *d, unsigned int id, unsigned int timeout_s, unsigned int cpu)
{
	struct timer *t = &d->watchdog[index_nospec(id - 1, WATCHDOG_COUNT)];
	long rc = 0;

	spin_lock(&d->lock);
	if (!id) {
		rc = watchdog_start(d, timeout_s, cpu);
	} else if (id > WATCHDOG_COUNT || !(d->watchdogs_used & 1U << (id - 1))) {
		rc = -EINVAL;
	} else if (timeout_s) {
		watchdog_arm(t, timeout_s);
	} else {
		timer_stop(t);
		d->watchdogs_used &= ~(1U << (id - 1));
	}
	spin_unlock(&d->lock);
	return rc;
}

void watchdogs_end(struct domain *d)
{
	for (unsigned int i = 0; i < WATCHDOG_COUNT; i++)
		if (d->watchdogs_used & 1U << i)
			timer_end(&d->watchdog[i]);
}
