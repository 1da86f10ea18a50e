/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XEN_DOMCTL_getdomaininfo: what tools learn about a domain (xen/domctl.h). */
#include "control.h"

#include <hv/domain.h>
#include <hv/frame.h>
#include <hv/sched.h>
#include <hv/string.h>

/* Sum up the vCPUs: those that are up, their time, and what they do. */
static void vcpus_describe(const struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	bool is_blocked = true, is_running = false;

	info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		const struct vcpu *v = READ_ONCE(d->vcpu[i]);
		vcpu_runstate_info_t runstate;
		unsigned int reasons;

		if (!v)
			continue;
		info->max_vcpu_id = i;
		runstate_read(v, &runstate);
		info->cpu_time += runstate.time[RUNSTATE_running];
		reasons = READ_ONCE(v->not_runnable);
		if (reasons & VCPU_DOWN)
			continue;
		info->nr_online_vcpus++;
		is_blocked &= (reasons & (VCPU_BLOCKED | VCPU_POLLING)) != 0;
		is_running |= READ_ONCE(v->is_running);
	}
	if (!info->nr_online_vcpus)
		return;
	if (is_running)
		info->flags |= XEN_DOMINF_running;
	else if (is_blocked)
		info->flags |= XEN_DOMINF_blocked;
}

void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	unsigned int code;

	memset(info, 0, sizeof(*info));
	info->domain = d->id;
	vcpus_describe(d, info);
	spin_lock(&d->lock);
	if (d->is_dead)
		info->flags |= XEN_DOMINF_dying;
	if (d->is_shut_down)
		info->flags |= XEN_DOMINF_shutdown;
	/* all ones as long as there is no code */
	code = d->is_shut_down ? d->shutdown_code : XEN_DOMINF_shutdownmask;
	info->flags |= (code & XEN_DOMINF_shutdownmask) << XEN_DOMINF_shutdownshift;
	if (d->pause_count)
		info->flags |= XEN_DOMINF_paused;
	if (d->is_xenstore)
		info->flags |= XEN_DOMINF_xs_domain;
	if (d->is_debugged)
		info->flags |= XEN_DOMINF_debugged;
	info->max_pages = d->max_pages;
	memcpy(info->handle, d->handle, sizeof(info->handle));
	spin_unlock(&d->lock);
	info->tot_pages = READ_ONCE(d->total_pages);
	info->outstanding_pages = READ_ONCE(d->claimed_pages);
	info->shared_info_frame = mfn_raw(mfn_of_page(d->shared_page));
}
