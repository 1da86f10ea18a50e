/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HYPERVISOR_mmuext_op: pins, root tables, TLBs, caches, LDT, whole pages (xen/xen.h). */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/string.h>

#include <asm/descriptor_tables.h>
#include <asm/guest_access.h>
#include <asm/guest_flush.h>
#include <asm/hypervisor_map.h>
#include <asm/isolation.h>
#include <asm/mmu_hypercalls.h>
#include <asm/nospec.h>
#include <asm/page_types.h>
#include <asm/system.h>
#include <asm/tlb.h>

int table_pin(struct domain *d, mfn_t m, enum frame_type type)
{
	struct page_info *pg = page_of_mfn(m);
	uint64_t before;
	int rc;

	if (!mfn_valid(m))
		return -EINVAL;
	rc = page_get_type(pg, d, type);
	if (rc)
		return rc;
	before = __atomic_fetch_or(&pg->state, FRAME_PINNED, __ATOMIC_ACQ_REL);
	if (before & FRAME_PINNED) {
		page_put_type(pg);	/* not the last: the pin has one */
		return -EINVAL;
	}
	/* Either we see that its end has begun, or who ends it sees the pin. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (unlikely(READ_ONCE(d->is_dying)))
		while (table_unpin(d, m) == -ERESTART)
			cpu_relax();
	return 0;
}

int table_unpin(struct domain *d, mfn_t m)
{
	struct page_info *pg = page_of_mfn(m);
	uint64_t s;

	/* As long as it is pinned it cannot go: no reference is needed to look at it. */
	if (!mfn_valid(m))
		return -EINVAL;
	s = READ_ONCE(pg->state);
	do {
		if (!(s & FRAME_PINNED) || pg->owner != d->id)
			return -EINVAL;
	} while (!__atomic_compare_exchange_n(&pg->state, &s, s & ~FRAME_PINNED, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (!page_put_type_preemptible(pg))
		return 0;
	/* the pin keeps the reference until next time */
	__atomic_or_fetch(&pg->state, FRAME_PINNED, __ATOMIC_ACQ_REL);
	return -ERESTART;
}

int pv_pin_root(struct domain *d, mfn_t root)
{
	return table_pin(d, root, TYPE_L4);
}

/* The reference for @root is taken before the one for the old root goes. */
static int root_exchange(struct vcpu *v, bool is_kernel, mfn_t *root, mfn_t to)
{
	mfn_t from = *root;
	int rc;

	if (mfn_eq(from, to))
		return 0;
	if (!mfn_eq(to, INVALID_MFN)) {
		if (!mfn_valid(to))
			return -EINVAL;
		rc = page_get_type(page_of_mfn(to), v->domain, TYPE_L4);
		if (rc)
			return rc;
	}
	isolation_root_set(v, is_kernel, root, to);
	return 0;
}

/* The machine-to-physical table is the guest kernel's to read, not its users'. */
static void root_show_m2p(mfn_t root, bool show)
{
	pte_t *l4 = frame_map(root);

	WRITE_ONCE(l4[HV_FIRST_SLOT], show ? idle_root[HV_FIRST_SLOT] : 0);
	frame_unmap(l4);
}

int pv_new_root(struct vcpu *v, mfn_t root)
{
	mfn_t from = v->arch.kernel_root;
	int rc;

	/* A guest may say INVALID_MFN, too: it is no kernel's root. */
	if (!mfn_valid(root))
		return -EINVAL;
	rc = root_exchange(v, true, &v->arch.kernel_root, root);
	if (rc)
		return rc;
	root_show_m2p(root, true);
	/* not when a vCPU that is down gets its first one */
	if (v == current_vcpu() && v->arch.in_kernel) {
		tlb_root_load(v->arch.kernel_root);
		isolation_note(v);
	}
	if (!mfn_eq(from, root) && !mfn_eq(from, INVALID_MFN))
		page_put_type_deferred(v, page_of_mfn(from));
	return 0;
}

int pv_new_user_root(struct vcpu *v, mfn_t root)
{
	mfn_t from = v->arch.user_root;
	mfn_t to = mfn_raw(root) ? root : INVALID_MFN;
	int rc;

	if (!mfn_valid(root))
		return -EINVAL;
	rc = root_exchange(v, false, &v->arch.user_root, to);
	if (rc)
		return rc;
	if (!mfn_eq(to, INVALID_MFN) && !mfn_eq(to, v->arch.kernel_root))
		root_show_m2p(to, false);
	if (!mfn_eq(from, to) && !mfn_eq(from, INVALID_MFN))
		page_put_type_deferred(v, page_of_mfn(from));
	return 0;
}

int pv_roots_drop(struct vcpu *v)
{
	mfn_t *const roots[] = { &v->arch.user_root, &v->arch.kernel_root };

	for (unsigned int i = 0; i < ARRAY_SIZE(roots); i++) {
		if (mfn_eq(*roots[i], INVALID_MFN))
			continue;
		if (page_put_type_preemptible(page_of_mfn(*roots[i])))
			return -ERESTART;
		isolation_root_set(v, roots[i] == &v->arch.kernel_root, roots[i], INVALID_MFN);
	}
	return 0;
}

static int page_clear(struct domain *d, mfn_t m)
{
	struct page_info *pg = page_of_mfn(m);
	void *p;

	if (!mfn_valid(m) || page_get_type(pg, d, TYPE_WRITABLE))
		return -EINVAL;
	p = frame_map(m);
	memset(p, 0, PAGE_SIZE);
	frame_unmap(p);
	page_put_type(pg);
	return 0;
}

static int page_copy(struct domain *d, mfn_t to, mfn_t from)
{
	struct page_info *src = page_of_mfn(from), *dst = page_of_mfn(to);
	void *p, *q;

	if (!mfn_valid(from) || !mfn_valid(to) || !page_get(src, d))
		return -EINVAL;
	if (page_get_type(dst, d, TYPE_WRITABLE)) {
		page_put(src);
		return -EINVAL;
	}
	p = frame_map(to);
	q = frame_map(from);
	memcpy(p, q, PAGE_SIZE);
	frame_unmap(q);
	frame_unmap(p);
	page_put_type(dst);
	page_put(src);
	return 0;
}

static int flush_multi(const struct vcpu *v, const struct mmuext_op *op, unsigned long va)
{
	struct vcpu_mask vcpus;

	if (vcpu_mask_read(v->domain, (unsigned long)op->arg2.vcpumask.p, &vcpus))
		return -EFAULT;
	guest_tlb_flush_multi(v->domain, &vcpus, va);
	return 0;
}

static bool may_have_translation(unsigned long va)
{
	return address_is_canonical(va) && !(va >= HV_VIRT_START && va < HV_VIRT_END);
}

/* One page, by @op's three ways to say on which vCPUs. */
static int invalidate_page(const struct vcpu *v, const struct mmuext_op *op)
{
	unsigned long va = op->arg1.linear_addr;

	if (!may_have_translation(va))
		return 0;
	if (op->cmd == MMUEXT_INVLPG_MULTI)
		return flush_multi(v, op, va);
	if (op->cmd == MMUEXT_INVLPG_ALL)
		guest_tlb_flush_all(v->domain, va);
	else
		invlpg(va);
	return 0;
}

static int flush_tlb(const struct vcpu *v, const struct mmuext_op *op)
{
	if (op->cmd == MMUEXT_TLB_FLUSH_MULTI)
		return flush_multi(v, op, TLB_WHOLE);
	if (op->cmd == MMUEXT_TLB_FLUSH_ALL)
		guest_tlb_flush_all(v->domain, TLB_WHOLE);
	else
		tlb_flush_local();
	return 0;
}

static int cache_flush(const struct vcpu *v, bool everywhere)
{
	if (!v->domain->is_hardware)
		return -EACCES;
	if (everywhere)
		cache_flush_all();
	else
		__asm__ __volatile__("wbinvd" ::: "memory");
	return 0;
}

static int op_do(struct vcpu *v, struct domain *d, const struct mmuext_op *op)
{
	mfn_t m = mfn(op->arg1.mfn);

	/* the two that are frequent */
	if (op->cmd == MMUEXT_INVLPG_LOCAL)
		return d == v->domain ? invalidate_page(v, op) : -EPERM;
	if (op->cmd == MMUEXT_TLB_FLUSH_LOCAL)
		return d == v->domain ? flush_tlb(v, op) : -EPERM;
	switch (op->cmd) {
	case MMUEXT_PIN_L1_TABLE:
	case MMUEXT_PIN_L2_TABLE:
	case MMUEXT_PIN_L3_TABLE:
	case MMUEXT_PIN_L4_TABLE:
		return table_pin(d, m, TYPE_L1 + (op->cmd - MMUEXT_PIN_L1_TABLE));
	case MMUEXT_UNPIN_TABLE:
		return table_unpin(d, m);
	case MMUEXT_NEW_BASEPTR:
		return d == v->domain ? pv_new_root(v, m) : -EPERM;
	case MMUEXT_NEW_USER_BASEPTR:
		return d == v->domain ? pv_new_user_root(v, m) : -EPERM;
	case MMUEXT_TLB_FLUSH_ALL:
	case MMUEXT_TLB_FLUSH_MULTI:
		return d == v->domain ? flush_tlb(v, op) : -EPERM;
	case MMUEXT_INVLPG_ALL:
	case MMUEXT_INVLPG_MULTI:
		return d == v->domain ? invalidate_page(v, op) : -EPERM;
	case MMUEXT_FLUSH_CACHE:
	case MMUEXT_FLUSH_CACHE_GLOBAL:
		return d == v->domain ? cache_flush(v, op->cmd == MMUEXT_FLUSH_CACHE_GLOBAL) :
					-EPERM;
	case MMUEXT_SET_LDT:
		return d == v->domain ? ldt_set(v, op->arg1.linear_addr, op->arg2.nr_ents) : -EPERM;
	case MMUEXT_CLEAR_PAGE:
		return page_clear(d, m);
	case MMUEXT_COPY_PAGE:
		return page_copy(d, m, mfn(op->arg2.src_mfn));
	case MMUEXT_MARK_SUPER:
	case MMUEXT_UNMARK_SUPER:
		return -EOPNOTSUPP;
	default:
		return -ENOSYS;
	}
}

/* Read an operation; its place has been checked. False: -EFAULT. (gcc 12 crashes when it inlines this.) */
static __attribute__((noinline)) bool op_load(unsigned long at, struct mmuext_op *op)
{
	uint64_t cmd, arg1, arg2;

	static_assert(sizeof(*op) == 24 && offsetof(struct mmuext_op, arg1) == 8, "three words");
	guest_access_begin();
	guest_load(cmd, at, failed);
	guest_load(arg1, at + 8, failed);
	guest_load(arg2, at + 16, failed);
	guest_access_end();
	op->cmd = cmd;
	op->arg1.linear_addr = arg1;
	op->arg2.src_mfn = arg2;	/* as wide as the others */
	return true;
failed:
	guest_access_end();
	return false;
}

static int ops_do(struct vcpu *v, struct domain *d, unsigned long uops, unsigned int count,
		  unsigned int *done)
{
	struct mmuext_op op;
	int rc;

	if (!guest_range_ok(uops, count * sizeof(op)))
		return -EFAULT;
	branch_barrier();
	while (*done < count) {
		if (unlikely(!op_load(uops + *done * sizeof(op), &op)))
			return -EFAULT;
		rc = op_do(v, d, &op);
		if (rc)
			return rc;
		(*done)++;
		if (v->arch.dropping_table || (*done < count && hypercall_preempt_check()))
			return -ERESTART;
	}
	return 0;
}

long do_mmuext_op(struct vcpu *v, unsigned long uops, unsigned long raw_count, unsigned long pdone,
		  unsigned long raw_foreigndom)
{
	unsigned int count = raw_count, before = 0, done = 0;
	struct domain *d;
	int rc;

	if (count & COUNT_CONTINUED) {
		count &= ~COUNT_CONTINUED;
		if (pdone && guest_read(&before, pdone))
			return -EFAULT;
	}
	/* The caller's own domain, which is nearly always meant, is held by its running. */
	if (likely((unsigned int)raw_foreigndom == DOMID_SELF)) {
		d = v->domain;
	} else {
		rc = mmu_frames_owner(v, raw_foreigndom, &d);
		if (rc)
			return rc;
		if (!d)
			return -EPERM;
	}
	rc = unlikely(v->arch.dropping_table) ? table_drop_resume(v) : 0;
	if (!rc)
		rc = ops_do(v, d, uops, count, &done);
	if (unlikely((unsigned int)raw_foreigndom != DOMID_SELF))
		domain_put(d);

	before += done;
	if (pdone && guest_write(pdone, &before) && rc >= 0)
		rc = -EFAULT;
	if (rc == -ERESTART) {
		unsigned long rest[] = { uops + done * sizeof(struct mmuext_op),
					 (count - done) | (pdone ? COUNT_CONTINUED : 0), pdone,
					 raw_foreigndom };

		return hypercall_continue(__HYPERVISOR_mmuext_op, 4, rest);
	}
	return rc;
}
