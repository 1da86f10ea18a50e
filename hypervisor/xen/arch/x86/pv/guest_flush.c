/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flushes that a guest asks for, of the TLBs of some or all of its vCPUs. A
 * vCPU that no CPU holds has no translations: it gets its root loaded, which
 * flushes, before it runs.
 */
#include <asm/guest_flush.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>

#include <asm/percpu.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <asm/tlb.h>

int vcpu_mask_read(const struct domain *d, unsigned long address, struct vcpu_mask *out)
{
	*out = (struct vcpu_mask){ 0 };
	return guest_copy_from(out, address, (d->max_vcpus + 7) / 8);
}

static void flush_here(unsigned long va)
{
	if (va == TLB_WHOLE)
		tlb_flush_local();
	else
		invlpg(va);
}

void guest_tlb_flush_multi(const struct domain *d, const struct vcpu_mask *vcpus, unsigned long va)
{
	struct cpu_mask cpus = { 0 };

	if (likely(cpus_online == 1)) {
		flush_here(va);
		return;
	}
	/* Either the page-table entry is seen as changed by who loads the vCPU, or the vCPU as loaded by us. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		int cpu;

		if (!d->vcpu[i] || !(vcpus->bits[i / 64] >> i % 64 & 1))
			continue;
		cpu = READ_ONCE(d->vcpu[i]->arch.loaded_cpu);
		if (cpu >= 0)
			cpu_mask_add(&cpus, cpu);
	}
	tlb_flush_cpus(&cpus, va);
}

void guest_tlb_flush_all(const struct domain *d, unsigned long va)
{
	static const struct vcpu_mask all = { { ~0UL, ~0UL } };

	guest_tlb_flush_multi(d, &all, va);
}

static void write_back(void *data)
{
	(void)data;
	__asm__ __volatile__("wbinvd" ::: "memory");
}

void cache_flush_all(void)
{
	static const struct cpu_mask all = { { ~0UL, ~0UL } };

	write_back(NULL);
	if (cpus_online > 1)
		cpus_call(&all, write_back, NULL);
}

/* No line is shorter than this; flushing one twice does no harm. */
#define CACHE_LINE_MIN 32

void cache_lines_flush(const char *from, size_t len)
{
	const char *line = from - (unsigned long)from % CACHE_LINE_MIN;

	__asm__ __volatile__("mfence" ::: "memory");
	for (; line < from + len; line += CACHE_LINE_MIN)
		__asm__ __volatile__("clflush %0" : : "m"(*line) : "memory");
	__asm__ __volatile__("mfence" ::: "memory");
}
