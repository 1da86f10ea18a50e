/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/memory/maps.c common/memory/memory_op.c common/memory/populate.c */
/* sources: common/memory/exchange.c common/memory/memory_work.c common/memory/domain_pages.c */
/* sources: common/memory/claim.c common/memory/acquire_resource.c common/memory/domain_map.c */
/* sources: common/memory/page_allocator.c test/fake/frame.c test/fake/guest.c test/fake/cpu.c */
/* The questions among memory operations: who may ask, what is answered, and where that is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/memory_op.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

#include <asm/boot.h>
#include <asm/hypervisor_map.h>

#include "cpu.h"
#include "guest.h"

#define CONTINUED  0x7777
#define MAP_COUNT  3
#define M2P_EXTENT 0x4000 /* frame of the first */

struct cpu_info *cpu_infos[MAX_CPUS];
static struct domain *d0, *d1;
static unsigned long next_cmd;
static bool must_stop;

/* ---- what the code under test relies on ---- */

struct e820_entry machine_map[E820_MAX] = { { 0, 0x9f000, 1 },
					    { 0x100000, 0x7fe00000, 1 },
					    { 0xfec00000, 0x1000, 2 } };
unsigned int machine_map_count = MAP_COUNT;

mfn_t m2p_extent(unsigned long n)
{
	return n == 1 ? INVALID_MFN : mfn(M2P_EXTENT + n * 512);
}

void *heap_alloc(size_t size)
{
	return calloc(1, size);
}

void heap_free(void *p)
{
	free(p);
}

bool hypercall_preempt_check(void)
{
	return must_stop;
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
	return owner == d0->id ? d0 : d1;
}

bool page_get(struct page_info *pg, const struct domain *owner)
{
	return pg->owner == owner->id;
}

void page_put(struct page_info *pg)
{
	(void)pg;
}

/* ---- tests ---- */

static int setup(void **state)
{
	(void)state;
	fake_frames_init();
	fake_cpus_init();
	d0 = fake_domain_make(0, 1);
	d1 = fake_domain_make(1, 1);
	d0->total_pages = 100;
	d0->max_pages = 1000;
	d1->total_pages = 7;
	d1->max_pages = 70;
	must_stop = false;
	fake_run(d0->vcpu[0]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(d0->refs, 1);
	assert_int_equal(d1->refs, 1);
	fake_domain_free(d0);
	fake_domain_free(d1);
	return 0;
}

static long ask(struct domain *d, unsigned int cmd, void *arg)
{
	fake_run(d->vcpu[0]);
	return do_memory_op(d->vcpu[0], cmd, va_of(arg));
}

static long about(struct domain *d, unsigned int cmd, domid_t id)
{
	struct xen_memory_domain arg = { .domid = id };

	return ask(d, cmd, &arg);
}

static void sizes(void **state)
{
	(void)state;
	assert_int_equal(ask(d1, XENMEM_maximum_ram_page, NULL), frame_table_end);
	assert_int_equal(about(d0, XENMEM_current_reservation, DOMID_SELF), 100);
	assert_int_equal(about(d0, XENMEM_current_reservation, 1), 7);
	assert_int_equal(about(d0, XENMEM_maximum_reservation, 0), 1000);
	assert_int_equal(about(d1, XENMEM_maximum_reservation, DOMID_SELF), 70);
	for (unsigned int cmd = XENMEM_current_reservation; cmd <= XENMEM_maximum_reservation;
	     cmd++) {
		assert_int_equal(about(d1, cmd, 0), -EPERM);
		assert_int_equal(about(d0, cmd, 3), -ESRCH);
		assert_int_equal(ask(d0, cmd, (void *)FAKE_BAD_ADDRESS), -EFAULT);
	}
	assert_int_equal(XENMEM_maximum_reservation - XENMEM_current_reservation, 1);
}

/* The guest's own word, which may be anything. */
static void the_last_gpfn(void **state)
{
	(void)state;
	d1->shared->arch.max_pfn = 0x1000;
	assert_int_equal(about(d1, XENMEM_maximum_gpfn, DOMID_SELF), 0xfff);
	assert_int_equal(about(d0, XENMEM_maximum_gpfn, 1), 0xfff);
	d1->shared->arch.max_pfn = 0;
	assert_int_equal(about(d1, XENMEM_maximum_gpfn, DOMID_SELF), 0);
	d1->shared->arch.max_pfn = ~0UL;
	assert_int_equal(about(d1, XENMEM_maximum_gpfn, DOMID_SELF), -EINVAL);
	assert_int_equal(about(d1, XENMEM_maximum_gpfn, 0), -EPERM);
}

static void extents_of_the_m2p(void **state)
{
	unsigned long count = frame_table_end * sizeof(long) >> 21, i;
	struct xen_machphys_mfn_list arg = { .max_extents = 100 };
	xen_pfn_t list[100] = { 0 };

	(void)state;
	set_xen_guest_handle(arg.extent_start, list);
	assert_int_equal(ask(d1, XENMEM_machphys_mfn_list, &arg), -EPERM);
	assert_int_equal(ask(d0, XENMEM_machphys_mfn_list, (void *)FAKE_BAD_ADDRESS), -EFAULT);
	assert_int_equal(ask(d0, XENMEM_machphys_mfn_list, &arg), 0);
	assert_int_equal(arg.nr_extents, count);
	for (i = 0; i < count; i++)
		assert_int_equal(list[i], i == 1 ? 0 : M2P_EXTENT + i * 512);
	assert_int_equal(list[count], 0);
	arg.max_extents = 1;
	assert_int_equal(ask(d0, XENMEM_machphys_mfn_list, &arg), 0);
	assert_int_equal(arg.nr_extents, 1);
	set_xen_guest_handle(arg.extent_start, (xen_pfn_t *)FAKE_BAD_ADDRESS);
	assert_int_equal(ask(d0, XENMEM_machphys_mfn_list, &arg), -EFAULT);
}

/* A machine of 600 GiB: the list is written in parts. */
static void many_extents_of_the_m2p(void **state)
{
	static xen_pfn_t list[1000];
	struct xen_machphys_mfn_list arg = { .max_extents = ARRAY_SIZE(list) };
	unsigned long end = frame_table_end;

	(void)state;
	set_xen_guest_handle(arg.extent_start, list);
	frame_table_end = 600UL << 18;
	must_stop = true;
	assert_int_equal(ask(d0, XENMEM_machphys_mfn_list, &arg), CONTINUED);
	assert_int_equal(list[255], M2P_EXTENT + 255 * 512);
	assert_int_equal(list[256], 0);
	assert_int_equal(ask(d0, next_cmd, &arg), CONTINUED);
	assert_int_equal(ask(d0, next_cmd, &arg), 0);
	assert_int_equal(arg.nr_extents, 600);
	assert_int_equal(list[599], M2P_EXTENT + 599 * 512);
	frame_table_end = end;
}

static void place_of_the_m2p(void **state)
{
	struct xen_machphys_mapping arg = { 0 };

	(void)state;
	assert_int_equal(ask(d1, XENMEM_machphys_mapping, &arg), 0);
	assert_int_equal(arg.v_start, M2P_RO_START);
	assert_int_equal(arg.max_mfn, frame_table_end - 1);
	assert_true(arg.v_end >= arg.v_start + 8 * frame_table_end);
	assert_int_equal(ask(d1, XENMEM_machphys_mapping, (void *)FAKE_BAD_ADDRESS), -EFAULT);
}

static void map_of_the_machine(void **state)
{
	struct e820_entry list[8] = { 0 };
	struct xen_memory_map arg = { .nr_entries = 8 };

	(void)state;
	set_xen_guest_handle(arg.buffer, list);
	assert_int_equal(ask(d1, XENMEM_machine_memory_map, &arg), -EPERM);
	assert_int_equal(ask(d0, XENMEM_machine_memory_map, (void *)FAKE_BAD_ADDRESS), -EFAULT);
	assert_int_equal(ask(d0, XENMEM_machine_memory_map, &arg), 0);
	assert_int_equal(arg.nr_entries, MAP_COUNT);
	assert_memory_equal(list, machine_map, MAP_COUNT * sizeof(*list));
	arg.nr_entries = MAP_COUNT - 1;
	assert_int_equal(ask(d0, XENMEM_machine_memory_map, &arg), -EINVAL);
	set_xen_guest_handle(arg.buffer, NULL);
	assert_int_equal(ask(d0, XENMEM_machine_memory_map, &arg), 0);
	assert_int_equal(arg.nr_entries, MAP_COUNT);
	set_xen_guest_handle(arg.buffer, (void *)FAKE_BAD_ADDRESS);
	assert_int_equal(ask(d0, XENMEM_machine_memory_map, &arg), -EFAULT);
}

/* The map that tools give a domain, and what the domain sees of it. */
static void map_of_a_domain(void **state)
{
	static struct e820_entry given[2] = { { 0, 0x8000000, 1 }, { 0x9000000, 0x1000, 2 } };
	struct xen_foreign_memory_map set = { .domid = 1, .map.nr_entries = 2 };
	struct e820_entry seen[4] = { 0 };
	struct xen_memory_map arg = { .nr_entries = 4 };

	(void)state;
	set_xen_guest_handle(arg.buffer, seen);
	set_xen_guest_handle(set.map.buffer, given);
	assert_int_equal(ask(d1, XENMEM_memory_map, &arg), -ENOSYS);
	set.domid = 0;
	assert_int_equal(ask(d1, XENMEM_set_memory_map, &set), -EPERM);
	set.domid = 1;
	assert_int_equal(ask(d0, XENMEM_set_memory_map, &set), 0);
	assert_int_equal(ask(d0, XENMEM_memory_map, &arg), -ENOSYS);
	assert_int_equal(ask(d1, XENMEM_memory_map, &arg), 0);
	assert_int_equal(arg.nr_entries, 2);
	assert_memory_equal(seen, given, sizeof(given));

	arg.nr_entries = 1;
	seen[1] = (struct e820_entry){ 0 };
	assert_int_equal(ask(d1, XENMEM_memory_map, &arg), 0);
	assert_int_equal(arg.nr_entries, 1);
	assert_int_equal(seen[1].size, 0);
	arg.nr_entries = 4;
	set_xen_guest_handle(arg.buffer, (void *)FAKE_BAD_ADDRESS);
	assert_int_equal(ask(d1, XENMEM_memory_map, &arg), -EFAULT);
	assert_int_equal(ask(d1, XENMEM_memory_map, (void *)FAKE_BAD_ADDRESS), -EFAULT);

	set.map.nr_entries = E820_MAX + 1;
	assert_int_equal(ask(d0, XENMEM_set_memory_map, &set), -EINVAL);
	set.map.nr_entries = 1;
	set.domid = 77;
	assert_int_equal(ask(d0, XENMEM_set_memory_map, &set), -ESRCH);
	set.domid = 1;
	set_xen_guest_handle(set.map.buffer, (void *)FAKE_BAD_ADDRESS);
	assert_int_equal(ask(d0, XENMEM_set_memory_map, &set), -EFAULT);
	assert_int_equal(ask(d0, XENMEM_set_memory_map, (void *)FAKE_BAD_ADDRESS), -EFAULT);
	set.map.nr_entries = 0;
	assert_int_equal(ask(d0, XENMEM_set_memory_map, &set), 0);
	assert_int_equal(ask(d1, XENMEM_memory_map, &arg), -ENOSYS);
	memory_map_free(d1);
}

/* A PV guest keeps its own map; memory is not shared; there are no NUMA nodes and no regions. */
static void what_pv_guests_have_not(void **state)
{
	struct xen_add_to_physmap add = { .domid = DOMID_SELF };
	struct xen_remove_from_physmap remove = { .domid = DOMID_SELF };
	struct xen_vnuma_topology_info numa = { .domid = DOMID_SELF };
	struct xen_reserved_device_memory_map regions = { .nr_entries = 5 };
	struct xen_mem_acquire_resource resource = { .domid = 1 };
	xen_pfn_t frames[2];
	static const unsigned int cmds[] = { XENMEM_add_to_physmap, XENMEM_remove_from_physmap,
					     XENMEM_get_vnumainfo,
					     XENMEM_reserved_device_memory_map,
					     XENMEM_acquire_resource };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cmds); i++)
		assert_int_equal(ask(d0, cmds[i], (void *)FAKE_BAD_ADDRESS), -EFAULT);
	assert_int_equal(ask(d0, XENMEM_add_to_physmap, &add), -EACCES);
	add.domid = 3;
	assert_int_equal(ask(d0, XENMEM_add_to_physmap, &add), -ESRCH);
	assert_int_equal(ask(d1, XENMEM_remove_from_physmap, &remove), -EACCES);
	remove.domid = 0;
	assert_int_equal(ask(d1, XENMEM_remove_from_physmap, &remove), -EPERM);
	assert_int_equal(ask(d0, XENMEM_get_vnumainfo, &numa), -EOPNOTSUPP);
	numa.domid = 0;
	assert_int_equal(ask(d1, XENMEM_get_vnumainfo, &numa), -EPERM);
	numa.pad = 1;
	assert_int_equal(ask(d1, XENMEM_get_vnumainfo, &numa), -EINVAL);
	assert_int_equal(ask(d0, XENMEM_reserved_device_memory_map, &regions), 0);
	assert_int_equal(regions.nr_entries, 0);
	regions.flags = ~XENMEM_RDM_ALL;
	assert_int_equal(ask(d0, XENMEM_reserved_device_memory_map, &regions), -EINVAL);
	assert_int_equal(ask(d0, XENMEM_acquire_resource, &resource), -EOPNOTSUPP);
	resource.type = XENMEM_resource_grant_table;
	assert_int_equal(ask(d0, XENMEM_acquire_resource, &resource), 0);
	assert_int_equal(resource.nr_frames, 64);
	resource.nr_frames = 2;
	assert_int_equal(ask(d0, XENMEM_acquire_resource, &resource), -EINVAL);
	resource.frame = 62;
	set_xen_guest_handle(resource.frame_list, frames);
	assert_int_equal(ask(d0, XENMEM_acquire_resource, &resource), 0);
	assert_int_equal(frames[1], 1063);
	resource.frame = 63;
	assert_int_equal(ask(d0, XENMEM_acquire_resource, &resource), -EINVAL);
	resource.domid = DOMID_SELF;
	assert_int_equal(ask(d0, XENMEM_acquire_resource, &resource), -ESRCH);
	resource.domid = 0;
	assert_int_equal(ask(d1, XENMEM_acquire_resource, &resource), -EPERM);
	resource.pad = 1;
	assert_int_equal(ask(d0, XENMEM_acquire_resource, &resource), -EINVAL);
	assert_int_equal(ask(d0, XENMEM_get_sharing_freed_pages, NULL), 0);
	assert_int_equal(ask(d0, XENMEM_get_sharing_shared_pages, NULL), 0);
	assert_int_equal(ask(d0, 63, NULL), -ENOSYS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(sizes),
		TEST(the_last_gpfn),
		TEST(extents_of_the_m2p),
		TEST(many_extents_of_the_m2p),
		TEST(place_of_the_m2p),
		TEST(map_of_the_machine),
		TEST(map_of_a_domain),
		TEST(what_pv_guests_have_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
