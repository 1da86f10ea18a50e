/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a domain may not do to others: tools' hypercalls, the machine's, and all that names another domain. It
 * tries each with dom0 as the victim. What it was refused leaves nothing: dom0 counts its pages before and after.
 */
#include "domu.h"
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>

const char test_title[] = "What a domU is refused";

static struct domu u;

static void tools(void)
{
	struct xen_domctl d = { .interface_version = XEN_DOMCTL_INTERFACE_VERSION };
	struct xen_sysctl s = { .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
	struct xen_platform_op p = { .interface_version = XENPF_INTERFACE_VERSION };
	struct sched_remote_shutdown r = { .domain_id = 0, .reason = SHUTDOWN_crash };
	unsigned int refused = 0;

	for (d.cmd = 1; d.cmd < 90; d.cmd++)
		refused += hypercall(domctl, &d) < 0;
	expect_equal("domctls refused", refused, 89);
	for (refused = 0, s.cmd = 1; s.cmd < 30; s.cmd++)
		refused += hypercall(sysctl, &s) < 0;
	expect_equal("sysctls refused", refused, 29);
	for (refused = 0, p.cmd = 1; p.cmd < 70; p.cmd++)
		refused += hypercall(platform_op, &p) < 0;
	expect_equal("platform operations refused", refused, 69);
	expect_result("remote_shutdown", hypercall(sched_op, SCHEDOP_remote_shutdown, &r), -EPERM);
}

static void memory_of_dom0(void)
{
	static char place[PAGE_SIZE] __page_aligned;
	static xen_pfn_t frame;
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = 0 };
	struct xen_mem_acquire_resource a = { .domid = 0,
					      .type = XENMEM_resource_grant_table,
					      .nr_frames = 1 };
	struct xen_foreign_memory_map m = { .domid = 0 };
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = domu_channel.arg[0] };
	unsigned long victim = domu_channel.arg[0];

	check(map_at(place, victim, PTE_RW_PAGE) < 0, "dom0's frame as ours");
	check(map_at(place, victim, PTE_RO_PAGE) < 0, "to read it");
	expect_result("as dom0's", foreign_map(place, 0, victim, PTE_RO_PAGE), -EPERM);
	check(hypercall(mmuext_op, &pin, 1, 0, 0) < 0, "pin for dom0");
	check(mmu_update(((uint64_t)victim << PAGE_SHIFT) | MMU_MACHPHYS_UPDATE, 7) < 0, "its M2P");
	set_xen_guest_handle(r.extent_start, &frame);
	check(hypercall(memory_op, XENMEM_populate_physmap, &r) <= 0, "memory for dom0");
	frame = victim;
	check(hypercall(memory_op, XENMEM_decrease_reservation, &r) <= 0,
	      "dom0's memory given back");
	set_xen_guest_handle(a.frame_list, &frame);
	check(hypercall(memory_op, XENMEM_acquire_resource, &a) < 0, "dom0's grant table");
	r.extent_start.p = NULL;
	check(hypercall(memory_op, XENMEM_claim_pages, &r) < 0, "a claim");
	expect_result("a memory map", hypercall(memory_op, XENMEM_set_memory_map, &m), -EPERM);
}

static void events_and_grants(void)
{
	struct gnttab_setup_table s = { .dom = 0, .nr_frames = 1 };
	struct gnttab_query_size q = { .dom = 0 };
	struct evtchn_reset reset = { .dom = 0 };
	struct evtchn_status status = { .dom = 0, .port = 1 };
	static xen_pfn_t frame;
	evtchn_port_t port;

	expect_result("alloc_unbound for dom0", evtchn_alloc_unbound(0, DOMID_SELF, &port), -EPERM);
	for (port = 0; port < 64; port++) {
		evtchn_port_t ours;

		if (!evtchn_bind_interdomain(0, port, &ours))
			check(false, "dom0's port %u was not for us", port);
	}
	expect_result("reset of dom0", hypercall(event_channel_op, EVTCHNOP_reset, &reset), -EPERM);
	expect_result("status of dom0's", hypercall(event_channel_op, EVTCHNOP_status, &status),
		      -EPERM);
	set_xen_guest_handle(s.frame_list, &frame);
	hypercall(grant_table_op, GNTTABOP_setup_table, &s, 1);
	expect_equal("dom0's grant table", (unsigned long)s.status,
		     (unsigned long)GNTST_permission_denied);
	hypercall(grant_table_op, GNTTABOP_query_size, &q, 1);
	expect_equal("its size", (unsigned long)q.status, (unsigned long)GNTST_permission_denied);
}

void domu_main(void)
{
	shared_info_map();
	STEP(tools);
	STEP(memory_of_dom0);
	STEP(events_and_grants);
}

void test_main(void)
{
	uint64_t *secret = page_alloc();

	events_init();
	secret[0] = 0x5ec4e7;
	domu_make(&u, 1);
	domu_fill(&u);
	u.channel->arg[0] = virt_to_mfn(secret);
	domu_start(&u);
	expect_equal("its end", domu_wait(&u), SHUTDOWN_poweroff);
	expect_result("destroydomain", domu_destroy(&u), 0);
	expect_equal("our page", secret[0], 0x5ec4e7);
}
