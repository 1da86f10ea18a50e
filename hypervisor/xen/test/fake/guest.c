/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See guest.h. */
#include "guest.h"

#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/guest_copy.h>

#include <asm/percpu.h>

#include <stdlib.h>
#include <string.h>

static struct domain *domains[FAKE_DOMAINS];
int fake_shutdown_code = -1;

struct domain *fake_domain_make(domid_t id, unsigned int vcpus)
{
	struct domain *d = calloc(1, sizeof(*d));
	unsigned int i;

	d->id = id;
	d->is_privileged = d->is_hardware = id == 0;
	d->refs = 1;
	d->max_vcpus = vcpus;
	d->max_evtchn_port = UINT32_MAX;
	d->max_grant_frames = GRANT_FRAMES_MAX;
	d->max_maptrack_frames = MAPTRACK_FRAMES_MAX;
	d->max_grant_version = 2;
	d->page_list = d->given_up_list = FRAME_NO_LINK;
	d->shared = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	memset(d->shared, 0, PAGE_SIZE);
	for (i = 0; i < vcpus; i++) {
		d->vcpu[i] = calloc(1, sizeof(struct vcpu));
		d->vcpu[i]->id = i;
		d->vcpu[i]->domain = d;
		d->vcpu[i]->not_runnable = VCPU_DOWN;
		d->vcpu[i]->info = &d->shared->vcpu_info[i % XEN_LEGACY_MAX_VCPUS];
	}
	domains[id] = d;
	fake_shutdown_code = -1;
	return d;
}

void fake_domain_free(struct domain *d)
{
	unsigned int i;

	domains[d->id] = NULL;
	for (i = 0; i < d->max_vcpus; i++)
		free(d->vcpu[i]);
	free(d->shared);
	free(d);
}

void fake_run(struct vcpu *v)
{
	cpu_info()->current = v;
}

struct domain *domain_get(domid_t id)
{
	struct domain *d = NULL;

	if (id == DOMID_SELF)
		d = current_domain();
	else if (id < FAKE_DOMAINS)
		d = domains[id];
	if (d)
		d->refs++;
	return d;
}

struct domain *domain_get_from(domid_t id)
{
	for (; id < FAKE_DOMAINS; id++)
		if (domains[id]) {
			domains[id]->refs++;
			return domains[id];
		}
	return NULL;
}

void domain_put(struct domain *d)
{
	d->refs--;
}

void domain_shutdown(struct domain *d, unsigned int code)
{
	d->is_shut_down = true;
	fake_shutdown_code = (int)code;
}

int guest_copy_from(void *dst, unsigned long guest_va, size_t len)
{
	if (guest_va < PAGE_SIZE && len)
		return -EFAULT;
	memcpy(dst, (const void *)guest_va, len);
	return 0;
}

int guest_copy_to(unsigned long guest_va, const void *src, size_t len)
{
	if (guest_va < PAGE_SIZE && len)
		return -EFAULT;
	memcpy((void *)guest_va, src, len);
	return 0;
}

/* A grant table that can be looked at, for tests without one. */
unsigned int __attribute__((weak)) grant_resource_size(const struct domain *d, unsigned int id)
{
	return id ? 0 : d->max_grant_frames;
}

int __attribute__((weak))
grant_resource_frame(struct domain *d, unsigned int id, unsigned int index, mfn_t *out)
{
	(void)d;
	(void)id;
	*out = mfn(1000 + index);
	return 0;
}
