/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processor this is: CPUID of AMD64 manual volume 3 appendix E, Intel SDM volume 2. */
#include <hv/types.h>

#include <asm/cpu_features.h>
#include <asm/system.h>

struct cpu_identity cpu_identity;	/* boot CPU's, written before there is another */

/* The word of each register follows the order of xen/arch-x86/cpufeatureset.h. */
static_assert(XEN_X86_FEATURE_FSGSBASE / 32 == WORD_7_EBX, "word 5 is leaf 7, EBX");
static_assert(XEN_X86_FEATURE_LFENCE_DISPATCH / 32 == WORD_80000021_EAX, "word 11");

/* A leaf that does not exist is all zeroes, whatever the processor makes of it. */
static struct cpuid_result leaf(uint32_t number, uint32_t subleaf)
{
	uint32_t last = number & 0x80000000 ? cpu_identity.max_extended_leaf :
					      cpu_identity.max_leaf;

	return number <= last ? cpuid(number, subleaf) : (struct cpuid_result){ 0 };
}

static enum cpu_vendor vendor_of(const struct cpuid_result *r)
{
	/* EBX of "GenuineIntel", "AuthenticAMD", "HygonGenuine" */
	switch (r->ebx) {
	case 0x756e6547:
		return CPU_INTEL;
	case 0x68747541:
	case 0x6f677948:
		return CPU_AMD;
	default:
		return CPU_OTHER;
	}
}

static void identify_model(struct cpu_identity *id, uint32_t signature)
{
	id->stepping = signature & 0xf;
	id->model = (signature >> 4) & 0xf;
	id->family = (signature >> 8) & 0xf;
	if (id->family == 0xf || id->family == 6)
		id->model |= (signature >> 12) & 0xf0;
	if (id->family == 0xf)
		id->family += (signature >> 20) & 0xff;
}

static void read_features(uint32_t *feature)
{
	struct cpuid_result r;

	r = leaf(1, 0);
	feature[WORD_1_EDX] = r.edx;
	feature[WORD_1_ECX] = r.ecx;
	r = leaf(7, 0);
	feature[WORD_7_EBX] = r.ebx;
	feature[WORD_7_ECX] = r.ecx;
	feature[WORD_7_EDX] = r.edx;
	feature[WORD_7_1_EAX] = r.eax >= 1 ? leaf(7, 1).eax : 0;
	feature[WORD_D1_EAX] = leaf(0xd, 1).eax;
	r = leaf(0x80000001, 0);
	feature[WORD_80000001_EDX] = r.edx;
	feature[WORD_80000001_ECX] = r.ecx;
	feature[WORD_80000007_EDX] = leaf(0x80000007, 0).edx;
	feature[WORD_80000008_EBX] = leaf(0x80000008, 0).ebx;
	feature[WORD_80000021_EAX] = leaf(0x80000021, 0).eax;
}

void cpu_identify(void)
{
	struct cpu_identity *id = &cpu_identity;
	struct cpuid_result r = cpuid(0, 0);
	uint32_t bits;

	id->vendor = vendor_of(&r);
	id->max_leaf = r.eax;
	id->max_extended_leaf = cpuid(0x80000000, 0).eax;
	if (id->max_extended_leaf < 0x80000001 || id->max_extended_leaf > 0x8000ffff)
		id->max_extended_leaf = 0x80000000;
	identify_model(id, leaf(1, 0).eax);
	bits = leaf(0x80000008, 0).eax & 0xff;
	id->physical_address_bits = bits ? bits : 36;
	read_features(id->feature);
}
