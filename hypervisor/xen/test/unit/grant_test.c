/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/grant/grant_table_op.c common/grant/setup.c common/softirq.c */
/* sources: common/memory/heap.c common/memory/page_allocator.c */
/* sources: test/fake/frame.c test/fake/cpu.c test/fake/guest.c */
/* Setting up a grant table and changing its layout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/page_allocator.h>
#include <hv/sched.h>
#include <hv/timer.h>

#include "cpu.h"
#include "guest.h"

static struct domain *dom0, *dom1;
static unsigned long free_before;

void schedule(void)
{
	fail();
}

void timer_softirq(void)
{
	fail();
}

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
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	grant_domain_destroy(dom0);
	grant_domain_destroy(dom1);
	assert_int_equal(dom0->refs, 1);
	assert_int_equal(dom1->refs, 1);
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
	struct gnttab_map_grant_ref map = { .dom = 0 };

	(void)state;
	assert_int_equal(op(dom1, GNTTABOP_map_grant_ref, &map), -ENOSYS);
	assert_int_equal(op(dom1, 4711, &map), -ENOSYS);
	assert_int_equal(op(dom1, GNTTABOP_query_size, (void *)FAKE_BAD_ADDRESS), -EFAULT);
	assert_int_equal(do_grant_table_op(dom1->vcpu[0], GNTTABOP_query_size, va_of(&map), 2),
			 -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_setup),
		TEST(test_privilege),
		TEST(test_versions),
		TEST(test_refused),
	};

	return cmocka_run_group_tests(tests, machine_setup, NULL);
}
