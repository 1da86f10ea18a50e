/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making domains and vCPUs: each part is initialised by the file that owns
 * it, here is the order, and the way back when memory runs out.
 */
#include <hv/domain.h>

#include <hv/domain_list.h>
#include <hv/event_channel.h>
#include <hv/frame.h>
#include <hv/grant.h>
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

static void fields_init(struct domain *d, domid_t id, unsigned int max_vcpus, unsigned int flags)
{
	d->id = id;
	d->is_privileged = flags & DOMAIN_PRIVILEGED;
	d->is_hardware = flags & DOMAIN_HARDWARE;
	d->max_vcpus = max_vcpus;
	d->max_pages = UINT32_MAX;
	d->page_list = FRAME_NO_LINK;
	d->refs = 1;
	spin_lock_init(&d->lock);
	spin_lock_init(&d->page_list_lock);
	spin_lock_init(&d->evtchn_lock);
	sched_domain_init(d);
}

struct domain *domain_create(domid_t id, unsigned int max_vcpus, unsigned int flags)
{
	struct domain *d;

	BUG_ON(id >= DOMID_FIRST_RESERVED || max_vcpus == 0 || max_vcpus > MAX_VCPUS);

	d = heap_alloc(sizeof(*d));
	if (!d)
		return NULL;
	fields_init(d, id, max_vcpus, flags);
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
	if (domain_list_add(d))
		goto out_arch;
	return d;

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
	return NULL;
}

struct vcpu *vcpu_create(struct domain *d, unsigned int id)
{
	struct vcpu *v;

	BUG_ON(id >= d->max_vcpus || d->vcpu[id]);

	v = heap_alloc(sizeof(*v));
	if (!v)
		return NULL;
	v->id = id;
	v->domain = d;
	v->not_runnable = VCPU_DOWN;
	v->info = id < XEN_LEGACY_MAX_VCPUS ? &d->shared->vcpu_info[id] : &unregistered_info;
	v->info->evtchn_upcall_mask = 1;
	v->arch.kernel_root = INVALID_MFN;
	v->arch.user_root = INVALID_MFN;
	v->arch.in_kernel = true;
	v->arch.loaded_cpu = -1;
	v->arch.on_cpu = -1;
	if (fpu_vcpu_init(v))
		goto out_vcpu;
	if (arch_vcpu_init(v))
		goto out_fpu;
	sched_vcpu_init(v);
	d->vcpu[id] = v;
	return v;

out_fpu:
	heap_free(v->arch.fpu);
out_vcpu:
	heap_free(v);
	return NULL;
}
