/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a domain, in stages that each may stop and go on later. First nothing of it runs any more, and it
 * can begin nothing; then it gives back what it has of others, then its own memory. What others have of it
 * (mappings of its frames, of its grants) keeps the rest alive: domain_free() comes with the last reference.
 */
#include <hv/domain.h>

#include <hv/domain_pages.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/grant.h>
#include <hv/memory_op.h>
#include <hv/memory_work.h>
#include <hv/page_ref.h>
#include <hv/sched.h>

enum teardown_stage {
	TEARDOWN_NONE,	/* it lives */
	TEARDOWN_EVENTS,
	TEARDOWN_GRANTS,
	TEARDOWN_VCPUS,
	TEARDOWN_PAGES,
	TEARDOWN_DONE,
};

/*
 * is_dying is looked at under each of these locks by who would give the domain something:
 * whoever does not see it has done so before we look for what there is.
 */
static void mark_dying(struct domain *d)
{
	spin_lock(&d->lock);
	spin_lock(&d->evtchn_lock);
	spin_lock(&d->page_list_lock);
	d->is_dying = true;
	spin_unlock(&d->page_list_lock);
	spin_unlock(&d->evtchn_lock);
	spin_unlock(&d->lock);
}

static void vcpus_stop(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			vcpu_sleep(d->vcpu[i], VCPU_DYING);
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		if (!d->vcpu[i])
			continue;
		vcpu_sync(d->vcpu[i]);
		sched_vcpu_exit(d->vcpu[i]);
	}
	sched_domain_exit(d);
	watchdogs_end(d);
	claim_end(d);
}

static int vcpu_relinquish(struct vcpu *v)
{
	if (memory_work_abandon(v))
		return -ERESTART;
	if (v->info_page) {
		v->info = &v->domain->shared->vcpu_info[0];
		page_put_type(v->info_page);
		v->info_page = NULL;
	}
	return arch_vcpu_relinquish(v);
}

static int vcpus_relinquish(struct domain *d)
{
	for (; d->teardown.vcpu < d->max_vcpus; d->teardown.vcpu++) {
		struct vcpu *v = d->vcpu[d->teardown.vcpu];

		if (v && vcpu_relinquish(v))
			return -ERESTART;
	}
	return 0;
}

static int stage_run(struct domain *d)
{
	switch ((enum teardown_stage)d->teardown.stage) {
	case TEARDOWN_NONE:
		mark_dying(d);
		vcpus_stop(d);
		return 0;
	case TEARDOWN_EVENTS:
		return evtchn_domain_reset(d);
	case TEARDOWN_GRANTS:
		return grant_domain_relinquish(d);
	case TEARDOWN_VCPUS:
		return vcpus_relinquish(d);
	case TEARDOWN_PAGES:
		return domain_pages_relinquish(d);
	case TEARDOWN_DONE:
		break;
	}
	return 0;
}

/* The list's reference goes: what is left waits for others. */
static void end(struct domain *d)
{
	spin_lock(&d->lock);
	d->is_dead = true;
	spin_unlock(&d->lock);
	virq_send_global(hardware_domain, VIRQ_DOM_EXC);
	domain_put(d);
}

int domain_destroy(struct domain *d)
{
	bool has_ended = false;
	int rc = 0;

	if (d->is_hardware)
		return -EINVAL;
	/* somebody else is at it */
	if (!spin_trylock(&d->teardown.lock))
		return -ERESTART;
	while (!rc && d->teardown.stage != TEARDOWN_DONE) {
		rc = stage_run(d);
		if (!rc)
			has_ended = ++d->teardown.stage == TEARDOWN_DONE;
	}
	spin_unlock(&d->teardown.lock);
	if (has_ended)
		end(d);
	return rc;
}
