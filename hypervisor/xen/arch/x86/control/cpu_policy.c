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

/* Leaves in the order in which they are told. */
static const struct {
	uint32_t leaf, subleaf;
} leaves[] = {
	{ 0, NO_SUBLEAF },
	{ 1, NO_SUBLEAF },
	{ 2, NO_SUBLEAF },
	{ 4, 0 },
	{ 4, 1 },
	{ 4, 2 },
	{ 4, 3 },
	{ 7, 0 },
	{ 7, 1 },
	{ 0xd, 0 },
	{ 0xd, 1 },
	{ 0xd, 2 },
	{ 0xd, 5 },
	{ 0xd, 6 },
	{ 0xd, 7 },
	{ 0x40000000, NO_SUBLEAF },
	{ 0x40000001, NO_SUBLEAF },
	{ 0x40000002, NO_SUBLEAF },
	{ 0x80000000, NO_SUBLEAF },
	{ 0x80000001, NO_SUBLEAF },
	{ 0x80000002, NO_SUBLEAF },
	{ 0x80000003, NO_SUBLEAF },
	{ 0x80000004, NO_SUBLEAF },
	{ 0x80000005, NO_SUBLEAF },
	{ 0x80000006, NO_SUBLEAF },
	{ 0x80000007, NO_SUBLEAF },
	{ 0x80000008, NO_SUBLEAF },
	{ 0x80000021, NO_SUBLEAF },
};

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

/* As @v is told. 0, -EFAULT. */
static int leaf_write(const struct vcpu *v, unsigned int i, unsigned long list)
{
	uint32_t subleaf = leaves[i].subleaf;
	struct cpuid_result r;
	xen_cpuid_leaf_t l;

	guest_cpuid(v, leaves[i].leaf, subleaf == NO_SUBLEAF ? 0 : subleaf, &r);
	l = (xen_cpuid_leaf_t){ leaves[i].leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx };
	return guest_write(list + i * sizeof(l), &l);
}

/* Lists without a place, or all; the counts go back. -ENOBUFS: too small; -EFAULT. */
static long policy_write(const struct vcpu *v, unsigned long leaf_list, uint32_t *leaf_count,
			 unsigned long msr_list, uint32_t *msr_count)
{
	if ((leaf_list && *leaf_count < ARRAY_SIZE(leaves)) ||
	    (msr_list && *msr_count < ARRAY_SIZE(msrs)))
		return -ENOBUFS;
	for (unsigned int i = 0; leaf_list && i < ARRAY_SIZE(leaves); i++)
		if (leaf_write(v, i, leaf_list))
			return -EFAULT;
	for (unsigned int i = 0; msr_list && i < ARRAY_SIZE(msrs); i++) {
		xen_msr_entry_t m = { .idx = msrs[i] };

		if (guest_write(msr_list + i * sizeof(m), &m))
			return -EFAULT;
	}
	*leaf_count = ARRAY_SIZE(leaves);
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
