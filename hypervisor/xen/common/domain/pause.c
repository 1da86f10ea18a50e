/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain is stopped from outside, and let go on: by tools, who count how often, by ourselves while
 * we look at its registers, and by its own end.
 */
#include <hv/domain.h>

#include <hv/errno.h>
#include <hv/sched.h>

/* What a byte counts. */
#define PAUSES_MAX 255

static bool may_run(const struct domain *d)
{
	return !d->pause_count && !d->freeze_count && !d->is_shut_down;
}

void domain_update_vcpus(struct domain *d)
{
	bool is_on = may_run(d);

	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		if (!d->vcpu[i])
			continue;
		if (is_on)
			vcpu_wake(d->vcpu[i], VCPU_PAUSED);
		else
			vcpu_sleep(d->vcpu[i], VCPU_PAUSED);
	}
}

int domain_pause(struct domain *d)
{
	int rc = 0;

	spin_lock(&d->lock);
	if (d->pause_count == PAUSES_MAX) {
		rc = -EBUSY;
	} else {
		d->pause_count++;
		domain_update_vcpus(d);
	}
	spin_unlock(&d->lock);
	return rc;
}

int domain_unpause(struct domain *d)
{
	int rc = 0;

	spin_lock(&d->lock);
	if (!d->pause_count) {
		rc = -EINVAL;
	} else {
		d->pause_count--;
		d->has_run |= !d->pause_count;
		domain_update_vcpus(d);
	}
	spin_unlock(&d->lock);
	return rc;
}

void domain_freeze(struct domain *d)
{
	spin_lock(&d->lock);
	d->freeze_count++;
	domain_update_vcpus(d);
	spin_unlock(&d->lock);
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			vcpu_sync(d->vcpu[i]);
}

void domain_thaw(struct domain *d)
{
	spin_lock(&d->lock);
	d->freeze_count--;
	domain_update_vcpus(d);
	spin_unlock(&d->lock);
}

void domain_resume(struct domain *d)
{
	spin_lock(&d->lock);
	d->is_shut_down = false;
	d->is_shutdown_code_latched = false;
	domain_update_vcpus(d);
	spin_unlock(&d->lock);
}
