/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain is stopped from outside, and let go on. One that has shut down stays stopped. */
#include <hv/domain.h>

#include <hv/errno.h>
#include <hv/sched.h>

static void vcpus_sleep(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			vcpu_sleep(d->vcpu[i], VCPU_PAUSED);
}

static void vcpus_wake(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			vcpu_wake(d->vcpu[i], VCPU_PAUSED);
}

/* Once is enough: a second one changes nothing. */
int domain_pause(struct domain *d)
{
	spin_lock(&d->lock);
	if (!d->is_paused) {
		d->is_paused = true;
		vcpus_sleep(d);
	}
	spin_unlock(&d->lock);
	return 0;
}

int domain_unpause(struct domain *d)
{
	int rc = 0;

	spin_lock(&d->lock);
	if (!d->is_paused)
		rc = -EINVAL;
	else if (!d->is_shut_down)
		vcpus_wake(d);
	d->is_paused = false;
	spin_unlock(&d->lock);
	return rc;
}
