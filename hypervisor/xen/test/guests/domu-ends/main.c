/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains that end in the middle of something.
 *
 * While others map its grants or its frames, while it maps others', with event channels to others, with tables that are
 * pinned, in use, half judged, or were never used, while its vCPUs run; ended by destroydomain. What others have of it
 * goes on working and can be given back; what it had of others is theirs alone again; at the end all pages are free that
 * were free before. While it is dying nothing can be begun with it. (What the domU does is in domu_side.c.)
 */
#include "ends.h"
#include "event.h"
#include "grant.h"
#include "memory.h"
#include "trap.h"

#include <xen/memory.h>
#include <xen/sched.h>

const char test_title[] = "Domains that end in the middle of something";

#define VIEWS 6

static struct domu u, w;
static char view[VIEWS][PAGE_SIZE] __page_aligned;

static void begin(struct domu *d, enum kind kind, unsigned int vcpus, uint64_t arg)
{
	domu_make(d, vcpus);
	domu_fill(d);
	d->channel->arg[0] = kind;
	d->channel->arg[1] = arg;
}

/* ... until its step 1; without failures. */
static void reach(struct domu *d)
{
	domu_start(d);
	domu_wait_step(d, 1);
	if (d->channel->text_length)
		check(false, "the domU says: %s", d->channel->text);
}

static bool is_there(domid_t id)
{
	struct xen_domctl op;

	return !domctl(XEN_DOMCTL_getdomaininfo, id, &op) && op.domain == id;
}

static bool is_dying(domid_t id)
{
	struct xen_domctl op;

	return !domctl(XEN_DOMCTL_getdomaininfo, id, &op) && op.domain == id &&
	       op.u.getdomaininfo.flags & XEN_DOMINF_dying;
}

static uint64_t word(const void *page)
{
	return READ_ONCE(*(const uint64_t *)page);
}

static void expect_status(const char *what, int got, int want)
{
	expect_result(what, got, want);
}

/* Without its last holder a domain goes; on Debian's Xen a moment later. */
static void expect_gone(domid_t id)
{
	for (unsigned int tries = 0; tries < 1000 && is_there(id); tries++)
		hypercall(sched_op, SCHEDOP_yield, 0);
	check(!is_there(id), "the domain has gone");
}

/* ---- grants ---- */

/* The entry is dom0's own: unmapped into what it was before. */
static void replace(grant_handle_t handle, const void *page)
{
	static char from[PAGE_SIZE] __page_aligned;
	struct gnttab_unmap_and_replace r = { .host_addr = (unsigned long)page,
					      .new_addr = (unsigned long)from,
					      .handle = handle };

	expect_result("unmap_and_replace",
		      hypercall(grant_table_op, GNTTABOP_unmap_and_replace, &r, 1), 0);
	expect_status("its status", r.status, GNTST_okay);
	make_writable(from);
}

static grant_handle_t handle[4];

static void all_mapped(uint64_t entry)
{
	expect_status("map",
		      grant_map(u.id, RW_REF, GNTMAP_host_map, (unsigned long)view[0], &handle[0]),
		      0);
	expect_status(
		"by entry",
		grant_map(u.id, RW_REF, GNTMAP_host_map | GNTMAP_contains_pte, entry, &handle[1]),
		0);
	expect_status("to read",
		      grant_map(u.id, RO_REF, GNTMAP_host_map | GNTMAP_readonly,
				(unsigned long)view[2], &handle[2]),
		      0);
	expect_status("for a device", grant_map(u.id, RW_REF, GNTMAP_device_map, 0, &handle[3]), 0);
}

static void all_unmapped(uint64_t entry)
{
	struct gnttab_unmap_grant_ref device = { .handle = handle[3] };

	device.dev_bus_addr = (uint64_t)u.mfn[domu_pfn_of(rw_page)] << PAGE_SHIFT;
	expect_result("unmap the device's",
		      hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &device, 1), 0);
	expect_status("its status", device.status, GNTST_okay);
	expect_status("unmap by entry", grant_unmap(handle[1], entry), 0);
	expect_status("unmap what is read", grant_unmap(handle[2], (unsigned long)view[2]), 0);
	check(is_dying(u.id), "it waits for the last one");
	replace(handle[0], view[0]);
}

static void its_grants_are_mapped(void)
{
	uint64_t entry = entry_maddr(view[1], 1);
	grant_handle_t more;

	begin(&u, KIND_OFFERS, 1, 0);
	reach(&u);
	all_mapped(entry);
	expect_result("destroy", domu_destroy(&u), 0);
	check(is_dying(u.id), "it is dying");
	expect_equal("its page", word(view[1]), OFFERED_WORD);
	expect_equal("the one to read", word(view[2]), OFFERED_WORD + 1);
	WRITE_ONCE(*(uint64_t *)(void *)(view[0] + 16), 77);
	expect_equal("written and read", word(view[1] + 16), 77);
	/* of what is mapped already this may work */
	if (!grant_map(u.id, RO_REF, GNTMAP_host_map | GNTMAP_readonly, (unsigned long)view[3],
		       &more))
		expect_status("unmap it", grant_unmap(more, (unsigned long)view[3]), 0);
	make_writable(view[3]);
	grant_copy(u.id, RO_REF, view[3]);
	all_unmapped(entry);
	expect_gone(u.id);
	for (unsigned int i = 0; i < 3; i++)
		make_writable(view[i]);
}

static void it_maps_ours(void)
{
	uint64_t *page = (uint64_t *)(void *)rw_page;

	page[0] = OFFERED_WORD;
	begin(&u, KIND_MAPS, 1, 0);
	grant_offer(RW_REF, u.id, rw_page, 0);
	grant_offer(RO_REF, u.id, ro_page, GTF_readonly);
	reach(&u);
	check(!grant_end(RW_REF), "our grant is in use");
	expect_refused("our page as a table while it may write to it",
		       mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(rw_page), 0));
	expect_result("destroy", domu_destroy(&u), 0);
	expect_gone(u.id);
	check(grant_end(RW_REF) && grant_end(RO_REF), "our grants are free");
	expect_equal("it wrote", page[1], OFFERED_WORD + 2);
	page[0] = page[1] = 0;
	expect_result("our page, read-only", make_readonly(rw_page), 0);
	expect_result("as a table", mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(rw_page), 0), 0);
	expect_result("no more", mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(rw_page), 0), 0);
	expect_result("writable", make_writable(rw_page), 0);
}

static void two_share(bool is_granter_first)
{
	begin(&u, KIND_OFFERS, 1, 0);
	begin(&w, KIND_MAPS, 1, u.id);
	u.channel->arg[1] = w.id;
	reach(&u);
	reach(&w);
	expect_result("destroy the first", domu_destroy(is_granter_first ? &u : &w), 0);
	if (is_granter_first)
		check(is_dying(u.id), "the granter waits for the other");
	else
		expect_gone(w.id);
	expect_result("destroy the second", domu_destroy(is_granter_first ? &w : &u), 0);
	expect_gone(u.id);
	expect_gone(w.id);
}

static void granter_first(void)
{
	two_share(true);
}

static void mapper_first(void)
{
	two_share(false);
}

/* ---- events ---- */

static void channels(void)
{
	evtchn_port_t for_it, to_it, to_other;
	struct evtchn_status s;

	begin(&u, KIND_EVENTS, 2, 0);
	begin(&w, KIND_EVENTS, 2, 0);
	expect_result("a port for it", evtchn_alloc_unbound(DOMID_SELF, u.id, &for_it), 0);
	u.channel->arg[1] = for_it;
	u.channel->arg[2] = w.id;
	reach(&u);
	expect_result("bind to its port",
		      evtchn_bind_interdomain(u.id, (evtchn_port_t)u.channel->result[0], &to_it),
		      0);
	expect_result("send", evtchn_send(to_it), 0);
	expect_result("destroy", domu_destroy(&u), 0);
	expect_gone(u.id);
	expect_result("status", evtchn_status(to_it, &s), 0);
	expect_equal("our end is alone", s.status, EVTCHNSTAT_unbound);
	expect_result("status", evtchn_status(for_it, &s), 0);
	expect_equal("the other one too", s.status, EVTCHNSTAT_unbound);
	evtchn_send(to_it);
	expect_result("close it", evtchn_close(to_it), 0);
	expect_result("close the other", evtchn_close(for_it), 0);
	/* never started: dom0 makes what tools make for it */
	expect_result("a port of one that never ran", evtchn_alloc_unbound(w.id, 0, &to_other), 0);
	expect_result("bind to it", evtchn_bind_interdomain(w.id, to_other, &to_it), 0);
	evtchn_send(to_it);
	expect_result("destroy it", domu_destroy(&w), 0);
	expect_result("close", evtchn_close(to_it), 0);
}

/* ---- tables and frames ---- */

static unsigned long shared_frame(domid_t id)
{
	struct xen_domctl op;

	if (domctl(XEN_DOMCTL_getdomaininfo, id, &op) || op.domain != id)
		test_failure("getdomaininfo");
	return op.u.getdomaininfo.shared_info_frame;
}

static unsigned long grant_frame(domid_t id)
{
	struct xen_mem_acquire_resource r = { .domid = id,
					      .type = XENMEM_resource_grant_table,
					      .nr_frames = 1 };
	static xen_pfn_t frame;

	set_xen_guest_handle(r.frame_list, &frame);
	expect_result("its grant table", hypercall(memory_op, XENMEM_acquire_resource, &r), 0);
	return frame;
}

static void tables_in_use(void)
{
	begin(&u, KIND_TABLES, 2, 0);
	reach(&u);
	expect_result("destroy", domu_destroy(&u), 0);
	expect_gone(u.id);
}

static void frames_mapped(void)
{
	unsigned long frame[VIEWS];
	unsigned int i;

	begin(&u, KIND_TABLES, 2, 0);
	reach(&u);
	frame[0] = u.mfn[domu_pfn_of(rw_page)];
	frame[1] = u.mfn[domu_pfn_of(pinned_page)];
	frame[2] = u.mfn[u.tables_pfn];
	frame[3] = u.mfn[u.tables_pfn + 3];
	frame[4] = shared_frame(u.id);
	frame[5] = grant_frame(u.id);
	for (i = 0; i < VIEWS; i++)
		expect_result("map",
			      foreign_map(view[i], u.id, frame[i],
					  i >= 1 && i <= 3 ? PTE_RO_PAGE : PTE_RW_PAGE),
			      0);
	expect_result("destroy", domu_destroy(&u), 0);
	check(is_dying(u.id), "it is dying");
	check(word(view[2] + 8 * L_INDEX(VIRT_BASE_ADDRESS, 4)) & PTE_P, "its root as it was");
	for (i = 0; i < VIEWS; i++) {
		(void)word(view[i]);
		foreign_unmap(view[i]);
	}
	expect_gone(u.id);
	for (i = 0; i < VIEWS; i++)
		make_writable(view[i]);
}

/* Ended at any moment of a long validation, and while another one goes on that is dom0's. */
static void half_judged(void)
{
	for (unsigned int round = 0; round < 10; round++) {
		begin(&u, KIND_PINS, 1, 0);
		domu_start(&u);
		domu_wait_step(&u, 1);
		for (uint64_t until = time_now() + round * 300000; time_now() < until;)
			if (round % 2)
				hypercall(sched_op, SCHEDOP_yield, 0);
		expect_result("destroy", domu_destroy(&u), 0);
		expect_gone(u.id);
	}
}

/* ---- running, never run, dying ---- */

static void while_running(void)
{
	for (unsigned int round = 0; round < 8; round++) {
		begin(&u, KIND_BUSY, 4, 0);
		grant_offer(RW_REF, u.id, rw_page, 0);
		domu_start(&u);
		domu_wait_step(&u, 1);
		for (uint64_t until = time_now() + round * 700000; time_now() < until;)
			hypercall(sched_op, SCHEDOP_yield, 0);
		expect_result("destroy", domu_destroy(&u), 0);
		expect_gone(u.id);
		check(grant_end(RW_REF), "our grant is free");
	}
}

static void never_run(void)
{
	static vcpu_guest_context_t context;
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L3_TABLE };
	struct xen_domctl op;

	/* nothing but the domain */
	domu_config(&op, 3);
	expect_result("createdomain", domctl(XEN_DOMCTL_createdomain, 0, &op), 0);
	u.id = op.domain;
	expect_result("destroy", domu_destroy(&u), 0);
	/* a context that is refused, tables pinned and refused */
	begin(&u, KIND_OFFERS, 1, 0);
	domu_context_fill(&u, &context);
	context.ctrlreg[3] = xen_pfn_to_cr3(u.mfn[domu_pfn_of(rw_page)]);
	context.gdt_ents = 512;
	context.gdt_frames[0] = u.mfn[domu_pfn_of(ro_page)];
	domu_context_set(&u, 0, &context);
	pin.arg1.mfn = u.mfn[u.tables_pfn];
	expect_refused("the root at another level", hypercall(mmuext_op, &pin, 1, 0, u.id));
	pin.cmd = MMUEXT_PIN_L1_TABLE;
	pin.arg1.mfn = u.mfn[domu_pfn_of(pinned_page)];
	hypercall(mmuext_op, &pin, 1, 0, u.id);
	expect_result("destroy", domu_destroy(&u), 0);
	expect_gone(u.id);
}

static uint64_t claimed(void)
{
	struct xen_sysctl op;

	memset(&op, 0, sizeof(op));
	if (sysctl(XEN_SYSCTL_physinfo, &op))
		test_error("no physinfo");
	return op.u.physinfo.outstanding_pages;
}

static long claim(domid_t id, unsigned long pages)
{
	struct xen_memory_reservation r = { .nr_extents = pages, .domid = id };

	return hypercall(memory_op, XENMEM_claim_pages, &r);
}

static void with_a_claim(void)
{
	struct xen_domctl op;

	domu_config(&op, 1);
	expect_result("createdomain", domctl(XEN_DOMCTL_createdomain, 0, &op), 0);
	u.id = op.domain;
	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = 4096;
	expect_result("max_mem", domctl(XEN_DOMCTL_max_mem, u.id, &op), 0);
	expect_result("claim", claim(u.id, 512), 0);
	expect_equal("claimed", claimed(), 512);
	expect_result("destroy", domu_destroy(&u), 0);
	expect_equal("claimed", claimed(), 0);
}

static long context_give(void)
{
	static vcpu_guest_context_t context;

	domu_context_fill(&u, &context);
	return domu_context_set(&u, 0, &context);
}

static long memory_give(void)
{
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = u.id };
	static xen_pfn_t extent;

	set_xen_guest_handle(r.extent_start, &extent);
	return hypercall(memory_op, XENMEM_populate_physmap, &r);
}

static void nothing_begins(void)
{
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = u.mfn[u.tables_pfn] };
	struct xen_domctl op;
	evtchn_port_t port;

	memset(&op, 0, sizeof(op));
	op.u.max_vcpus.max = 1;
	domctl(XEN_DOMCTL_max_vcpus, u.id, &op);
	check(context_give(), "no context");
	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = 65536;
	domctl(XEN_DOMCTL_max_mem, u.id, &op);
	check(memory_give() <= 0, "no memory");
	/* Debian's Xen lets it claim; that ends with it */
	claim(u.id, 100);
	expect_refused("no port", evtchn_alloc_unbound(u.id, 0, &port));
	check(hypercall(mmuext_op, &pin, 1, 0, u.id), "no pin");
	pin.arg1.mfn = u.mfn[domu_pfn_of(rw_page)];
	check(hypercall(mmuext_op, &pin, 1, 0, u.id), "none of what is still mapped");
	domctl(XEN_DOMCTL_pausedomain, u.id, &op);
	domctl(XEN_DOMCTL_unpausedomain, u.id, &op);
	domctl(XEN_DOMCTL_resumedomain, u.id, &op);
}

static void while_dying(void)
{
	begin(&u, KIND_OFFERS, 1, 0);
	reach(&u);
	expect_result("map", foreign_map(view[0], u.id, u.mfn[domu_pfn_of(rw_page)], PTE_RW_PAGE),
		      0);
	expect_result("destroy", domu_destroy(&u), 0);
	nothing_begins();
	expect_result("destroy once more", domu_destroy(&u), 0);
	check(is_dying(u.id), "it is dying still");
	make_writable(view[0]);
	expect_gone(u.id);
}

/* Once for what dom0 needs for it at first, then with the pages counted. */
static void balanced(const char *name, void (*scenario)(void))
{
	uint64_t before;

	print("step %s\n", name);
	scenario();
	before = free_pages_settled(~0UL);
	scenario();
	expect_free_pages(before);
	expect_result("differences that an audit finds", audit(), 0);
}

#define BALANCED(scenario) balanced(#scenario, scenario)

void test_main(void)
{
	events_init();
	grant_table_own();
	BALANCED(never_run);
	BALANCED(with_a_claim);
	BALANCED(its_grants_are_mapped);
	BALANCED(it_maps_ours);
	BALANCED(granter_first);
	BALANCED(mapper_first);
	BALANCED(channels);
	BALANCED(tables_in_use);
	BALANCED(frames_mapped);
	BALANCED(while_dying);
	BALANCED(while_running);
	BALANCED(half_judged);
}
