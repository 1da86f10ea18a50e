/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/pv/page_types.c arch/x86/pv/table_entry.c arch/x86/pv/mmuext_op.c */
/* sources: arch/x86/pv/mmu_update.c arch/x86/pv/update_va_mapping.c arch/x86/pv/guest_walk.c */
/* sources: arch/x86/pv/audit.c arch/x86/pv/descriptor_tables.c arch/x86/pv/io_memory.c */
/* sources: common/memory/domain_pages.c test/fake/frame.c test/fake/guest.c test/fake/cpu.c */
/* sources: arch/x86/pv/isolation.c test/fake/guest_memory.c */
/*
 * The page-table hypercalls as calls: who may make them for whom, what they
 * count and where they go on; and what the model of page_types_test.c leaves
 * out, because it changes no table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/page_allocator.h>

#include <asm/audit.h>
#include <asm/guest_walk.h>
#include <asm/mmu_hypercalls.h>
#include <asm/page_types.h>

#include "guest.h"
#include "guest_memory.h"
#include "log.h"

#define CONTINUED_COUNT 0x80000000U

static struct mmuext_op op_of(unsigned int cmd, unsigned long arg1, unsigned long arg2)
{
	return (struct mmuext_op){ .cmd = cmd, .arg1.mfn = arg1, .arg2.src_mfn = arg2 };
}

static long ext(unsigned int cmd, unsigned long arg1, unsigned long arg2, unsigned int foreigndom)
{
	struct mmuext_op op = op_of(cmd, arg1, arg2);

	return do_mmuext_op(fake_pv_vcpu, va_of(&op), 1, 0, foreigndom);
}

static void entry(unsigned int table, unsigned int index, uint64_t e)
{
	((uint64_t *)frame_map(mfn(table)))[index] = e;
}

/* Frames 1 to 4: a root, and the tables below it; the L1 maps frame 5 for writing. */
static int machine(void **state)
{
	(void)state;
	fake_log_clear();
	fake_machine_init(16);
	for (unsigned int f = 1; f < 5; f++)
		entry(f, 0, (f + 1) << PAGE_SHIFT | PTE_P | PTE_RW);
	assert_int_equal(ext(MMUEXT_NEW_BASEPTR, 1, 0, DOMID_SELF), 0);
	return 0;
}

static int all_is_well(void **state)
{
	(void)state;
	fake_preempt_rate = fake_preempt_after = 0;
	if (domain_audit(fake_pv))
		fail_msg("the audit says: %s", fake_log_text());
	/* one of its own, and one that its pages hold */
	assert_int_equal(fake_pv->refs, fake_pv->total_pages ? 2 : 1);
	return 0;
}

/* ---- mmuext_op ---- */

static void flushes(void **state)
{
	static const unsigned int local_and_all[] = { MMUEXT_TLB_FLUSH_LOCAL, MMUEXT_TLB_FLUSH_ALL,
						      MMUEXT_INVLPG_LOCAL, MMUEXT_INVLPG_ALL };
	unsigned long mask = 1;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(local_and_all); i++) {
		assert_int_equal(ext(local_and_all[i], 0x1000, 0, DOMID_SELF), 0);
		assert_int_equal(ext(local_and_all[i], 1UL << 47, 0, DOMID_SELF), 0);
		assert_int_equal(ext(local_and_all[i], HV_VIRT_START, 0, DOMID_SELF), 0);
		assert_int_equal(ext(local_and_all[i], HV_VIRT_END - 1, 0, DOMID_SELF), 0);
		assert_int_equal(ext(local_and_all[i], 0x1000, 0, 1), -EPERM);
	}
	for (unsigned int cmd = MMUEXT_TLB_FLUSH_MULTI; cmd <= MMUEXT_INVLPG_MULTI; cmd++) {
		assert_int_equal(ext(cmd, 0x1000, va_of(&mask), DOMID_SELF), 0);
		assert_int_equal(ext(cmd, 0x1000, FAKE_BAD_ADDRESS, DOMID_SELF), -EFAULT);
	}
	/* nothing can be translated there: the mask is not looked at */
	assert_int_equal(ext(MMUEXT_INVLPG_MULTI, HV_VIRT_START, FAKE_BAD_ADDRESS, DOMID_SELF), 0);
}

static void a_flush_drops_what_the_tlb_knows(void **state)
{
	pte_t old;

	(void)state;
	fake_tlb_fill();
	assert_int_equal(
		table_entry_write(fake_pv, fake_pv, &frame_table[4], 0, 0, ENTRY_STORE, &old), 0);
	assert_true(fake_tlb_writable[5]);
	assert_int_equal(ext(MMUEXT_TLB_FLUSH_ALL, 0, 0, DOMID_SELF), 0);
	assert_false(fake_tlb_writable[5]);
}

static void caches_are_for_those_with_devices(void **state)
{
	(void)state;
	assert_int_equal(ext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0, DOMID_SELF), 0);
	assert_int_equal(ext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0, 1), -EPERM);
	fake_pv->is_hardware = false;
	assert_int_equal(ext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0, DOMID_SELF), -EACCES);
	assert_int_equal(ext(MMUEXT_FLUSH_CACHE, 0, 0, DOMID_SELF), -EACCES);
}

static void unknown_operations(void **state)
{
	(void)state;
	assert_int_equal(ext(MMUEXT_MARK_SUPER, 6, 0, DOMID_SELF), -EOPNOTSUPP);
	assert_int_equal(ext(MMUEXT_UNMARK_SUPER, 6, 0, DOMID_SELF), -EOPNOTSUPP);
	assert_int_equal(ext(1000, 6, 0, DOMID_SELF), -ENOSYS);
	assert_int_equal(do_mmuext_op(fake_pv_vcpu, FAKE_BAD_ADDRESS, 1, 0, DOMID_SELF), -EFAULT);
}

/* dom0 makes tables of a domain that it builds; address spaces are switched by their owner only. */
static void operations_for_another_domain(void **state)
{
	const unsigned long f = FRAME_FOREIGN;

	(void)state;
	assert_int_equal(ext(MMUEXT_PIN_L1_TABLE, f, 0, 1), 0);
	assert_int_equal(frame_type(frame_table[f].state), TYPE_L1);
	assert_int_equal(ext(MMUEXT_PIN_L1_TABLE, f, 0, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_UNPIN_TABLE, f, 0, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_UNPIN_TABLE, f, 0, 1), 0);
	assert_int_equal(ext(MMUEXT_CLEAR_PAGE, f, 0, 1), 0);
	assert_int_equal(ext(MMUEXT_COPY_PAGE, f, f, 1), 0);
	assert_int_equal(ext(MMUEXT_COPY_PAGE, f, 6, 1), -EINVAL);
	assert_int_equal(ext(MMUEXT_NEW_BASEPTR, f, 0, 1), -EPERM);
	assert_int_equal(ext(MMUEXT_NEW_USER_BASEPTR, f, 0, 1), -EPERM);
	assert_int_equal(ext(MMUEXT_SET_LDT, 0, 0, 1), -EPERM);
	assert_int_equal(ext(MMUEXT_PIN_L1_TABLE, f, 0, 3), -ESRCH);
	assert_int_equal(ext(MMUEXT_PIN_L1_TABLE, f, 0, DOMID_IO), -EPERM);
	assert_int_equal(ext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0, fake_pv->id), 0);
	fake_pv->is_privileged = false;
	assert_int_equal(ext(MMUEXT_PIN_L1_TABLE, f, 0, 1), -EPERM);
	assert_int_equal(frame_ref_count(frame_table[f].state), 1);
}

static void whole_pages_that_may_not_be(void **state)
{
	(void)state;
	assert_int_equal(ext(MMUEXT_CLEAR_PAGE, 4, 0, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_CLEAR_PAGE, FRAME_COUNT, 0, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_COPY_PAGE, 4, 6, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_COPY_PAGE, 6, FRAME_COUNT, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_COPY_PAGE, FRAME_COUNT, 6, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_COPY_PAGE, 6, FRAME_OURS, DOMID_SELF), -EINVAL);
	/* a table may be read */
	assert_int_equal(ext(MMUEXT_COPY_PAGE, 6, 4, DOMID_SELF), 0);
	assert_int_equal(*(uint64_t *)frame_map(mfn(6)),
			 5UL << PAGE_SHIFT | PTE_P | PTE_RW | PTE_US);
	assert_int_equal(ext(MMUEXT_UNPIN_TABLE, 6, 0, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_UNPIN_TABLE, FRAME_COUNT, 0, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_PIN_L1_TABLE, FRAME_COUNT, 0, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_PIN_L1_TABLE, 4, 0, DOMID_SELF), 0);
	assert_int_equal(ext(MMUEXT_PIN_L1_TABLE, 4, 0, DOMID_SELF), -EINVAL);
}

static void roots_are_exchanged(void **state)
{
	(void)state;
	entry(6, 0, 2UL << PAGE_SHIFT | PTE_P | PTE_RW);
	assert_int_equal(ext(MMUEXT_NEW_BASEPTR, 1, 0, DOMID_SELF), 0);
	assert_int_equal(ext(MMUEXT_NEW_BASEPTR, 6, 0, DOMID_SELF), 0);
	assert_int_equal(frame_type_count(frame_table[1].state), 0);
	assert_int_equal(ext(MMUEXT_NEW_BASEPTR, 5, 0, DOMID_SELF), -EINVAL);
	assert_int_equal(ext(MMUEXT_NEW_USER_BASEPTR, 6, 0, DOMID_SELF), 0);
	assert_int_equal(ext(MMUEXT_NEW_USER_BASEPTR, 7, 0, DOMID_SELF), 0);
	assert_int_equal(ext(MMUEXT_NEW_USER_BASEPTR, 5, 0, DOMID_SELF), -EINVAL);
	assert_int_equal(mfn_raw(guest_root(fake_pv_vcpu)), 6);
	fake_pv_vcpu->arch.in_kernel = false;
	assert_int_equal(mfn_raw(guest_root(fake_pv_vcpu)), 7);
	assert_int_equal(ext(MMUEXT_NEW_BASEPTR, 1, 0, DOMID_SELF), 0);
	assert_int_equal(ext(MMUEXT_NEW_USER_BASEPTR, 0, 0, DOMID_SELF), 0);
	assert_int_equal(mfn_raw(guest_root(fake_pv_vcpu)), 1);
	fake_pv_vcpu->arch.in_kernel = true;
}

/* ---- lists, and where they go on ---- */

typedef long list_handler(struct vcpu *v, unsigned long list, unsigned long count,
			  unsigned long done, unsigned long domain);

/* To its end, counting how often it went on. */
static long in_parts(list_handler *handler, const void *list, unsigned int count,
		     unsigned int *done, unsigned int *parts)
{
	unsigned long args[4] = { va_of(list), count, va_of(done), DOMID_SELF };
	long rc;

	for (*parts = 1;; (*parts)++) {
		rc = handler(fake_pv_vcpu, args[0], args[1], args[2], args[3]);
		if (rc != FAKE_CONTINUED)
			return rc;
		assert_true(args[1] > fake_continuation[1] || !(args[1] & CONTINUED_COUNT));
		memcpy(args, fake_continuation, sizeof(args));
		assert_true(args[1] & CONTINUED_COUNT);
	}
}

static void lists_of_operations_go_on(void **state)
{
	struct mmuext_op list[20];
	unsigned int done = 77, parts;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = op_of(MMUEXT_CLEAR_PAGE, 6, 0);
	fake_preempt_rate = 1;
	assert_int_equal(in_parts(do_mmuext_op, list, ARRAY_SIZE(list), &done, &parts), 0);
	assert_int_equal(done, ARRAY_SIZE(list));
	assert_int_equal(parts, ARRAY_SIZE(list));
	list[10].arg1.mfn = 4;
	assert_int_equal(in_parts(do_mmuext_op, list, ARRAY_SIZE(list), &done, &parts), -EINVAL);
	assert_int_equal(done, 10);
}

static void lists_of_requests_go_on(void **state)
{
	struct mmu_update list[100];
	unsigned int done = 77, parts;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = (struct mmu_update){ 4UL << PAGE_SHIFT | (i % 8 + 8) * 8,
					       6UL << PAGE_SHIFT | PTE_P | (i & 8 ? PTE_RW : 0) };
	fake_preempt_rate = 1;
	assert_int_equal(in_parts(do_mmu_update, list, ARRAY_SIZE(list), &done, &parts), 0);
	assert_int_equal(done, ARRAY_SIZE(list));
	assert_int_equal(parts, 7);
	list[50].val |= PTE_G;
	assert_int_equal(in_parts(do_mmu_update, list, ARRAY_SIZE(list), &done, &parts), -EINVAL);
	assert_int_equal(done, 50);
}

/* Of upper tables each request may take long: the look is after each. */
static void upper_tables_are_changed_one_at_a_time(void **state)
{
	struct mmu_update list[10];
	unsigned int done, parts;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = (struct mmu_update){ 3UL << PAGE_SHIFT | 8,
					       (i & 1 ? 0 : 6UL << PAGE_SHIFT | PTE_P) };
	fake_preempt_rate = 1;
	assert_int_equal(in_parts(do_mmu_update, list, ARRAY_SIZE(list), &done, &parts), 0);
	assert_int_equal(done, ARRAY_SIZE(list));
	assert_int_equal(parts, ARRAY_SIZE(list));
}

static void counts_that_cannot_be_written(void **state)
{
	struct mmuext_op op = op_of(MMUEXT_CLEAR_PAGE, 6, 0), bad = op_of(MMUEXT_CLEAR_PAGE, 4, 0);
	struct mmu_update req = { 4UL << PAGE_SHIFT | 64, 0 };

	(void)state;
	assert_int_equal(do_mmuext_op(fake_pv_vcpu, va_of(&op), 1, FAKE_BAD_ADDRESS, DOMID_SELF),
			 -EFAULT);
	assert_int_equal(do_mmuext_op(fake_pv_vcpu, va_of(&bad), 1, FAKE_BAD_ADDRESS, DOMID_SELF),
			 -EINVAL);
	assert_int_equal(do_mmuext_op(fake_pv_vcpu, va_of(&op), 1 | CONTINUED_COUNT,
				      FAKE_BAD_ADDRESS, DOMID_SELF),
			 -EFAULT);
	assert_int_equal(do_mmu_update(fake_pv_vcpu, va_of(&req), 1, FAKE_BAD_ADDRESS, DOMID_SELF),
			 -EFAULT);
	assert_int_equal(do_mmu_update(fake_pv_vcpu, va_of(&req), 1 | CONTINUED_COUNT,
				       FAKE_BAD_ADDRESS, DOMID_SELF),
			 -EFAULT);
	assert_int_equal(do_mmu_update(fake_pv_vcpu, HV_VIRT_START, 1, 0, DOMID_SELF), -EFAULT);
	assert_int_equal(do_mmu_update(fake_pv_vcpu, HV_VIRT_START - 16, 2, 0, DOMID_SELF),
			 -EFAULT);
	assert_int_equal(do_mmu_update(fake_pv_vcpu, va_of(&req), 1, 0, 4 << 16 | DOMID_SELF),
			 -ESRCH);
	assert_int_equal(do_mmu_update(fake_pv_vcpu, va_of(&req), 1, 0, 1 << 16 | 3), -ESRCH);
	assert_int_equal(do_mmu_update(fake_pv_vcpu, va_of(&req), 1, 0, 1 << 16 | 0), 0);
	assert_int_equal(do_mmu_update(fake_pv_vcpu, va_of(&req), 1, 0, 1 << 16 | DOMID_IO), 0);
}

/* ---- update_va_mapping ---- */

static void flushes_of_update_va_mapping(void **state)
{
	static const unsigned long types[] = { UVMF_NONE, UVMF_TLB_FLUSH, UVMF_INVLPG, 3 };
	unsigned long mask = 1;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
		unsigned long where[] = { UVMF_LOCAL, UVMF_ALL, va_of(&mask) };

		for (unsigned int j = 0; j < ARRAY_SIZE(where); j++)
			assert_int_equal(do_update_va_mapping(fake_pv_vcpu, 0x2000,
							      6UL << 12 | PTE_P | PTE_RW,
							      types[i] | where[j]),
					 0);
	}
	assert_int_equal(do_update_va_mapping(fake_pv_vcpu, 1UL << 39, 0, 0), -EINVAL);
	assert_int_equal(do_update_va_mapping(fake_pv_vcpu, 1UL << 30, 0, 0), -EINVAL);
	assert_int_equal(do_update_va_mapping(fake_pv_vcpu, 1UL << 21, 0, 0), -EINVAL);
	assert_int_equal(do_update_va_mapping(fake_pv_vcpu, HV_VIRT_END, 0, 0), -EINVAL);
}

/* What was put off is finished first, by each of the calls. */
static void what_was_put_off_comes_first(void **state)
{
	struct mmu_update req = { 4UL << PAGE_SHIFT | 64, 0 };
	struct mmuext_op op = op_of(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);

	(void)state;
	for (unsigned int call = 0; call < 4; call++) {
		long rc = 0;

		for (unsigned int f = 7; f < 10; f++)
			entry(f, 0, (f + 1) << PAGE_SHIFT | PTE_P | PTE_RW);
		for (unsigned int i = 1; i < 20; i++)
			entry(9, i, 10UL << PAGE_SHIFT | PTE_P);
		assert_int_equal(ext(MMUEXT_NEW_USER_BASEPTR, 7, 0, DOMID_SELF), 0);
		fake_preempt_rate = 1;
		do
			rc = ext(MMUEXT_NEW_USER_BASEPTR, 0, 0, DOMID_SELF);
		while (rc == FAKE_CONTINUED && !fake_pv_vcpu->arch.dropping_table);
		assert_non_null(fake_pv_vcpu->arch.dropping_table);
		do {
			if (call == 0)
				rc = do_mmu_update(fake_pv_vcpu, va_of(&req), 1, 0, DOMID_SELF);
			else if (call == 1)
				rc = do_mmuext_op(fake_pv_vcpu, va_of(&op), 1, 0, DOMID_SELF);
			else if (call == 2)
				rc = do_update_va_mapping(fake_pv_vcpu, 0x2000, 0, 0);
			else
				rc = do_update_va_mapping_otherdomain(fake_pv_vcpu, 0x2000, 0, 0,
								      1);
		} while (rc == FAKE_CONTINUED);
		assert_int_equal(rc, 0);
		assert_null(fake_pv_vcpu->arch.dropping_table);
		fake_preempt_rate = 0;
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, machine, all_is_well)
	const struct CMUnitTest tests[] = {
		TEST(flushes),
		TEST(a_flush_drops_what_the_tlb_knows),
		TEST(caches_are_for_those_with_devices),
		TEST(unknown_operations),
		TEST(operations_for_another_domain),
		TEST(whole_pages_that_may_not_be),
		TEST(roots_are_exchanged),
		TEST(lists_of_operations_go_on),
		TEST(lists_of_requests_go_on),
		TEST(upper_tables_are_changed_one_at_a_time),
		TEST(counts_that_cannot_be_written),
		TEST(flushes_of_update_va_mapping),
		TEST(what_was_put_off_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
