/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID as PV guests are told: leaves and features by allow-list. A guest that
 * executes the plain instruction sees the machine's; PV kernels use the
 * forced form, which comes here. Which features a PV guest can use is written
 * in xen/arch-x86/cpufeatureset.h, the leaves of ours in arch-x86/cpuid.h.
 */
#include <hv/domain.h>
#include <hv/time.h>
#include <hv/types.h>

#include <xen/arch-x86/cpuid.h>

#include <asm/cpu_features.h>
#include <asm/emulate.h>
#include <asm/fpu.h>
#include <asm/frame.h>
#include <asm/system.h>

#define F(name) (1U << XEN_X86_FEATURE_##name % 32)

/* PV guests may know of these; whatever is not here does not exist for them. */
static const uint32_t offered[CPU_FEATURE_WORDS] = {
	[WORD_1_EDX] = F(FPU) | F(DE) | F(TSC) | F(MSR) | F(PAE) | F(MCE) | F(CX8) | F(APIC) |
		       F(SEP) | F(MCA) | F(CMOV) | F(PAT) | F(CLFLUSH) | F(MMX) | F(FXSR) | F(SSE) |
		       F(SSE2) | F(SS),
	[WORD_1_ECX] = F(SSE3) | F(PCLMULQDQ) | F(SSSE3) | F(FMA) | F(CX16) | F(SSE4_1) |
		       F(SSE4_2) | F(MOVBE) | F(POPCNT) | F(AESNI) | F(XSAVE) | F(AVX) | F(F16C) |
		       F(RDRAND),
	[WORD_80000001_EDX] = F(SYSCALL) | F(NX) | F(MMXEXT) | F(FFXSR) | F(RDTSCP) | F(LM) |
			      F(3DNOWEXT) | F(3DNOW),
	[WORD_80000001_ECX] = F(LAHF_LM) | F(ABM) | F(SSE4A) | F(MISALIGNSSE) | F(3DNOWPREFETCH) |
			      F(XOP) | F(FMA4) | F(TBM) | F(DBEXT),
	[WORD_D1_EAX] = F(XSAVEOPT) | F(XSAVEC) | F(XGETBV1),
	[WORD_7_EBX] = F(FSGSBASE) | F(BMI1) | F(AVX2) | F(BMI2) | F(ERMS) | F(AVX512F) |
		       F(AVX512DQ) | F(RDSEED) | F(ADX) | F(AVX512_IFMA) | F(CLFLUSHOPT) | F(CLWB) |
		       F(AVX512PF) | F(AVX512ER) | F(AVX512CD) | F(SHA) | F(AVX512BW) |
		       F(AVX512VL) | F(FDP_EXCP_ONLY) | F(NO_FPU_SEL),
	[WORD_7_ECX] = F(PREFETCHWT1) | F(AVX512_VBMI) | F(AVX512_VBMI2) | F(GFNI) | F(VAES) |
		       F(VPCLMULQDQ) | F(AVX512_VNNI) | F(AVX512_BITALG) | F(AVX512_VPOPCNTDQ) |
		       F(RDPID) | F(CLDEMOTE),
	[WORD_80000007_EDX] = F(ITSC),
	[WORD_80000008_EBX] = F(CLZERO) | F(RSTR_FP_ERR_PTRS) | F(IBPB) | F(SSB_NO) | F(BTC_NO) |
			      F(IBPB_RET),
	[WORD_7_EDX] = F(AVX512_4VNNIW) | F(AVX512_4FMAPS) | F(FSRM) | F(MD_CLEAR) | F(SERIALIZE) |
		       F(AVX512_FP16) | F(ARCH_CAPS),
	[WORD_7_1_EAX] = F(AVX_VNNI) | F(AVX512_BF16) | F(FZRM) | F(FSRS) | F(FSRCS),
	[WORD_80000021_EAX] = F(LFENCE_DISPATCH) | F(NSCB) | F(SBPB) | F(IBPB_BRTYPE) | F(SRSO_NO),
};

/* Features of leaf 1 that AMD processors repeat in leaf 0x80000001, EDX. */
#define COMMON_1_EDX                                                                      \
	(F(FPU) | F(DE) | F(TSC) | F(MSR) | F(PAE) | F(MCE) | F(CX8) | F(APIC) | F(MCA) | \
	 F(CMOV) | F(PAT) | F(MMX) | F(FXSR))

#define AVX_FEATURES	(F(FMA) | F(AVX) | F(F16C))
#define AVX_7_EBX	F(AVX2)
#define AVX_7_ECX	(F(VAES) | F(VPCLMULQDQ))
#define AVX512_7_EBX                                                                           \
	(F(AVX512F) | F(AVX512DQ) | F(AVX512_IFMA) | F(AVX512PF) | F(AVX512ER) | F(AVX512CD) | \
	 F(AVX512BW) | F(AVX512VL))
#define AVX512_7_ECX \
	(F(AVX512_VBMI) | F(AVX512_VBMI2) | F(AVX512_VNNI) | F(AVX512_BITALG) | F(AVX512_VPOPCNTDQ))
#define AVX512_7_EDX	(F(AVX512_4VNNIW) | F(AVX512_4FMAPS) | F(AVX512_FP16))

#define XCR0_AVX    (1UL << 2)
#define XCR0_AVX512 (7UL << 5)

#define MAX_LEAF	  0xdU
#define MAX_EXTENDED_LEAF 0x80000021U

/* What guests see of the machine's features: written by cpuid_policy_init(), constant since. */
static uint32_t guest_feature[CPU_FEATURE_WORDS];

/* State that cannot be saved must not be used. */
static void drop_vectors(uint64_t components)
{
	if (!(components & XCR0_AVX512)) {
		guest_feature[WORD_7_EBX] &= ~AVX512_7_EBX;
		guest_feature[WORD_7_ECX] &= ~AVX512_7_ECX;
		guest_feature[WORD_7_EDX] &= ~AVX512_7_EDX;
		guest_feature[WORD_7_1_EAX] &= ~F(AVX512_BF16);
	}
	if (!(components & XCR0_AVX)) {
		guest_feature[WORD_1_ECX] &= ~AVX_FEATURES;
		guest_feature[WORD_80000001_ECX] &= ~(F(XOP) | F(FMA4));
		guest_feature[WORD_7_EBX] &= ~AVX_7_EBX;
		guest_feature[WORD_7_ECX] &= ~AVX_7_ECX;
		guest_feature[WORD_7_1_EAX] &= ~F(AVX_VNNI);
	}
	if (!components)
		guest_feature[WORD_D1_EAX] = 0;
}

void cpuid_policy_init(void)
{
	unsigned int i;

	for (i = 0; i < CPU_FEATURE_WORDS; i++)
		guest_feature[i] = cpu_identity.feature[i] & offered[i];
	/* sysenter does not work in AMD's long mode */
	if (cpu_identity.vendor == CPU_AMD) {
		guest_feature[WORD_1_EDX] &= ~F(SEP);
		guest_feature[WORD_80000001_EDX] |= guest_feature[WORD_1_EDX] & COMMON_1_EDX;
	}
	drop_vectors(fpu_guest_xcr0_mask());
}

uint32_t cpuid_guest_feature(unsigned int word)
{
	return guest_feature[word];
}

/* Less what tools have taken from this domain. */
static uint32_t feature(const struct vcpu *v, unsigned int word)
{
	return guest_feature[word] & ~v->domain->arch.hidden_feature[word];
}

static struct cpuid_result registers(uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx)
{
	return (struct cpuid_result){ eax, ebx, ecx, edx };
}

/* Clock, version and features of this hypervisor. */
static struct cpuid_result hypervisor_leaf(uint32_t leaf, uint32_t subleaf)
{
	unsigned long last_address = (frame_table_end << PAGE_SHIFT) - 1;

	switch (leaf - XEN_CPUID_FIRST_LEAF) {
	case 0:
		return registers(XEN_CPUID_LEAF(XEN_CPUID_MAX_NUM_LEAVES), XEN_CPUID_SIGNATURE_EBX,
				 XEN_CPUID_SIGNATURE_ECX, XEN_CPUID_SIGNATURE_EDX);
	case 1:
		return registers(4 << 16 | 17, 0, 0, 0);
	case 2:
		return registers(1, 0x40000000, XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD, 0);
	case 3:
		if (subleaf == 0)	/* bit 2: RDTSCP */
			return registers(cpu_has(RDTSCP) ? 1 << 2 : 0, 0, 0, 0);
		if (subleaf == 2)
			return registers(tsc_khz(), 0, 0, 0);
		return registers(0, 0, 0, 0);
	case 5:
		if (subleaf)
			return registers(0, 0, 0, 0);
		return registers(0, 64 - __builtin_clzl(last_address), 0, 0);
	default:
		return registers(0, 0, 0, 0);
	}
}

static struct cpuid_result feature_leaf(const struct vcpu *v)
{
	struct cpuid_result r = cpuid(1, 0);

	/* clflush size is the machine's, the APIC number is not; no sibling threads */
	r.ebx = (r.ebx & 0xff00) | (v->id * 2 & 0xff) << 24;
	r.ecx = feature(v, WORD_1_ECX) | F(HYPERVISOR);
	if (r.ecx & F(XSAVE))
		r.ecx |= F(OSXSAVE);	/* CR4.OSXSAVE is always on */
	r.edx = feature(v, WORD_1_EDX);
	return r;
}

static struct cpuid_result structured_feature_leaf(const struct vcpu *v, uint32_t subleaf)
{
	switch (subleaf) {
	case 0:
		return registers(feature(v, WORD_7_1_EAX) ? 1 : 0, feature(v, WORD_7_EBX),
				 feature(v, WORD_7_ECX), feature(v, WORD_7_EDX));
	case 1:
		return registers(feature(v, WORD_7_1_EAX), 0, 0, 0);
	default:
		return registers(0, 0, 0, 0);
	}
}

/* Intel SDM volume 1, 13.2. */
static struct cpuid_result xstate_leaf(const struct vcpu *v, uint32_t subleaf)
{
	uint64_t components = fpu_guest_xcr0_mask();
	struct cpuid_result r;

	if (!components)
		return registers(0, 0, 0, 0);
	if (subleaf == 0)
		return registers(components, fpu_state_size(fpu_guest_xcr0(v)),
				 fpu_state_size(components), components >> 32);
	if (subleaf == 1) {
		r = cpuid(0xd, 1);
		return registers(feature(v, WORD_D1_EAX),
				 feature(v, WORD_D1_EAX) & F(XSAVEC) ? r.ebx : 0, 0, 0);
	}
	if (subleaf > 62 || !(components >> subleaf & 1))
		return registers(0, 0, 0, 0);
	r = cpuid(0xd, subleaf);
	return registers(r.eax, r.ebx, r.ecx, 0);
}

/* Intel's caches; who shares them is nothing to a vCPU that moves about. */
static struct cpuid_result cache_leaf(uint32_t subleaf)
{
	struct cpuid_result r;

	if (cpu_identity.vendor == CPU_AMD)
		return registers(0, 0, 0, 0);
	r = cpuid(4, subleaf);
	r.eax &= 0x3fff;
	return r;
}

static struct cpuid_result basic_leaf(const struct vcpu *v, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_result r;

	switch (leaf) {
	case 0:
		r = cpuid(0, 0);
		if (r.eax > MAX_LEAF)
			r.eax = MAX_LEAF;
		return r;
	case 1:
		return feature_leaf(v);
	case 2:
		return cpuid(leaf, 0);
	case 4:
		return cache_leaf(subleaf);
	case 7:
		return structured_feature_leaf(v, subleaf);
	case 0xd:
		return xstate_leaf(v, subleaf);
	default:	/* mwait, power, topology, performance counters */
		return registers(0, 0, 0, 0);
	}
}

static struct cpuid_result extended_leaf(const struct vcpu *v, uint32_t leaf)
{
	struct cpuid_result r;

	switch (leaf) {
	case 0x80000000:
		r = cpuid(leaf, 0);
		r.eax = cpu_identity.max_extended_leaf < MAX_EXTENDED_LEAF ?
				cpu_identity.max_extended_leaf :
				MAX_EXTENDED_LEAF;
		return r;
	case 0x80000001:
		r = cpuid(leaf, 0);
		return registers(r.eax, 0, feature(v, WORD_80000001_ECX),
				 feature(v, WORD_80000001_EDX));
	case 0x80000002:
	case 0x80000003:
	case 0x80000004: /* name */
	case 0x80000005:
	case 0x80000006: /* caches */
		return cpuid(leaf, 0);
	case 0x80000007:
		/* a TSC that stays constant: no promise to those who may migrate */
		return registers(0, 0, 0,
				 v->domain->is_hardware ? feature(v, WORD_80000007_EDX) : 0);
	case 0x80000008:
		return registers(cpuid(leaf, 0).eax & 0xffff, feature(v, WORD_80000008_EBX), 0, 0);
	case 0x80000021:
		return registers(feature(v, WORD_80000021_EAX), 0, 0, 0);
	default:	/* SVM, performance sampling, topology, encryption */
		return registers(0, 0, 0, 0);
	}
}

void guest_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_result *res)
{
	if (leaf <= MAX_LEAF && leaf <= cpu_identity.max_leaf)
		*res = basic_leaf(v, leaf, subleaf);
	else if (leaf >= XEN_CPUID_FIRST_LEAF && leaf <= XEN_CPUID_LEAF(XEN_CPUID_MAX_NUM_LEAVES))
		*res = hypervisor_leaf(leaf, subleaf);
	else if (leaf >= 0x80000000 && leaf <= MAX_EXTENDED_LEAF &&
		 leaf <= cpu_identity.max_extended_leaf)
		*res = extended_leaf(v, leaf);
	else
		*res = registers(0, 0, 0, 0);
}
