/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grant tables, the part that one domain can try alone.
 *
 * query_size and setup_table give frames that the guest maps to write its
 * entries. A grant to our own domain can be mapped at one of our addresses
 * and copied from and to; use is recorded in the entry's flags while it lasts
 * (GTF_reading, GTF_writing). Each request has a status of its own; the call
 * is 0 when all requests were looked at.
 */
#include "memory.h"
#include "trap.h"

#include <xen/grant_table.h>

const char test_title[] = "Grant tables";

static struct grant_entry_v1 *table;

static void check_query(void)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_get_version v = { .dom = DOMID_SELF };

	expect_result("query_size", hypercall(grant_table_op, GNTTABOP_query_size, &q, 1), 0);
	expect_equal("its status", (unsigned long)q.status, GNTST_okay);
	check(q.max_nr_frames >= 1 && q.nr_frames <= q.max_nr_frames, "%u frames of %u",
	      q.nr_frames, q.max_nr_frames);
	expect_result("get_version", hypercall(grant_table_op, GNTTABOP_get_version, &v, 1), 0);
	expect_equal("the version", v.version, 1);
	q.dom = 77;
	expect_result("query_size of no domain",
		      hypercall(grant_table_op, GNTTABOP_query_size, &q, 1), 0);
	expect_equal("its status", (unsigned long)q.status, (unsigned long)GNTST_bad_domain);
	expect_result("query_size twice in a call",
		      hypercall(grant_table_op, GNTTABOP_query_size, &q, 2), -EINVAL);
	expect_result("unknown command", hypercall(grant_table_op, 99, &q, 1), -ENOSYS);
	expect_result("bad pointer", hypercall(grant_table_op, GNTTABOP_query_size, 0, 1), -EFAULT);
	expect_result("negative count", hypercall(grant_table_op, GNTTABOP_query_size, &q, ~0u),
		      -EINVAL);
}

static void check_setup(void)
{
	static xen_pfn_t frames[4];
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 4 };

	set_xen_guest_handle(s.frame_list, frames);
	expect_result("setup_table", hypercall(grant_table_op, GNTTABOP_setup_table, &s, 1), 0);
	expect_equal("its status", (unsigned long)s.status, GNTST_okay);
	check(frames[0] && frames[3] && frames[0] != frames[3], "it names frames: 0x%lx 0x%lx",
	      frames[0], frames[3]);
	table = page_alloc();
	expect_result("the table's first frame can be mapped",
		      map_at(table, frames[0], PTE_RW_PAGE), 0);
	/* The table is shared from its beginning on: to whoever maps it, it is nothing else. */
	expect_refused("the table as a page table", mmuext(MMUEXT_PIN_L1_TABLE, frames[0], 0));
	expect_refused("as a root", mmuext(MMUEXT_NEW_BASEPTR, frames[0], 0));
	expect_refused("as a GDT", hypercall(set_gdt, frames, 512));
	s.nr_frames = 0xffffffff;
	expect_result("setup_table of 2^32-1 frames",
		      hypercall(grant_table_op, GNTTABOP_setup_table, &s, 1), 0);
	expect_equal("its status", (unsigned long)s.status, (unsigned long)GNTST_general_error);
	s = (struct gnttab_setup_table){ .dom = DOMID_SELF, .nr_frames = 1 };
	set_xen_guest_handle(s.frame_list, (xen_pfn_t *)0xffff830000000000UL);
	check(hypercall(grant_table_op, GNTTABOP_setup_table, &s, 1) == -EFAULT ||
		      s.status != GNTST_okay,
	      "setup_table to a bad list is refused");
}

static void grant(unsigned int ref, const void *page, uint16_t flags)
{
	table[ref].domid = 0;
	table[ref].frame = (uint32_t)virt_to_mfn(page);
	__atomic_store_n(&table[ref].flags, GTF_permit_access | flags, __ATOMIC_SEQ_CST);
}

static long map(unsigned int ref, const void *at, uint32_t flags, struct gnttab_map_grant_ref *m)
{
	*m = (struct gnttab_map_grant_ref){
		.host_addr = (unsigned long)at,
		.flags = flags,
		.ref = ref,
		.dom = 0,
		.status = 99,
	};
	return hypercall(grant_table_op, GNTTABOP_map_grant_ref, m, 1);
}

static void check_map(void)
{
	uint64_t *page = page_alloc(), *at = page_alloc();
	struct gnttab_map_grant_ref m;
	struct gnttab_unmap_grant_ref u;

	page[0] = 0xfeed;
	grant(20, page, 0);
	update_va(at, 0, UVMF_INVLPG);
	expect_result("map_grant_ref", map(20, at, GNTMAP_host_map, &m), 0);
	expect_equal("its status", (unsigned long)m.status, GNTST_okay);
	expect_equal("the page through it", READ_ONCE(at[0]), 0xfeed);
	WRITE_ONCE(at[1], 5);
	expect_equal("writes through it", page[1], 5);
	expect_equal("the entry says so", table[20].flags & (GTF_reading | GTF_writing),
		     GTF_reading | GTF_writing);
	expect_equal("dev_bus_addr without device map", m.dev_bus_addr & ~PAGE_MASK, 0);

	u = (struct gnttab_unmap_grant_ref){
		.host_addr = (unsigned long)at,
		.handle = m.handle,
		.status = 99,
	};
	expect_result("unmap_grant_ref", hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1),
		      0);
	expect_equal("its status", (unsigned long)u.status, GNTST_okay);
	expect_equal("the entry is free", table[20].flags & (GTF_reading | GTF_writing), 0);
	trap_forget();
	__asm__ volatile(GUARD("mov (%0), %%al") : : "r"(at) : "rax", "memory");
	expect_trap("the mapping is gone", TRAP_PF, 0, 0);
	u.status = 99;
	hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
	check(u.status < 0, "unmap twice has a bad status, got %d", u.status);
}

static void check_readonly(void)
{
	uint64_t *page = page_alloc(), *at = page_alloc();
	struct gnttab_map_grant_ref m;
	struct gnttab_unmap_grant_ref u;

	grant(21, page, GTF_readonly);
	update_va(at, 0, UVMF_INVLPG);
	map(21, at, GNTMAP_host_map, &m);
	check(m.status < 0, "a writable mapping of a read-only grant: status %d", m.status);
	expect_result("a read-only one", map(21, at, GNTMAP_host_map | GNTMAP_readonly, &m), 0);
	expect_equal("its status", (unsigned long)m.status, GNTST_okay);
	trap_forget();
	__asm__ volatile(GUARD("movq $1, (%0)") : : "r"(at) : "memory");
	expect_trap("a write to it", TRAP_PF, 3, 0);
	expect_equal("the entry's flags", table[21].flags & (GTF_reading | GTF_writing),
		     GTF_reading);
	u = (struct gnttab_unmap_grant_ref){
		.host_addr = (unsigned long)at,
		.handle = m.handle,
	};
	hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
	expect_equal("unmap", (unsigned long)u.status, GNTST_okay);
	make_writable(at);
}

static void check_map_errors(void)
{
	static const uint32_t bad_refs[] = { 22, 511, 2047, 0x10000, 0xffffffff };
	uint64_t *at = page_alloc();
	struct gnttab_map_grant_ref m;
	struct gnttab_unmap_grant_ref u = { .handle = 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad_refs); i++) {
		expect_result("map of no grant", map(bad_refs[i], at, GNTMAP_host_map, &m), 0);
		check(m.status < 0, "its status is bad, got %d", m.status);
	}
	grant(23, (void *)start_info->pt_base, 0);
	map(23, at, GNTMAP_host_map, &m);
	check(m.status < 0, "a writable grant of a page table: status %d", m.status);
	table[24].domid = 5;
	table[24].frame = (uint32_t)virt_to_mfn(at);
	table[24].flags = GTF_permit_access;
	map(24, at, GNTMAP_host_map, &m);
	check(m.status < 0, "a grant to another domain: status %d", m.status);
	grant(25, at, 0);
	table[25].frame = 0xfffffff;
	map(25, at, GNTMAP_host_map, &m);
	check(m.status < 0, "a grant of no frame: status %d", m.status);
	map(25, at, 0, &m);
	check(m.status < 0, "a mapping of no kind: status %d", m.status);
	hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
	check(u.status < 0, "unmap of no handle: status %d", u.status);
}

static void check_copy(void)
{
	uint64_t *from = page_alloc(), *to = page_alloc();
	struct gnttab_copy c[2];

	memset(from, 0x5a, PAGE_SIZE);
	grant(26, from, GTF_readonly);
	c[0] = (struct gnttab_copy){
		.source = { .u.ref = 26, .domid = DOMID_SELF, .offset = 8 },
		.dest = { .u.gmfn = virt_to_pfn(to), .domid = DOMID_SELF, .offset = 16 },
		.len = 24,
		.flags = GNTCOPY_source_gref,
		.status = 99,
	};
	c[0].dest.u.gmfn = virt_to_mfn(to);
	c[1] = c[0];
	c[1].source.offset = 4000;
	c[1].len = 200;
	expect_result("copy", hypercall(grant_table_op, GNTTABOP_copy, c, 2), 0);
	expect_equal("first status", (unsigned long)c[0].status, GNTST_okay);
	check(c[1].status < 0, "a copy across a page's end has a bad status, got %d", c[1].status);
	expect_equal("before the copy's place", to[1], 0);
	expect_equal("copied", to[2], 0x5a5a5a5a5a5a5a5aUL);
	expect_equal("copied", to[4], 0x5a5a5a5a5a5a5a5aUL);
	expect_equal("behind it", to[5], 0);
}

void test_main(void)
{
	shared_info_map();
	STEP(check_query);
	STEP(check_setup);
	STEP(check_map);
	STEP(check_readonly);
	STEP(check_map_errors);
	STEP(check_copy);
}
