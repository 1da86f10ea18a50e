/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/grant/grant_table_op.c common/grant/setup.c common/grant/entries.c */
/* sources: common/grant/map.c common/grant/unmap.c common/grant/copy.c common/grant/map_track.c */
/* sources: common/grant/transfer.c common/grant/cache_flush.c */
/* sources: common/memory/heap.c common/memory/page_allocator.c */
/* sources: test/fake/page_ref.c test/fake/frame.c test/fake/cpu.c test/fake/guest.c test/fake/grant_world.c */
/*
 * Setting up a grant table and changing its layout; mapping and copying what
 * others grant: whatever goes wrong, all counts are what they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

#include <asm/layout.h>

#include "cpu.h"
#include "grant_world.h"
#include "guest.h"

/* Frames of RAM: not the allocator's. */
#define FRAME_OF_DOM0 10
#define FRAME_OF_DOM1 20

static struct domain *dom0, *dom1;
static struct page_info *page0, *page1;
static grant_entry_v1_t *table; /* of dom1 */
static unsigned long free_before;

struct cpu_info *cpu_infos[MAX_CPUS];

static int machine_setup(void **state)
{
	(void)state;
	fake_frames_init();
	page_allocator_add(mfn(0x100), mfn(0x2000));
	return 0;
}

static int setup(void **state)
{
	(void)state;
	fake_cpus_init();
	free_before = pages_free_count();
	dom0 = fake_domain_make(0, 1);
	dom1 = fake_domain_make(1, 1);
	assert_int_equal(grant_domain_init(dom0), 0);
	assert_int_equal(grant_domain_init(dom1), 0);
	fake_grants_init();
	page0 = fake_frame_give(dom0, FRAME_OF_DOM0);
	page1 = fake_frame_give(dom1, FRAME_OF_DOM1);
	return 0;
}

/* Nothing is held but what was before. */
static void assert_unused(void)
{
	assert_int_equal(dom0->refs, 1);
	assert_int_equal(dom1->refs, 1);
	assert_int_equal(frame_ref_count(page0->state), 1);
	assert_int_equal(frame_ref_count(page1->state), 1);
	assert_int_equal(frame_type_count(page1->state), 0);
}

static int teardown(void **state)
{
	(void)state;
	assert_unused();
	grant_domain_destroy(dom0);
	grant_domain_destroy(dom1);
	fake_domain_free(dom0);
	fake_domain_free(dom1);
	/* a slab of the heap may stay */
	assert_in_range(pages_free_count(), free_before - 2, free_before);
	return 0;
}

static long op(struct domain *d, unsigned int cmd, void *arg)
{
	fake_run(d->vcpu[0]);
	return do_grant_table_op(d->vcpu[0], cmd, va_of(arg), 1);
}

static int setup_table(struct domain *d, domid_t dom, unsigned int count, xen_pfn_t *frames)
{
	struct gnttab_setup_table req = { .dom = dom, .nr_frames = count, .frame_list.p = frames };

	assert_int_equal(op(d, GNTTABOP_setup_table, &req), 0);
	return req.status;
}

static long set_version(struct domain *d, unsigned int version)
{
	struct gnttab_set_version req = { .version = version };
	long rc = op(d, GNTTABOP_set_version, &req);

	assert_true(rc || req.version == version);
	return rc;
}

static void test_setup(void **state)
{
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	xen_pfn_t frames[64], again[64];
	unsigned int i;

	(void)state;
	assert_int_equal(op(dom1, GNTTABOP_query_size, &size), 0);
	assert_int_equal(size.nr_frames, 1);
	assert_int_equal(size.max_nr_frames, 64);
	assert_int_equal(setup_table(dom1, DOMID_SELF, 1, frames), GNTST_okay);
	assert_int_equal(setup_table(dom1, DOMID_SELF, 64, again), GNTST_okay);
	assert_int_equal(frames[0], again[0]);
	for (i = 0; i < 64; i++) {
		struct page_info *pg = page_of_mfn(mfn(again[i]));

		assert_int_equal(pg->owner, 1);
		assert_true(pg->state & FRAME_SHARED && pg->state & FRAME_HYPERVISOR);
		assert_int_equal(frame_ref_count(pg->state), 1);
		assert_int_equal(m2p_get(mfn(again[i])), ~0UL);
	}
	assert_int_equal(setup_table(dom1, DOMID_SELF, 65, frames), GNTST_general_error);
	assert_int_equal(setup_table(dom1, DOMID_SELF, 1, (xen_pfn_t *)FAKE_BAD_ADDRESS),
			 GNTST_bad_virt_addr);
}

static void test_privilege(void **state)
{
	struct gnttab_get_version version = { .dom = 0 };
	xen_pfn_t frames[4];

	(void)state;
	assert_int_equal(setup_table(dom1, 0, 1, frames), GNTST_permission_denied);
	assert_int_equal(setup_table(dom1, 3, 1, frames), GNTST_bad_domain);
	assert_int_equal(setup_table(dom0, 1, 4, frames), GNTST_okay);
	assert_int_equal(page_of_mfn(mfn(frames[3]))->owner, 1);
	assert_int_equal(op(dom1, GNTTABOP_get_version, &version), -EPERM);
	version.dom = 3;
	assert_int_equal(op(dom0, GNTTABOP_get_version, &version), -ESRCH);
}

static void test_versions(void **state)
{
	struct gnttab_get_status_frames status = { .dom = DOMID_SELF, .nr_frames = 1 };
	grant_entry_v1_t *v1;
	grant_entry_v2_t *v2;
	xen_pfn_t frames[16];
	uint64_t list[8];

	(void)state;
	status.frame_list.p = list;
	assert_int_equal(setup_table(dom1, DOMID_SELF, 1, frames), GNTST_okay);
	assert_int_equal(op(dom1, GNTTABOP_get_status_frames, &status), 0);
	assert_int_equal(status.status, GNTST_general_error);

	v1 = frame_map(mfn(frames[0]));
	v2 = frame_map(mfn(frames[0]));
	v1[1] = (grant_entry_v1_t){ .flags = GTF_permit_access, .domid = 0, .frame = 0x1234 };
	v1[9] = v1[1];
	assert_int_equal(set_version(dom1, 3), -EINVAL);
	assert_int_equal(set_version(dom1, 0), -EINVAL);
	assert_int_equal(set_version(dom1, 2), 0);
	assert_int_equal(v2[1].full_page.frame, 0x1234);
	assert_int_equal(v2[1].hdr.flags, GTF_permit_access);
	assert_int_equal(v2[9].hdr.flags, GTF_invalid);

	assert_int_equal(setup_table(dom1, DOMID_SELF, 16, frames), GNTST_okay);
	status.nr_frames = 2;
	assert_int_equal(op(dom1, GNTTABOP_get_status_frames, &status), 0);
	assert_int_equal(status.status, GNTST_okay);
	assert_int_equal(page_of_mfn(mfn(list[1]))->owner, 1);
	status.nr_frames = 3;
	op(dom1, GNTTABOP_get_status_frames, &status);
	assert_int_equal(status.status, GNTST_general_error);

	v2[0].hdr.flags = GTF_transitive;
	assert_int_equal(set_version(dom1, 1), -ERANGE);
	v2[0].hdr.flags = GTF_permit_access | GTF_sub_page;
	assert_int_equal(set_version(dom1, 1), -ERANGE);
	v2[0].hdr.flags = GTF_invalid;
	assert_int_equal(set_version(dom1, 1), 0);
	assert_int_equal(v1[1].frame, 0x1234);
	assert_int_equal(v1[9].flags, 0);
}

static void test_refused(void **state)
{
	struct gnttab_query_size size = { .dom = 0 };

	(void)state;
	assert_int_equal(op(dom1, 4711, &size), -ENOSYS);
	assert_int_equal(op(dom1, GNTTABOP_query_size, (void *)FAKE_BAD_ADDRESS), -EFAULT);
	assert_int_equal(do_grant_table_op(dom1->vcpu[0], GNTTABOP_query_size, va_of(&size), 2),
			 -EINVAL);
	assert_int_equal(do_grant_table_op(dom1->vcpu[0], GNTTABOP_copy, va_of(&size), ~0U),
			 -EINVAL);
	assert_int_equal(do_grant_table_op(dom1->vcpu[0], GNTTABOP_copy, 0, 0), 0);
	assert_int_equal(op(dom1, GNTTABOP_map_grant_ref, (void *)FAKE_BAD_ADDRESS), -EFAULT);
	assert_int_equal(op(dom1, GNTTABOP_unmap_grant_ref, (void *)FAKE_BAD_ADDRESS), -EFAULT);
	assert_int_equal(op(dom1, GNTTABOP_copy, (void *)FAKE_BAD_ADDRESS), -EFAULT);
}

/* A list that reaches into our part, or around the end, is not begun. */
static void test_list_ranges(void **state)
{
	static const unsigned int cmds[] = {
		GNTTABOP_map_grant_ref, GNTTABOP_unmap_grant_ref,   GNTTABOP_copy,
		GNTTABOP_transfer,	GNTTABOP_unmap_and_replace, GNTTABOP_swap_grant_ref,
	};
	static const unsigned long lists[] = { HV_VIRT_START, HV_VIRT_START - 8, HV_VIRT_END - 8,
					       ~0UL - 7 };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cmds); i++)
		for (unsigned int k = 0; k < ARRAY_SIZE(lists); k++)
			assert_int_equal(do_grant_table_op(dom1->vcpu[0], cmds[i], lists[k], 3),
					 -EFAULT);
}

/* ---- using grants: dom1 grants, dom0 uses ---- */

static void grant(grant_ref_t ref, uint16_t flags)
{
	xen_pfn_t frame;

	assert_int_equal(setup_table(dom1, DOMID_SELF, 1, &frame), GNTST_okay);
	table = frame_map(mfn(frame));
	table[ref] = (grant_entry_v1_t){ .flags = flags, .domid = 0, .frame = FRAME_OF_DOM1 };
}

static struct gnttab_map_grant_ref map(grant_ref_t ref, uint32_t flags, uint64_t place)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = place, .flags = flags, .ref = ref, .dom = 1, .status = 99
	};

	assert_int_equal(op(dom0, GNTTABOP_map_grant_ref, &m), 0);
	return m;
}

static int unmap(grant_handle_t handle, uint64_t place, uint64_t bus)
{
	struct gnttab_unmap_grant_ref u = {
		.handle = handle, .host_addr = place, .dev_bus_addr = bus, .status = 99
	};

	assert_int_equal(op(dom0, GNTTABOP_unmap_grant_ref, &u), 0);
	return u.status;
}

static void test_map(void **state)
{
	struct gnttab_map_grant_ref m, n;

	(void)state;
	grant(9, GTF_permit_access | GTF_PCD);
	m = map(9, GNTMAP_host_map, FAKE_PLACE(3));
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(m.dev_bus_addr, FRAME_OF_DOM1 * PAGE_SIZE);
	assert_ptr_equal(fake_place[0][3].page, page1);
	assert_int_equal(fake_place[0][3].cache, GTF_PCD);
	assert_int_equal(frame_ref_count(page1->state), 3); /* owner, grant, entry */
	assert_int_equal(frame_type_count(page1->state), 2);
	assert_int_equal(dom1->refs, 2);
	assert_int_equal(table[9].flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);

	n = map(9, GNTMAP_host_map | GNTMAP_readonly, FAKE_PLACE(4));
	assert_int_equal(n.status, GNTST_okay);
	assert_int_not_equal(n.handle, m.handle);
	assert_int_equal(frame_ref_count(page1->state), 5);
	assert_int_equal(set_version(dom1, 2), -EBUSY);

	assert_int_equal(unmap(m.handle, FAKE_PLACE(3), 0), GNTST_okay);
	assert_int_equal(fake_flushes, 1);
	assert_int_equal(table[9].flags & (GTF_reading | GTF_writing), GTF_reading);
	assert_int_equal(unmap(m.handle, FAKE_PLACE(3), 0), GNTST_bad_handle);
	assert_int_equal(unmap(n.handle, FAKE_PLACE(3), 0), GNTST_general_error);
	assert_int_equal(unmap(n.handle, 0, 0), GNTST_okay);	/* nothing asked for */
	assert_int_equal(unmap(n.handle, FAKE_PLACE(4), 0), GNTST_okay);
	assert_int_equal(table[9].flags, GTF_permit_access | GTF_PCD);
}

static void test_map_device(void **state)
{
	const uint64_t bus = FRAME_OF_DOM1 * PAGE_SIZE;
	struct gnttab_map_grant_ref m;

	(void)state;
	grant(9, GTF_permit_access);
	m = map(9, GNTMAP_device_map, 0);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(frame_ref_count(page1->state), 2);
	assert_int_equal(unmap(m.handle, 0, bus + 1), GNTST_bad_dev_addr);
	assert_int_equal(unmap(m.handle, 0, bus), GNTST_okay);
	assert_int_equal(fake_flushes, 0);
	assert_unused();

	m = map(9, GNTMAP_device_map | GNTMAP_host_map, FAKE_PLACE(0));
	assert_int_equal(unmap(m.handle, FAKE_PLACE(0), 0), GNTST_okay);
	assert_int_equal(table[9].flags & GTF_writing, GTF_writing);
	assert_int_equal(unmap(m.handle, 0, bus), GNTST_okay);
	assert_unused();
	m = map(9, GNTMAP_device_map | GNTMAP_host_map, FAKE_PLACE(0));
	assert_int_equal(unmap(m.handle, FAKE_PLACE(0), bus), GNTST_okay);
}

static void test_map_refused(void **state)
{
	(void)state;
	grant(9, GTF_permit_access | GTF_readonly);
	assert_int_equal(map(9, GNTMAP_host_map, FAKE_PLACE(0)).status, GNTST_general_error);
	assert_int_equal(map(9, 0, FAKE_PLACE(0)).status, GNTST_bad_gntref);
	assert_int_equal(map(10, GNTMAP_host_map, FAKE_PLACE(0)).status, GNTST_general_error);
	assert_int_equal(map(512, GNTMAP_host_map, FAKE_PLACE(0)).status, GNTST_bad_gntref);
	assert_int_equal(map(~0U, GNTMAP_host_map, FAKE_PLACE(0)).status, GNTST_bad_gntref);
	table[9].flags = GTF_permit_access;
	assert_int_equal(map(9, GNTMAP_host_map, 4).status, GNTST_general_error);
	assert_unused();
	assert_int_equal(table[9].flags, GTF_permit_access);
	table[9].frame = FRAME_OF_DOM0;
	assert_int_equal(map(9, GNTMAP_host_map, FAKE_PLACE(0)).status, GNTST_general_error);
	table[9].frame = ~0U;
	assert_int_equal(map(9, GNTMAP_host_map, FAKE_PLACE(0)).status, GNTST_bad_page);
	table[9].domid = 1;
	assert_int_equal(map(9, GNTMAP_host_map, FAKE_PLACE(0)).status, GNTST_general_error);
	assert_int_equal(unmap(0, 0, 0), GNTST_bad_handle);
	assert_int_equal(unmap(~0U, 0, 0), GNTST_bad_handle);
}

/* The guest removes the mapping itself: the grant stays in use, as the handle is still there. */
static void test_map_lost(void **state)
{
	struct gnttab_map_grant_ref m;

	(void)state;
	grant(9, GTF_permit_access);
	m = map(9, GNTMAP_host_map, FAKE_PLACE(3));
	fake_place_clear(dom0, 3);
	assert_int_equal(frame_type_count(page1->state), 1);
	assert_int_equal(unmap(m.handle, FAKE_PLACE(3), 0), GNTST_general_error);
	assert_true(table[9].flags & GTF_writing);

	/* any mapping of the frame will do */
	assert_true(page_get(page1, dom1));
	fake_place[0][5] = (struct fake_place){ .page = page1 };
	assert_int_equal(unmap(m.handle, FAKE_PLACE(5), 0), GNTST_okay);
}

/* The granter gives the frame back while it is mapped: it stays until it is not. */
static void test_page_goes(void **state)
{
	struct gnttab_map_grant_ref m;

	(void)state;
	grant(9, GTF_permit_access);
	m = map(9, GNTMAP_host_map, FAKE_PLACE(3));
	page1->state &= ~FRAME_ALLOCATED;
	page_put(page1);
	assert_int_equal(map(9, GNTMAP_host_map, FAKE_PLACE(4)).status, GNTST_general_error);
	assert_int_equal(page1->owner, 1);
	assert_int_equal(unmap(m.handle, FAKE_PLACE(3), 0), GNTST_okay);
	assert_int_equal(page1->owner, OWNER_NONE);
	assert_int_equal(map(9, GNTMAP_host_map, FAKE_PLACE(4)).status, GNTST_general_error);
	page1 = fake_frame_give(dom1, FRAME_OF_DOM1);
}

static long op_list(unsigned int cmd, void *list, unsigned int count)
{
	return do_grant_table_op(dom0->vcpu[0], cmd, va_of(list), count);
}

static void test_batches(void **state)
{
	static struct gnttab_map_grant_ref m[80];
	static struct gnttab_unmap_grant_ref u[80];
	unsigned int i;

	(void)state;
	grant(9, GTF_permit_access);
	for (i = 0; i < 80; i++)
		m[i] = (struct gnttab_map_grant_ref){
			.ref = 9, .dom = 1, .status = 99, .flags = GNTMAP_device_map
		};
	fake_run(dom0->vcpu[0]);
	fake_stop_after = 3;
	assert_int_equal(op_list(GNTTABOP_map_grant_ref, m, 80), FAKE_CONTINUED);
	assert_int_equal(fake_continuation[0], GNTTABOP_map_grant_ref);
	assert_int_equal(fake_continuation[1], va_of(m + 48));
	assert_int_equal(fake_continuation[2], 32);
	assert_int_equal(m[47].status, GNTST_okay);
	assert_int_equal(m[48].status, 99);
	assert_int_equal(op_list(GNTTABOP_map_grant_ref, m + 48, 32), 0);

	for (i = 0; i < 80; i++)
		u[i] = (struct gnttab_unmap_grant_ref){ .handle = m[i].handle,
							.status = 99,
							.dev_bus_addr = m[i].dev_bus_addr };
	fake_stop_after = 1;
	assert_int_equal(op_list(GNTTABOP_unmap_grant_ref, u, 80), FAKE_CONTINUED);
	assert_int_equal(fake_continuation[1], va_of(u + 32));
	assert_int_equal(fake_continuation[2], 48);
	assert_int_equal(u[31].status, GNTST_okay);
	assert_int_equal(u[32].status, 99);
	assert_int_equal(op_list(GNTTABOP_unmap_grant_ref, u + 32, 48), 0);
}

/* A handle is used again, and no memory is taken for it twice. */
static void test_handles_recycled(void **state)
{
	struct gnttab_map_grant_ref m;
	unsigned long after_first = 0;
	unsigned int i;

	(void)state;
	grant(9, GTF_permit_access);
	for (i = 0; i < 1000; i++) {
		m = map(9, GNTMAP_host_map, FAKE_PLACE(0));
		assert_int_equal(unmap(m.handle, FAKE_PLACE(0), 0), GNTST_okay);
		if (!i)
			after_first = pages_free_count();
	}
	assert_int_equal(pages_free_count(), after_first);
}

/* ---- copies: from dom1's page to dom0's ---- */

static struct gnttab_copy copy_of(grant_ref_t ref, unsigned int from, unsigned int to,
				  unsigned int len)
{
	return (struct gnttab_copy){
		.source = { .u.ref = ref, .domid = 1, .offset = from },
		.dest = { .u.gmfn = FRAME_OF_DOM0, .domid = DOMID_SELF, .offset = to },
		.len = len,
		.flags = GNTCOPY_source_gref,
		.status = 99,
	};
}

static int copy(struct gnttab_copy c)
{
	assert_int_equal(op(dom0, GNTTABOP_copy, &c), 0);
	assert_unused();
	return c.status;
}

static void test_copy(void **state)
{
	unsigned char *from = frame_map(mfn(FRAME_OF_DOM1)), *to = frame_map(mfn(FRAME_OF_DOM0));
	struct gnttab_copy c = { .status = 99 };

	(void)state;
	memset(from, 7, PAGE_SIZE);
	memset(to, 0, PAGE_SIZE);
	grant(9, GTF_permit_access | GTF_readonly);
	assert_int_equal(copy(copy_of(9, 100, 200, 50)), GNTST_okay);
	assert_int_equal(to[199], 0);
	assert_int_equal(to[200], 7);
	assert_int_equal(to[249], 7);
	assert_int_equal(to[250], 0);
	assert_int_equal(table[9].flags, GTF_permit_access | GTF_readonly);
	assert_int_equal(copy(copy_of(9, 0, 0, 4096)), GNTST_okay);
	assert_int_equal(copy(copy_of(9, 1, 0, 4096)), GNTST_bad_copy_arg);
	assert_int_equal(copy(copy_of(9, 0, 65535, 65535)), GNTST_bad_copy_arg);
	assert_int_equal(copy(copy_of(8, 0, 0, 1)), GNTST_general_error);

	c.source.u.gmfn = FRAME_OF_DOM0;
	c.source.domid = DOMID_SELF;
	c.dest.u.ref = 9;
	c.dest.domid = 1;
	c.flags = GNTCOPY_dest_gref;
	assert_int_equal(copy(c), GNTST_general_error); /* read-only */
	table[9].flags = GTF_permit_access;
	assert_int_equal(copy(c), GNTST_okay);
	c.source.u.gmfn = FRAME_OF_DOM1;
	assert_int_equal(copy(c), GNTST_bad_page);
	c.source.domid = 0;
	assert_int_equal(copy(c), GNTST_permission_denied);
	c = copy_of(9, 0, 0, 1);
	c.source.domid = 3;
	assert_int_equal(copy(c), GNTST_bad_domain);
	c = copy_of(9, 0, 0, 1);
	c.dest.u.gmfn = ~0UL;
	assert_int_equal(copy(c), GNTST_bad_page);
}

/* One list: what is held for one is given back for the next. */
static void test_copy_list(void **state)
{
	struct gnttab_copy c[20];
	unsigned int i;

	(void)state;
	grant(9, GTF_permit_access);
	grant(10, GTF_permit_access);
	for (i = 0; i < 20; i++)
		c[i] = copy_of(i % 4 == 1 ? 11 : 9 + i / 2 % 2, i, i, 8);
	fake_run(dom0->vcpu[0]);
	fake_stop_after = 2;
	assert_int_equal(op_list(GNTTABOP_copy, c, 20), FAKE_CONTINUED);
	assert_int_equal(fake_continuation[1], va_of(c + 16));
	assert_unused();
	assert_int_equal(op_list(GNTTABOP_copy, c + 16, 4), 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(c[i].status, i % 4 == 1 ? GNTST_general_error : GNTST_okay);
	assert_int_equal(table[9].flags, GTF_permit_access);
	assert_int_equal(table[10].flags, GTF_permit_access);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_setup),      TEST(test_privilege),   TEST(test_versions),
		TEST(test_refused),    TEST(test_list_ranges), TEST(test_map),
		TEST(test_map_device), TEST(test_map_refused), TEST(test_map_lost),
		TEST(test_page_goes),  TEST(test_batches),     TEST(test_handles_recycled),
		TEST(test_copy),       TEST(test_copy_list),
	};

	return cmocka_run_group_tests(tests, machine_setup, NULL);
}
