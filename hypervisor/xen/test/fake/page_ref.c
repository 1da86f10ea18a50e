/* SPDX-License-Identifier: GPL-2.0-or-later */
/* References of frames by the rules of hv/page_ref.h, without page tables. A frame that is free belongs to nobody. */
#include <hv/page_ref.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/page_allocator.h>

#include <assert.h>

bool page_get(struct page_info *pg, const struct domain *owner)
{
	if (!(pg->state & FRAME_ALLOCATED) || pg->owner != owner->id)
		return false;
	pg->state += FRAME_REF_ONE;
	return true;
}

void page_put(struct page_info *pg)
{
	assert(frame_ref_count(pg->state) > frame_type_count(pg->state));
	pg->state -= FRAME_REF_ONE;
	if (!frame_ref_count(pg->state))
		pg->owner = OWNER_NONE;
}

int page_get_type(struct page_info *pg, const struct domain *owner, enum frame_type type)
{
	if (frame_type_count(pg->state) && frame_type(pg->state) != type)
		return -EINVAL;
	if (!page_get(pg, owner))
		return -EINVAL;
	pg->state &= ~FRAME_TYPE_MASK;
	pg->state |= FRAME_TYPE(type);
	pg->state += FRAME_TYPE_ONE;
	return 0;
}

void page_put_type(struct page_info *pg)
{
	assert(frame_type_count(pg->state));
	pg->state -= FRAME_TYPE_ONE;
	page_put(pg);
}

/* What grants give up is nobody's, and goes to the allocator if the test has one. */
void __attribute__((weak)) pages_free(struct page_info *pg, unsigned int order)
{
	(void)pg;
	(void)order;
}

void domain_page_release(struct domain *d, struct page_info *pg)
{
	(void)d;
	pg->state &= ~FRAME_ALLOCATED;
	pg->state -= FRAME_REF_ONE;
	if (!frame_ref_count(pg->state))
		pages_free(pg, 0);
}
