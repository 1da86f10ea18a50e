/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domU's side: it brings itself into a state to be ended in, and stays there. */
#include "ends.h"
#include "event.h"
#include "grant.h"
#include "memory.h"
#include "trap.h"
#include "vcpu.h"

#include <xen/sched.h>
#include <xen/vcpu.h>

#define FAR_VA	    0x0000123456789000UL
#define FIFO_PAGES  2
#define TREE_TABLES 40

char rw_page[PAGE_SIZE] __page_aligned, ro_page[PAGE_SIZE] __page_aligned;
char pinned_page[PAGE_SIZE] __page_aligned;
static char place[3][PAGE_SIZE] __page_aligned;
static uint64_t tree_l1[TREE_TABLES][512] __page_aligned, tree_l2[512] __page_aligned;

static void offers(void)
{
	domid_t to = (domid_t)domu_channel.arg[1];

	*(uint64_t *)(void *)rw_page = OFFERED_WORD;
	*(uint64_t *)(void *)ro_page = OFFERED_WORD + 1;
	grant_offer(RW_REF, to, rw_page, 0);
	grant_offer(RO_REF, to, ro_page, GTF_readonly);
}

static void maps(void)
{
	domid_t from = (domid_t)domu_channel.arg[1];
	uint64_t entry = entry_maddr(place[1], 1);
	grant_handle_t handle;

	expect_equal("map by address",
		     (unsigned long)grant_map(from, RW_REF, GNTMAP_host_map | GNTMAP_device_map,
					      (unsigned long)place[0], &handle),
		     GNTST_okay);
	expect_equal("map by entry",
		     (unsigned long)grant_map(from, RW_REF, GNTMAP_host_map | GNTMAP_contains_pte,
					      entry, &handle),
		     GNTST_okay);
	expect_equal("map to read",
		     (unsigned long)grant_map(from, RO_REF, GNTMAP_host_map | GNTMAP_readonly,
					      (unsigned long)place[2], &handle),
		     GNTST_okay);
	expect_equal("what is there", *(uint64_t *)(void *)place[1], OFFERED_WORD);
	*(uint64_t *)(void *)(place[0] + 8) = OFFERED_WORD + 2;
}

static void fifo_begin(void)
{
	for (unsigned int vcpu = 0; vcpu < 2; vcpu++) {
		struct evtchn_init_control i = { .control_gfn = virt_to_mfn(page_alloc()),
						 .vcpu = vcpu };

		expect_result("init_control",
			      hypercall(event_channel_op, EVTCHNOP_init_control, &i), 0);
	}
	for (unsigned int n = 0; n < FIFO_PAGES; n++) {
		struct evtchn_expand_array e = { .array_gfn = virt_to_mfn(page_alloc()) };

		expect_result("expand_array",
			      hypercall(event_channel_op, EVTCHNOP_expand_array, &e), 0);
	}
}

static void events(void)
{
	evtchn_port_t port;

	fifo_begin();
	expect_result("a timer", evtchn_bind_virq(VIRQ_TIMER, 0, &port), 0);
	for (unsigned int n = 0; n < 8; n++)
		expect_result("an IPI", evtchn_bind_ipi(n % 2, &port), 0);
	expect_result("bind to dom0's port",
		      evtchn_bind_interdomain(0, (evtchn_port_t)domu_channel.arg[1], &port), 0);
	expect_result("a port for dom0", evtchn_alloc_unbound(DOMID_SELF, 0, &port), 0);
	domu_channel.result[0] = port;
	expect_result("a port for the other",
		      evtchn_alloc_unbound(DOMID_SELF, (domid_t)domu_channel.arg[2], &port), 0);
	domu_channel.result[1] = port;
	timer_set(time_now() + 1000000000, 0);
}

static void descriptors(void)
{
	uint64_t *gdt = page_alloc(), *ldt = page_alloc();
	unsigned long frame = virt_to_mfn(gdt);

	ldt[0] = gdt[8] = 0x00cff3000000ffffUL;
	expect_result("pages read-only", make_readonly(gdt) | make_readonly(ldt), 0);
	expect_result("set_gdt", hypercall(set_gdt, &frame, 512), 0);
	expect_result("SET_LDT", mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 512), 0);
	/* so that the LDT's page is looked up: selector 4, which is its entry 0 */
	__asm__ volatile("movw %w0, %%es" : : "r"(7));
}

static void areas(void)
{
	struct vcpu_register_vcpu_info info = { .mfn = virt_to_mfn(page_alloc()) };
	static struct vcpu_runstate_info runstate;
	struct vcpu_register_runstate_memory_area area;

	area.addr.h.p = &runstate;
	expect_result("a vcpu_info", hypercall(vcpu_op, VCPUOP_register_vcpu_info, 1, &info), 0);
	expect_result("a runstate area",
		      hypercall(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &area), 0);
}

static void tables(void)
{
	struct tree t = tree_make((void *)FAR_VA), pinned = tree_make((void *)FAR_VA);

	shared_info_map();
	expect_result("a tree in use", tree_hang(&t, (void *)FAR_VA), 0);
	expect_result("pin its level 1", mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(t.l1), 0), 0);
	expect_result("pin level 3 of another",
		      mmuext(MMUEXT_PIN_L3_TABLE, virt_to_mfn(pinned.l3), 0), 0);
	expect_result("pin its level 2", mmuext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(pinned.l2), 0), 0);
	make_readonly(pinned_page);
	expect_result("pin a lonely one", mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(pinned_page), 0),
		      0);
	user_space_make();
	descriptors();
	areas();
}

/* A level 2 of many full tables: some hundred thousand instructions to judge. */
static void tree_fill(void)
{
	for (unsigned int n = 0; n < TREE_TABLES; n++) {
		for (unsigned int i = 0; i < 512; i++)
			tree_l1[n][i] = make_pte(virt_to_mfn(rw_page),
						 i % 2 ? PTE_RW_PAGE : PTE_RO_PAGE);
		tree_l2[n] = make_pte(virt_to_mfn(tree_l1[n]), PTE_TABLE);
		make_readonly(tree_l1[n]);
	}
	make_readonly(tree_l2);
}

static void __noreturn pins(void)
{
	tree_fill();
	__atomic_store_n(&domu_channel.said, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		mmuext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(tree_l2), 0);
		mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(tree_l2), 0);
	}
}

static void spin(void *unused)
{
	(void)unused;
	for (;;)
		__asm__ volatile("pause");
}

static void call_often(void *unused)
{
	(void)unused;
	for (;;) {
		make_readonly(ro_page);
		make_writable(ro_page);
		hypercall(sched_op, SCHEDOP_yield, 0);
	}
}

static void block_often(void *unused)
{
	(void)unused;
	for (;;) {
		timer_set(time_now() + 50000, 0);
		hypercall(sched_op, SCHEDOP_block, 0);
	}
}

static void __noreturn busy(void)
{
	grant_handle_t handle;

	vcpu_start(1, spin, NULL);
	vcpu_start(2, call_often, NULL);
	vcpu_start(3, block_often, NULL);
	__atomic_store_n(&domu_channel.said, 1, __ATOMIC_SEQ_CST);
	for (;;)
		if (!grant_map(0, RW_REF, GNTMAP_host_map, (unsigned long)place[0], &handle))
			grant_unmap(handle, (unsigned long)place[0]);
}

void domu_main(void)
{
	shared_info_map();
	events_off();
	switch ((enum kind)domu_channel.arg[0]) {
	case KIND_OFFERS:
		offers();
		break;
	case KIND_MAPS:
		maps();
		break;
	case KIND_EVENTS:
		events();
		break;
	case KIND_TABLES:
		tables();
		break;
	case KIND_PINS:
		pins();
	case KIND_BUSY:
		busy();
	}
	domu_step(1);
}
