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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_qemu64),	    cmocka_unit_test(test_epyc),
		cmocka_unit_test(test_haswell),	    cmocka_unit_test(test_skylake_switches_ibrs),
		cmocka_unit_test(test_newer_intel), cmocka_unit_test(test_auto_ibrs),
		cmocka_unit_test(test_all_off),	    cmocka_unit_test(test_options_win),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
