/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tools learn of processors, and what they take from a guest: XEN_SYSCTL_get_cpu_featureset, _get_cpu_policy,
 * _get_cpu_levelling_caps, XEN_DOMCTL_get_cpu_policy, _set_cpu_policy (xen/sysctl.h, xen/domctl.h). A policy is a
 * list of CPUID leaves and MSRs; of one that is set the features count, as far as they are offered at all.
 */
#include "cpu_policy.h"

#include <hv/control.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/string.h>

#include <asm/cpu_features.h>
#include <asm/emulate.h>
#include <asm/percpu.h>

/* Words that xen/arch-x86/cpufeatureset.h has; those beyond ours are zero. */
#define FEATURESET_WORDS 19

#define NO_SUBLEAF XEN_CPUID_NO_SUBLEAF

/* Of leaf 4: four caches and the end, which is what libxenctrl has places for. */
#define CACHES_MAX 4

/* MSRs of a policy: zero for everybody. */
static const uint32_t msrs[] = { 0xce /* PLATFORM_INFO */, 0x10a /* ARCH_CAPABILITIES */ };

/* Where the words of features are in the leaves. */
static const struct {
	uint32_t leaf, subleaf;
	unsigned int reg;	/* a, b, c, d */
	unsigned int word;
} places[] = {
	{ 1, NO_SUBLEAF, 3, WORD_1_EDX },
	{ 1, NO_SUBLEAF, 2, WORD_1_ECX },
	{ 0x80000001, NO_SUBLEAF, 3, WORD_80000001_EDX },
	{ 0x80000001, NO_SUBLEAF, 2, WORD_80000001_ECX },
	{ 0xd, 1, 0, WORD_D1_EAX },
	{ 7, 0, 1, WORD_7_EBX },
	{ 7, 0, 2, WORD_7_ECX },
	{ 0x80000007, NO_SUBLEAF, 3, WORD_80000007_EDX },
	{ 0x80000008, NO_SUBLEAF, 1, WORD_80000008_EBX },
	{ 7, 0, 3, WORD_7_EDX },
	{ 7, 1, 0, WORD_7_1_EAX },
	{ 0x80000021, NO_SUBLEAF, 0, WORD_80000021_EAX },
};

static uint32_t register_of(const xen_cpuid_leaf_t *l, unsigned int reg)
{
	const uint32_t regs[] = { l->a, l->b, l->c, l->d };

	return regs[reg];
}

/* Leaves on their way to a guest's list. */
struct leaf_list {
	const struct vcpu *v;	/* who is told so */
	unsigned long at;
	unsigned int room, count;
};

static long leaf_put(struct leaf_list *list, uint32_t leaf, uint32_t subleaf,
		     const struct cpuid_result *r)
{
	xen_cpuid_leaf_t l = { leaf, subleaf, r->eax, r->ebx, r->ecx, r->edx };

	if (list->count == list->room)
		return -ENOBUFS;
	return guest_write(list->at + list->count++ * sizeof(l), &l);
}

static long leaf_tell(struct leaf_list *list, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_result r;

	guest_cpuid(list->v, leaf, subleaf == NO_SUBLEAF ? 0 : subleaf, &r);
	return leaf_put(list, leaf, subleaf, &r);
}

/* The caches, up to the first that there is not. */
static long caches_tell(struct leaf_list *list)
{
	static const struct cpuid_result none;
	struct cpuid_result r;
	long rc = 0;

	for (uint32_t i = 0; !rc; i++) {
		guest_cpuid(list->v, 4, i, &r);
		if (i == CACHES_MAX || !(r.eax & 0x1f))
			return leaf_put(list, 4, i, &none);
		rc = leaf_put(list, 4, i, &r);
	}
	return rc;
}

static long features_tell(struct leaf_list *list)
{
	struct cpuid_result r;
	long rc = 0;

	guest_cpuid(list->v, 7, 0, &r);
	for (uint32_t i = 0; !rc && i <= r.eax; i++)
		rc = leaf_tell(list, 7, i);
	return rc;
}

/* The two general subleaves, and one for each component beyond x87 and SSE. */
static long components_tell(struct leaf_list *list)
{
	uint64_t components;
	struct cpuid_result r;
	long rc = 0;

	guest_cpuid(list->v, 0xd, 0, &r);
	components = (uint64_t)r.edx << 32 | r.eax | 3;
	for (uint32_t i = 0; !rc && i < 63; i++)
		if (components >> i & 1)
			rc = leaf_tell(list, 0xd, i);
	return rc;
}

static long basic_tell(struct leaf_list *list, uint32_t leaf)
{
	switch (leaf) {
	case 4:
		return caches_tell(list);
	case 7:
		return features_tell(list);
	case 0xb:
		return leaf_tell(list, leaf, 0);
	case 0xd:
		return components_tell(list);
	default:
		return leaf_tell(list, leaf, NO_SUBLEAF);
	}
}

/*
 * In order all leaves that there are places for. libxenctrl takes the list apart, changes it, and makes one of as
 * many leaves again: it must not find more of them than we told. The hypervisor's leaves are there, and empty.
 */
static long leaves_tell(struct leaf_list *list)
{
	static const struct cpuid_result none;
	struct cpuid_result r;
	long rc = 0;

	guest_cpuid(list->v, 0, 0, &r);
	for (uint32_t leaf = 0; !rc && leaf <= r.eax; leaf++)
		rc = basic_tell(list, leaf);
	if (!rc)
		rc = leaf_put(list, 0x40000000, NO_SUBLEAF, &none);
	if (!rc)
		rc = leaf_put(list, 0x40000100, NO_SUBLEAF, &none);
	guest_cpuid(list->v, 0x80000000, 0, &r);
	for (uint32_t leaf = 0x80000000; !rc && leaf <= r.eax; leaf++)
		rc = leaf_tell(list, leaf, NO_SUBLEAF);
	return rc;
}

static long msrs_tell(unsigned long list, uint32_t room)
{
	if (room < ARRAY_SIZE(msrs))
		return -ENOBUFS;
	for (unsigned int i = 0; i < ARRAY_SIZE(msrs); i++) {
		xen_msr_entry_t m = { .idx = msrs[i] };

		if (guest_write(list + i * sizeof(m), &m))
			return -EFAULT;
	}
	return 0;
}

/* Lists, or for those without a place how long they may be at most; the counts go back. -ENOBUFS: too small; -EFAULT. */
static long policy_write(const struct vcpu *v, unsigned long leaf_list, uint32_t *leaf_count,
			 unsigned long msr_list, uint32_t *msr_count)
{
	struct leaf_list list = { .v = v, .at = leaf_list, .room = *leaf_count };
	long rc = 0;

	if (leaf_list)
		rc = leaves_tell(&list);
	if (!rc && msr_list)
		rc = msrs_tell(msr_list, *msr_count);
	if (rc)
		return rc;
	*leaf_count = leaf_list ? list.count : LEAVES_MAX;
	*msr_count = ARRAY_SIZE(msrs);
	return 0;
}

/* -ESRCH: it has no vCPU yet; -ENOBUFS; -EFAULT. */
long domctl_get_cpu_policy(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;

	(void)v;
	if (!d->vcpu[0])
		return -ESRCH;
	return policy_write(d->vcpu[0], (unsigned long)p->leaves.p, &p->nr_leaves,
			    (unsigned long)p->msrs.p, &p->nr_msrs);
}

/* Take from @hidden what the leaf has. */
static void features_read(const xen_cpuid_leaf_t *l, uint32_t *hidden)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++)
		if (places[i].leaf == l->leaf && places[i].subleaf == l->subleaf)
			hidden[places[i].word] = ~register_of(l, places[i].reg);
}

/* -E2BIG: too many; -EFAULT. */
static long leaves_read(const struct xen_domctl_cpu_policy *p, uint32_t *hidden)
{
	xen_cpuid_leaf_t l;

	if (p->nr_leaves > LEAVES_MAX)
		return -E2BIG;
	for (unsigned int i = 0; i < p->nr_leaves; i++) {
		if (guest_read(&l, (unsigned long)p->leaves.p + i * sizeof(l)))
			return -EFAULT;
		features_read(&l, hidden);
	}
	return 0;
}

/* -EINVAL and err_msr: not one of ours, or a value that it cannot have; -E2BIG; -EFAULT. */
static long msrs_judge(struct xen_domctl_cpu_policy *p)
{
	xen_msr_entry_t m;

	if (p->nr_msrs > LEAVES_MAX)
		return -E2BIG;
	for (unsigned int i = 0; i < p->nr_msrs; i++) {
		if (guest_read(&m, (unsigned long)p->msrs.p + i * sizeof(m)))
			return -EFAULT;
		if (m.flags || m.val || (m.idx != msrs[0] && m.idx != msrs[1])) {
			p->err_msr = m.idx;
			return -EINVAL;
		}
	}
	return 0;
}

/* -EINVAL: the caller's own; -EEXIST: it has run already; and what the lists are refused for. */
long domctl_set_cpu_policy(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;
	uint32_t hidden[CPU_FEATURE_WORDS];
	long rc;

	if (d == v->domain)
		return -EINVAL;
	p->err_leaf = p->err_subleaf = p->err_msr = ~0U;
	memcpy(hidden, d->arch.hidden_feature, sizeof(hidden));
	rc = leaves_read(p, hidden);
	if (!rc)
		rc = msrs_judge(p);
	if (rc)
		return rc;
	spin_lock(&d->lock);
	if (d->has_run)
		rc = -EEXIST;
	else
		memcpy(d->arch.hidden_feature, hidden, sizeof(hidden));
	spin_unlock(&d->lock);
	return rc;
}

/* -EINVAL: no such policy; those of kinds of guests that there are not are -EOPNOTSUPP. */
static long get_policy(struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_policy *p = &op->u.cpu_policy;

	if (p->_rsvd || p->index > XEN_SYSCTL_cpu_policy_hvm_default)
		return -EINVAL;
	if (p->index == XEN_SYSCTL_cpu_policy_hvm_max ||
	    p->index == XEN_SYSCTL_cpu_policy_hvm_default)
		return -EOPNOTSUPP;
	return policy_write(current_vcpu(), (unsigned long)p->leaves.p, &p->nr_leaves,
			    (unsigned long)p->msrs.p, &p->nr_msrs);
}

static uint32_t featureset_word(unsigned int index, unsigned int word)
{
	if (word >= CPU_FEATURE_WORDS)
		return 0;
	switch (index) {
	case XEN_SYSCTL_cpu_featureset_raw:
	case XEN_SYSCTL_cpu_featureset_host:
		return cpu_identity.feature[word];
	case XEN_SYSCTL_cpu_featureset_pv:
	case XEN_SYSCTL_cpu_featureset_pv_max:
		return cpuid_guest_feature(word);
	default:	/* there are no such guests */
		return 0;
	}
}

/* -EINVAL: no such set; -ENOBUFS: what there is room for was written; -EFAULT. */
static long get_featureset(struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
	unsigned long list = (unsigned long)f->features.p;
	uint32_t count = FEATURESET_WORDS;

	if (f->index > XEN_SYSCTL_cpu_featureset_hvm_max)
		return -EINVAL;
	if (list && f->nr_features < count)
		count = f->nr_features;
	for (unsigned int i = 0; list && i < count; i++) {
		uint32_t word = featureset_word(f->index, i);

		if (guest_write(list + i * sizeof(word), &word))
			return -EFAULT;
	}
	f->nr_features = count;
	return count < FEATURESET_WORDS ? -ENOBUFS : 0;
}

long arch_sysctl(struct xen_sysctl *op)
{
	switch (op->cmd) {
	case XEN_SYSCTL_get_cpu_featureset:
		return get_featureset(op);
	case XEN_SYSCTL_get_cpu_policy:
		return get_policy(op);
	case XEN_SYSCTL_get_cpu_levelling_caps:
		op->u.cpu_levelling_caps.caps = 0;	/* processors are not made to lie */
		return 0;
	default:
		return -ENOSYS;
	}
}

/* The first words of the featureset. */
void arch_physinfo(struct xen_sysctl_physinfo *info)
{
	static_assert(sizeof(info->hw_cap) <= sizeof(cpu_identity.feature), "its first words");
	memcpy(info->hw_cap, cpu_identity.feature, sizeof(info->hw_cap));
}
