/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the processor is and can do. Read once on the boot CPU, before
 * anything asks; constant from then on.
 */
#ifndef ASM_CPU_FEATURES_H
#define ASM_CPU_FEATURES_H

#include <hv/types.h>

#include <xen/arch-x86/cpufeatureset.h>

enum cpu_vendor {
	CPU_OTHER,
	CPU_INTEL,
	CPU_AMD,	/* and Hygon, which is one */
};

/* Words of CPUID bits, numbered as in xen/arch-x86/cpufeatureset.h. */
enum cpu_feature_word {
	WORD_1_EDX,
	WORD_1_ECX,
	WORD_80000001_EDX,
	WORD_80000001_ECX,
	WORD_D1_EAX,
	WORD_7_EBX,
	WORD_7_ECX,
	WORD_80000007_EDX,
	WORD_80000008_EBX,
	WORD_7_EDX,
	WORD_7_1_EAX,
	WORD_80000021_EAX,
	CPU_FEATURE_WORDS,
};

struct cpu_identity {
	enum cpu_vendor vendor;
	unsigned int family, model, stepping;	/* extended fields added in */
	uint32_t max_leaf, max_extended_leaf;
	unsigned int physical_address_bits;
	uint32_t feature[CPU_FEATURE_WORDS];
};

extern struct cpu_identity cpu_identity;

/* Boot CPU, first thing: everything below relies on it. */
void cpu_identify(void);

/* Does the machine have XEN_X86_FEATURE_@name? */
#define cpu_has(name) cpu_has_feature(XEN_X86_FEATURE_##name)

static inline bool cpu_has_feature(unsigned int feature)
{
	return cpu_identity.feature[feature / 32] & (1U << feature % 32);
}

#endif
