/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLB and cache flushes on behalf of a guest, on all CPUs that they concern. */
#ifndef ASM_GUEST_FLUSH_H
#define ASM_GUEST_FLUSH_H

#include <hv/types.h>

#include <asm/layout.h>

struct domain;

struct vcpu_mask {
	uint64_t bits[MAX_VCPUS / 64];
};

/* A guest's bitmap of its vCPUs; bits of those that do not exist mean nothing. -EFAULT. */
int vcpu_mask_read(const struct domain *d, unsigned long address,
		   struct vcpu_mask *out) __must_check;

/* Translations of @va, or with TLB_WHOLE all, on the CPUs of those vCPUs, or of all of @d's. No locks held. */
void guest_tlb_flush_multi(const struct domain *d, const struct vcpu_mask *vcpus, unsigned long va);
void guest_tlb_flush_all(const struct domain *d, unsigned long va);

/* Write back and empty the caches of every CPU. */
void cache_flush_all(void);

/* Write back and empty the lines of @len bytes, in all caches. */
void cache_lines_flush(const char *from, size_t len);

#endif
