/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments that straddle the edges of what a guest may use.
 *
 * A linear address is the guest's below the canonical hole and above the
 * hypervisor's range. An argument of several bytes can begin on one side and
 * end on the other, or wrap at the end of the address space, while the page
 * on the guest's side is there. Every pointer argument, and every handle
 * inside of an argument, is placed at each byte before each edge, and at the end
 * of a page without a next one; read-only pages get the results. Nothing
 * may be written outside of the pages, and what the call did not get is
 * -EFAULT or nothing at all.
 */
#include "memory.h"
#include "trap.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

const char test_title[] = "Handles at the edges";

#define EDGES 5

static struct {
	const char *name;
	unsigned long end; /* the first byte behind; 0: the address space's */
	unsigned char *page;
} edges[EDGES] = {
	{ .name = "the canonical hole", .end = 0x0000800000000000UL },
	{ .name = "a page that is not there" },
	{ .name = "a read-only page" },
	{ .name = "the hypervisor's end, from below", .end = 0xffff880000000008UL },
	{ .name = "the end of all addresses", .end = 0 },
};

static void pages_make(void)
{
	static const unsigned long high[] = { 0xffff880000000000UL, 0xfffffffffffff000UL };
	struct tree low = tree_make((void *)0x00007ffffffff000UL), t;
	unsigned char *two = page_alloc(), *next = page_alloc(), *three, *readonly;
	unsigned int i;
	long rc;

	rc = tree_hang(&low, (void *)0x00007ffffffff000UL);
	edges[0].page = (void *)0x00007ffffffff000UL;
	rc |= map_at(edges[0].page, virt_to_mfn(page_alloc()), PTE_RW_PAGE);
	edges[1].page = two;
	edges[1].end = (unsigned long)next;
	rc |= update_va(next, 0, UVMF_INVLPG);
	three = page_alloc();
	readonly = page_alloc();
	edges[2].page = three;
	edges[2].end = (unsigned long)readonly;
	rc |= make_readonly(readonly);
	for (i = 0; i < 2; i++) {
		if (!table_of((void *)high[i], 3) || !table_of((void *)high[i], 1)) {
			t = tree_make((void *)high[i]);
			if (!table_of((void *)high[i], 3))
				rc |= tree_hang(&t, (void *)high[i]);
			else if (!table_of((void *)high[i], 2))
				rc |= mmu_update(entry_maddr((void *)high[i], 3),
						 make_pte(virt_to_mfn(t.l2), PTE_TABLE));
			else
				rc |= mmu_update(entry_maddr((void *)high[i], 2),
						 make_pte(virt_to_mfn(t.l1), PTE_TABLE));
		}
		edges[3 + i].page = (void *)high[i];
		rc |= map_at(edges[3 + i].page, virt_to_mfn(page_alloc()), PTE_RW_PAGE);
	}
	if (rc)
		test_error("the pages at the edges cannot be made");
}

static unsigned int strange;

static void judge(const char *what, unsigned int edge, unsigned int before, long rc)
{
	if (rc < 0 && rc > -4096)
		return;
	/* no limit of memory is 2^32-1 pages */
	if ((rc >= 0 && rc <= 0x10000000) || rc == 0xffffffff)
		return;
	if (strange++ < 10)
		print("  note: %s %u bytes before %s: 0x%lx\n", what, before, edges[edge].name,
		      (unsigned long)rc);
}

/* Direct arguments: every command of every family that takes a structure. */
static const struct family {
	unsigned int nr, commands;
	uint64_t excluded; /* commands that end or stop us, as bits */
	bool count_first;  /* pointer, count */
} families[] = {
	{ __HYPERVISOR_xen_version, 12, 0, false },
	{ __HYPERVISOR_event_channel_op, 16, 0, false },
	{ __HYPERVISOR_sched_op, 12, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6, false },
	{ __HYPERVISOR_memory_op, 32, 1 << 1 | 1 << 11 | 1 << 15, false },
	{ __HYPERVISOR_physdev_op, 32, 1 << 15 | 1 << 16, false },
	{ __HYPERVISOR_callback_op, 3, 0, false },
	{ __HYPERVISOR_nmi_op, 2, 0, false },
	{ __HYPERVISOR_hvm_op, 8, 0, false },
	{ __HYPERVISOR_mmu_update, 0, 0, true },
	{ __HYPERVISOR_mmuext_op, 0, 0, true },
	{ __HYPERVISOR_set_gdt, 0, 0, true },
	{ __HYPERVISOR_multicall, 0, 0, true },
	{ __HYPERVISOR_platform_op, 0, 0, true },
	{ __HYPERVISOR_arch_0, 0, 0, true },
};

static void call_family(const struct family *f, unsigned long at, unsigned int edge,
			unsigned int before)
{
	unsigned int command;

	if (f->count_first) {
		judge("a list", edge, before, hypercall5(f->nr, at, 2, 0, DOMID_SELF, 0));
		return;
	}
	for (command = 0; command < f->commands; command++)
		if (!(f->excluded >> command & 1))
			judge("a structure", edge, before, hypercall5(f->nr, command, at, 0, 0, 0));
}

void traps_init(void);

static void check_arguments(void)
{
	static const unsigned char offsets[] = {
		1, 2, 4, 7, 8, 12, 16, 20, 24, 32, 40, 56, 64, 120
	};
	unsigned int e, i, n;

	for (e = 0; e < EDGES; e++)
		for (i = 0; i < ARRAY_SIZE(families); i++)
			for (n = 0; n < ARRAY_SIZE(offsets); n++) {
				memset(edges[e].page, 0, PAGE_SIZE);
				call_family(&families[i], edges[e].end - offsets[n], e, offsets[n]);
			}
	hypercall(set_gdt, 0, 0);
	traps_init();
	expect_equal("results that are neither errors nor small", strange, 0);
}

#define HANDLE(field, at) set_xen_guest_handle(field, (void *)(at))

/* A call whose inner handle lies @before bytes in front of the edge. */
static long inner_call(unsigned int which, unsigned long at)
{
	static struct xen_memory_reservation r;
	static struct xen_memory_exchange x;
	static struct xen_memory_map m;
	static struct xen_machphys_mfn_list l;
	static struct sched_poll p;
	static struct gnttab_setup_table g;
	static struct gnttab_get_status_frames s;
	static struct mmuext_op op;
	static struct multicall_entry call;
	static struct vcpu_register_runstate_memory_area area;
	static struct physdev_set_iobitmap bitmap;
	static struct xen_platform_op pf;

	switch (which) {
	case 0: /* nothing of it is ours: counts 0 */
		r = (struct xen_memory_reservation){ .nr_extents = 4, .domid = DOMID_SELF };
		HANDLE(r.extent_start, at);
		return hypercall(memory_op, XENMEM_decrease_reservation, &r);
	case 1:
		r = (struct xen_memory_reservation){ .nr_extents = 4,
						     .extent_order = 60,
						     .domid = DOMID_SELF };
		HANDLE(r.extent_start, at);
		return hypercall(memory_op, XENMEM_populate_physmap, &r);
	case 2:
		x = (struct xen_memory_exchange){
			.in = { .nr_extents = 4, .domid = DOMID_SELF },
			.out = { .nr_extents = 4, .domid = DOMID_SELF },
		};
		HANDLE(x.in.extent_start, at);
		HANDLE(x.out.extent_start, at);
		return hypercall(memory_op, XENMEM_exchange, &x);
	case 3:
		m.nr_entries = 32;
		HANDLE(m.buffer, at);
		return hypercall(memory_op, XENMEM_machine_memory_map, &m);
	case 4:
		l.max_extents = 32;
		HANDLE(l.extent_start, at);
		return hypercall(memory_op, XENMEM_machphys_mfn_list, &l);
	case 5:
		p = (struct sched_poll){ .nr_ports = 8, .timeout = 1 };
		HANDLE(p.ports, at);
		return hypercall(sched_op, SCHEDOP_poll, &p);
	case 6:
		g = (struct gnttab_setup_table){ .dom = DOMID_SELF, .nr_frames = 4 };
		HANDLE(g.frame_list, at);
		return hypercall(grant_table_op, GNTTABOP_setup_table, &g, 1);
	case 7:
		s = (struct gnttab_get_status_frames){ .dom = DOMID_SELF, .nr_frames = 4 };
		HANDLE(s.frame_list, at);
		return hypercall(grant_table_op, GNTTABOP_get_status_frames, &s, 1);
	case 8:
		op = (struct mmuext_op){ .cmd = MMUEXT_TLB_FLUSH_MULTI };
		HANDLE(op.arg2.vcpumask, at);
		return hypercall(mmuext_op, &op, 1, 0, DOMID_SELF);
	case 9:
		return hypercall(update_va_mapping, edges[1].page,
				 make_pte(virt_to_mfn(edges[1].page), PTE_RW_PAGE),
				 (at & ~7UL) | UVMF_TLB_FLUSH);
	case 10:
		call = (struct multicall_entry){ .op = __HYPERVISOR_xen_version,
						 .args = { XENVER_extraversion, at } };
		if (hypercall(multicall, &call, 1))
			return -(1L << 40);
		return (long)call.result;
	case 11:
		area.addr.p = at;
		judge("the area's address", 0, 0,
		      hypercall(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &area));
		return hypercall(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &area);
	case 12:
		bitmap.nr_ports = 65536;
		HANDLE(bitmap.bitmap, at);
		return hypercall(physdev_op, PHYSDEVOP_set_iobitmap, &bitmap);
	case 13:
		pf = (struct xen_platform_op){ .cmd = XENPF_firmware_info,
					       .interface_version = XENPF_INTERFACE_VERSION };
		pf.u.firmware_info.type = XEN_FW_EFI_INFO;
		pf.u.firmware_info.index = XEN_FW_EFI_VENDOR;
		pf.u.firmware_info.u.efi_info.vendor.bufsz = 64;
		HANDLE(pf.u.firmware_info.u.efi_info.vendor.name, at);
		return hypercall(platform_op, &pf);
	case 14:
		return hypercall(mmu_update, 0, 0, at, DOMID_SELF);
	case 15:
		return hypercall(mmuext_op, 0, 0, at, DOMID_SELF);
	default:
		return hypercall(console_io, 0, 16, at);
	}
}

static void check_inner(void)
{
	static const unsigned char offsets[] = { 0, 1, 2, 4, 7, 8, 12, 16, 20, 24, 40, 64 };
	struct vcpu_register_runstate_memory_area none = { .addr.p = 0 };
	unsigned int e, i, n;

	strange = 0;
	for (e = 0; e < EDGES; e++)
		for (i = 0; i < 17; i++)
			for (n = 0; n < ARRAY_SIZE(offsets); n++) {
				if (i == 16 && (e == 1 || e == 2))
					continue; /* it would be printed */
				memset(edges[e].page, 0, PAGE_SIZE);
				judge("a handle", e, offsets[n],
				      inner_call(i, edges[e].end - offsets[n]));
			}
	hypercall(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &none);
	hypercall(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &none);
	expect_equal("results that are neither errors nor small", strange, 0);
}

/* What a call writes ends where its result does; the edge is not passed by one byte. */
static void check_exact(void)
{
	unsigned int before;

	for (before = 0; before < 32; before++) {
		unsigned char *end = edges[1].page + PAGE_SIZE;
		long rc;

		memset(edges[1].page, 0x5a, PAGE_SIZE);
		rc = hypercall(xen_version, XENVER_extraversion, end - before);
		expect_result("extraversion at a page's end", rc, before < 16 ? -EFAULT : 0);
		expect_equal("the byte in front", end[-(int)before - 1], 0x5a);
		if (before > 16)
			expect_equal("the byte behind", end[16 - (int)before], 0x5a);
	}
	expect_result("zeroes behind a read-only page's beginning",
		      hypercall(xen_version, XENVER_extraversion, edges[2].end - 8), -EFAULT);
}

void test_main(void)
{
	shared_info_map();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	pages_make();
	STEP(check_arguments);
	STEP(check_inner);
	STEP(check_exact);
}
