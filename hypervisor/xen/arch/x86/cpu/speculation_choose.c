/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which measures a processor needs. The facts are the vendors': Intel
 * "Affected Processors" and SDM volume 4 (ARCH_CAPABILITIES), AMD "Software
 * Techniques for Managing Speculation". The kinds, and when they are on by
 * default, are those of Debian's Xen, whose log was compared.
 */
#include <asm/speculation.h>

#include <asm/patch.h>

#define SPEC_CTRL_IBRS	(1UL << 0)
#define SPEC_CTRL_STIBP (1UL << 1)
#define SPEC_CTRL_SSBD	(1UL << 2)
#define SPEC_CTRL_PSFD	(1UL << 7)

static bool has(const struct cpu_identity *id, unsigned int feature)
{
	return id->feature[feature / 32] >> feature % 32 & 1;
}

/* Atom cores up to Airmont, and before: no speculation past a fault (Intel, "Affected Processors"). */
static bool is_in_order(const struct cpu_identity *id)
{
	switch (id->model) {
	case 0x1c:
	case 0x26:
	case 0x27:
	case 0x35:
	case 0x36: /* Bonnell, Saltwell */
		return true;
	default:
		return false;
	}
}

/* Intel cores whose return predictor falls back on others when it is empty: Skylake and later. */
static bool has_unsafe_retpoline(const struct cpu_identity *id, uint64_t arch_caps)
{
	if (arch_caps & ARCH_CAPS_RSBA)
		return true;
	switch (id->model) {
	case 0x4e:
	case 0x5e: /* Skylake */
	case 0x55: /* its servers */
	case 0x66: /* Cannon Lake */
	case 0x8e:
	case 0x9e: /* Kaby and Coffee Lake */
		return true;
	default:
		return false;
	}
}

static void find_faults(struct speculation *s, const struct cpu_identity *id, uint64_t arch_caps)
{
	if (id->vendor == CPU_AMD)
		return;
	if (id->vendor == CPU_INTEL && id->family == 6 && is_in_order(id))
		return;
	s->has_meltdown = s->has_l1tf = !(arch_caps & ARCH_CAPS_RDCL_NO);
	if (id->vendor != CPU_INTEL || id->family != 6)
		return;
	s->has_mds = !(arch_caps & ARCH_CAPS_MDS_NO);
	s->has_bhi = !(arch_caps & ARCH_CAPS_BHI_NO);
}

/* The option if it was given, or else @by_default. */
static bool chosen(int8_t option, bool by_default)
{
	return option == OPTION_UNSET ? by_default : option;
}

static void set(struct speculation *s, unsigned int patch, bool on)
{
	if (on)
		s->patches |= 1U << patch;
}

/* Restriction of indirect branches by the hardware: for good where it can be, at each entry where it must. */
static void choose_ibrs(struct speculation *s, const struct cpu_identity *id, uint64_t arch_caps,
			const struct speculation_options *o)
{
	bool intel = has(id, XEN_X86_FEATURE_IBRSB);
	bool always = arch_caps & ARCH_CAPS_IBRS_ALL ||
		      (has(id, XEN_X86_FEATURE_IBRS) && has(id, XEN_X86_FEATURE_IBRS_ALWAYS));

	if (has(id, XEN_X86_FEATURE_AUTO_IBRS)) {
		s->auto_ibrs = chosen(o->ibrs, true);
	} else if (always) {
		if (chosen(o->ibrs, true))
			s->spec_ctrl |= SPEC_CTRL_IBRS;
	} else if (intel || has(id, XEN_X86_FEATURE_IBRS)) {
		set(s, PATCH_SPEC_CTRL,
		    chosen(o->msr_sc, true) &&
			    chosen(o->ibrs, intel && has_unsafe_retpoline(id, arch_caps)));
	}
}

static void choose_spec_ctrl(struct speculation *s, const struct cpu_identity *id,
			     const struct speculation_options *o)
{
	if (has(id, XEN_X86_FEATURE_STIBP) || has(id, XEN_X86_FEATURE_AMD_STIBP))
		if (chosen(o->stibp, has(id, XEN_X86_FEATURE_STIBP_ALWAYS)))
			s->spec_ctrl |= SPEC_CTRL_STIBP;
	if (has(id, XEN_X86_FEATURE_SSBD) || has(id, XEN_X86_FEATURE_AMD_SSBD))
		if (chosen(o->ssbd, false))
			s->spec_ctrl |= SPEC_CTRL_SSBD;
	if (has(id, XEN_X86_FEATURE_PSFD) && chosen(o->psfd, false))
		s->spec_ctrl |= SPEC_CTRL_PSFD;
}

struct speculation speculation_choose(const struct cpu_identity *id, uint64_t arch_caps,
				      const struct speculation_options *o)
{
	struct speculation s = { 0 };
	bool has_ibpb = has(id, XEN_X86_FEATURE_IBPB) || has(id, XEN_X86_FEATURE_IBRSB);

	find_faults(&s, id, arch_caps);
	choose_ibrs(&s, id, arch_caps, o);
	choose_spec_ctrl(&s, id, o);
	/* Without SMEP a guest's code, which ring 3 can reach, could be where a return is predicted to go. */
	set(&s, PATCH_RSB, chosen(o->rsb, !has(id, XEN_X86_FEATURE_SMEP)));
	set(&s, PATCH_VERW,
	    chosen(o->verw, s.has_mds && (has(id, XEN_X86_FEATURE_MD_CLEAR) ||
					  arch_caps & ARCH_CAPS_FB_CLEAR)));
	set(&s, PATCH_IBPB, has_ibpb && chosen(o->ibpb_entry, false));
	set(&s, PATCH_BHB, chosen(o->bhb_entry, s.has_bhi));
	s.bhb_dom0 = chosen(o->bhb_entry, false);
	/* AMD's first Zen leaves the quotient of a division to whoever divides by zero next. */
	set(&s, PATCH_DIV,
	    chosen(o->div_scrub, id->vendor == CPU_AMD && id->family == 0x17 && id->model < 0x30));
	set(&s, PATCH_BRANCH, chosen(o->branch_harden, true));
	set(&s, PATCH_LOCK, chosen(o->lock_harden, false));
	set(&s, PATCH_THUNK_LFENCE, o->thunk == THUNK_LFENCE);
	set(&s, PATCH_THUNK_JMP, o->thunk == THUNK_JMP);
	s.xpti_dom0 = chosen(o->xpti_dom0, s.has_meltdown);
	s.xpti_domu = chosen(o->xpti_domu, s.has_meltdown);
	set(&s, PATCH_XPTI, s.xpti_dom0 || s.xpti_domu);
	s.l1tf_dom0 = chosen(o->l1tf_dom0, false);
	s.l1tf_domu = chosen(o->l1tf_domu, s.has_l1tf);
	set(&s, PATCH_RARE,
	    s.patches & (1U << PATCH_SPEC_CTRL | 1U << PATCH_IBPB | 1U << PATCH_BHB));
	set(&s, PATCH_EXIT,
	    s.patches & (1U << PATCH_SPEC_CTRL | 1U << PATCH_DIV | 1U << PATCH_VERW |
			 1U << PATCH_XPTI));
	s.ibpb_switch = has_ibpb && chosen(o->ibpb, true);
	return s;
}
