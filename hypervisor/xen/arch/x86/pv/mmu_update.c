/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HYPERVISOR_mmu_update: lists of checked writes to page tables and to the M2P (xen/xen.h). */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#include <asm/guest_access.h>
#include <asm/mmu_hypercalls.h>
#include <asm/nospec.h>
#include <asm/page_types.h>

/* So many requests are done between two looks whether to stop. */
#define BATCH 16

struct mmu_context {
	struct vcpu   *v;
	struct domain *tables;		/* PFD: owner of the page tables */
	struct domain *frames;		/* FD: owner of the frames; NULL: I/O memory only */
	bool	       is_own;		/* both are the caller's domain, without references */
};

int mmu_frames_owner(struct vcpu *v, domid_t id, struct domain **d)
{
	*d = NULL;
	if (id == DOMID_IO)
		return 0;
	if (id == DOMID_SELF || id == v->domain->id) {
		*d = domain_get(v->domain->id);
		return 0;
	}
	if (!v->domain->is_privileged)
		return -EPERM;
	*d = domain_get(id);
	return *d ? 0 : -ESRCH;
}

/* A page that is not in use as a page table may be written like this too, if the guest may write it. */
static int plain_write(struct domain *d, struct page_info *pg, unsigned int index, uint64_t value)
{
	uint64_t *words;
	int rc = page_get_type(pg, d, TYPE_WRITABLE);

	if (rc)
		return rc;
	words = frame_map(mfn_of_page(pg));
	WRITE_ONCE(words[index], value);
	frame_unmap(words);
	page_put_type(pg);
	return 0;
}

/* Is it a page that no one uses as a table, but may be written? */
static bool may_be_plain(const struct page_info *pg)
{
	uint64_t state = READ_ONCE(pg->state);

	return !frame_type_count(state) || frame_type(state) == TYPE_WRITABLE;
}

static int entry_update(const struct mmu_context *c, mfn_t m, unsigned int index, uint64_t value,
			enum entry_write how)
{
	struct page_info *pg = page_of_mfn(m);
	pte_t old;
	int rc;

	if (!mfn_valid(m))
		return -EINVAL;
	rc = table_entry_write(c->tables, c->frames, pg, index, value, how, &old);
	if (unlikely(rc == -EINVAL && may_be_plain(pg)))
		rc = plain_write(c->tables, pg, index, value);
	return rc;
}

static int machphys_update(const struct mmu_context *c, mfn_t m, uint64_t gfn_value)
{
	struct page_info *pg = page_of_mfn(m);

	if (!mfn_valid(m) || !c->frames || !page_get(pg, c->frames))
		return -EINVAL;
	m2p_set(m, gfn_value);
	page_put(pg);
	return 0;
}

static int request_do(const struct mmu_context *c, const mmu_update_t *req)
{
	mfn_t m = mfn_of_paddr(req->ptr);
	unsigned int index = (req->ptr & (PAGE_SIZE - 1)) / sizeof(pte_t);

	switch (req->ptr & 3) {
	case MMU_MACHPHYS_UPDATE:
		return machphys_update(c, m, req->val);
	case MMU_NORMAL_PT_UPDATE:
	case MMU_PT_UPDATE_NO_TRANSLATE:
		break;
	case MMU_PT_UPDATE_PRESERVE_AD:
		break;
	}
	if (req->ptr & 4)
		return -EINVAL;
	return entry_update(c, m, index, req->val,
			    (req->ptr & 3) == MMU_PT_UPDATE_PRESERVE_AD ? ENTRY_PRESERVE_AD :
									  ENTRY_STORE);
}

/* Read a request; its place has been checked. False: -EFAULT. (gcc 12 crashes when it inlines this.) */
static __attribute__((noinline)) bool request_load(unsigned long at, mmu_update_t *req)
{
	uint64_t ptr, val;

	guest_access_begin();
	guest_load(ptr, at + offsetof(mmu_update_t, ptr), failed);
	guest_load(val, at + offsetof(mmu_update_t, val), failed);
	guest_access_end();
	req->ptr = ptr;
	req->val = val;
	return true;
failed:
	guest_access_end();
	return false;
}

/* A table of 512 entries was judged or given back, maybe both: as much as many ordinary requests. */
static bool long_one_must_stop(struct vcpu *v, bool is_more)
{
	v->arch.took_long = false;
	return v->arch.dropping_table || (is_more && hypercall_preempt_check());
}

/* Do up to @count requests; *done counts those that succeeded. -ERESTART: go on later. */
static int requests_do(const struct mmu_context *c, unsigned long ureqs, unsigned int count,
		       unsigned int *done)
{
	mmu_update_t req;
	int rc;

	if (!guest_range_ok(ureqs, count * sizeof(req)))
		return -EFAULT;
	branch_barrier();
	while (*done < count) {
		if (unlikely(!request_load(ureqs + *done * sizeof(req), &req)))
			return -EFAULT;
		rc = request_do(c, &req);
		if (unlikely(rc))
			return rc;
		(*done)++;
		if (unlikely(c->v->arch.took_long) && long_one_must_stop(c->v, *done < count))
			return -ERESTART;
		/* a bound on the work between two looks */
		if (!(*done % BATCH) && *done < count && hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}

/*
 * Both owners, with a reference each (frames: none for DOMID_IO). The caller
 * itself, which is nearly always meant, is held by its running.
 */
static int context_get(struct mmu_context *c, struct vcpu *v, unsigned int foreigndom)
{
	unsigned int pfd = foreigndom >> 16;
	int rc;

	c->v = v;
	c->is_own = foreigndom == DOMID_SELF;
	if (likely(c->is_own)) {
		c->tables = c->frames = v->domain;
		return 0;
	}
	if (!pfd)
		c->tables = domain_get(v->domain->id);
	else
		rc = mmu_frames_owner(v, pfd - 1, &c->tables);
	if (pfd && rc)
		return rc;
	if (!c->tables)
		return -EINVAL;
	rc = mmu_frames_owner(v, foreigndom & 0xffff, &c->frames);
	if (rc)
		domain_put(c->tables);
	return rc;
}

static void context_put(struct mmu_context *c)
{
	if (likely(c->is_own))
		return;
	domain_put(c->tables);
	if (c->frames)
		domain_put(c->frames);
}

long do_mmu_update(struct vcpu *v, unsigned long ureqs, unsigned long raw_count,
		   unsigned long pdone, unsigned long raw_foreigndom)
{
	unsigned int count = raw_count, foreigndom = raw_foreigndom;
	unsigned int before = 0, done = 0;
	struct mmu_context c;
	int rc;

	if (count & COUNT_CONTINUED) {
		count &= ~COUNT_CONTINUED;
		if (pdone && guest_read(&before, pdone))
			return -EFAULT;
	}
	if (unlikely(v->arch.dropping_table) && table_drop_resume(v)) {
		unsigned long again[] = { ureqs, raw_count, pdone, raw_foreigndom };

		return hypercall_continue(__HYPERVISOR_mmu_update, 4, again);
	}
	rc = context_get(&c, v, foreigndom);
	/* Linux goes by the number in any case (xen_remap_pfn() of 6.1, when a domain has gone meanwhile). */
	if (likely(!rc)) {
		rc = requests_do(&c, ureqs, count, &done);
		context_put(&c);
	}

	before += done;
	if (pdone && guest_write(pdone, &before) && rc >= 0)
		rc = -EFAULT;
	if (rc == -ERESTART) {
		unsigned long rest[] = { ureqs + done * sizeof(mmu_update_t),
					 (count - done) | (pdone ? COUNT_CONTINUED : 0), pdone,
					 raw_foreigndom };

		return hypercall_continue(__HYPERVISOR_mmu_update, 4, rest);
	}
	return rc;
}
