/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two vCPUs at the same thing at the same time.
 *
 * Whatever a hypercall looks at may be changed by another vCPU between two
 * looks: page-table entries, the types of frames, descriptors, its own
 * arguments, event channels, other vCPUs (XSA-401: a type taken while a
 * TLB still had the frame writable; XSA-155: arguments read twice). Pairs of
 * functions run against each other, each some thousand times. The rules are looked at
 * while they run: a page table does not change under its holder but by
 * checked writes, an entry never gets what was not judged. A debug build's
 * audit comes after each pair. With one CPU the vCPUs take turns at preemption points.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"
#include "vcpu.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

const char test_title[] = "Races of two vCPUs";

#ifndef TURNS
#define TURNS 2000
#endif
#define FAR_VA	  ((char *)0x00007f1234567000UL)
#define WHOLE	  (1UL << 30)

static uint64_t *frame_page, *frame_view, *window;
static unsigned long frame_mfn;
static unsigned int violations;
static struct vcpu_barrier barrier;

/* ---- a frame that is mapped writable by one and pinned by the other ---- */

static void map_and_write(unsigned int n)
{
	if (map_at(window, frame_mfn, PTE_RW_PAGE))
		return;
	/* it is not present in its own view; what it says is ours */
	__asm__ volatile(GUARD("movq %1, 511*8(%0)")
			 :
			 : "r"(window), "r"((uint64_t)n << 1)
			 : "memory");
	/* without any flush: if it becomes a table, it is not for us to do one */
	hypercall(update_va_mapping, window, 0, 0);
	__asm__ volatile(GUARD("movq %1, 511*8(%0)")
			 :
			 : "r"(window), "r"((uint64_t)n << 1 | 1UL << 40)
			 : "memory");
}

static void pin_and_look(unsigned int n)
{
	unsigned int i;
	uint64_t before;

	if (mmuext(MMUEXT_PIN_L1_TABLE + n % 2, frame_mfn, 0))
		return;
	before = READ_ONCE(frame_view[511]);
	for (i = 0; i < 200; i++)
		__asm__ volatile("pause" : : : "memory");
	violations += READ_ONCE(frame_view[511]) != before;
	mmuext(MMUEXT_UNPIN_TABLE, frame_mfn, 0);
}

/* ---- a request that changes while it is judged ---- */

static struct mmu_update request __attribute__((aligned(64)));

static void update_requested(unsigned int n)
{
	uint64_t *entry = entry_of(window, 1);

	(void)n;
	request.ptr = entry_maddr(window, 1);
	hypercall(mmu_update, &request, 1, 0, DOMID_SELF);
	/* a table, or a frame beyond what the processor can address */
	if (*entry & PTE_P && (*entry & PTE_RW || mfn_of_pte(*entry) >= WHOLE))
		violations++;
}

static void change_request(unsigned int n)
{
	static unsigned int k;
	unsigned long root = virt_to_mfn((void *)start_info->pt_base);

	for (k = 0; k < 16; k++) {
		WRITE_ONCE(request.val, make_pte(root, PTE_RO_PAGE));
		__asm__ volatile("pause" : : : "memory");
		WRITE_ONCE(request.val,
			   k & n & 1 ? make_pte(WHOLE, PTE_RO_PAGE) : make_pte(root, PTE_RW_PAGE));
	}
}

/* ---- a tree of tables, pinned at one level and changed at another ---- */

static struct tree tree;

static void pin_tree(unsigned int n)
{
	unsigned long mfn = virt_to_mfn(n & 1 ? tree.l3 : tree.l2);

	if (!mmuext(n & 1 ? MMUEXT_PIN_L3_TABLE : MMUEXT_PIN_L2_TABLE, mfn, 0))
		mmuext(MMUEXT_UNPIN_TABLE, mfn, 0);
	if (n % 8 == 0 && !tree_hang(&tree, FAR_VA))
		tree_unhang(FAR_VA);
}

static void change_tree(unsigned int n)
{
	uint64_t *l1 = &tree.l1[L_INDEX(FAR_VA, 1)], *l2 = &tree.l2[L_INDEX(FAR_VA, 2)];
	unsigned long mfn = virt_to_mfn(tree.l1);

	switch (n % 5) {
	case 0:
		mmu_update(virt_to_maddr(l1), make_pte(virt_to_mfn(window), PTE_RO_PAGE));
		break;
	case 1:
		mmu_update(virt_to_maddr(l1), 0);
		break;
	case 2:
		mmu_update(virt_to_maddr(l2), 0);
		mmu_update(virt_to_maddr(l2), make_pte(mfn, PTE_TABLE));
		break;
	case 3:
		if (!mmuext(MMUEXT_PIN_L1_TABLE, mfn, 0))
			mmuext(MMUEXT_UNPIN_TABLE, mfn, 0);
		break;
	default:
		/* a table that is free may be written, and is not to be one then */
		if (!make_writable(tree.l1))
			make_readonly(tree.l1);
	}
}

/* ---- direct writes to a table whose type comes and goes ---- */

static void write_directly(unsigned int n)
{
	uint64_t *entry = &tree.l1[L_INDEX(FAR_VA, 1) ^ 1];

	__asm__ volatile(GUARD("movq %1, (%0)") : : "r"(entry), "r"((uint64_t)n << 1) : "memory");
	__asm__ volatile(GUARD("lock; cmpxchgq %1, (%0)")
			 :
			 : "r"(entry), "r"(make_pte(virt_to_mfn(window), PTE_RO_PAGE)),
			   "a"((uint64_t)n << 1)
			 : "memory", "cc");
	__asm__ volatile(GUARD("movq $0, (%0)") : : "r"(entry) : "memory");
}

static void pin_written(unsigned int n)
{
	unsigned long mfn = virt_to_mfn(tree.l1);

	if (!mmuext(MMUEXT_PIN_L1_TABLE, mfn, 0))
		mmuext(MMUEXT_UNPIN_TABLE, mfn, 0);
	if (n % 16 == 0 && !make_writable(tree.l1))
		make_readonly(tree.l1);
}

/* ---- descriptors ---- */

static uint64_t *gdt;

static void load_segment(unsigned int n)
{
	xen_pfn_t frame = virt_to_mfn(gdt);

	if (n % 16 == 0)
		hypercall(set_gdt, 0, 0);
	if (n % 16 == 1)
		hypercall(set_gdt, &frame, 512);
	__asm__ volatile(GUARD("mov %w0, %%fs") : : "r"(0xb) : "memory");
	__asm__ volatile("mov %w0, %%fs" : : "r"(0));
}

static void change_descriptor(unsigned int n)
{
	static const uint64_t descriptors[] = {
		0x00cff3000000ffffUL, 0,
		0x00cf93000000ffffUL, 0x0000ec0000000000UL,
		0x00cfff000000ffffUL, 0x00cf73000000ffffUL,
	};

	hypercall(update_descriptor, virt_to_maddr(&gdt[1]),
		  descriptors[n % ARRAY_SIZE(descriptors)]);
	if (READ_ONCE(gdt[1]) >> 44 == 0xce)
		violations++;
	if (n % 8 == 0 && !make_writable(gdt))
		make_readonly(gdt);
	if (n % 8 == 1 && !mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(gdt), 0))
		mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(gdt), 0);
}

/* ---- frames that are given back while they are mapped ---- */

static xen_pfn_t moving;

static long reservation(unsigned int command, xen_pfn_t *frame)
{
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, frame);
	return hypercall(memory_op, command, &r);
}

static void give_and_take(unsigned int n)
{
	xen_pfn_t frame = READ_ONCE(moving);

	if (reservation(XENMEM_decrease_reservation, &frame) != 1)
		return;
	frame = virt_to_pfn(frame_page);
	if (reservation(n & 1 ? XENMEM_populate_physmap : XENMEM_increase_reservation, &frame) == 1)
		WRITE_ONCE(moving, frame);
}

static void map_moving(unsigned int n)
{
	xen_pfn_t frame = READ_ONCE(moving);

	if (n % 4 == 3)
		reservation(XENMEM_decrease_reservation, &frame);
	else if (n % 4 == 2 && !mmuext(MMUEXT_PIN_L1_TABLE, frame, 0))
		mmuext(MMUEXT_UNPIN_TABLE, frame, 0);
	else
		map_at(window, frame, n & 1 ? PTE_RW_PAGE : PTE_RO_PAGE);
	map_at(window, 0, 0);
}

/* ---- event channels, grant tables, timers: small numbers, both sides alike ---- */

static void ports(unsigned int n, unsigned int seed)
{
	evtchn_port_t port = (n * 7 + seed) % 12 + 1, got;
	struct evtchn_status status;
	struct evtchn_bind_vcpu bind = { .port = port, .vcpu = n & 1 };

	switch ((n + seed) % 8) {
	case 0:
		evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF, &got);
		break;
	case 1:
		evtchn_bind_interdomain(DOMID_SELF, port, &got);
		break;
	case 2:
		evtchn_bind_ipi(n & 1, &got);
		break;
	case 3:
		evtchn_close(port);
		break;
	case 4:
		evtchn_status(port, &status);
		break;
	case 5:
		hypercall(event_channel_op, EVTCHNOP_bind_vcpu, &bind);
		break;
	case 6:
		evtchn_unmask(port);
		break;
	default:
		evtchn_send(port);
	}
}

static void ports_a(unsigned int n)
{
	ports(n, 0);
}

static void ports_b(unsigned int n)
{
	ports(n, 5);
}

static void grants(unsigned int n)
{
	static xen_pfn_t frames[2][8];
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = n % 6 };
	struct gnttab_query_size query = { .dom = DOMID_SELF };
	struct gnttab_get_version version = { .dom = DOMID_SELF };
	struct gnttab_set_version set = { .version = n & 8 ? 2 : 1 };

	switch (n % 4) {
	case 0:
		set_xen_guest_handle(setup.frame_list, frames[n & 1]);
		hypercall(grant_table_op, GNTTABOP_setup_table, &setup, 1);
		break;
	case 1:
		hypercall(grant_table_op, GNTTABOP_query_size, &query, 1);
		break;
	case 2:
		hypercall(grant_table_op, GNTTABOP_get_version, &version, 1);
		break;
	default:
		hypercall(grant_table_op, GNTTABOP_set_version, &set, 1);
	}
}

/* ---- a third vCPU, started and stopped by both ---- */

static char third_stack[4096] __attribute__((aligned(16)));
static struct vcpu_guest_context third;

extern const char third_entry[];
__asm__(".pushsection .text\n"
	"third_entry:\n"
	"1:\tpause; mov $29, %eax; xor %edi, %edi; xor %esi, %esi; syscall; jmp 1b\n"
	".popsection");

static void start_and_stop(unsigned int n)
{
	struct vcpu_runstate_info runstate;
	struct vcpu_set_periodic_timer periodic = { .period_ns = 1000000 };

	switch (n % 7) {
	case 0:
		hypercall(vcpu_op, VCPUOP_initialise, 2, &third);
		break;
	case 1:
	case 4:
		hypercall(vcpu_op, VCPUOP_up, 2, 0);
		break;
	case 2:
		hypercall(vcpu_op, VCPUOP_down, 2, 0);
		break;
	case 3:
		hypercall(vcpu_op, VCPUOP_get_runstate_info, 2, &runstate);
		break;
	case 5:
		hypercall(vcpu_op, VCPUOP_set_periodic_timer, 2, &periodic);
		hypercall(vcpu_op, VCPUOP_stop_periodic_timer, 2, 0);
		break;
	default:
		hypercall(vcpu_op, VCPUOP_send_nmi, 2, 0);
	}
}

/* FS may hold a selector that is gone when its vCPU is switched to. */
static bool selector_gone(struct trap_frame *f)
{
	return f->vector == ENTRY_FAILSAFE;
}

static void third_make(void)
{
	memset(&third, 0, sizeof(third));
	third.flags = VGCF_in_kernel;
	third.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn((void *)start_info->pt_base));
	third.user_regs.rip = (unsigned long)third_entry;
	third.user_regs.rsp = (unsigned long)(third_stack + sizeof(third_stack));
	third.user_regs.rflags = 0x202;
	third.user_regs.cs = FLAT_KERNEL_CS;
	third.user_regs.ss = third.kernel_ss = FLAT_KERNEL_SS;
	third.kernel_sp = (unsigned long)(third_stack + sizeof(third_stack));
	shared_info->vcpu_info[2].evtchn_upcall_mask = 1;
}

/* ---- the pairs ---- */

static const struct pair {
	const char *name;
	void (*first)(unsigned int n);	/* on the vCPU that may use GUARD() */
	void (*second)(unsigned int n);
} pairs[] = {
	{ "mapped writable against pinned", map_and_write, pin_and_look },
	{ "a request that changes", update_requested, change_request },
	{ "a tree pinned against changed", pin_tree, change_tree },
	{ "direct writes against pins", write_directly, pin_written },
	{ "descriptors against their use", load_segment, change_descriptor },
	{ "frames given back against mapped", give_and_take, map_moving },
	{ "event channels", ports_a, ports_b },
	{ "grant tables", grants, grants },
	{ "a third vCPU", start_and_stop, start_and_stop },
};

static void run(void (*function)(unsigned int))
{
	unsigned int n;

	vcpu_barrier_wait(&barrier, 2);
	for (n = 0; n < TURNS; n++) {
		function(n);
		if (n % 256 == 255)
			hypercall(sched_op, SCHEDOP_yield, 0);
	}
	vcpu_barrier_wait(&barrier, 2);
}

static void second_vcpu(void *unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		run(pairs[i].second);
		/* the first looks what became of it */
		vcpu_barrier_wait(&barrier, 2);
	}
}

static void check_pairs(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		print("step %s\n", pairs[i].name);
		violations = 0;
		run(pairs[i].first);
		if (pairs[i].first == start_and_stop)
			hypercall(vcpu_op, VCPUOP_down, 2, 0);
		expect_equal(pairs[i].name, violations, 0);
		expect_result("differences that an audit finds", audit(), 0);
		vcpu_barrier_wait(&barrier, 2);
	}
}

/* What was raced about can be used as it should be. */
static void check_afterwards(void)
{
	hypercall(set_gdt, 0, 0);
	expect_result("the window", map_at(window, virt_to_mfn(window), PTE_RW_PAGE), 0);
	expect_result("the frame", map_at(window, frame_mfn, PTE_RW_PAGE), 0);
	expect_result("the window back", make_writable(window), 0);
	expect_result("the GDT's page", make_writable(gdt), 0);
	expect_result("level 1", make_writable(tree.l1), 0);
	expect_result("level 2", make_writable(tree.l2), 0);
	expect_result("level 3", make_writable(tree.l3), 0);
}

void test_main(void)
{
	uint64_t *spare;

	shared_info_map();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	frame_page = page_alloc();
	frame_mfn = virt_to_mfn(frame_page);
	frame_view = page_alloc();
	window = page_alloc();
	spare = page_alloc();
	gdt = page_alloc();
	tree = tree_make(FAR_VA);
	if (make_readonly(gdt) || map_at(frame_page, 0, 0) ||
	    map_at(frame_view, frame_mfn, PTE_RO_PAGE) || map_at(spare, 0, 0))
		test_error("the pages cannot be prepared");
	moving = virt_to_mfn(spare);
	third_make();
	trap_hook = selector_gone;
	if (!vcpu_start(1, second_vcpu, NULL))
		test_skip("there is no second vCPU");
	check_pairs();
	vcpu_wait(1);
	STEP(check_afterwards);
}
