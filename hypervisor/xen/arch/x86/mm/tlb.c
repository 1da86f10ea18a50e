/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLB flushes by need. Each CPU's flushes are numbered by one clock; a frame
 * carries the time it was freed (page_info.aux). A CPU that has flushed later
 * than that cannot reach the frame any more. Guests have no global pages and
 * no PCIDs: a load of CR3 is a full flush of what is theirs.
 */
#include <asm/tlb.h>

#include <hv/frame.h>

#include <asm/hypervisor_map.h>
#include <asm/percpu.h>
#include <asm/smp.h>
#include <asm/system.h>

static uint32_t tlb_clock = 1;	/* atomic */

/* Written by the CPU itself, read by others. */
static struct {
	uint32_t at;		/* the clock at the start of its last flush */
	bool	 has_guest;	/* a guest's root is loaded: others' translations may be in its TLB */
} __cacheline_aligned last_flush[MAX_CPUS];

static void flush_by_loading(unsigned long cr3)
{
	/* Taken before the flush: what is freed while it goes on is not covered. */
	uint32_t now = __atomic_add_fetch(&tlb_clock, 1, __ATOMIC_SEQ_CST);

	cr3_write(cr3);
	cpu_info()->full_cr3 = cr3;
	__atomic_store_n(&last_flush[this_cpu()].at, now, __ATOMIC_RELEASE);
}

void tlb_flush_local(void)
{
	flush_by_loading(cr3_read());
}

void tlb_root_load(mfn_t root)
{
	/* Seen before the load, which serialises: who does not see it has freed what we cannot reach. */
	WRITE_ONCE(last_flush[this_cpu()].has_guest, true);
	flush_by_loading(paddr_of_mfn(root));
}

void tlb_idle_root_load(void)
{
	flush_by_loading(paddr_of_mfn(virt_to_mfn(idle_root)));
	WRITE_ONCE(last_flush[this_cpu()].has_guest, false);
}

static void flush_this(void *data)
{
	unsigned long va = *(const unsigned long *)data;

	if (va == TLB_WHOLE)
		tlb_flush_local();
	else
		invlpg(va);
}

void tlb_flush_cpus(const struct cpu_mask *cpus, unsigned long va)
{
	struct cpu_mask others = { 0 };

	if (cpu_mask_has(cpus, this_cpu()))
		flush_this(&va);
	/* Either the entry is seen as changed by who loads a guest's root, or has_guest as set by us. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (unsigned int cpu = 0; cpu < cpus_online; cpu++)
		if (cpu != this_cpu() && cpu_mask_has(cpus, cpu) &&
		    READ_ONCE(last_flush[cpu].has_guest))
			cpu_mask_add(&others, cpu);
	if (!cpu_mask_is_empty(&others))
		cpus_call(&others, flush_this, &va);
}

void tlb_stamp_freed(struct page_info *pg)
{
	pg->aux = __atomic_load_n(&tlb_clock, __ATOMIC_SEQ_CST);
}

/* Later or not, on a clock that wraps. */
static bool is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* Has @cpu not flushed since one of the frames was freed? */
static bool is_behind(unsigned int cpu, const struct page_info *pg, unsigned long count)
{
	uint32_t flushed = __atomic_load_n(&last_flush[cpu].at, __ATOMIC_ACQUIRE);
	unsigned long i;

	for (i = 0; i < count; i++)
		if (pg[i].aux && !is_after(flushed, pg[i].aux))
			return true;
	return false;
}

void tlb_flush_before_reuse(const struct page_info *pg, unsigned long count)
{
	struct cpu_mask others = { 0 };
	unsigned int self = this_cpu();

	if (is_behind(self, pg, count))
		tlb_flush_local();
	if (likely(cpus_online == 1))
		return;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (unsigned int cpu = 0; cpu < cpus_online; cpu++)
		if (cpu != self && READ_ONCE(last_flush[cpu].has_guest) &&
		    is_behind(cpu, pg, count))
			cpu_mask_add(&others, cpu);
	tlb_flush_cpus(&others, TLB_WHOLE);
}
