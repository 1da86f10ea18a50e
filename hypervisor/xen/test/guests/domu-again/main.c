/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains come and go, a thousand of them.
 *
 * Each gets memory, page tables that are judged and pinned, a vCPU with a context, an event channel to us, a grant of
 * it that we have mapped and unmapped, and is destroyed, some without ever having run. Nothing is left: free pages,
 * ports and handles are as they were. Ids are given out in turn; an id that is in use is refused.
 */
#include "domu.h"
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>

const char test_title[] = "A thousand domains, one after the other";

#ifndef CYCLES
#define CYCLES 1000
#endif

static struct domu u;

void domu_main(void)
{
	domu_channel.result[0] = start_info->nr_pages;
}

static domid_t create(void)
{
	struct xen_domctl op;
	long rc;

	domu_config(&op, 1 + u.id % 3);
	rc = domctl(XEN_DOMCTL_createdomain, 0, &op);
	if (rc)
		test_failure("createdomain: %ld", rc);
	return op.domain;
}

static long destroy(domid_t dom)
{
	struct xen_domctl op;

	return domctl(XEN_DOMCTL_destroydomain, dom, &op);
}

/* One that never had anything. */
static void empty_one(void)
{
	domid_t dom = create();
	struct xen_domctl op;

	domu_config(&op, 1);
	expect_result("its id a second time", domctl(XEN_DOMCTL_createdomain, dom, &op), -EEXIST);
	expect_result("destroy", destroy(dom), 0);
}

/* The port and the memory of a domain that does not run. */
static void idle_one(void)
{
	struct xen_memory_reservation r = { .nr_extents = 4, .extent_order = 2 };
	static xen_pfn_t extents[4];
	evtchn_port_t theirs, ours;
	struct xen_domctl op;
	domid_t dom = create();

	memset(&op, 0, sizeof(op));
	op.u.max_vcpus.max = 1 + u.id % 3;
	if (domctl(XEN_DOMCTL_max_vcpus, dom, &op))
		test_failure("max_vcpus");
	op.u.max_mem.max_memkb = 64;
	if (domctl(XEN_DOMCTL_max_mem, dom, &op))
		test_failure("max_mem");
	r.domid = dom;
	for (unsigned int i = 0; i < 4; i++)
		extents[i] = i * 4;
	set_xen_guest_handle(r.extent_start, extents);
	if (hypercall(memory_op, XENMEM_populate_physmap, &r) != 4)
		test_failure("populate_physmap");
	if (evtchn_alloc_unbound(dom, 0, &theirs) || evtchn_bind_interdomain(dom, theirs, &ours))
		test_failure("no event channel");
	if (destroy(dom))
		test_failure("destroy");
	if (evtchn_close(ours))
		test_failure("our end cannot be closed");
}

static void running_one(void)
{
	domu_run(&u, 1);
	expect_equal("its end", domu_wait(&u), SHUTDOWN_poweroff);
	expect_result("destroy", domu_destroy(&u), 0);
}

static uint64_t settled(void)
{
	return free_pages_settled(~0UL);
}

static void thousand(void)
{
	uint64_t before;
	unsigned int i;

	empty_one();
	idle_one();
	before = settled();
	for (i = 0; i < CYCLES; i++)
		idle_one();
	expect_free_pages(before);
}

static void some_that_run(void)
{
	uint64_t before;
	unsigned int i;

	running_one();
	before = settled();
	for (i = 0; i < 10; i++)
		running_one();
	expect_free_pages(before);
}

/* Ended while it runs, at whatever it is doing. */
static void ended_while_running(void)
{
	uint64_t before = settled();

	for (unsigned int i = 0; i < 5; i++) {
		domu_run(&u, 1);
		hypercall(sched_op, SCHEDOP_yield, 0);
		expect_result("destroy", domu_destroy(&u), 0);
	}
	expect_free_pages(before);
}

/* A frame that we map outlives its domain, which is told as dying until we let it go. */
static void mapped_one(void)
{
	uint64_t before = settled();
	uint64_t *view = page_alloc(), *second = page_alloc();
	struct xen_domctl op;

	domu_make(&u, 1);
	expect_result("map", foreign_map(view, u.id, u.mfn[u.first_pfn], PTE_RW_PAGE), 0);
	view[0] = 0x1234;
	expect_result("destroy", domu_destroy(&u), 0);
	expect_equal("the page is still there", READ_ONCE(view[0]), 0x1234);
	expect_result("getdomaininfo", domctl(XEN_DOMCTL_getdomaininfo, u.id, &op), 0);
	expect_equal("of the dying one", op.domain, u.id);
	check(op.u.getdomaininfo.flags & XEN_DOMINF_dying, "it is dying");
	expect_equal("its pages", op.u.getdomaininfo.tot_pages, 1);
	/* Debian's Xen maps it once more, as long as it is mapped; either way it ends with the last mapping. */
	if (!foreign_map(second, u.id, u.mfn[u.first_pfn], PTE_RW_PAGE))
		make_writable(second);
	expect_result("destroy it again", destroy(u.id), 0);
	domu_config(&op, 1);
	expect_result("its id is taken", domctl(XEN_DOMCTL_createdomain, u.id, &op), -EEXIST);
	make_writable(view);
	expect_free_pages(before);
	check(domctl(XEN_DOMCTL_getdomaininfo, u.id, &op) || op.domain != u.id, "it has gone");
}

void test_main(void)
{
	events_init();
	STEP(thousand);
	STEP(some_that_run);
	STEP(ended_while_running);
	STEP(mapped_one);
}
