/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Huge counts and long batches.
 *
 * A count is the guest's to choose. The hypervisor must neither overflow when
 * it multiplies it by an element's size, nor hold a CPU for as long as it
 * takes: long operations are preempted and continued, invisibly. So huge
 * counts end where memory ends, with an error and a correct count of what was
 * done; 100,000 requests in one call are all carried out; and the bit that
 * marks a continuation cannot be forged with profit.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/memory.h>
#include <xen/sched.h>

const char test_title[] = "Huge counts and long batches";

#define WINDOW	     ((char *)0x0000500000000000UL)
#define WINDOW_PAGES 512

static char *content; /* one page, mapped 512 times from WINDOW on */

static void window_make(void)
{
	struct tree t = tree_make(WINDOW);
	unsigned int i;

	content = page_alloc();
	if (tree_hang(&t, WINDOW))
		test_error("no window");
	for (i = 0; i < WINDOW_PAGES; i++)
		if (map_at(WINDOW + i * PAGE_SIZE, virt_to_mfn(content), PTE_RO_PAGE))
			test_error("no window");
}

static void check_long_mmu_update(void)
{
	struct mmu_update *req = (void *)content;
	unsigned int i, done = 0, per_page = PAGE_SIZE / sizeof(*req);
	uint64_t *page = page_alloc();

	/* Every page of requests: map, unmap, ..., the last maps. */
	for (i = 0; i < per_page; i++) {
		req[i].ptr = entry_maddr(page, 1);
		req[i].val = i & 1 ? make_pte(virt_to_mfn(page), PTE_RW_PAGE) : 0;
	}
	expect_result("mmu_update of 131072 requests",
		      hypercall(mmu_update, WINDOW, WINDOW_PAGES * per_page, &done, DOMID_SELF), 0);
	expect_equal("done", done, WINDOW_PAGES * per_page);
	WRITE_ONCE(page[0], 1);
	expect_equal("the last one counts", page[0], 1);

	done = 0;
	expect_result(
		"mmu_update that runs out of requests",
		hypercall(mmu_update, WINDOW + 500 * PAGE_SIZE, 0x7fffffff, &done, DOMID_SELF),
		-EFAULT);
	expect_equal("done", done, 12 * per_page);
}

static void check_long_mmuext(void)
{
	struct mmuext_op *op = (void *)content;
	unsigned int i, done = 0, per_page = PAGE_SIZE / sizeof(*op);

	memset(content, 0, PAGE_SIZE);
	for (i = 0; i < per_page; i++)
		op[i].cmd = MMUEXT_INVLPG_LOCAL;
	/* Records of 24 bytes do not fill a page: stay within the first. */
	expect_result("mmuext_op of a page of requests",
		      hypercall(mmuext_op, WINDOW, per_page, &done, DOMID_SELF), 0);
	expect_equal("done", done, per_page);
	memset(content, 0xff, PAGE_SIZE);
	expect_result("mmuext_op of unknown commands",
		      hypercall(mmuext_op, WINDOW, 0x7fffffff, &done, DOMID_SELF), -ENOSYS);
	expect_equal("done", done, 0);
}

static void check_long_multicall(void)
{
	struct multicall_entry *e = (void *)content;
	unsigned int i;
	long rc;

	memset(content, 0, PAGE_SIZE);
	for (i = 0; i < PAGE_SIZE / sizeof(*e); i++) {
		e[i].op = __HYPERVISOR_xen_version;
		e[i].args[0] = 0;
	}
	for (i = 0; i < WINDOW_PAGES; i++)
		if (map_at(WINDOW + i * PAGE_SIZE, virt_to_mfn(content), PTE_RW_PAGE))
			test_error("no writable window");
	expect_result("multicall of 32768 calls",
		      hypercall(multicall, WINDOW, WINDOW_PAGES * (PAGE_SIZE / sizeof(*e))), 0);
	expect_result("its last result", (long)e[63].result, 0x40011);
	rc = hypercall(multicall, WINDOW + 510 * PAGE_SIZE, 0xffffffff);
	expect_result("multicall of 2^32-1 calls", rc, -EFAULT);
	rc = hypercall(multicall, WINDOW + 510 * PAGE_SIZE, 0x4000000000000000UL);
	check(rc == -EFAULT || rc == 0,
	      "multicall of 2^62 calls: -EFAULT (or 0, counting 32 bits), "
	      "got %ld",
	      rc);
}

/* The mark of a continuation, in a call that is none. */
static void check_preempted_mark(void)
{
	struct mmu_update req;
	uint64_t *page = page_alloc();
	unsigned int done = 7;

	req.ptr = entry_maddr(page, 1);
	req.val = make_pte(virt_to_mfn(page), PTE_RW_PAGE);
	hypercall(mmu_update, &req, 0x80000000u | 1, &done, DOMID_SELF);
	hypercall(mmu_update, &req, 0x80000000u, &done, DOMID_SELF);
	hypercall(mmu_update, &req, 0xffffffffu, &done, DOMID_SELF);
	hypercall(mmu_update, &req, 0x80000001u, 0xffff830000000000UL, DOMID_SELF);
	hypercall(mmuext_op, content, 0x80000001u, &done, DOMID_SELF);
	hypercall(mmuext_op, content, 0xffffffffu, 0, DOMID_SELF);
	WRITE_ONCE(page[0], 3);
	expect_equal("the page is still ours", page[0], 3);
	expect_result("mmu_update works", mmu_update(req.ptr, req.val), 0);
}

static void check_memory_counts(void)
{
	static const unsigned long counts[] = {
		1UL << 32, 1UL << 48, 1UL << 60, 1UL << 61, 1UL << 63, ~0UL,
	};
	struct xen_memory_reservation r;
	unsigned int i, order;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		for (order = 0; order < 64; order += 7) {
			r = (struct xen_memory_reservation){
				.nr_extents = counts[i],
				.extent_order = order,
				.domid = DOMID_SELF,
			};
			set_xen_guest_handle(r.extent_start, (xen_pfn_t *)WINDOW + 512 * 512);
			check(hypercall(memory_op, XENMEM_decrease_reservation, &r) <= 0,
			      "decrease of 2^60 extents gives back nothing");
			check(hypercall(memory_op, XENMEM_populate_physmap, &r) <= 0,
			      "populate of 2^60 extents gives nothing");
		}
}

static void check_other_counts(void)
{
	struct sched_poll poll = { .nr_ports = 0xffffffff, .timeout = 1 };
	static const unsigned int counts[] = { 0x10000000, 0x7fffffff, 0x80000000, 0xffffffff };
	unsigned int i;

	set_xen_guest_handle(poll.ports, (evtchn_port_t *)WINDOW);
	expect_result("poll of 2^32-1 ports", hypercall(sched_op, SCHEDOP_poll, &poll), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		expect_refused("grant_table_op of so many",
			       hypercall(grant_table_op, 0, 0xffff830000000000UL, counts[i]));
		expect_refused("set_gdt of so many", hypercall(set_gdt, content, counts[i]));
		expect_refused("SET_LDT of so many",
			       mmuext(MMUEXT_SET_LDT, (unsigned long)content, counts[i]));
	}
}

void test_main(void)
{
	shared_info_map();
	window_make();
	STEP(check_long_mmu_update);
	STEP(check_long_mmuext);
	STEP(check_long_multicall);
	STEP(check_preempted_mark);
	STEP(check_memory_counts);
	STEP(check_other_counts);
}
