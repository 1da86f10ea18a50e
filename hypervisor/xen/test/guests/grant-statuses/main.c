/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each misuse of a grant is answered with (grant_table.h: "Values for
 * error status returns"), what stays of it, and what is counted.
 *
 * A handle stands for its mappings until all of them were unmapped through
 * it: a page-table entry that the guest cleared itself leaves the grant in
 * use (note 3 of GNTTABOP_map_grant_ref). In version 2 the uses are shown in
 * the status frames. A sub-page or transitive grant is for copies only.
 */
#include "memory.h"
#include "trap.h"

#include <xen/grant_table.h>
#include <xen/memory.h>

const char test_title[] = "What grants answer";

#define NOWHERE ((void *)0x0000345600000000UL)

static union {
	struct grant_entry_v1 v1[512];
	union grant_entry_v2 v2[256];
} * table;
static uint16_t *status_of;
static unsigned int version = 1;

static void table_map(void)
{
	static xen_pfn_t frames[1];
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 1 };

	set_xen_guest_handle(s.frame_list, frames);
	if (hypercall(grant_table_op, GNTTABOP_setup_table, &s, 1) || s.status)
		test_error("no grant table");
	if (!table)
		table = page_alloc();
	if (map_at(table, frames[0], PTE_RW_PAGE))
		test_error("the grant table cannot be mapped");
}

static void grant_mfn(unsigned int ref, domid_t to, unsigned long mfn, uint16_t flags)
{
	uint16_t *at = version == 1 ? &table->v1[ref].flags : &table->v2[ref].hdr.flags;

	*at = 0;
	if (version == 1) {
		table->v1[ref].domid = to;
		table->v1[ref].frame = (uint32_t)mfn;
	} else {
		memset(&table->v2[ref], 0, sizeof(table->v2[ref]));
		table->v2[ref].hdr.domid = to;
		table->v2[ref].full_page.frame = mfn;
	}
	__atomic_store_n(at, flags, __ATOMIC_SEQ_CST);
}

static void grant(unsigned int ref, const void *page, uint16_t flags)
{
	grant_mfn(ref, 0, virt_to_mfn(page), GTF_permit_access | flags);
}

static unsigned int uses(unsigned int ref)
{
	uint16_t word = version == 1 ? READ_ONCE(table->v1[ref].flags) : READ_ONCE(status_of[ref]);

	return word & (GTF_reading | GTF_writing);
}

static struct gnttab_map_grant_ref last;

static int map_from(domid_t dom, unsigned int ref, uint64_t at, uint32_t flags)
{
	last = (struct gnttab_map_grant_ref){
		.host_addr = at, .flags = flags, .ref = ref, .dom = dom, .status = 99
	};
	expect_result("map_grant_ref", hypercall(grant_table_op, GNTTABOP_map_grant_ref, &last, 1),
		      0);
	return last.status;
}

static int map(unsigned int ref, const void *at, uint32_t flags)
{
	return map_from(0, ref, (unsigned long)at, flags);
}

static int unmap(uint32_t handle, uint64_t at, uint64_t bus)
{
	struct gnttab_unmap_grant_ref u = {
		.handle = handle, .host_addr = at, .dev_bus_addr = bus, .status = 99
	};

	expect_result("unmap_grant_ref", hypercall(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1),
		      0);
	return u.status;
}

static int unmap_at(const void *at)
{
	return unmap(last.handle, (unsigned long)at, 0);
}

static void expect_status(const char *what, int got, int want)
{
	check(got == want, "%s: status %d, got %d", what, want, got);
}

/* An address without a mapping of its own. */
static void *hole(void)
{
	void *at = page_alloc();

	update_va(at, 0, UVMF_INVLPG);
	return at;
}

static void check_map_refusals(void)
{
	char *page = page_alloc(), *at = hole();

	grant(20, page, 0);
	expect_status("no kind of mapping", map(20, at, 0), GNTST_bad_gntref);
	expect_status("no kind, but read-only", map(20, at, GNTMAP_readonly), GNTST_bad_gntref);
	expect_status("of DOMID_SELF", map_from(DOMID_SELF, 20, (unsigned long)at, GNTMAP_host_map),
		      GNTST_bad_domain);
	expect_status("of DOMID_IO", map_from(DOMID_IO, 20, (unsigned long)at, GNTMAP_host_map),
		      GNTST_bad_domain);
	expect_status("of nobody", map_from(77, 20, (unsigned long)at, GNTMAP_host_map),
		      GNTST_bad_domain);
	expect_status("beyond the table", map(0x10000, at, GNTMAP_host_map), GNTST_bad_gntref);
	expect_status("an empty entry", map(21, at, GNTMAP_host_map), GNTST_general_error);
	expect_status("at no table", map(20, NOWHERE, GNTMAP_host_map), GNTST_general_error);
	expect_status("at our place", map(20, (void *)0xffff830000000000UL, GNTMAP_host_map),
		      GNTST_general_error);
	expect_equal("uses after refusals", uses(20), 0);

	grant_mfn(22, 5, virt_to_mfn(page), GTF_permit_access);
	expect_status("of a grant to another", map(22, at, GNTMAP_host_map), GNTST_general_error);
	grant_mfn(22, 0, 0xfffffff, GTF_permit_access);
	expect_status("of a frame beyond memory", map(22, at, GNTMAP_host_map), GNTST_bad_page);
	grant(22, (void *)start_info->pt_base, 0);
	expect_status("a page table, to write", map(22, at, GNTMAP_host_map), GNTST_general_error);
	expect_status("a page table, to read", map(22, at, GNTMAP_host_map | GNTMAP_readonly),
		      GNTST_okay);
	expect_status("back", unmap_at(at), GNTST_okay);
	grant(22, page, GTF_readonly);
	expect_status("read-only, to write", map(22, at, GNTMAP_host_map), GNTST_general_error);
	grant_mfn(22, 0, virt_to_mfn(page), GTF_accept_transfer);
	expect_status("of a transfer", map(22, at, GNTMAP_host_map), GNTST_general_error);
	expect_equal("uses after refusals", uses(22), 0);
}

static void check_unmap_refusals(void)
{
	char *page = page_alloc(), *at = hole(), *other = page_alloc();
	uint64_t bus = virt_to_maddr(page);

	grant(20, page, 0);
	expect_status("map", map(20, at, GNTMAP_host_map), GNTST_okay);
	expect_status("unmap of nothing", unmap(last.handle, 0, 0), GNTST_okay);
	expect_equal("uses", uses(20), GTF_reading | GTF_writing);
	expect_status("unmap elsewhere", unmap_at(other), GNTST_general_error);
	expect_status("unmap at no table", unmap_at(NOWHERE), GNTST_general_error);
	expect_equal("uses", uses(20), GTF_reading | GTF_writing);
	expect_status("unmap", unmap_at(at), GNTST_okay);
	expect_status("unmap twice", unmap_at(at), GNTST_bad_handle);
	expect_status("unmap of no handle", unmap(~0u, (unsigned long)at, 0), GNTST_bad_handle);

	expect_status("for a device", map(20, 0, GNTMAP_device_map), GNTST_okay);
	expect_equal("its address", last.dev_bus_addr, bus);
	expect_equal("uses", uses(20), GTF_reading | GTF_writing);
	expect_status("unmap of another device address", unmap(last.handle, 0, bus + PAGE_SIZE),
		      GNTST_bad_dev_addr);
	expect_status("unmap", unmap(last.handle, 0, bus), GNTST_okay);
	expect_equal("uses", uses(20), 0);

	expect_status("both", map(20, at, GNTMAP_device_map | GNTMAP_host_map), GNTST_okay);
	expect_status("unmap one", unmap_at(at), GNTST_okay);
	expect_equal("uses", uses(20), GTF_reading | GTF_writing);
	expect_status("unmap the other", unmap(last.handle, 0, bus), GNTST_okay);
	expect_equal("uses", uses(20), 0);
	expect_status("unmap again", unmap(last.handle, 0, bus), GNTST_bad_handle);
}

static void check_entries(void)
{
	char *page = page_alloc(), *at = hole();
	/* others are not the guest's business */
	const uint64_t bits = PTE_NX | PTE_MFN_MASK | PTE_P | PTE_RW | PTE_US | 0xe00;
	uint64_t *entry = entry_of(at, 1), frame = make_pte(virt_to_mfn(page), 0);

	grant(20, page, 0);
	map(20, at, GNTMAP_host_map | GNTMAP_readonly);
	expect_equal("a read-only entry", *entry & bits, frame | PTE_NX | PTE_P | PTE_US);
	expect_equal("uses", uses(20), GTF_reading);
	unmap_at(at);
	expect_equal("an entry unmapped", *entry, 0);
	map(20, at, GNTMAP_host_map | GNTMAP_application_map | 7U << _GNTMAP_guest_avail0);
	expect_equal("an entry with the guest's bits", *entry & bits,
		     frame | PTE_NX | PTE_P | PTE_US | PTE_RW | 0xe00);
	unmap_at(at);

	expect_status("by the entry's address",
		      map_from(0, 20, entry_maddr(at, 1), GNTMAP_host_map | GNTMAP_contains_pte),
		      GNTST_okay);
	WRITE_ONCE(at[5], 77);
	expect_equal("a write through it", (unsigned char)page[5], 77);
	expect_status("unmap by the page's address", unmap_at(at), GNTST_general_error);
	expect_status("unmap", unmap(last.handle, entry_maddr(at, 1), 0), GNTST_okay);
	expect_equal("the entry", *entry, 0);
	expect_status(
		"by an odd address",
		map_from(0, 20, entry_maddr(at, 1) + 1, GNTMAP_host_map | GNTMAP_contains_pte),
		GNTST_general_error);
	expect_status("in a level 2 table",
		      map_from(0, 20, entry_maddr(at, 2), GNTMAP_host_map | GNTMAP_contains_pte),
		      GNTST_general_error);
	expect_status("in no table",
		      map_from(0, 20, virt_to_maddr(page), GNTMAP_host_map | GNTMAP_contains_pte),
		      GNTST_general_error);
	expect_status("in no memory",
		      map_from(0, 20, 0xffffffffff000UL, GNTMAP_host_map | GNTMAP_contains_pte),
		      GNTST_general_error);
	expect_equal("uses", uses(20), 0);
}

/* The guest may clear an entry; the grant stays in use until an unmap that finds the frame. */
static void check_lost(void)
{
	char *page = page_alloc(), *at = hole();

	grant(20, page, 0);
	map(20, at, GNTMAP_host_map);
	expect_result("the entry can be cleared", update_va(at, 0, UVMF_INVLPG), 0);
	expect_equal("uses", uses(20), GTF_reading | GTF_writing);
	expect_status("unmap", unmap_at(at), GNTST_general_error);
	expect_result("our own mapping in its place", map_at(at, virt_to_mfn(page), PTE_RW_PAGE),
		      0);
	expect_status("unmap", unmap_at(at), GNTST_okay);
	expect_equal("uses", uses(20), 0);
	expect_equal("the entry", *entry_of(at, 1), 0);
}

static int copy(struct gnttab_copy *c)
{
	c->status = 99;
	expect_result("copy", hypercall(grant_table_op, GNTTABOP_copy, c, 1), 0);
	return c->status;
}

static void check_copy_refusals(void)
{
	char *from = page_alloc(), *to = page_alloc();
	struct gnttab_copy c = {
		.source = { .u.ref = 20, .domid = DOMID_SELF },
		.dest = { .u.gmfn = virt_to_mfn(to), .domid = DOMID_SELF },
		.len = 8,
		.flags = GNTCOPY_source_gref,
	};

	grant(20, from, 0);
	expect_status("copy", copy(&c), GNTST_okay);
	c.source.domid = 0;
	expect_status("from our own number", copy(&c), GNTST_okay);
	c.source.domid = 77;
	expect_status("from nobody", copy(&c), GNTST_bad_domain);
	c.source.domid = DOMID_SELF;
	c.dest.domid = 0;
	expect_status("to a frame with our own number", copy(&c), GNTST_permission_denied);
	c.dest.domid = DOMID_SELF;
	c.source.offset = 4090;
	expect_status("across the page's end", copy(&c), GNTST_bad_copy_arg);
	c.source.offset = 0;
	c.dest.u.gmfn = 0xfffffff;
	expect_status("to a frame beyond memory", copy(&c), GNTST_bad_page);
	c.dest.u.gmfn = mfn_of_pte(*entry_of((void *)start_info->pt_base, 1));
	expect_status("to a page table", copy(&c), GNTST_general_error);
	c.dest.u.gmfn = virt_to_mfn(to);
	c.source.u.ref = 21;
	expect_status("of an empty entry", copy(&c), GNTST_general_error);
	c.source.u.ref = 0x10000;
	expect_status("beyond the table", copy(&c), GNTST_bad_gntref);
	c.source.u.ref = 20;
	grant(23, to, GTF_readonly);
	c.dest.u.ref = 23;
	c.flags |= GNTCOPY_dest_gref;
	expect_status("to a read-only grant", copy(&c), GNTST_general_error);
	grant(23, to, 0);
	expect_status("from grant to grant", copy(&c), GNTST_okay);
	grant_mfn(23, 0, 0xfffffff, GTF_permit_access);
	expect_status("to a grant of no frame", copy(&c), GNTST_bad_page);
	grant_mfn(23, 9, virt_to_mfn(to), GTF_permit_access);
	expect_status("to another's grant", copy(&c), GNTST_general_error);
	c.len = 0;
	expect_status("of nothing, to that", copy(&c), GNTST_general_error);
	c.flags |= 0x8000;
	expect_status("with an unknown flag", copy(&c), GNTST_general_error);
	expect_equal("uses", uses(20), 0);
}

static void check_swap(void)
{
	char *page = page_alloc(), *at = hole();
	struct gnttab_swap_grant_ref s = { .ref_a = 20, .ref_b = 30, .status = 99 };

	grant(20, page, 0);
	grant_mfn(30, 7, 0x77, GTF_permit_access | GTF_readonly);
	expect_result("swap", hypercall(grant_table_op, GNTTABOP_swap_grant_ref, &s, 1), 0);
	expect_status("its status", s.status, GNTST_okay);
	expect_status("the other's place", map(30, at, GNTMAP_host_map), GNTST_okay);
	expect_result("swap", hypercall(grant_table_op, GNTTABOP_swap_grant_ref, &s, 1), 0);
	expect_status("of one in use", s.status, GNTST_eagain);
	unmap_at(at);
	s.ref_a = 0x10000;
	hypercall(grant_table_op, GNTTABOP_swap_grant_ref, &s, 1);
	expect_status("beyond the table", s.status, GNTST_bad_gntref);
	s.ref_a = s.ref_b = 30;
	hypercall(grant_table_op, GNTTABOP_swap_grant_ref, &s, 1);
	expect_status("with itself", s.status, GNTST_okay);
	grant(30, page, 0);
}

static void check_replace(void)
{
	char *page = page_alloc(), *at = hole(), *other = page_alloc();
	unsigned long other_mfn = virt_to_mfn(other);
	struct gnttab_unmap_and_replace r = { .host_addr = (unsigned long)at, .status = 99 };

	grant(20, page, 0);
	WRITE_ONCE(other[0], 42);
	map(20, at, GNTMAP_host_map);
	r.handle = last.handle;
	r.new_addr = (unsigned long)NOWHERE;
	expect_result("replace", hypercall(grant_table_op, GNTTABOP_unmap_and_replace, &r, 1), 0);
	expect_status("by what is nowhere", r.status, GNTST_general_error);
	r.new_addr = (unsigned long)other;
	expect_result("replace", hypercall(grant_table_op, GNTTABOP_unmap_and_replace, &r, 1), 0);
	expect_status("its status", r.status, GNTST_okay);
	expect_equal("what is mapped now", READ_ONCE(at[0]), 42);
	expect_equal("the entry", mfn_of_pte(*entry_of(at, 1)), other_mfn);
	expect_equal("where it was", *entry_of(other, 1), 0);
	expect_equal("uses", uses(20), 0);
	hypercall(grant_table_op, GNTTABOP_unmap_and_replace, &r, 1);
	expect_status("again", r.status, GNTST_bad_handle);
}

static void check_cache_flush(void)
{
	char *page = page_alloc();
	struct gnttab_cache_flush f = { .a.dev_bus_addr = virt_to_maddr(page), .length = 64 };

	expect_result("flush of nothing", hypercall(grant_table_op, GNTTABOP_cache_flush, &f, 1),
		      0);
	f.op = GNTTAB_CACHE_CLEAN;
	expect_result("clean", hypercall(grant_table_op, GNTTABOP_cache_flush, &f, 1), 0);
	f.op = GNTTAB_CACHE_INVAL;
	expect_result("invalidate", hypercall(grant_table_op, GNTTABOP_cache_flush, &f, 1),
		      -EOPNOTSUPP);
	f.op = GNTTAB_CACHE_INVAL | GNTTAB_CACHE_CLEAN;
	expect_result("both", hypercall(grant_table_op, GNTTABOP_cache_flush, &f, 1), 0);
	f.op = 4;
	expect_result("an unknown one", hypercall(grant_table_op, GNTTABOP_cache_flush, &f, 1),
		      -EINVAL);
	f.op = GNTTAB_CACHE_CLEAN;
	f.offset = 4090;
	expect_result("beyond the page", hypercall(grant_table_op, GNTTABOP_cache_flush, &f, 1),
		      -EINVAL);
	f.offset = 0;
	f.a.dev_bus_addr = 0xfffffff000UL;
	expect_result("of no memory", hypercall(grant_table_op, GNTTABOP_cache_flush, &f, 1),
		      -EINVAL);
	f.a.dev_bus_addr = 0x1000;
	expect_result("of strange memory", hypercall(grant_table_op, GNTTABOP_cache_flush, &f, 1),
		      -EPERM);
	grant(20, page, 0);
	f.op |= GNTTAB_CACHE_SOURCE_GREF;
	f.a.ref = 20;
	expect_result("by reference", hypercall(grant_table_op, GNTTABOP_cache_flush, &f, 1),
		      -EINVAL);
}

/* A page that is ours without being mapped; its frame. */
static unsigned long loose_page(void)
{
	char *page = page_alloc();
	unsigned long mfn = virt_to_mfn(page);

	update_va(page, 0, UVMF_INVLPG);
	return mfn;
}

static int transfer(unsigned long mfn, domid_t to, unsigned int ref)
{
	struct gnttab_transfer t = { .mfn = mfn, .domid = to, .ref = ref, .status = 99 };

	expect_result("transfer", hypercall(grant_table_op, GNTTABOP_transfer, &t, 1), 0);
	return t.status;
}

/* A page that could be taken is gone, whatever comes then. */
static void check_transfer(void)
{
	unsigned long mfn = loose_page();

	expect_status("of no page", transfer(0xfffffff, 77, 40), GNTST_bad_page);
	expect_status("of a page that is mapped", transfer(virt_to_mfn(page_alloc()), 0, 40),
		      GNTST_bad_page);
	expect_status("to nobody", transfer(mfn, 77, 40), GNTST_bad_domain);
	expect_status("of a page that has gone", transfer(mfn, 77, 40), GNTST_bad_page);
	expect_status("to ourselves, without a grant", transfer(loose_page(), 0, 40),
		      GNTST_general_error);
	expect_status("beyond the table", transfer(loose_page(), 0, 0x10000), GNTST_general_error);
	grant_mfn(40, 0, 0x1234, GTF_permit_access);
	expect_status("to a grant of access", transfer(loose_page(), 0, 40), GNTST_general_error);
	grant_mfn(40, 3, 0x1234, GTF_accept_transfer);
	expect_status("to a grant to another", transfer(loose_page(), 0, 40), GNTST_general_error);
	grant_mfn(40, 0, 0x1234, GTF_accept_transfer);
	mfn = loose_page();
	expect_status("to ourselves", transfer(mfn, 0, 40), GNTST_okay);
	expect_equal("its place", mfn_to_pfn(mfn), 0x1234);
	if (version == 1) {
		expect_equal("the entry's flags", table->v1[40].flags, 0xe);
		expect_equal("the entry's frame", table->v1[40].frame, mfn);
	} else {
		expect_equal("the entry's flags", table->v2[40].hdr.flags, 0xe);
		expect_equal("the entry's frame", table->v2[40].full_page.frame, mfn);
	}
	expect_status("there again", transfer(loose_page(), 0, 40), GNTST_general_error);
}

static void check_dump(void)
{
	struct gnttab_dump_table d = { .dom = DOMID_SELF };

	expect_result("dump_table", hypercall(grant_table_op, GNTTABOP_dump_table, &d, 1), -ENOSYS);
}

static void version_set(void)
{
	struct gnttab_set_version v = { .version = 2 };
	struct gnttab_get_status_frames s = { .dom = DOMID_SELF, .nr_frames = 1 };
	static uint64_t frames[1];
	char *page = page_alloc(), *at = hole();

	grant(20, page, 0);
	map(20, at, GNTMAP_host_map);
	expect_result("set_version in use", hypercall(grant_table_op, GNTTABOP_set_version, &v, 1),
		      -EBUSY);
	unmap_at(at);
	v.version = 2;
	expect_result("set_version", hypercall(grant_table_op, GNTTABOP_set_version, &v, 1), 0);
	version = 2;
	table_map();
	set_xen_guest_handle(s.frame_list, frames);
	expect_result("status frames", hypercall(grant_table_op, GNTTABOP_get_status_frames, &s, 1),
		      0);
	expect_status("their status", s.status, GNTST_okay);
	status_of = page_alloc();
	expect_result("they can be mapped", map_at(status_of, frames[0], PTE_RW_PAGE), 0);
}

static void check_sub_page(void)
{
	char *from = page_alloc(), *to = page_alloc(), *at = hole();
	struct gnttab_copy c = {
		.source = { .u.ref = 20, .domid = DOMID_SELF, .offset = 100 },
		.dest = { .u.gmfn = virt_to_mfn(to), .domid = DOMID_SELF },
		.len = 50,
		.flags = GNTCOPY_source_gref,
	};

	grant(20, from, 0);
	table->v2[20].sub_page.page_off = 100;
	table->v2[20].sub_page.length = 50;
	table->v2[20].hdr.flags = GTF_permit_access | GTF_sub_page;
	expect_status("a part", copy(&c), GNTST_okay);
	c.len = 51;
	expect_status("more than it", copy(&c), GNTST_general_error);
	c.len = 50;
	c.source.offset = 99;
	expect_status("before it", copy(&c), GNTST_general_error);
	expect_status("a part, to map", map(20, at, GNTMAP_host_map), GNTST_general_error);
	expect_equal("uses", uses(20), 0);
}

static void check_transitive(void)
{
	char *from = page_alloc(), *to = page_alloc(), *at = hole();
	struct gnttab_copy c = {
		.source = { .u.ref = 20, .domid = DOMID_SELF },
		.dest = { .u.gmfn = virt_to_mfn(to), .domid = DOMID_SELF },
		.len = 50,
		.flags = GNTCOPY_source_gref,
	};

	memset(from, 3, PAGE_SIZE);
	grant(24, from, GTF_readonly);
	grant(20, from, 0);
	table->v2[20].hdr.flags = 0;
	table->v2[20].transitive.trans_domid = 0;
	table->v2[20].transitive.gref = 24;
	table->v2[20].hdr.flags = GTF_transitive;
	expect_status("through another", copy(&c), GNTST_general_error);
	expect_status("to map", map(20, at, GNTMAP_host_map), GNTST_general_error);
	expect_equal("uses", uses(20) | uses(24), 0);
}

void test_main(void)
{
	shared_info_map();
	table_map();
	STEP(check_map_refusals);
	STEP(check_unmap_refusals);
	STEP(check_entries);
	STEP(check_lost);
	STEP(check_copy_refusals);
	STEP(check_swap);
	STEP(check_replace);
	STEP(check_cache_flush);
	STEP(check_transfer);
	STEP(check_dump);
	STEP(version_set);
	STEP(check_map_refusals);
	STEP(check_unmap_refusals);
	STEP(check_lost);
	STEP(check_copy_refusals);
	STEP(check_swap);
	STEP(check_replace);
	STEP(check_sub_page);
	STEP(check_transitive);
	STEP(check_transfer);
}
