/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/memory/memory_op.c common/memory/populate.c common/memory/exchange.c */
/* sources: common/memory/memory_work.c common/memory/domain_pages.c */
/* sources: common/memory/claim.c */
/* sources: common/memory/page_allocator.c test/fake/frame.c test/fake/guest.c test/fake/cpu.c */
/*
 * Reservations and exchanges: what the return values say is what happened,
 * and whatever goes wrong, no frame is lost or owned twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/domain.h>
#include <hv/domain_pages.h>
#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/memory_op.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>
#include <hv/softirq.h>

#include "cpu.h"
#include "guest.h"

#define CONTINUED 0x7777

struct cpu_info *cpu_infos[MAX_CPUS];

static struct domain *d;
static struct vcpu *v;
static unsigned int stop_after;		/* preempt when it has counted down to 0; 0: never */
static unsigned long next_cmd;
static unsigned long ram;

/* ---- what the code under test relies on ---- */

bool hypercall_preempt_check(void)
{
	return stop_after && --stop_after == 0;
}

long hypercall_continue(unsigned int nr, unsigned int argc, const unsigned long *args)
{
	assert_int_equal(nr, __HYPERVISOR_memory_op);
	assert_int_equal(argc, 2);
	next_cmd = args[0];
	return CONTINUED;
}

int page_relinquish(struct page_info *pg, struct domain *owner)
{
	(void)pg;
	(void)owner;
	return 0;
}

struct domain *domain_owning(domid_t owner)
{
	return owner == d->id ? d : NULL;
}

bool page_get(struct page_info *pg, const struct domain *owner)
{
	if (!(pg->state & FRAME_ALLOCATED) || pg->owner != owner->id)
		return false;
	pg->state += FRAME_REF_ONE;
	return true;
}

void page_put(struct page_info *pg)
{
	pg->state -= FRAME_REF_ONE;
	if (!frame_ref_count(pg->state))
		domain_page_free(pg);
}

#define OTHER_OP(name)									\
	long name(struct vcpu *w, unsigned long done, unsigned long arg)		\
	{										\
		return w && done && arg ? 0 : -ENOSYS;					\
	}
OTHER_OP(memory_maximum_ram_page)
OTHER_OP(memory_current_reservation)
OTHER_OP(memory_maximum_reservation)
OTHER_OP(memory_maximum_gpfn)
OTHER_OP(memory_machphys_mfn_list)
OTHER_OP(memory_machphys_mapping)
OTHER_OP(memory_memory_map)
OTHER_OP(memory_machine_memory_map)
OTHER_OP(memory_set_memory_map)
OTHER_OP(memory_add_to_physmap)
OTHER_OP(memory_remove_from_physmap)
OTHER_OP(memory_sharing_pages)
OTHER_OP(memory_vnumainfo)
OTHER_OP(memory_reserved_device_memory_map)
OTHER_OP(memory_acquire_resource)

/* ---- the machine and its guest ---- */

static int machine_setup(void **state)
{
	(void)state;
	fake_frames_init();
	page_allocator_add(mfn(0x400), mfn(0x8000));
	page_allocator_add(mfn(0x100000), mfn(0x108000));
	ram = pages_free_count();
	fake_cpus_init();
	return 0;
}

static int guest_setup(void **state)
{
	(void)state;
	d = fake_domain_make(0, 1);
	d->page_list = FRAME_NO_LINK;
	d->max_pages = UINT32_MAX;
	v = d->vcpu[0];
	fake_run(v);
	stop_after = 0;
	return 0;
}

/* The domain's list, its count, the frames' words and the allocator agree. */
static void audit(void)
{
	unsigned long n = 0;
	uint32_t f, prev = FRAME_NO_LINK;

	for (f = d->page_list; f != FRAME_NO_LINK; f = frame_table[f].next) {
		assert_int_equal(frame_table[f].owner, d->id);
		assert_int_equal(frame_table[f].prev, prev);
		assert_true(frame_ref_count(frame_table[f].state) >= 1);
		prev = f;
		n++;
	}
	assert_int_equal(n, d->total_pages);
	assert_int_equal(n + pages_free_count(), ram);
	/* its pages keep it */
	assert_int_equal(d->refs, d->total_pages ? 2 : 1);
}

static int guest_teardown(void **state)
{
	(void)state;
	audit();
	while (d->page_list != FRAME_NO_LINK)
		domain_page_release(d, page_of_mfn(mfn(d->page_list)));
	assert_int_equal(d->total_pages, 0);
	assert_int_equal(pages_free_count(), ram);
	fake_domain_free(d);
	return 0;
}

static struct xen_memory_reservation reservation(xen_pfn_t *list, unsigned long n,
						 unsigned int order)
{
	struct xen_memory_reservation r = { .nr_extents = n,
					    .extent_order = order,
					    .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, list);
	return r;
}

static long op(unsigned int cmd, void *arg)
{
	return do_memory_op(v, cmd, va_of(arg));
}

static void populate(xen_pfn_t *list, unsigned long n, unsigned int order, unsigned long first)
{
	struct xen_memory_reservation r = reservation(list, n, order);
	unsigned long i;

	for (i = 0; i < n; i++)
		list[i] = first + (i << order);
	assert_int_equal(op(XENMEM_populate_physmap, &r), n);
}

static void test_populate_and_decrease(void **state)
{
	xen_pfn_t list[64];
	struct xen_memory_reservation r = reservation(list, 64, 2);
	unsigned long i, j;

	(void)state;
	memset(fake_memory + (0x100000UL << 12), 0xee, 0x100000);
	populate(list, 64, 2, 1000);
	assert_int_equal(d->total_pages, 256);
	for (i = 0; i < 64; i++)
		for (j = 0; j < 4; j++) {
			assert_int_equal(m2p_get(mfn(list[i] + j)), 1000 + 4 * i + j);
			assert_int_equal(*(unsigned long *)frame_map(mfn(list[i] + j)), 0);
		}
	audit();
	assert_int_equal(op(XENMEM_decrease_reservation, &r), 64);
	assert_int_equal(d->total_pages, 0);
	assert_int_equal(m2p_get(mfn(list[0])), ~0UL);
	assert_int_equal(op(XENMEM_decrease_reservation, &r), 0);
}

static void test_frame_in_use_is_freed_late(void **state)
{
	xen_pfn_t list[1];
	struct xen_memory_reservation r = reservation(list, 1, 0);
	struct page_info *pg;

	(void)state;
	populate(list, 1, 0, 5);
	pg = page_of_mfn(mfn(list[0]));
	assert_true(page_get(pg, d));
	assert_int_equal(op(XENMEM_decrease_reservation, &r), 1);
	assert_int_equal(d->total_pages, 1);
	assert_int_equal(op(XENMEM_decrease_reservation, &r), 0);
	assert_false(page_get(pg, d));
	page_put(pg);
	assert_int_equal(d->total_pages, 0);
}

static void test_limits(void **state)
{
	xen_pfn_t list[8] = { 0 };
	struct xen_memory_reservation r = reservation(list, 8, 0);

	(void)state;
	d->max_pages = 5;
	assert_int_equal(op(XENMEM_populate_physmap, &r), 5);
	assert_int_equal(d->total_pages, 5);
	r.extent_order = 19;
	assert_int_equal(op(XENMEM_populate_physmap, &r), 0);
	r.extent_order = ~0U;
	assert_int_equal(op(XENMEM_decrease_reservation, &r), 0);
	r = reservation(list, ~0UL, 0);
	assert_int_equal(op(XENMEM_increase_reservation, &r), 0);
	r = reservation(list, 0, 0);
	assert_int_equal(op(XENMEM_increase_reservation, &r), 0);
	r = reservation((xen_pfn_t *)FAKE_BAD_ADDRESS, 4, 0);
	assert_int_equal(op(XENMEM_decrease_reservation, &r), 0);
	assert_int_equal(op(XENMEM_populate_physmap, (void *)FAKE_BAD_ADDRESS), 0);
	r = reservation(list, 4, 0);
	r.domid = 3;
	assert_int_equal(op(XENMEM_populate_physmap, &r), 0);
	list[0] = ~0UL;
	r = reservation(list, 1, 0);
	assert_int_equal(op(XENMEM_decrease_reservation, &r), 0);
	assert_int_equal(op(63, &r), -ENOSYS);
}

static void test_continuation(void **state)
{
	xen_pfn_t list[10];
	struct xen_memory_reservation r = reservation(list, 10, 0);
	unsigned long i;

	(void)state;
	for (i = 0; i < 10; i++)
		list[i] = i;
	stop_after = 4;
	assert_int_equal(op(XENMEM_populate_physmap, &r), CONTINUED);
	assert_int_equal(next_cmd, XENMEM_populate_physmap | 4 << MEMOP_EXTENT_SHIFT);
	assert_int_equal(d->total_pages, 4);
	assert_int_equal(do_memory_op(v, next_cmd, va_of(&r)), 10);
	assert_int_equal(d->total_pages, 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(m2p_get(mfn(list[i])), i);
}

static struct xen_memory_exchange exchange(xen_pfn_t *in, unsigned long in_n, unsigned int in_order,
					   xen_pfn_t *out, unsigned long out_n,
					   unsigned int out_order, unsigned int bits)
{
	struct xen_memory_exchange x = {
		.in = reservation(in, in_n, in_order),
		.out = reservation(out, out_n, out_order),
	};

	x.out.mem_flags = XENMEMF_address_bits(bits);
	return x;
}

/* As swiotlb does: scattered high frames become one low extent, and back. */
static void test_exchange_both_ways(void **state)
{
	xen_pfn_t in[512], out[512] = { 70000 }, back[512];
	struct xen_memory_exchange x;
	unsigned long i;

	(void)state;
	populate(in, 512, 0, 70000);
	x = exchange(in, 512, 0, out, 1, 9, 31);
	assert_int_equal(op(XENMEM_exchange, &x), 0);
	assert_int_equal(x.nr_exchanged, 512);
	assert_int_equal(out[0] & 511, 0);
	assert_true(out[0] + 512 <= 1UL << 19);
	for (i = 0; i < 512; i++) {
		assert_int_equal(m2p_get(mfn(out[0] + i)), 70000 + i);
		assert_int_equal(m2p_get(mfn(in[i])), ~0UL);
		back[i] = 70000 + i;
	}
	assert_int_equal(d->total_pages, 512);
	audit();

	x = exchange(out, 1, 9, back, 512, 0, 0);
	assert_int_equal(op(XENMEM_exchange, &x), 0);
	assert_int_equal(x.nr_exchanged, 1);
	for (i = 0; i < 512; i++)
		assert_int_equal(m2p_get(mfn(back[i])), 70000 + i);
}

static void test_exchange_is_preemptible(void **state)
{
	xen_pfn_t in[64], out[8];
	struct xen_memory_exchange x;
	unsigned long i, calls = 1;

	(void)state;
	populate(in, 64, 0, 0);
	for (i = 0; i < 8; i++)
		out[i] = 8 * i;
	x = exchange(in, 64, 0, out, 8, 3, 0);
	stop_after = 2;
	while (op(XENMEM_exchange, &x) == CONTINUED) {
		assert_int_equal(next_cmd, XENMEM_exchange);
		assert_int_equal(x.nr_exchanged, 16 * calls);
		audit();
		stop_after = 2;
		calls++;
	}
	assert_int_equal(calls, 4);
	assert_int_equal(x.nr_exchanged, 64);
	for (i = 0; i < 8; i++)
		assert_int_equal(m2p_get(mfn(out[i] + 7)), 8 * i + 7);
}

static void test_exchange_fails_without_loss(void **state)
{
	xen_pfn_t in[16], out[2] = { 0, 8 }, copy;
	struct xen_memory_exchange x;
	unsigned long i;

	(void)state;
	populate(in, 16, 0, 0);

	/* one frame of the second chunk is mapped: the first chunk is done, the second untouched */
	assert_true(page_get(page_of_mfn(mfn(in[13])), d));
	x = exchange(in, 16, 0, out, 2, 3, 0);
	assert_int_equal(op(XENMEM_exchange, &x), -EINVAL);
	assert_int_equal(x.nr_exchanged, 8);
	assert_int_equal(out[1], 8);
	audit();
	page_put(page_of_mfn(mfn(in[13])));
	for (i = 8; i < 16; i++)
		assert_int_equal(m2p_get(mfn(in[i])), i);

	/* the same frame twice, and one that is not ours */
	copy = in[15];
	in[15] = in[14];
	assert_int_equal(op(XENMEM_exchange, &x), -EINVAL);
	in[15] = 3;
	assert_int_equal(op(XENMEM_exchange, &x), -EINVAL);
	in[15] = ~0UL;
	assert_int_equal(op(XENMEM_exchange, &x), -EINVAL);
	in[15] = copy;
	audit();

	/* no memory below 4 MiB */
	x.out.mem_flags = XENMEMF_address_bits(22);
	assert_int_equal(op(XENMEM_exchange, &x), -ENOMEM);
	assert_int_equal(x.nr_exchanged, 8);
	audit();

	x.out.mem_flags = 0;
	assert_int_equal(op(XENMEM_exchange, &x), 0);
	assert_int_equal(x.nr_exchanged, 16);
}

static void test_exchange_unreachable_lists(void **state)
{
	xen_pfn_t in[8];
	struct xen_memory_exchange x;

	(void)state;
	populate(in, 8, 0, 0);
	x = exchange((xen_pfn_t *)FAKE_BAD_ADDRESS, 8, 0, in, 1, 3, 0);
	assert_int_equal(op(XENMEM_exchange, &x), -EFAULT);
	audit();
	x = exchange(in, 8, 0, (xen_pfn_t *)FAKE_BAD_ADDRESS, 1, 3, 0);
	assert_int_equal(op(XENMEM_exchange, &x), -EFAULT);
	assert_int_equal(d->total_pages, 8);
	audit();
	assert_int_equal(op(XENMEM_exchange, (void *)FAKE_BAD_ADDRESS), -EFAULT);
}

static void test_exchange_refusals(void **state)
{
	xen_pfn_t in[16] = { 0 }, out[16] = { 0 };
	struct xen_memory_exchange x;

	(void)state;
#define REFUSED(change, rc)						\
	do {								\
		x = exchange(in, 16, 0, out, 2, 3, 0);			\
		change;							\
		assert_int_equal(op(XENMEM_exchange, &x), rc);		\
	} while (0)
	REFUSED(x.in.nr_extents = 15, -EINVAL);
	REFUSED(x.out.domid = 0, -EINVAL);
	REFUSED(x.nr_exchanged = 17, -EINVAL);
	REFUSED(x.nr_exchanged = 3, -EINVAL);
	REFUSED(x.in.extent_order = 19, -EPERM);
	REFUSED(x.out.extent_order = 64, -EPERM);
	REFUSED((x.in.nr_extents = 1UL << 60, x.out.nr_extents = 1UL << 62), -EINVAL);
	REFUSED((x.in.domid = x.out.domid = 3), -ESRCH);
	REFUSED((x.nr_exchanged = 16), 0);
	REFUSED((x.in.nr_extents = x.out.nr_extents = 0), 0);
}

/* ---- preemption within an extent ---- */

static unsigned long steps;

/* The call, preempted wherever it can be, to its end. */
static long op_in_steps(unsigned int cmd, void *arg)
{
	long rc;

	steps = 1;
	stop_after = 1;
	for (rc = op(cmd, arg); rc == CONTINUED; steps++) {
		stop_after = 1;
		rc = do_memory_op(v, next_cmd, va_of(arg));
	}
	stop_after = 0;
	audit();
	return rc;
}

static void extent_is_fresh(unsigned long first, unsigned int order, unsigned long gfn)
{
	for (unsigned long i = 0; i < 1UL << order; i++) {
		const unsigned char *bytes = frame_map(mfn(first + i));

		assert_int_equal(frame_table[first + i].owner, d->id);
		assert_int_equal(m2p_get(mfn(first + i)), gfn + i);
		assert_int_equal(bytes[0] | bytes[PAGE_SIZE - 1], 0);
		memset(frame_map(mfn(first + i)), 0x5a, PAGE_SIZE);
	}
}

static void test_extent_in_steps(void **state)
{
	xen_pfn_t list[2] = { 0x9000, 0xa000 };
	struct xen_memory_reservation r = reservation(list, 2, 9);

	(void)state;
	for (unsigned int round = 0; round < 2; round++) {
		list[0] = 0x9000;
		list[1] = 0xa000;
		assert_int_equal(op_in_steps(XENMEM_populate_physmap, &r), 2);
		assert_in_range(steps, 15, 20);
		assert_int_equal(d->total_pages, 1024);
		extent_is_fresh(list[0], 9, 0x9000);
		extent_is_fresh(list[1], 9, 0xa000);
		assert_int_equal(op_in_steps(XENMEM_decrease_reservation, &r), 2);
		assert_in_range(steps, 16, 40);
		assert_int_equal(d->total_pages, 0);
	}
	/* the last frame of the second extent is not there */
	r = reservation(list, 1, 9);
	assert_int_equal(op_in_steps(XENMEM_increase_reservation, &r), 1);
	list[1] = list[0] + 1;
	r = reservation(list + 1, 1, 9);
	assert_int_equal(op_in_steps(XENMEM_decrease_reservation, &r), 0);
	assert_int_equal(d->total_pages, 1);
}

/* Somebody who does something else in the middle gets the rest all the same. */
static void test_extent_is_finished_by_what_comes_next(void **state)
{
	xen_pfn_t list[1] = { 0x9000 }, one[1] = { 0x77 };
	struct xen_memory_reservation r = reservation(list, 1, 9), next = reservation(one, 1, 0);

	(void)state;
	stop_after = 1;
	assert_int_equal(op(XENMEM_populate_physmap, &r), CONTINUED);
	assert_int_equal(d->total_pages, 512);
	assert_int_equal(op(XENMEM_decrease_reservation, (void *)FAKE_BAD_ADDRESS), 0);
	extent_is_fresh(list[0], 9, 0x9000);
	audit();
	assert_int_equal(op(XENMEM_populate_physmap, &next), 1);
	assert_int_equal(d->total_pages, 513);
	assert_int_equal(do_memory_op(v, next_cmd, va_of(&r)), 1);
	assert_int_equal(d->total_pages, 513);
}

/* What cannot be told is not given, nor counted. */
static void test_extent_without_a_list(void **state)
{
	struct xen_memory_reservation r = reservation((xen_pfn_t *)FAKE_BAD_ADDRESS, 1, 9);

	(void)state;
	assert_int_equal(op_in_steps(XENMEM_increase_reservation, &r), 0);
	assert_int_equal(d->total_pages, 0);
	r.extent_start.p = NULL;
	assert_int_equal(op_in_steps(XENMEM_increase_reservation, &r), 1);
	assert_int_equal(d->total_pages, 512);
	r.mem_flags = XENMEMF_address_bits(20);
	assert_int_equal(op_in_steps(XENMEM_increase_reservation, &r), 0);
	assert_int_equal(d->total_pages, 512);
	d->max_pages = 1000;
	r.mem_flags = 0;
	assert_int_equal(op_in_steps(XENMEM_increase_reservation, &r), 0);
	assert_int_equal(d->total_pages, 512);
}

static void test_exchange_in_steps(void **state)
{
	static xen_pfn_t in[512], out[512], last;
	struct xen_memory_exchange x;

	(void)state;
	populate(in, 512, 0, 0);
	out[0] = 0x9000;
	x = exchange(in, 512, 0, out, 1, 9, 0);
	assert_int_equal(op_in_steps(XENMEM_exchange, &x), 0);
	assert_int_equal(x.nr_exchanged, 512);
	assert_in_range(steps, 20, 60);
	extent_is_fresh(out[0], 9, 0x9000);

	in[0] = 0xa000;
	x = exchange(out, 1, 9, in, 1, 9, 0);
	assert_int_equal(op_in_steps(XENMEM_exchange, &x), 0);
	extent_is_fresh(in[0], 9, 0xa000);

	for (unsigned long i = 0; i < 512; i++)
		out[i] = 0xb000 + i;
	x = exchange(in, 1, 9, out, 512, 0, 0);
	assert_int_equal(op_in_steps(XENMEM_exchange, &x), 0);
	for (unsigned long i = 0; i < 512; i++)
		extent_is_fresh(out[i], 0, 0xb000 + i);

	last = out[511];
	out[511] = out[0];
	x = exchange(out, 512, 0, in, 1, 9, 0);
	assert_int_equal(op_in_steps(XENMEM_exchange, &x), -EINVAL);
	assert_int_equal(x.nr_exchanged, 0);
	assert_in_range(steps, 20, 60);
	out[511] = last;
	x.out.mem_flags = XENMEMF_address_bits(20);
	assert_int_equal(op_in_steps(XENMEM_exchange, &x), -ENOMEM);
	for (unsigned long i = 0; i < 512; i++)
		assert_int_equal(m2p_get(mfn(out[i])), 0xb000 + i);
	assert_int_equal(d->total_pages, 512);
}

/* Left in the middle, at each place there is: it is done, or undone, by what comes next. */
static void test_exchange_is_finished_by_what_comes_next(void **state)
{
	static xen_pfn_t in[512], out[1];
	struct xen_memory_exchange x;

	(void)state;
	for (unsigned int after = 1; after < 50; after++) {
		struct xen_memory_reservation all = reservation(in, 512, 0);
		bool is_bad = after & 1;
		xen_pfn_t last;

		populate(in, 512, 0, 0);
		last = in[511];
		if (is_bad)
			in[511] = 0;
		out[0] = 0x9000;
		x = exchange(in, 512, 0, out, 1, 9, 0);
		stop_after = after;
		(void)op(XENMEM_exchange, &x);
		stop_after = 0;
		assert_int_equal(op(XENMEM_populate_physmap, (void *)FAKE_BAD_ADDRESS), 0);
		audit();
		assert_int_equal(d->total_pages, 512);
		in[511] = last;
		if (!is_bad) {
			extent_is_fresh(out[0], 9, 0x9000);
			all = reservation(out, 1, 9);
		}
		assert_int_equal(op(XENMEM_decrease_reservation, &all), is_bad ? 512 : 1);
	}
}

/* Random operations of all kinds, the books checked after each. */
/* What is claimed for one domain another one does not get; the claim goes as it is used. */
static void test_claim(void **state)
{
	struct xen_memory_reservation claim = { .domid = d->id, .nr_extents = 10 };
	unsigned long all = pages_free_count();

	(void)state;
	v->domain->is_privileged = false;
	assert_int_equal(memory_claim_pages(v, 0, va_of(&claim)), -EPERM);
	v->domain->is_privileged = true;
	claim.extent_order = 1;
	assert_int_equal(memory_claim_pages(v, 0, va_of(&claim)), -EINVAL);
	claim.extent_order = 0;
	claim.domid = 4;
	assert_int_equal(memory_claim_pages(v, 0, va_of(&claim)), -ESRCH);
	claim.domid = d->id;
	assert_int_equal(memory_claim_pages(v, 0, va_of(&claim)), 0);
	assert_int_equal(claimed_pages(), 10);
	assert_int_equal(memory_claim_pages(v, 0, va_of(&claim)), -EINVAL);
	assert_true(claim_allows(d, all));
	claim_use(d, 4);
	assert_int_equal(claimed_pages(), 6);
	{
		struct domain stranger = { 0 };

		assert_true(claim_allows(&stranger, all - 6));
		assert_false(claim_allows(&stranger, all - 5));
	}
	claim.nr_extents = 0;
	assert_int_equal(memory_claim_pages(v, 0, va_of(&claim)), 0);
	assert_int_equal(claimed_pages(), 0);
	claim.nr_extents = all + 1;
	d->max_pages = all + 1;
	assert_int_equal(memory_claim_pages(v, 0, va_of(&claim)), -ENOMEM);
	d->max_pages = 5;
	claim.nr_extents = 6;
	assert_int_equal(memory_claim_pages(v, 0, va_of(&claim)), -EINVAL);
}

static void test_random(void **state)
{
	static xen_pfn_t held[2048], list[64], out[64];
	unsigned long n = 0, i, step;

	(void)state;
	srand(7);
	for (step = 0; step < 3000; step++) {
		unsigned long count = 1UL << rand() % 6;
		unsigned int what = (unsigned int)rand() % 3;

		if (what == 0 && n + count <= ARRAY_SIZE(held)) {
			populate(list, count, 0, n);
			memcpy(held + n, list, count * sizeof(*list));
			n += count;
		} else if (what == 1 && n >= count) {
			struct xen_memory_reservation r = reservation(held + n - count, count, 0);

			assert_int_equal(op(XENMEM_decrease_reservation, &r), count);
			n -= count;
		} else if (n >= count) {
			unsigned int order = (unsigned int)__builtin_ctzl(count);
			unsigned int bits = rand() % 2 ? 0 : 28;
			struct xen_memory_exchange x = exchange(held + n - count, count, 0, out, 1,
								order, bits);

			out[0] = n;
			if (!op(XENMEM_exchange, &x))
				for (i = 0; i < count; i++)
					held[n - count + i] = out[0] + i;
		}
		if (step % 50 == 0)
			audit();
	}
	assert_int_equal(d->total_pages, n);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, guest_setup, guest_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_populate_and_decrease),
		TEST(test_frame_in_use_is_freed_late),
		TEST(test_limits),
		TEST(test_continuation),
		TEST(test_exchange_both_ways),
		TEST(test_exchange_is_preemptible),
		TEST(test_exchange_fails_without_loss),
		TEST(test_exchange_unreachable_lists),
		TEST(test_exchange_refusals),
		TEST(test_extent_in_steps),
		TEST(test_extent_is_finished_by_what_comes_next),
		TEST(test_extent_without_a_list),
		TEST(test_exchange_in_steps),
		TEST(test_exchange_is_finished_by_what_comes_next),
		TEST(test_random),
		TEST(test_claim),
	};

	return cmocka_run_group_tests(tests, machine_setup, NULL);
}
