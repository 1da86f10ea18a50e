/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a second domain.
 *
 * A toolstack makes a domain (createdomain, max_vcpus, max_mem), gives it memory (populate_physmap), writes that
 * through mappings of another domain's frames, has its root table judged (MMUEXT_PIN_L4_TABLE) and its first vCPU
 * set up (setvcpucontext), and starts it (unpausedomain). When it has shut down, and when it has been destroyed,
 * VIRQ_DOM_EXC tells; then everything it had is free again.
 */
#include "domu.h"
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/sched.h>

const char test_title[] = "The life of a domU";

static struct domu u;
static evtchn_port_t exception_port;

/* As INT 0x15 EAX=0xE820 gives them. */
struct map_entry {
	uint64_t start, size;
	uint32_t type;
} __attribute__((packed));

/* The map that dom0 gave us, as Linux asks for it. */
static void check_map(void)
{
	struct map_entry seen[4] = { { 0 } };
	struct xen_memory_map map = { .nr_entries = 4 };

	set_xen_guest_handle(map.buffer, seen);
	expect_result("memory_map", hypercall(memory_op, XENMEM_memory_map, &map), 0);
	expect_equal("its entries", map.nr_entries, 1);
	expect_equal("its size", seen[0].size, domu_channel.arg[2]);
}

void domu_main(void)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo,
				 .interface_version = XEN_DOMCTL_INTERFACE_VERSION };
	domid_t self = (domid_t)domu_channel.arg[0];

	check(!(start_info->flags & SIF_PRIVILEGED), "we are not privileged");
	expect_equal("our number of pages", start_info->nr_pages, domu_channel.arg[1]);
	op.domain = self;
	expect_result("domctl", hypercall(domctl, &op), -EPERM);
	expect_equal("our root, in the M2P", mfn_to_pfn(virt_to_mfn((void *)start_info->pt_base)),
		     virt_to_pfn((void *)start_info->pt_base));
	check_map();
	shared_info_map();
	domu_step(1);
	domu_channel.result[0] = 0x600d;
}

static unsigned int flags_of(domid_t dom)
{
	struct xen_domctl op;

	if (domctl(XEN_DOMCTL_getdomaininfo, dom, &op) || op.domain != dom)
		return 0;
	return op.u.getdomaininfo.flags;
}

static bool exception_came(void)
{
	bool is_pending;

	/* With several CPUs it is told a moment after others can see it. */
	for (unsigned int tries = 0; tries < 100000 && !port_is_pending(exception_port); tries++)
		hypercall(sched_op, SCHEDOP_yield, 0);
	is_pending = port_is_pending(exception_port);
	port_clear(exception_port);
	return is_pending;
}

static void give_map(uint64_t size)
{
	struct map_entry entry = { .size = size, .type = 1 };
	struct xen_foreign_memory_map map = { .domid = u.id, .map.nr_entries = 1 };

	set_xen_guest_handle(map.map.buffer, &entry);
	expect_result("set_memory_map", hypercall(memory_op, XENMEM_set_memory_map, &map), 0);
	map.domid = DOMID_FIRST_RESERVED - 1;
	expect_result("of nobody", hypercall(memory_op, XENMEM_set_memory_map, &map), -ESRCH);
	map.domid = u.id;
	map.map.nr_entries = 100000;
	expect_result("too many entries", hypercall(memory_op, XENMEM_set_memory_map, &map),
		      -EINVAL);
	map.map.nr_entries = 1;
	set_xen_guest_handle(map.map.buffer, (void *)0xffff830000000000UL);
	expect_result("from nowhere", hypercall(memory_op, XENMEM_set_memory_map, &map), -EFAULT);
}

static void one_life(void)
{
	domu_make(&u, 1);
	check(u.id && u.id < DOMID_FIRST_RESERVED, "its id is %u", u.id);
	expect_equal("a new domain is paused", flags_of(u.id) & 0xff, XEN_DOMINF_paused);
	domu_fill(&u);
	u.channel->arg[0] = u.id;
	u.channel->arg[1] = u.page_count;
	u.channel->arg[2] = 4 * u.page_count * PAGE_SIZE;
	give_map(u.channel->arg[2]);
	domu_start(&u);
	domu_wait_step(&u, 1);
	/* Debian's Xen tells of an end twice, the second time when all of the domain has gone. */
	port_clear(exception_port);
	domu_let_go(&u, 1);
	expect_equal("the reason of its shutdown", domu_wait(&u), SHUTDOWN_poweroff);
	expect_equal("what it has left us", u.channel->result[0], 0x600d);
	check(exception_came(), "VIRQ_DOM_EXC at its shutdown");
	expect_result("destroydomain", domu_destroy(&u), 0);
	check(exception_came(), "VIRQ_DOM_EXC at its end");
	expect_equal("nothing of it is left", flags_of(u.id), 0);
}

static void leaves_nothing(void)
{
	uint64_t before = free_pages_settled(~0UL);

	one_life();
	expect_free_pages(before);
}

void test_main(void)
{
	events_init();
	expect_result("bind VIRQ_DOM_EXC", evtchn_bind_virq(VIRQ_DOM_EXC, 0, &exception_port), 0);
	STEP(one_life);
	STEP(leaves_nothing);
}
