/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See grant_world.h. */
#include "grant_world.h"

#include <hv/domain_pages.h>
#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

#include <asm/grant_mapping.h>
#include <asm/guest_flush.h>

#include <assert.h>
#include <string.h>

struct fake_place fake_place[FAKE_DOMAINS][FAKE_PLACES];
unsigned int fake_flushes, fake_stop_after;
unsigned long fake_continuation[3];

void fake_grants_init(void)
{
	memset(fake_place, 0, sizeof(fake_place));
	fake_flushes = fake_stop_after = 0;
}

struct page_info *fake_frame_give(struct domain *d, unsigned long n)
{
	struct page_info *pg = page_of_mfn(mfn(n));

	pg->owner = d->id;
	pg->state = FRAME_ALLOCATED | FRAME_REF_ONE;
	d->total_pages++;
	return pg;
}

static struct fake_place *place_find(const struct domain *d, uint64_t host_addr)
{
	if (host_addr % 8 || !host_addr || host_addr > FAKE_PLACE(FAKE_PLACES - 1))
		return NULL;
	return &fake_place[d->id][host_addr / 8 - 1];
}

static void place_empty(struct fake_place *p)
{
	if (p->page && p->is_writable)
		page_put_type(p->page);
	else if (p->page)
		page_put(p->page);
	p->page = NULL;
}

void fake_place_clear(struct domain *d, unsigned int n)
{
	place_empty(&fake_place[d->id][n]);
}

int16_t grant_mapping_install(struct vcpu *v, const struct domain *granter, struct page_info *pg,
			      uint64_t host_addr, uint32_t flags, uint16_t cache)
{
	struct fake_place *p = place_find(v->domain, host_addr);
	bool is_writable = !(flags & GNTMAP_readonly);

	if (!p ||
	    !(is_writable ? !page_get_type(pg, granter, TYPE_WRITABLE) : page_get(pg, granter)))
		return GNTST_general_error;
	place_empty(p);
	*p = (struct fake_place){ pg, is_writable, flags, cache };
	return GNTST_okay;
}

int16_t grant_mapping_remove(struct vcpu *v, const struct page_info *pg, uint64_t host_addr,
			     uint32_t flags)
{
	struct fake_place *p = place_find(v->domain, host_addr);

	(void)flags;
	if (!p || p->page != pg)
		return GNTST_general_error;
	place_empty(p);
	return GNTST_okay;
}

int16_t grant_mapping_replace(struct vcpu *v, const struct page_info *pg, uint64_t host_addr,
			      uint64_t new_addr, uint32_t flags)
{
	struct fake_place *p = place_find(v->domain, host_addr);
	struct fake_place *from = place_find(v->domain, new_addr);

	(void)flags;
	if (!p || !from || p->page != pg || (from->page && from->page->owner != v->domain->id))
		return GNTST_general_error;
	place_empty(p);
	*p = *from;
	from->page = NULL;
	return GNTST_okay;
}

bool domain_page_take(struct domain *d, struct page_info *pg)
{
	if (pg->state != (FRAME_ALLOCATED | FRAME_REF_ONE) || pg->owner != d->id)
		return false;
	pg->state = 0;
	pg->owner = OWNER_NONE;
	d->total_pages--;
	return true;
}

bool domain_page_give(struct domain *d, struct page_info *pg)
{
	if (d->total_pages >= d->max_pages)
		return false;
	fake_frame_give(d, mfn_raw(mfn_of_page(pg)));
	return true;
}

void domain_page_discard(struct page_info *pg)
{
	(void)pg;
}

/* asm/guest_flush.h asks for it. */
void fake_tlb_flush(void)
{
	fake_flushes++;
}

bool hypercall_preempt_check(void)
{
	return fake_stop_after && --fake_stop_after == 0;
}

long hypercall_continue(unsigned int nr, unsigned int argc, const unsigned long *args)
{
	assert(nr == __HYPERVISOR_grant_table_op && argc == 3);
	memcpy(fake_continuation, args, sizeof(fake_continuation));
	return FAKE_CONTINUED;
}
