/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/cpu/speculation_choose.c */
/*
 * The choice of measures by processor and options. Those of the first four
 * processors are what Debian's Xen 4.17 prints on these models of QEMU.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <asm/patch.h>
#include <asm/speculation.h>

static const struct speculation_options defaults = {
	.msr_sc = OPTION_UNSET,
	.rsb = OPTION_UNSET,
	.verw = OPTION_UNSET,
	.ibpb_entry = OPTION_UNSET,
	.bhb_entry = OPTION_UNSET,
	.ibrs = OPTION_UNSET,
	.stibp = OPTION_UNSET,
	.ibpb = OPTION_UNSET,
	.ssbd = OPTION_UNSET,
	.psfd = OPTION_UNSET,
	.branch_harden = OPTION_UNSET,
	.lock_harden = OPTION_UNSET,
	.div_scrub = OPTION_UNSET,
	.xpti_dom0 = OPTION_UNSET,
	.xpti_domu = OPTION_UNSET,
	.l1tf_dom0 = OPTION_UNSET,
	.l1tf_domu = OPTION_UNSET,
};

static void add(struct cpu_identity *id, unsigned int feature)
{
	id->feature[feature / 32] |= 1U << feature % 32;
}

static struct cpu_identity intel(unsigned int model)
{
	struct cpu_identity id = { .vendor = CPU_INTEL, .family = 6, .model = model };

	add(&id, XEN_X86_FEATURE_SMEP);
	return id;
}

static struct cpu_identity amd(unsigned int family, unsigned int model)
{
	struct cpu_identity id = { .vendor = CPU_AMD, .family = family, .model = model };

	if (family >= 0x17)
		add(&id, XEN_X86_FEATURE_SMEP);
	return id;
}

static bool on(const struct speculation *s, unsigned int patch)
{
	return s->patches >> patch & 1;
}

static void test_qemu64(void **state)
{
	struct cpu_identity id = amd(0xf, 0x6b);
	struct speculation s = speculation_choose(&id, 0, &defaults);

	(void)state;
	assert_true(on(&s, PATCH_RSB) && on(&s, PATCH_BRANCH));
	assert_int_equal(s.patches, 1U << PATCH_RSB | 1U << PATCH_BRANCH);
	assert_false(s.xpti_dom0 || s.xpti_domu || s.ibpb_switch);
}

static void test_epyc(void **state)
{
	struct cpu_identity id = amd(0x17, 1);
	struct speculation s;

	(void)state;
	add(&id, XEN_X86_FEATURE_IBPB);
	s = speculation_choose(&id, 0, &defaults);
	assert_int_equal(s.patches, 1U << PATCH_BRANCH | 1U << PATCH_DIV | 1U << PATCH_EXIT);
	assert_true(s.ibpb_switch);
	id.model = 0x31;	/* Zen 2 */
	s = speculation_choose(&id, 0, &defaults);
	assert_false(on(&s, PATCH_DIV) || on(&s, PATCH_EXIT));
}

static void test_haswell(void **state)
{
	struct cpu_identity id = intel(0x3c);
	struct speculation s = speculation_choose(&id, 0, &defaults);

	(void)state;
	assert_false(on(&s, PATCH_RSB) || on(&s, PATCH_VERW));
	assert_true(on(&s, PATCH_BHB) && on(&s, PATCH_RARE) && !s.bhb_dom0);
	assert_true(s.xpti_dom0 && s.xpti_domu && on(&s, PATCH_XPTI) && on(&s, PATCH_EXIT));
	assert_true(s.l1tf_domu);
	add(&id, XEN_X86_FEATURE_MD_CLEAR);
	s = speculation_choose(&id, 0, &defaults);
	assert_true(on(&s, PATCH_VERW));
}

static void test_skylake_switches_ibrs(void **state)
{
	struct cpu_identity id = intel(0x5e);
	struct speculation s = speculation_choose(&id, 0, &defaults);

	(void)state;
	assert_false(on(&s, PATCH_SPEC_CTRL));	/* QEMU's has no IBRS */
	add(&id, XEN_X86_FEATURE_IBRSB);
	s = speculation_choose(&id, 0, &defaults);
	assert_true(on(&s, PATCH_SPEC_CTRL) && on(&s, PATCH_RARE) && on(&s, PATCH_EXIT));
	assert_true(s.ibpb_switch);
	assert_int_equal(s.spec_ctrl, 0);
}

static void test_newer_intel(void **state)
{
	struct cpu_identity id = intel(0x8f);
	uint64_t caps = ARCH_CAPS_RDCL_NO | ARCH_CAPS_IBRS_ALL | ARCH_CAPS_MDS_NO;
	struct speculation s;

	(void)state;
	add(&id, XEN_X86_FEATURE_IBRSB);
	s = speculation_choose(&id, caps, &defaults);
	assert_int_equal(s.spec_ctrl, 1);
	assert_true(on(&s, PATCH_BHB) && !on(&s, PATCH_SPEC_CTRL) && !on(&s, PATCH_XPTI));
	s = speculation_choose(&id, caps | ARCH_CAPS_BHI_NO, &defaults);
	assert_false(on(&s, PATCH_BHB) || on(&s, PATCH_RARE));
}

static void test_auto_ibrs(void **state)
{
	struct cpu_identity id = amd(0x19, 0x11);
	struct speculation s;

	(void)state;
	add(&id, XEN_X86_FEATURE_AUTO_IBRS);
	s = speculation_choose(&id, 0, &defaults);
	assert_true(s.auto_ibrs && !s.spec_ctrl);
}

static void test_all_off(void **state)
{
	struct speculation_options o = { .thunk = THUNK_JMP };
	struct cpu_identity id = intel(0x5e);
	struct speculation s;

	(void)state;
	add(&id, XEN_X86_FEATURE_IBRSB);
	add(&id, XEN_X86_FEATURE_MD_CLEAR);
	s = speculation_choose(&id, 0, &o);
	assert_int_equal(s.patches, 1U << PATCH_THUNK_JMP);
	assert_false(s.ibpb_switch || s.spec_ctrl || s.xpti_dom0 || s.xpti_domu);
}

static void test_options_win(void **state)
{
	struct speculation_options o = defaults;
	struct cpu_identity id = amd(0x17, 0x31);
	struct speculation s;

	(void)state;
	o.rsb = o.lock_harden = o.xpti_dom0 = 1;
	o.branch_harden = 0;
	s = speculation_choose(&id, 0, &o);
	assert_int_equal(s.patches,
			 1U << PATCH_RSB | 1U << PATCH_LOCK | 1U << PATCH_XPTI | 1U << PATCH_EXIT);
	assert_true(s.xpti_dom0 && !s.xpti_domu);
}

/* ---- one row for each family of processors ---- */

#define RSB	  (1U << PATCH_RSB)
#define BRANCH	  (1U << PATCH_BRANCH)
#define VERW	  (1U << PATCH_VERW | 1U << PATCH_EXIT)
#define SPEC_CTRL (1U << PATCH_SPEC_CTRL | 1U << PATCH_RARE | 1U << PATCH_EXIT)
#define BHB	  (1U << PATCH_BHB | 1U << PATCH_RARE)
#define XPTI	  (1U << PATCH_XPTI | 1U << PATCH_EXIT)
#define DIV	  (1U << PATCH_DIV | 1U << PATCH_EXIT)
/* What RDCL_NO, IBRS_ALL and MDS_NO make of an Intel processor. */
#define CAPS_NEW (ARCH_CAPS_RDCL_NO | ARCH_CAPS_IBRS_ALL | ARCH_CAPS_MDS_NO)

struct family {
	const char *name;
	unsigned int vendor, family, model;
	unsigned int features[6];	/* XEN_X86_FEATURE_*, as far as they are not 0 */
	uint64_t arch_caps;
	/* chosen by default */
	uint32_t patches;
	uint64_t spec_ctrl;
	bool auto_ibrs, ibpb_switch;
};

#define F(name) XEN_X86_FEATURE_##name

/* clang-format off */
static const struct family families[] = {
	{ "Atom Bonnell, in order", CPU_INTEL, 6, 0x1c, { 0 }, 0, RSB | BRANCH, 0, false, false },
	{ "Westmere, old microcode", CPU_INTEL, 6, 0x2c, { 0 }, 0,
	  RSB | BRANCH | BHB | XPTI, 0, false, false },
	{ "Westmere", CPU_INTEL, 6, 0x2c, { F(IBRSB), F(STIBP), F(SSBD), F(MD_CLEAR) }, 0,
	  RSB | BRANCH | BHB | XPTI | VERW, 0, false, true },
	{ "Haswell", CPU_INTEL, 6, 0x3c, { F(SMEP), F(IBRSB), F(STIBP), F(SSBD), F(MD_CLEAR) }, 0,
	  BRANCH | BHB | XPTI | VERW, 0, false, true },
	{ "Skylake", CPU_INTEL, 6, 0x5e, { F(SMEP), F(IBRSB), F(STIBP), F(SSBD), F(MD_CLEAR) }, 0,
	  BRANCH | BHB | XPTI | VERW | SPEC_CTRL, 0, false, true },
	{ "Haswell that says it is to be treated like one", CPU_INTEL, 6, 0x3c,
	  { F(SMEP), F(IBRSB) }, ARCH_CAPS_RSBA, BRANCH | BHB | XPTI | SPEC_CTRL, 0, false, true },
	{ "Cascade Lake, first stepping", CPU_INTEL, 6, 0x55, { F(SMEP), F(IBRSB), F(MD_CLEAR) },
	  ARCH_CAPS_RDCL_NO | ARCH_CAPS_IBRS_ALL, BRANCH | BHB | VERW, 1, false, true },
	{ "one that clears by FB_CLEAR alone", CPU_INTEL, 6, 0x55, { F(SMEP), F(IBRSB) },
	  ARCH_CAPS_RDCL_NO | ARCH_CAPS_IBRS_ALL | ARCH_CAPS_FB_CLEAR, BRANCH | BHB | VERW, 1,
	  false, true },
	{ "Ice Lake", CPU_INTEL, 6, 0x6a, { F(SMEP), F(IBRSB), F(MD_CLEAR) }, CAPS_NEW,
	  BRANCH | BHB, 1, false, true },
	{ "one with BHI_NO", CPU_INTEL, 6, 0xcf, { F(SMEP), F(IBRSB), F(MD_CLEAR) },
	  CAPS_NEW | ARCH_CAPS_BHI_NO, BRANCH, 1, false, true },
	{ "Opteron", CPU_AMD, 0xf, 0x41, { 0 }, 0, RSB | BRANCH, 0, false, false },
	{ "Bulldozer", CPU_AMD, 0x15, 1, { F(IBPB) }, 0, RSB | BRANCH, 0, false, true },
	{ "Zen", CPU_AMD, 0x17, 1, { F(SMEP), F(IBPB) }, 0, BRANCH | DIV, 0, false, true },
	{ "Zen 2", CPU_AMD, 0x17, 0x31, { F(SMEP), F(IBPB), F(IBRS), F(AMD_STIBP), F(AMD_SSBD) }, 0,
	  BRANCH, 0, false, true },
	{ "Zen 3", CPU_AMD, 0x19, 1,
	  { F(SMEP), F(IBPB), F(IBRS), F(IBRS_ALWAYS), F(AMD_STIBP), F(STIBP_ALWAYS) }, 0,
	  BRANCH, 3, false, true },
	{ "Zen 4", CPU_AMD, 0x19, 0x11,
	  { F(SMEP), F(IBPB), F(AUTO_IBRS), F(AMD_STIBP), F(STIBP_ALWAYS), F(PSFD) }, 0,
	  BRANCH, 2, true, true },
	{ "another vendor's", CPU_OTHER, 6, 0xf, { 0 }, 0, RSB | BRANCH | XPTI, 0, false, false },
};
/* clang-format on */

static void test_families(void **state)
{
	uint32_t seen = 0;

	(void)state;
	for (unsigned int i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const struct family *f = &families[i];
		struct cpu_identity id = { .vendor = f->vendor,
					   .family = f->family,
					   .model = f->model };
		struct speculation s;

		for (unsigned int k = 0; k < 6 && f->features[k]; k++)
			add(&id, f->features[k]);
		s = speculation_choose(&id, f->arch_caps, &defaults);
		if (s.patches != f->patches || s.spec_ctrl != f->spec_ctrl ||
		    s.auto_ibrs != f->auto_ibrs || s.ibpb_switch != f->ibpb_switch)
			fail_msg("%s: patches %x (want %x), SPEC_CTRL %lx (%lx), AIBRS %d, IBPB %d",
				 f->name, s.patches, f->patches, (unsigned long)s.spec_ctrl,
				 (unsigned long)f->spec_ctrl, s.auto_ibrs, s.ibpb_switch);
		assert_int_equal(s.xpti_dom0, on(&s, PATCH_XPTI));
		assert_false(s.l1tf_dom0);
		assert_int_equal(s.l1tf_domu, s.has_l1tf);
		assert_int_equal(s.xpti_domu, on(&s, PATCH_XPTI));
		seen |= s.patches;
	}
	/* what only an option turns on: test_options_alone */
	assert_int_equal(seen, RSB | BRANCH | VERW | SPEC_CTRL | BHB | XPTI | DIV);
}

/* Measures that no processor gets by default, where it has what they need. */
static void test_options_alone(void **state)
{
	struct speculation_options o = defaults;
	struct cpu_identity id = intel(0x5e);
	struct speculation s;

	(void)state;
	o.ibpb_entry = o.lock_harden = o.ssbd = o.psfd = o.stibp = o.bhb_entry = 1;
	s = speculation_choose(&id, 0, &o);
	assert_false(on(&s, PATCH_IBPB) || s.spec_ctrl);	/* it has no such MSRs */
	assert_true(on(&s, PATCH_LOCK) && s.bhb_dom0);
	add(&id, F(IBRSB));
	add(&id, F(STIBP));
	add(&id, F(SSBD));
	add(&id, F(PSFD));
	s = speculation_choose(&id, 0, &o);
	assert_true(on(&s, PATCH_IBPB) && on(&s, PATCH_RARE));
	assert_int_equal(s.spec_ctrl, 2 | 4 | 0x80);
	o.thunk = THUNK_LFENCE;
	s = speculation_choose(&id, 0, &o);
	assert_true(on(&s, PATCH_THUNK_LFENCE) && !on(&s, PATCH_THUNK_JMP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_qemu64),	    cmocka_unit_test(test_epyc),
		cmocka_unit_test(test_haswell),	    cmocka_unit_test(test_skylake_switches_ibrs),
		cmocka_unit_test(test_newer_intel), cmocka_unit_test(test_auto_ibrs),
		cmocka_unit_test(test_all_off),	    cmocka_unit_test(test_options_win),
		cmocka_unit_test(test_families),    cmocka_unit_test(test_options_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
