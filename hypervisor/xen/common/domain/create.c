/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making domains and vCPUs: each part is initialised by the file that owns
 * it, here is the order, and the way back when memory runs out.
 */
#include <hv/domain.h>

#include <hv/domain_list.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/memory_op.h>
#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/pirq.h>
#include <hv/sched.h>
#include <hv/time.h>

#include <asm/emulate.h>

/*
 * What vCPUs beyond those of shared_info have for a vcpu_info until they
 * register one: written by us, never shown to a guest, so one for all.
 */
static vcpu_info_t unregistered_info;

/* A page of ours that the domain may map, and that we keep mapped. */
static bool shared_page_init(struct domain *d)
{
	struct page_info *pg;

	d->shared = hv_pages_alloc(0);
	if (!d->shared)
		return false;
	pg = virt_to_page(d->shared);
	pg->owner = d->id;
	pg->state |= FRAME_SHARED;
	d->shared_page = pg;
	return true;
}

static void fields_init(struct domain *d, domid_t id, const struct domain_config *c)
{
	d->id = id;
	d->is_privileged = c->flags & DOMAIN_PRIVILEGED;
	d->is_hardware = c->flags & DOMAIN_HARDWARE;
	d->max_vcpus = c->max_vcpus;
	d->max_evtchn_port = c->max_evtchn_port;
	d->max_grant_frames = c->max_grant_frames;
	d->max_maptrack_frames = c->max_maptrack_frames;
	d->max_grant_version = c->max_grant_version;
	d->pause_count = c->is_paused;
	d->is_xenstore = c->is_xenstore;
	d->max_pages = UINT32_MAX;
	d->page_list = FRAME_NO_LINK;
	d->given_up_list = FRAME_NO_LINK;
	d->refs = 1;
	spin_lock_init(&d->lock);
	spin_lock_init(&d->page_list_lock);
	spin_lock_init(&d->evtchn_lock);
	spin_lock_init(&d->teardown.lock);
	sched_domain_init(d);
}

int domain_create(domid_t id, const struct domain_config *c, struct domain **out)
{
	int rc = -ENOMEM;
	struct domain *d;

	BUG_ON(id >= DOMID_FIRST_RESERVED || c->max_vcpus == 0 || c->max_vcpus > MAX_VCPUS);

	d = heap_alloc(sizeof(*d));
	if (!d)
		return -ENOMEM;
	fields_init(d, id, c);
	if (!shared_page_init(d))
		goto out_domain;
	if (evtchn_domain_init(d))
		goto out_shared;
	if (grant_domain_init(d))
		goto out_evtchn;
	if (pirq_domain_init(d))
		goto out_grant;
	if (arch_domain_init(d))
		goto out_pirq;
	guest_wallclock_update(d);
	rc = domain_list_add(d);
	if (rc)
		goto out_arch;
	*out = d;
	return 0;

out_arch:
	arch_domain_destroy(d);
out_pirq:
	pirq_domain_destroy(d);
out_grant:
	grant_domain_destroy(d);
out_evtchn:
	evtchn_domain_destroy(d);
out_shared:
	hv_pages_free(d->shared, 0);
out_domain:
	heap_free(d);
	return rc;
}

static void vcpu_init(struct vcpu *v, struct domain *d, unsigned int id)
{
	v->id = id;
	v->domain = d;
	v->not_runnable = VCPU_DOWN | (d->pause_count ? VCPU_PAUSED : 0);
	v->info = id < XEN_LEGACY_MAX_VCPUS ? &d->shared->vcpu_info[id] : &unregistered_info;
	v->info->evtchn_upcall_mask = 1;
	v->arch.kernel_root = INVALID_MFN;
	v->arch.user_root = INVALID_MFN;
	v->arch.in_kernel = true;
	v->arch.loaded_cpu = -1;
	v->arch.on_cpu = -1;
}

struct vcpu *vcpu_create(struct domain *d, unsigned int id)
{
	struct vcpu *v;

	BUG_ON(id >= d->max_vcpus || d->vcpu[id]);

	v = heap_alloc(sizeof(*v));
	if (!v)
		return NULL;
	vcpu_init(v, d, id);
	if (fpu_vcpu_init(v))
		goto out_vcpu;
	if (arch_vcpu_init(v))
		goto out_arch;
	sched_vcpu_init(v);
	__atomic_store_n(&d->vcpu[id], v, __ATOMIC_RELEASE);
	return v;

out_arch:
	arch_vcpu_destroy(v);
out_vcpu:
	heap_free(v);
	return NULL;
}

/* Somebody may still map the page, as far as it was let to: nobody's then, until they end that. */
static void shared_page_give_up(struct domain *d)
{
	d->shared_page->owner = OWNER_NONE;
	domain_page_release(d, d->shared_page);
}

void domain_free(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		if (!d->vcpu[i])
			continue;
		arch_vcpu_destroy(d->vcpu[i]);
		heap_free(d->vcpu[i]);
	}
	arch_domain_destroy(d);
	pirq_domain_destroy(d);
	grant_domain_destroy(d);
	evtchn_domain_destroy(d);
	memory_map_free(d);
	shared_page_give_up(d);
	heap_free(d);
}
