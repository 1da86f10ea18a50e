/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID for guests on made-up machines: one that has every bit set, and small
 * old ones. What must be hidden is, and what is told is consistent.
 */
/* sources: arch/x86/cpu/cpuid_policy.c arch/x86/cpu/identify.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <hv/domain.h>
#include <hv/time.h>
#include <asm/cpu_features.h>
#include <asm/emulate.h>
#include <asm/fpu.h>
#include <asm/frame.h>
#include <asm/system.h>

#define BIT(n) (1U << (n))

/* ---- the machine ---- */

static struct {
	bool is_amd, is_small;
	uint64_t components;
} machine;

unsigned long frame_table_end = 0x60000;

struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf)
{
	static const struct cpuid_result intel = { 0x20, 0x756e6547, 0x6c65746e, 0x49656e69 };
	static const struct cpuid_result amd = { 0x10, 0x68747541, 0x444d4163, 0x69746e65 };
	struct cpuid_result r;

	switch (leaf) {
	case 0:
		r = machine.is_amd ? amd : intel;
		if (machine.is_small)
			r.eax = 1;
		return r;
	case 7:
		if (machine.is_small)
			break;
		return (struct cpuid_result){ subleaf ? ~0U : 2, ~0U, ~0U, ~0U };
	case 0xd:
		if (subleaf >= 2)
			return (struct cpuid_result){ 64, 576 + 64 * (subleaf - 2), 0, 0 };
		break;
	case 0x80000000:
		return (struct cpuid_result){ machine.is_small ? 0x80000008 : 0x80000028, 0, 0, 0 };
	case 0x80000008:
		return (struct cpuid_result){ 0x3030, ~0U, ~0U, ~0U };
	}
	return (struct cpuid_result){ ~0U, ~0U, ~0U, ~0U };
}

uint64_t fpu_guest_xcr0_mask(void)
{
	return machine.components;
}

uint64_t fpu_guest_xcr0(const struct vcpu *v)
{
	(void)v;
	return 1;
}

uint32_t fpu_state_size(uint64_t components)
{
	return components > 3 ? 2696 : 576;
}

uint64_t tsc_khz(void)
{
	return 2600000;
}

/* ---- the guest ---- */

static struct domain domain;
static struct vcpu vcpu = { .domain = &domain, .id = 3 };

static struct cpuid_result ask(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_result r;

	memset(&r, 0xee, sizeof(r));
	guest_cpuid(&vcpu, leaf, subleaf, &r);
	return r;
}

static void make_machine(bool is_amd, bool is_small, uint64_t components)
{
	machine.is_amd = is_amd;
	machine.is_small = is_small;
	machine.components = components;
	domain.is_hardware = true;
	cpu_identify();
	cpuid_policy_init();
}

static void assert_zero(struct cpuid_result r)
{
	assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
}

static void what_pv_cannot_use_is_hidden(void **state)
{
	struct cpuid_result r;
	int amd;

	(void)state;
	for (amd = 0; amd < 2; amd++) {
		make_machine(amd, false, 0xe7);
		r = ask(1, 0);
		assert_int_equal(r.edx & 0x0042300a, 0);	/* VME PSE MTRR PGE PSE36 ACPI */
		/* MONITOR VMX SMX PCID x2APIC TSC_DEADLINE */
		assert_int_equal(r.ecx & 0x01220068, 0);
		/* SMEP INVPCID SMAP; UMIP PKU OSPKE SHSTK LA57; IBT AMX SPEC_CTRL */
		r = ask(7, 0);
		assert_int_equal(r.ebx & (BIT(7) | BIT(10) | BIT(20) | BIT(11) | BIT(4)), 0);
		assert_int_equal(r.ecx & (BIT(2) | BIT(3) | BIT(4) | BIT(7) | BIT(16)), 0);
		assert_int_equal(r.edx & (BIT(20) | BIT(22) | BIT(24) | BIT(25) | BIT(26)), 0);
		r = ask(7, 1);	/* FRED LKGS LAM */
		assert_int_equal(r.eax & (BIT(17) | BIT(18) | BIT(26)), 0);
		assert_int_equal(ask(0xd, 1).eax, 7);	/* XSAVES */
		r = ask(0x80000001, 0);	/* SVM; 1 GiB pages */
		assert_int_equal(r.ecx & BIT(2), 0);
		assert_int_equal(r.edx & BIT(26), 0);
	}
}

static void what_pv_kernels_need_is_there(void **state)
{
	struct cpuid_result r;

	(void)state;
	make_machine(true, false, 7);
	r = ask(1, 0);	/* DE MSR PAE APIC MCA PAT FXSR SSE2; HYPERVISOR OSXSAVE */
	assert_int_equal(r.edx & 0x05014264, 0x05014264);
	assert_int_equal(r.ecx & (BIT(31) | BIT(27) | BIT(26)), BIT(31) | BIT(27) | BIT(26));
	assert_int_equal(r.ebx >> 24, 6);	/* APIC number of vCPU 3 */
	r = ask(0x80000001, 0);		/* SYSCALL NX LM */
	assert_int_equal(r.edx & 0x20100800, 0x20100800);
	assert_int_equal(ask(0x80000008, 0).eax, 0x3030);
}

static void sysenter_is_intels(void **state)
{
	(void)state;
	make_machine(true, false, 7);
	assert_int_equal(ask(1, 0).edx & BIT(11), 0);
	assert_int_equal(ask(0x80000001, 0).edx & BIT(6), BIT(6));	/* PAE again, as AMD does */
	make_machine(false, false, 7);
	assert_int_equal(ask(1, 0).edx & BIT(11), BIT(11));
	assert_int_equal(ask(0x80000001, 0).edx & BIT(6), 0);
}

static void vectors_need_their_state(void **state)
{
	struct cpuid_result r;

	(void)state;
	make_machine(true, false, 7);		/* AVX, no AVX-512 */
	assert_int_equal(ask(1, 0).ecx & BIT(28), BIT(28));
	r = ask(7, 0);
	assert_int_equal(r.ebx & (BIT(5) | BIT(16) | BIT(31)), BIT(5));
	assert_int_equal(r.ecx & BIT(1), 0);
	make_machine(true, false, 3);		/* SSE only */
	assert_int_equal(ask(1, 0).ecx & BIT(28), 0);
	assert_int_equal(ask(7, 0).ebx & BIT(5), 0);
	make_machine(true, false, 0xe7);
	assert_int_equal(ask(7, 0).ebx & BIT(16), BIT(16));
}

static void extended_state_is_told_as_offered(void **state)
{
	struct cpuid_result r;

	(void)state;
	make_machine(false, false, 0xe7);
	r = ask(0xd, 0);
	assert_int_equal(r.eax, 0xe7);
	assert_int_equal(r.ebx, 576);
	assert_int_equal(r.ecx, 2696);
	assert_int_equal(r.edx, 0);
	assert_int_equal(ask(0xd, 2).eax, 64);
	assert_zero(ask(0xd, 3));
	assert_zero(ask(0xd, 9));	/* protection keys */
	assert_zero(ask(0xd, 17));	/* tiles */
	assert_zero(ask(0xd, 63));
	assert_zero(ask(0xd, ~0U));
	make_machine(false, false, 0);
	assert_zero(ask(0xd, 0));
	assert_zero(ask(0xd, 1));
}

static void leaves_end_where_we_say(void **state)
{
	(void)state;
	make_machine(true, false, 7);
	assert_int_equal(ask(0, 0).eax, 0xd);
	assert_int_equal(ask(0x80000000, 0).eax, 0x80000021);
	assert_zero(ask(5, 0));
	assert_zero(ask(6, 0));
	assert_zero(ask(0xa, 0));
	assert_zero(ask(0xb, 0));
	assert_zero(ask(0xe, 0));
	assert_zero(ask(0x14, 0));
	assert_zero(ask(0x8000000a, 0));
	assert_zero(ask(0x8000001f, 0));
	assert_zero(ask(0x80000022, 0));
	assert_zero(ask(0x3fffffff, 0));
	assert_zero(ask(~0U, 0));
	make_machine(false, true, 0);
	assert_int_equal(ask(0, 0).eax, 1);
	assert_int_equal(ask(0x80000000, 0).eax, 0x80000008);
	assert_zero(ask(2, 0));
	assert_zero(ask(7, 0));
	assert_zero(ask(0x80000021, 0));
}

static void the_hypervisor_names_itself(void **state)
{
	struct cpuid_result r;
	char name[13] = "";

	(void)state;
	make_machine(true, false, 7);
	r = ask(0x40000000, 0);
	assert_int_equal(r.eax, 0x40000005);
	memcpy(name, &r.ebx, 12);
	assert_string_equal(name, "XenVMMXenVMM");
	assert_int_equal(ask(0x40000001, 0).eax, 0x40011);
	assert_int_equal(ask(0x40000002, 0).ebx, 0x40000000);
	assert_int_equal(ask(0x40000003, 2).eax, 2600000);
	assert_zero(ask(0x40000004, 0));
	assert_int_equal(ask(0x40000005, 0).ebx, 31);	/* 1.5 GiB of memory */
	assert_zero(ask(0x40000006, 0));
	assert_zero(ask(0x40000100, 0));
}

static void constant_tsc_is_the_hardware_domains(void **state)
{
	(void)state;
	make_machine(true, false, 7);
	assert_int_equal(ask(0x80000007, 0).edx, BIT(8));
	domain.is_hardware = false;
	assert_int_equal(ask(0x80000007, 0).edx, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_pv_cannot_use_is_hidden),
		cmocka_unit_test(what_pv_kernels_need_is_there),
		cmocka_unit_test(sysenter_is_intels),
		cmocka_unit_test(vectors_need_their_state),
		cmocka_unit_test(extended_state_is_told_as_offered),
		cmocka_unit_test(leaves_end_where_we_say),
		cmocka_unit_test(the_hypervisor_names_itself),
		cmocka_unit_test(constant_tsc_is_the_hardware_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
