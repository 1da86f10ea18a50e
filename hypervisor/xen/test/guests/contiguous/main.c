/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contiguous memory for devices, of every order that kernels ask for.
 *
 * A device without an IOMMU takes machine addresses: a PV kernel makes a
 * buffer contiguous by exchanging single frames for one extent, below the
 * device's limit (xen/memory.h, XENMEM_exchange; Linux:
 * xen_create_contiguous_region()). Orders up to 12 (16 MiB), each below 4 GiB
 * and below 256 MiB: there must be memory kept for that, as dom0 has all the
 * rest. What comes is aligned, in one piece, below the limit, and where the
 * M2P says; it goes back as single frames. A limit that no memory satisfies
 * is refused, and nothing is lost.
 */
#include "memory.h"

#include <xen/memory.h>

const char test_title[] = "Contiguous memory of every order";

#define ORDER_MAX 12

static unsigned long *p2m;
static xen_pfn_t singles[1 << ORDER_MAX];

static long exchange(xen_pfn_t *in, unsigned long in_count, unsigned int in_order, xen_pfn_t *out,
		     unsigned long out_count, unsigned int out_order, unsigned int bits)
{
	struct xen_memory_exchange x = {
		.in = { .nr_extents = in_count, .extent_order = in_order, .domid = DOMID_SELF },
		.out = { .nr_extents = out_count,
			 .extent_order = out_order,
			 .mem_flags = XENMEMF_address_bits(bits),
			 .domid = DOMID_SELF },
	};

	set_xen_guest_handle(x.in.extent_start, in);
	set_xen_guest_handle(x.out.extent_start, out);
	return hypercall(memory_op, XENMEM_exchange, &x);
}

static long reserved_pages(void)
{
	struct xen_memory_domain d = { .domid = DOMID_SELF };

	return hypercall(memory_op, XENMEM_current_reservation, &d);
}

/* The frames of the guest's last pages, which nothing maps. */
static unsigned long take_singles(unsigned long count)
{
	unsigned long first = start_info->nr_pages - count;

	for (unsigned long i = 0; i < count; i++)
		singles[i] = p2m[first + i];
	return first;
}

static void check_order(unsigned int order, unsigned int bits)
{
	unsigned long count = 1UL << order, first = take_singles(count), wrong = 0;
	xen_pfn_t extent = first;
	long rc = exchange(singles, count, 0, &extent, 1, order, bits);

	check(rc == 0, "an extent of order %u below 2^%u: got %ld", order, bits, rc);
	if (rc)
		return;
	check(!(extent & (count - 1)), "it is aligned: 0x%lx", extent);
	check(extent + count <= 1UL << (bits - PAGE_SHIFT), "it lies below the limit: 0x%lx",
	      extent);
	for (unsigned long i = 0; i < count; i++)
		wrong += mfn_to_pfn(extent + i) != first + i;
	expect_equal("entries of the M2P that are wrong", wrong, 0);

	for (unsigned long i = 0; i < count; i++)
		singles[i] = first + i;
	expect_result("back to single frames", exchange(&extent, 1, order, singles, count, 0, 0),
		      0);
	for (unsigned long i = 0; i < count; i++) {
		p2m[first + i] = singles[i];
		wrong += mfn_to_pfn(singles[i]) != first + i;
	}
	expect_equal("entries of the M2P that are wrong", wrong, 0);
}

static void check_orders_low(void)
{
	for (unsigned int order = 0; order <= ORDER_MAX; order++)
		check_order(order, 32);
}

static void check_orders_lower(void)
{
	for (unsigned int order = 0; order <= ORDER_MAX; order++)
		check_order(order, 28);
}

/* Nothing lies below 8 KiB that a guest could get. */
static void check_limit_refused(void)
{
	unsigned long first = take_singles(2);
	xen_pfn_t extent = first;

	expect_refused("an extent where there is none", exchange(singles, 2, 0, &extent, 1, 1, 13));
	expect_equal("the M2P of what was offered", mfn_to_pfn(p2m[first]), first);
	expect_equal("the M2P of what was offered", mfn_to_pfn(p2m[first + 1]), first + 1);
	expect_equal("pages", (unsigned long)reserved_pages(), start_info->nr_pages);
}

void test_main(void)
{
	p2m = (unsigned long *)start_info->mfn_list;
	STEP(check_orders_low);
	STEP(check_orders_lower);
	STEP(check_limit_refused);
}
