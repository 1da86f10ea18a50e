/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two domains share.
 *
 * An event channel that dom0 made for both (alloc_unbound for another domain): a thousand events there and back. Grants
 * both ways, mapped and copied; the first one is an entry that dom0 wrote to the domU's grant table before it ran
 * (XENMEM_acquire_resource), as builders do for the console's ring.
 */
#include "domu.h"
#include "event.h"
#include "grant.h"
#include "memory.h"
#include "trap.h"

#include <xen/memory.h>
#include <xen/sched.h>

const char test_title[] = "Events and grants between two domains";

#define PINGS 1000
#define SEEDED_REF 1
#define OURS_REF 20
#define READ_ONLY_REF 21

enum step { STEP_READY = 1, STEP_MAPPED, STEP_UNMAPPED, STEP_PINGED };

/* In the domU's memory; dom0 knows where by the address. */
static char seeded_page[PAGE_SIZE] __page_aligned, offered_page[PAGE_SIZE] __page_aligned;
static char read_only_page[PAGE_SIZE] __page_aligned, place[PAGE_SIZE] __page_aligned;
static struct domu u;

/* ---- both ---- */

static void poll_for(evtchn_port_t port)
{
	struct sched_poll p = { .nr_ports = 1 };

	set_xen_guest_handle(p.ports, &port);
	while (!port_is_pending(port))
		hypercall(sched_op, SCHEDOP_poll, &p);
	port_clear(port);
}

static int map(domid_t dom, unsigned int ref, grant_handle_t *handle)
{
	return grant_map(dom, ref, GNTMAP_host_map, (unsigned long)place, handle);
}

static int unmap(grant_handle_t handle)
{
	return grant_unmap(handle, (unsigned long)place);
}

/* ---- the domU ---- */

static void check_dom0s_grant(void)
{
	unsigned int ref = (unsigned int)domu_channel.arg[1];
	static char to[PAGE_SIZE] __page_aligned;
	grant_handle_t handle = 0;

	expect_equal("map dom0's grant", (unsigned long)map(0, ref, &handle), GNTST_okay);
	expect_equal("what is in it", *(uint64_t *)(void *)place, 0xd0d0);
	*(uint64_t *)(void *)(place + 8) = 0xd0d1;
	expect_equal("unmap it", (unsigned long)unmap(handle), GNTST_okay);
	expect_equal("copy from it", (unsigned long)grant_copy(0, ref, to), GNTST_okay);
	expect_equal("the copy", *(uint64_t *)(void *)(to + 8), 0xd0d1);
	check(map(0, ref + 1, &handle) < 0, "dom0's grant to somebody else is not ours");
	check(grant_copy(0, ref + 1, to) < 0, "nor to be copied");
}

void domu_main(void)
{
	struct grant_entry_v1 *table = grant_table_own();
	evtchn_port_t port = (evtchn_port_t)domu_channel.arg[0];
	unsigned int i;

	events_init();
	expect_equal("the seeded entry is dom0's", table[SEEDED_REF].domid, 0);
	expect_equal("and permits access", table[SEEDED_REF].flags, GTF_permit_access);
	*(uint64_t *)(void *)seeded_page = 0x5eed;
	*(uint64_t *)(void *)offered_page = 0x0ffe;
	*(uint64_t *)(void *)read_only_page = 0x4ead;
	grant_offer(OURS_REF, 0, offered_page, 0);
	grant_offer(READ_ONLY_REF, 0, read_only_page, GTF_readonly);
	domu_step(STEP_READY);
	expect_equal("our entry is in use", table[OURS_REF].flags & (GTF_reading | GTF_writing),
		     GTF_reading | GTF_writing);
	domu_step(STEP_MAPPED);
	expect_equal("our entry is free", table[OURS_REF].flags & (GTF_reading | GTF_writing), 0);
	expect_equal("dom0 has written", *(uint64_t *)(void *)(offered_page + 8), 0x0fff);
	STEP(check_dom0s_grant);
	domu_step(STEP_UNMAPPED);
	for (i = 0; i < PINGS; i++) {
		poll_for(port);
		if (evtchn_send(port))
			break;
	}
	expect_equal("events answered", i, PINGS);
	domu_step(STEP_PINGED);
}

/* ---- dom0 ---- */

static evtchn_port_t our_port, their_port;

static void channel_make(void)
{
	expect_result("alloc_unbound for the domU", evtchn_alloc_unbound(u.id, 0, &their_port), 0);
	expect_result("bind to it", evtchn_bind_interdomain(u.id, their_port, &our_port), 0);
	port_clear(our_port);
	u.channel->arg[0] = their_port;
}

static void table_seed(void)
{
	struct xen_mem_acquire_resource r = { .domid = u.id, .type = XENMEM_resource_grant_table };
	struct grant_entry_v1 *table = page_alloc();
	xen_pfn_t frame = 0;

	expect_result("the resource's size", hypercall(memory_op, XENMEM_acquire_resource, &r), 0);
	expect_equal("frames", r.nr_frames, 64);
	r.nr_frames = 1;
	set_xen_guest_handle(r.frame_list, &frame);
	expect_result("its first frame", hypercall(memory_op, XENMEM_acquire_resource, &r), 0);
	expect_result("map it", foreign_map(table, u.id, frame, PTE_RW_PAGE), 0);
	table[SEEDED_REF].domid = 0;
	table[SEEDED_REF].frame = (uint32_t)u.mfn[domu_pfn_of(seeded_page)];
	table[SEEDED_REF].flags = GTF_permit_access;
	foreign_unmap(table);
	make_writable(table);

	r.frame = 64;
	check(hypercall(memory_op, XENMEM_acquire_resource, &r) < 0, "a frame beyond its end");
	r.frame = 0;
	r.id = 7;
	check(hypercall(memory_op, XENMEM_acquire_resource, &r) < 0, "no such resource");
	r.id = 0;
	r.domid = 4711;
	expect_result("of no domain", hypercall(memory_op, XENMEM_acquire_resource, &r), -ESRCH);
}

static void check_domus_grants(void)
{
	static char to[PAGE_SIZE] __page_aligned;
	grant_handle_t handle = 0;

	expect_equal("map the seeded grant", (unsigned long)map(u.id, SEEDED_REF, &handle),
		     GNTST_okay);
	expect_equal("what is in it", *(uint64_t *)(void *)place, 0x5eed);
	expect_equal("unmap it", (unsigned long)unmap(handle), GNTST_okay);
	expect_equal("copy", (unsigned long)grant_copy(u.id, READ_ONLY_REF, to), GNTST_okay);
	expect_equal("the copy", *(uint64_t *)(void *)to, 0x4ead);
	check(map(u.id, READ_ONLY_REF, &handle) < 0, "a read-only one is not to be written");
	check(map(u.id, OURS_REF + 9, &handle) < 0, "no grant");
	expect_equal("map the domU's", (unsigned long)map(u.id, OURS_REF, &handle), GNTST_okay);
	expect_equal("what is in it", *(uint64_t *)(void *)place, 0x0ffe);
	*(uint64_t *)(void *)(place + 8) = 0x0fff;
	domu_let_go(&u, STEP_READY);
	domu_wait_step(&u, STEP_MAPPED);
	expect_equal("unmap it", (unsigned long)unmap(handle), GNTST_okay);
	make_writable(place);
	domu_let_go(&u, STEP_MAPPED);
}

static void check_table_of_domu(void)
{
	struct gnttab_query_size q = { .dom = u.id };
	struct gnttab_get_version v = { .dom = u.id };

	expect_result("query_size", hypercall(grant_table_op, GNTTABOP_query_size, &q, 1), 0);
	expect_equal("its status", (unsigned long)q.status, GNTST_okay);
	expect_equal("most frames", q.max_nr_frames, 64);
	expect_result("get_version", hypercall(grant_table_op, GNTTABOP_get_version, &v, 1), 0);
	expect_equal("the version", v.version, 1);
}

static void ping(void)
{
	uint64_t begin = time_now();
	unsigned int i;

	domu_let_go(&u, STEP_UNMAPPED);
	for (i = 0; i < PINGS; i++) {
		if (evtchn_send(our_port))
			break;
		poll_for(our_port);
	}
	expect_equal("events sent and answered", i, PINGS);
	print("%u events there and back in %lu us\n", PINGS, (time_now() - begin) / 1000);
}

static void one_domu(void)
{
	uint64_t *offered = page_alloc(), *other = page_alloc();

	domu_make(&u, 1);
	domu_fill(&u);
	STEP(channel_make);
	STEP(table_seed);
	offered[0] = 0xd0d0;
	grant_offer(30, u.id, offered, 0);
	grant_offer(31, (domid_t)(u.id + 1), other, 0);
	u.channel->arg[1] = 30;
	domu_start(&u);
	domu_wait_step(&u, STEP_READY);
	STEP(check_domus_grants);
	STEP(check_table_of_domu);
	domu_wait_step(&u, STEP_UNMAPPED);
	expect_equal("the domU has written to our page", offered[1], 0xd0d1);
	STEP(ping);
	domu_wait_step(&u, STEP_PINGED);
	domu_let_go(&u, STEP_PINGED);
	expect_equal("the reason of its shutdown", domu_wait(&u), SHUTDOWN_poweroff);
	expect_result("destroydomain", domu_destroy(&u), 0);
	expect_result("our end of the channel can be closed", evtchn_close(our_port), 0);
}

void test_main(void)
{
	uint64_t before;

	events_init();
	one_domu();
	/* dom0 itself has what it needs for ports and handles now */
	before = free_pages_settled(~0UL);
	one_domu();
	expect_free_pages(before);
}
