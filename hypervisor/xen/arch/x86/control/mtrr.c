/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's memory type ranges, as dom0 may read them. Source: Intel SDM volume 3 section 11.11. */
#include "firmware_info.h"

#include <hv/errno.h>
#include <hv/types.h>

#include <asm/system.h>

#define MSR_MTRR_CAP	     0xfe
#define MSR_MTRR_BASE(n)     (0x200 + 2 * (n))
#define MSR_MTRR_MASK(n)     (0x201 + 2 * (n))
#define MTRR_CAP_COUNT	     0xff
#define MTRR_MASK_VALID	     (1U << 11)
#define MTRR_TYPE	     0xff
#define CPUID_1_EDX_MTRR     (1U << 12)
#define CPUID_EXT_MAX	     0x80000000
#define CPUID_ADDRESS_SIZES  0x80000008
#define ADDRESS_BITS_DEFAULT 36

static unsigned int address_bits(void)
{
	if (cpuid(CPUID_EXT_MAX, 0).eax < CPUID_ADDRESS_SIZES)
		return ADDRESS_BITS_DEFAULT;
	return cpuid(CPUID_ADDRESS_SIZES, 0).eax & 0xff;
}

int mtrr_get(struct xenpf_read_memtype *req)
{
	uint64_t base, mask;

	if (!(cpuid(1, 0).edx & CPUID_1_EDX_MTRR))
		return -ENODEV;
	if (req->reg >= (rdmsr(MSR_MTRR_CAP) & MTRR_CAP_COUNT))
		return -EINVAL;

	base = rdmsr(MSR_MTRR_BASE(req->reg));
	mask = rdmsr(MSR_MTRR_MASK(req->reg));
	req->mfn = 0;
	req->nr_mfns = 0;
	req->type = 0;
	if (mask & MTRR_MASK_VALID) {
		/* The lowest bit compared is the size: masks with holes describe no range. */
		mask = mask >> PAGE_SHIFT & ((1UL << (address_bits() - PAGE_SHIFT)) - 1);
		req->mfn = base >> PAGE_SHIFT;
		req->nr_mfns = mask & -mask;
		req->type = base & MTRR_TYPE;
	}
	return 0;
}
