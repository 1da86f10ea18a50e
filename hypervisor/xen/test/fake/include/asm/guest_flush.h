/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's stand-in for asm/guest_flush.h: one CPU, whose TLB is that of asm/tlb.h. */
#ifndef ASM_GUEST_FLUSH_H
#define ASM_GUEST_FLUSH_H

#include <hv/domain.h>
#include <hv/guest_copy.h>

#include <asm/tlb.h>

struct vcpu_mask {
	uint64_t bits[MAX_VCPUS / 64];
};

static inline int vcpu_mask_read(const struct domain *d, unsigned long address,
				 struct vcpu_mask *out)
{
	return guest_copy_from(out, address, (d->max_vcpus + 7) / 8);
}

static inline void guest_tlb_flush_all(const struct domain *d, unsigned long va)
{
	(void)d;
	(void)va;
	tlb_flush_local();
}

static inline void guest_tlb_flush_multi(const struct domain *d, const struct vcpu_mask *vcpus,
					 unsigned long va)
{
	(void)vcpus;
	guest_tlb_flush_all(d, va);
}

static inline void cache_flush_all(void)
{
}

static inline void cache_lines_flush(const char *from, size_t len)
{
	(void)from;
	(void)len;
}

#endif
