/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GNTTABOP_copy (xen/grant_table.h): bytes from a page to a page, each of
 * which is the caller's own, by its frame number, or granted to it. What one
 * structure of a list uses stays held for the next one, which often is about
 * the same page.
 */
#include "grant_private.h"

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/page_ref.h>
#include <hv/string.h>

#include <asm/guest_access.h>

/* So many are done between two looks whether to stop: 32 KiB of copies. */
#define BATCH 8

union copy_words {
	struct gnttab_copy op;
	uint64_t word[5];
};

static_assert(sizeof(union copy_words) == sizeof(struct gnttab_copy), "five words");

/* A use of a grant, to be given back. */
struct use {
	struct domain *granter; /* with a reference; NULL: none */
	grant_ref_t ref;
};

/* Source or destination. */
struct side {
	bool is_writing; /* constant */
	struct page_info *page; /* NULL: nothing is held */
	unsigned int offset, end; /* what may be used of it */
	struct use grant, via;	/* that of the caller's own page: none */

	/* the request that it was held for */
	bool is_gref;
	domid_t domid;
	uint64_t number;
};

static void use_end(struct use *u, bool is_writing)
{
	if (!u->granter)
		return;
	grant_unpin(u->granter, u->ref, is_writing);
	domain_put(u->granter);
	u->granter = NULL;
}

static void side_release(struct side *s)
{
	if (!s->page)
		return;
	if (s->grant.granter) {
		use_end(&s->via, s->is_writing);
		use_end(&s->grant, s->is_writing);
	} else if (s->is_writing) {
		page_put_type(s->page);
	} else {
		page_put(s->page);
	}
	s->page = NULL;
}

static int16_t own_page_hold(struct page_info *pg, const struct domain *d, bool is_writing)
{
	if (is_writing && !page_get_type(pg, d, TYPE_WRITABLE))
		return GNTST_okay;
	if (!page_get(pg, d))
		return GNTST_bad_page;
	if (!is_writing)
		return GNTST_okay;
	/* its own, but in another use */
	page_put(pg);
	return GNTST_general_error;
}

/* The caller's own page. */
static int16_t side_hold_frame(const struct vcpu *v, struct side *s)
{
	struct page_info *pg = page_of_mfn(mfn(s->number));
	int16_t status;

	if (s->domid != DOMID_SELF)
		return GNTST_permission_denied;
	if (!mfn_valid(mfn(s->number)) || pg->flags & PAGE_NOT_RAM)
		return GNTST_bad_page;
	status = own_page_hold(pg, v->domain, s->is_writing);
	if (status != GNTST_okay)
		return status;
	s->page = pg;
	s->offset = 0;
	s->end = PAGE_SIZE;
	return GNTST_okay;
}

static int16_t use_begin(struct use *u, domid_t granter, grant_ref_t ref, domid_t user,
			 bool is_writing, struct active_entry *what)
{
	int16_t status;

	u->granter = domain_get(granter);
	if (!u->granter)
		return GNTST_bad_domain;
	u->ref = ref;
	status = grant_pin(u->granter, ref, user, is_writing, what);
	if (status != GNTST_okay) {
		domain_put(u->granter);
		u->granter = NULL;
	}
	return status;
}

/* A transitive grant leads to one that is not: the grant of another domain to the granter. */
static int16_t via_begin(struct side *s, struct active_entry *what)
{
	struct active_entry behind;
	int16_t status;

	if (what->via_domid == s->grant.granter->id)
		return GNTST_general_error;
	if (what->via_domid >= DOMID_FIRST_RESERVED)
		return GNTST_bad_domain;
	status = use_begin(&s->via, what->via_domid, what->via_ref, s->grant.granter->id,
			   s->is_writing, &behind);
	if (status == GNTST_okay && behind.kind == GRANT_TRANSITIVE) {
		use_end(&s->via, s->is_writing);
		status = GNTST_general_error;
	}
	*what = behind;
	return status;
}

static int16_t side_hold_grant(const struct vcpu *v, struct side *s)
{
	struct active_entry what;
	int16_t status;

	status = use_begin(&s->grant, s->domid, (grant_ref_t)s->number, v->domain->id,
			   s->is_writing, &what);
	if (status != GNTST_okay)
		return status;
	if (what.kind == GRANT_TRANSITIVE) {
		status = via_begin(s, &what);
		if (status != GNTST_okay) {
			use_end(&s->grant, s->is_writing);
			return status;
		}
	}
	s->page = what.page;
	s->offset = what.kind == GRANT_SUB_PAGE ? what.offset : 0;
	s->end = what.kind == GRANT_SUB_PAGE ? what.offset + what.length : PAGE_SIZE;
	return GNTST_okay;
}

/* Hold what @p names, unless that is held already. */
static inline int16_t side_hold(const struct vcpu *v, struct side *s,
				const struct gnttab_copy_ptr *p, bool is_gref)
{
	uint64_t number = is_gref ? p->u.ref : p->u.gmfn;

	if (s->page && s->number == number && s->domid == p->domid && s->is_gref == is_gref)
		return GNTST_okay;
	side_release(s);
	s->number = number;
	s->domid = p->domid;
	s->is_gref = is_gref;
	return is_gref ? side_hold_grant(v, s) : side_hold_frame(v, s);
}

static inline bool side_allows(const struct side *s, unsigned int offset, unsigned int len)
{
	return offset >= s->offset && offset + len <= s->end;
}

static int16_t copy_one(const struct vcpu *v, const struct gnttab_copy *op, struct side *from,
			struct side *to)
{
	char *source, *dest;
	int16_t status;

	if (op->source.offset + op->len > PAGE_SIZE || op->dest.offset + op->len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	status = side_hold(v, from, &op->source, op->flags & GNTCOPY_source_gref);
	if (status == GNTST_okay)
		status = side_hold(v, to, &op->dest, op->flags & GNTCOPY_dest_gref);
	if (status != GNTST_okay)
		return status;
	if (!side_allows(from, op->source.offset, op->len) ||
	    !side_allows(to, op->dest.offset, op->len))
		return GNTST_general_error;

	source = frame_map(mfn_of_page(from->page));
	dest = frame_map(mfn_of_page(to->page));
	if (likely(from->page != to->page))
		memcpy(dest + op->dest.offset, source + op->source.offset, op->len);
	else
		memmove(dest + op->dest.offset, source + op->source.offset, op->len);
	frame_unmap(dest);
	frame_unmap(source);
	return GNTST_okay;
}

/* The structure at @at, word by word. False: -EFAULT. */
static __attribute__((noinline)) bool copy_load(unsigned long at, union copy_words *op)
{
	guest_access_begin();
	guest_load(op->word[0], at, failed);
	guest_load(op->word[1], at + 8, failed);
	guest_load(op->word[2], at + 16, failed);
	guest_load(op->word[3], at + 24, failed);
	guest_load(op->word[4], at + 32, failed);
	guest_access_end();
	return true;
failed:
	guest_access_end();
	return false;
}

static bool copy_status_store(unsigned long at, int16_t status)
{
	guest_access_begin();
	guest_store_16(at + offsetof(struct gnttab_copy, status), status, failed);
	guest_access_end();
	return true;
failed:
	guest_access_end();
	return false;
}

long grant_copy(struct vcpu *v, unsigned long arg, unsigned int count, unsigned int *done)
{
	struct side from = { .is_writing = false }, to = { .is_writing = true };
	union copy_words op;
	long rc = 0;

	for (; *done < count; ++*done) {
		unsigned long at = arg + *done * sizeof(op);

		if (*done && !(*done % BATCH) && hypercall_preempt_check()) {
			rc = -ERESTART;
			break;
		}
		if (!copy_load(at, &op) ||
		    !copy_status_store(at, copy_one(v, &op.op, &from, &to))) {
			rc = -EFAULT;
			break;
		}
	}
	side_release(&from);
	side_release(&to);
	return rc;
}
