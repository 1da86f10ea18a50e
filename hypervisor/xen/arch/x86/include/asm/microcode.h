/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Updates of processors' microcode. */
#ifndef ASM_MICROCODE_H
#define ASM_MICROCODE_H

#include <hv/types.h>

/* What an update must fit. */
struct microcode_target {
	uint32_t signature;	/* CPUID 1, EAX */
	uint32_t platform;	/* Intel: the bit of MSR PLATFORM_ID; AMD: 0 */
	uint32_t revision;	/* what the processor runs now */
};

/*
 * microcode_container.c: the newest update in foreign bytes @blob that fits and is newer (or, with @allow_same, as
 * new); NULL: none. *@data is what the processor is told, *@size what must be readable from the result on, *@revision what it is.
 */
const void *microcode_find_intel(const void *blob, size_t len, const struct microcode_target *t,
				 bool allow_same, size_t *size, uint32_t *revision);
const void *microcode_find_amd(const void *blob, size_t len, const struct microcode_target *t,
			       bool allow_same, size_t *size, uint32_t *revision);

#define MICROCODE_INTEL_HEADER 48	/* before what the processor is told */

/* Boot, when all CPUs run and the modules are still there: as ucode= says. */
void microcode_boot(void);

/* XENPF_microcode_update. 0; -ENOENT: nothing newer in it; -EIO: refused; -EFAULT, -EINVAL, -E2BIG, -ENOMEM. */
int microcode_update_guest(unsigned long va, uint32_t len);

#endif
