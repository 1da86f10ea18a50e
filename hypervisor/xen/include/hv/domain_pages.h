/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames on their way between owners, for operations that must not lose any
 * (XENMEM_exchange), or that takes long. The plain ways are in
 * hv/page_allocator.h. None of these changes a domain's total_pages, but for
 * the first and the reservation.
 */
#ifndef HV_DOMAIN_PAGES_H
#define HV_DOMAIN_PAGES_H

#include <hv/types.h>

struct domain;
struct page_info;

/*
 * As domain_pages_alloc(), but with whatever the frames held: only at boot
 * and for dom0, which may look at all memory anyhow. Zeroing would take a
 * second for some gigabytes.
 */
struct page_info *domain_pages_alloc_unclean(struct domain *d, unsigned int order) __must_check;

/* Count @count more pages as @d's. False: it may not have so many. And back. */
bool domain_pages_reserve(struct domain *d, unsigned long count) __must_check;
void domain_pages_unreserve(struct domain *d, unsigned long count);

/* A block of pages_take() on its way to a domain. */
struct page_block {
	struct page_info *pg;
	unsigned int	  order;
	bool		  has_gfn;	/* the M2P is to say @gfn for its first frame, and so on */
	unsigned long	  gfn;
	unsigned long	  done;		/* frames that the domain has */
};

/* Make its frames, zeroed, @d's own, which counts them already. -ERESTART: some of them; call again. */
int domain_block_give(struct domain *d, struct page_block *b) __must_check;

/*
 * Take a frame away from @d if nothing refers to it but that @d owns it:
 * off its page list, no owner, no references; contents, M2P entry and links
 * are left to the caller. False: it is in use, or not @d's.
 */
bool domain_page_detach(struct domain *d, struct page_info *pg) __must_check;

/* Make 2^order detached frames @d's own. */
void domain_pages_attach(struct domain *d, struct page_info *pg, unsigned int order);

/*
 * From one domain to another, with its contents: taken as by domain_page_detach(), and out of
 * total_pages; given where it is not too many, after TLBs have forgotten it.
 */
bool domain_page_take(struct domain *d, struct page_info *pg) __must_check;
bool domain_page_give(struct domain *d, struct page_info *pg) __must_check;

/*
 * Give up all frames of @d, which is dying and runs nowhere. Those that others still use are freed when they no
 * longer do. -ERESTART: call again.
 */
int domain_pages_relinquish(struct domain *d) __must_check;

/* A detached frame that a guest could reach once goes to the allocator. */
void domain_page_discard(struct page_info *pg);

#endif
