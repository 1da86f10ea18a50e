/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which parts of the extended state guests may have, and how large it is with
 * them. Looks at CPUID and nothing else. Intel SDM volume 1 sections 13.1 to
 * 13.3 and 13.5 (XCR0's rules).
 */
#include <asm/fpu.h>

#include <hv/types.h>

#include <asm/cpu_features.h>
#include <asm/system.h>

#define FPU_SSE	   (1UL << 1)
#define FPU_AVX	   (1UL << 2)
#define FPU_AVX512 (7UL << 5)

/* Protection keys and tiles need more than saving. */
#define OFFERED (FPU_X87 | FPU_SSE | FPU_AVX | FPU_AVX512)

#define LEGACY_AND_HEADER (512 + 64)

/* An area is one allocation for each vCPU: tiles have 8 KiB, nothing known has more. */
#define STATE_SIZE_LIMIT 16384

uint32_t fpu_state_size(uint64_t components)
{
	uint32_t size = LEGACY_AND_HEADER;
	struct cpuid_result r;

	for (unsigned int i = 2; i < 63; i++) {
		if (!(components >> i & 1))
			continue;
		r = cpuid(0xd, i);
		if (r.ebx + r.eax > size)
			size = r.ebx + r.eax;
	}
	return size;
}

bool fpu_components_valid(uint64_t value, uint64_t offered)
{
	if (!(value & FPU_X87) || value & ~offered)
		return false;
	if (value & FPU_AVX && !(value & FPU_SSE))
		return false;
	/* AVX-512 is one, of three parts, and needs AVX. */
	if (value & FPU_AVX512)
		return (value & FPU_AVX512) == FPU_AVX512 && (value & FPU_AVX);
	return true;
}

/* Does the processor give this component a place in the area? */
static bool has_place(unsigned int component)
{
	struct cpuid_result r = cpuid(0xd, component);

	return r.eax && r.ebx >= LEGACY_AND_HEADER && r.ebx < STATE_SIZE_LIMIT &&
	       r.eax <= STATE_SIZE_LIMIT - r.ebx;
}

uint64_t fpu_components_offered(void)
{
	struct cpuid_result r = cpuid(0xd, 0);
	uint64_t offered = (r.eax | (uint64_t)r.edx << 32) & OFFERED;

	for (unsigned int i = 2; i < 63; i++)
		if (offered >> i & 1 && !has_place(i))
			offered &= ~(1UL << i);
	if ((offered & FPU_AVX512) != FPU_AVX512 || !(offered & FPU_AVX))
		offered &= ~FPU_AVX512;
	return offered;
}
