/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLB flushes by need. Each CPU's flushes are numbered by one clock; a frame
 * carries the time it was freed (page_info.aux). A CPU that has flushed later
 * than that cannot reach the frame any more. Guests have no global pages and
 * no PCIDs: a load of CR3 is a full flush of what is theirs.
 */
#include <asm/tlb.h>

#include <hv/frame.h>

#include <asm/percpu.h>
#include <asm/system.h>

static uint32_t tlb_clock = 1;	/* atomic */

/* The clock at the start of each CPU's last flush; written by that CPU. */
static struct {
	uint32_t at;
} __cacheline_aligned last_flush[MAX_CPUS];

static void flush_by_loading(unsigned long cr3)
{
	/* Taken before the flush: what is freed while it goes on is not covered. */
	uint32_t now = __atomic_add_fetch(&tlb_clock, 1, __ATOMIC_SEQ_CST);

	cr3_write(cr3);
	__atomic_store_n(&last_flush[this_cpu()].at, now, __ATOMIC_RELEASE);
}

void tlb_flush_local(void)
{
	flush_by_loading(cr3_read());
}

void tlb_root_load(mfn_t root)
{
	flush_by_loading(paddr_of_mfn(root));
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

void tlb_flush_before_reuse(const struct page_info *pg, unsigned long count)
{
	uint32_t flushed = last_flush[this_cpu()].at;
	unsigned long i;

	for (i = 0; i < count; i++)
		if (pg[i].aux && !is_after(flushed, pg[i].aux)) {
			tlb_flush_local();
			return;
		}
}
