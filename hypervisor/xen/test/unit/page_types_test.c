/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/pv/page_types.c arch/x86/pv/table_entry.c arch/x86/pv/mmuext_op.c */
/* sources: arch/x86/pv/mmu_update.c arch/x86/pv/update_va_mapping.c arch/x86/pv/guest_walk.c */
/* sources: arch/x86/pv/audit.c arch/x86/pv/descriptor_tables.c arch/x86/pv/io_memory.c */
/* sources: common/memory/domain_pages.c arch/x86/pv/isolation.c test/fake/page_model_calls.c */
/* sources: test/fake/frame.c test/fake/guest.c test/fake/cpu.c */
/* sources: test/fake/guest_memory.c test/fake/page_model.c test/fake/page_model_ops.c */
/* The rules for page tables against a model of them, by random sequences; and the audit against faults made on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/page_allocator.h>

#include <asm/audit.h>
#include <asm/mmu_hypercalls.h>
#include <asm/page_types.h>

#include "guest.h"
#include "guest_memory.h"
#include "log.h"
#include "page_model.h"

/* OPERATIONS= in the environment makes it more; FIRST_SEED= starts elsewhere. */
#define OPERATIONS_BY_DEFAULT 50000UL

static unsigned long number_from(const char *name, unsigned long otherwise)
{
	const char *s = getenv(name);

	return s ? strtoul(s, NULL, 0) : otherwise;
}

static void random_sequences_agree_with_the_model(void **state)
{
	unsigned long wanted = number_from("OPERATIONS", OPERATIONS_BY_DEFAULT), seed;
	uint8_t data[3000];

	(void)state;
	for (seed = number_from("FIRST_SEED", 1); page_model_stats.operations < wanted; seed++) {
		uint64_t x = seed * 0x9e3779b97f4a7c15UL;

		for (size_t i = 0; i < sizeof(data); i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			data[i] = x >> 32;
		}
		page_model_run(data, sizeof(data));
	}
	printf("# %lu operations: %lu accepted, %lu refused, %lu preemptions, %lu abandoned, %lu stuck\n",
	       page_model_stats.operations, page_model_stats.accepted, page_model_stats.refused,
	       page_model_stats.preempted, page_model_stats.abandoned, page_model_stats.stuck);
}

/* ---- single rules ---- */

static long ext(unsigned int cmd, unsigned long frame)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = frame };

	return do_mmuext_op(fake_pv_vcpu, va_of(&op), 1, 0, DOMID_SELF);
}

static void audit_is_silent(void)
{
	if (domain_audit(fake_pv))
		fail_msg("the audit says: %s", fake_log_text());
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
	fake_machine_init(12);
	for (unsigned int f = 1; f < 5; f++)
		entry(f, 0, (f + 1) << PAGE_SHIFT | PTE_P | PTE_RW);
	assert_int_equal(ext(MMUEXT_NEW_BASEPTR, 1), 0);
	assert_int_equal(domain_audit(fake_pv), 0);
	return 0;
}

static void no_frame_is_no_root(void **state)
{
	(void)state;
	/* The machine's own "no frame" is what a guest may say, too. */
	assert_int_equal(ext(MMUEXT_NEW_BASEPTR, mfn_raw(INVALID_MFN)), -EINVAL);
	assert_int_equal(ext(MMUEXT_NEW_BASEPTR, FRAME_COUNT), -EINVAL);
	assert_int_equal(ext(MMUEXT_NEW_USER_BASEPTR, mfn_raw(INVALID_MFN)), -EINVAL);
	assert_int_equal(mfn_raw(fake_pv_vcpu->arch.kernel_root), 1);
	assert_int_equal(ext(MMUEXT_NEW_USER_BASEPTR, 0), 0);
}

static void full_counts_refuse_one_more(void **state)
{
	struct page_info *pg = &frame_table[6];
	pte_t old;

	(void)state;
	pg->state += FRAME_COUNT_LIMIT - 1;
	assert_false(page_get(pg, fake_pv));
	assert_int_equal(page_get_type(pg, fake_pv, TYPE_WRITABLE), -EINVAL);
	assert_int_equal(table_entry_write(fake_pv, fake_pv, &frame_table[4], 1, 6UL << 12 | PTE_P,
					   ENTRY_STORE, &old),
			 -EINVAL);
	assert_int_equal(frame_ref_count(pg->state), FRAME_COUNT_LIMIT);
}

static void writes_to_what_is_no_table_are_refused(void **state)
{
	pte_t old;

	(void)state;
	assert_int_equal(
		table_entry_write(fake_pv, fake_pv, &frame_table[6], 0, 0, ENTRY_STORE, &old),
		-EINVAL);
	assert_int_equal(table_entry_write(fake_pv, fake_pv, &frame_table[FRAME_FOREIGN], 0, 0,
					   ENTRY_STORE, &old),
			 -EINVAL);
}

static void frame_2_becomes_an_l2(void)
{
	frame_table[2].state += FRAME_TYPE(TYPE_L2) - FRAME_TYPE(TYPE_L3);
}

/* While the child is judged another vCPU makes something else of the table: refused, and not left locked. */
static void a_table_may_change_its_level_meanwhile(void **state)
{
	pte_t old;

	(void)state;
	entry(6, 0, 7UL << PAGE_SHIFT | PTE_P);
	fake_meanwhile = frame_2_becomes_an_l2;
	assert_int_equal(table_entry_write(fake_pv, fake_pv, &frame_table[2], 1, 6UL << 12 | PTE_P,
					   ENTRY_STORE, &old),
			 -EINVAL);
	assert_false(frame_table[2].state & FRAME_LOCKED);
	assert_int_equal(frame_type_count(frame_table[6].state), 0);
}

/* One request of mmu_update with the owners that @foreigndom names. */
static long request(uint64_t ptr, uint64_t value, unsigned int foreigndom)
{
	struct mmu_update req = { ptr, value };
	unsigned int done = 0;
	long rc = do_mmu_update(fake_pv_vcpu, va_of(&req), 1, va_of(&done), foreigndom);

	assert_int_equal(done, rc ? 0 : 1);
	return rc;
}

static void owners_are_who_the_caller_may_name(void **state)
{
	const uint64_t slot = 4UL << PAGE_SHIFT | 8;
	const uint64_t foreign = (uint64_t)FRAME_FOREIGN << PAGE_SHIFT | PTE_P;

	(void)state;
	assert_int_equal(request(slot, foreign, DOMID_SELF), -EINVAL);
	assert_int_equal(request(slot, foreign, 3), -ESRCH);
	assert_int_equal(request(slot, foreign, DOMID_IO), -EINVAL);
	/* dom0 may map what belongs to another domain, and say so */
	assert_int_equal(request(slot, foreign, 1), 0);
	assert_int_equal(frame_ref_count(frame_table[FRAME_FOREIGN].state), 2);
	assert_int_equal(request(slot, 0, DOMID_SELF), 0);
	assert_int_equal(frame_ref_count(frame_table[FRAME_FOREIGN].state), 1);
	/* another domain's page as the table */
	assert_int_equal(request(slot, 0, 2 << 16 | DOMID_SELF), -EINVAL);
	/* nobody else may */
	fake_pv->is_privileged = false;
	assert_int_equal(request(slot, foreign, 1), -EPERM);
	assert_int_equal(request(slot, 0, 2 << 16 | DOMID_SELF), -EPERM);
	/* one of its own, and one that its pages hold */
	assert_int_equal(fake_pv->refs, fake_pv->total_pages ? 2 : 1);
}

static void the_m2p_is_written_for_own_frames(void **state)
{
	(void)state;
	assert_int_equal(request(6UL << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 1234, DOMID_SELF), 0);
	assert_int_equal(m2p_get(mfn(6)), 1234);
	assert_int_equal(
		request((uint64_t)FRAME_OURS << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 1, DOMID_SELF),
		-EINVAL);
	assert_int_equal(
		request((uint64_t)FRAME_COUNT << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 1, DOMID_SELF),
		-EINVAL);
	assert_int_equal(request(6UL << PAGE_SHIFT | 3, 0, DOMID_SELF), 0);
	assert_int_equal(do_mmu_update(fake_pv_vcpu, FAKE_BAD_ADDRESS, 1, 0, DOMID_SELF), -EFAULT);
}

static void addresses_are_mapped_for_other_domains(void **state)
{
	const uint64_t foreign = (uint64_t)FRAME_FOREIGN << PAGE_SHIFT | PTE_P | PTE_RW;
	unsigned long mask = 1;

	(void)state;
	assert_int_equal(
		do_update_va_mapping_otherdomain(fake_pv_vcpu, 0x1000, foreign, UVMF_INVLPG, 1), 0);
	assert_int_equal(frame_type(frame_table[FRAME_FOREIGN].state), TYPE_WRITABLE);
	assert_int_equal(
		do_update_va_mapping_otherdomain(fake_pv_vcpu, 0x1000, foreign, 0, DOMID_IO),
		-EINVAL);
	assert_int_equal(do_update_va_mapping_otherdomain(fake_pv_vcpu, 0x1000, foreign, 0, 3),
			 -ESRCH);
	assert_int_equal(
		do_update_va_mapping(fake_pv_vcpu, 0x1000, 0, UVMF_TLB_FLUSH | va_of(&mask)), 0);
	assert_int_equal(
		do_update_va_mapping(fake_pv_vcpu, 0x1000, 0, UVMF_TLB_FLUSH | FAKE_BAD_ADDRESS),
		-EFAULT);
	assert_int_equal(do_update_va_mapping(fake_pv_vcpu, HV_VIRT_START, 0, 0), -EINVAL);
	assert_int_equal(do_update_va_mapping(fake_pv_vcpu, 1UL << 47, 0, 0), -EINVAL);
	/* one of its own, and one that its pages hold */
	assert_int_equal(fake_pv->refs, fake_pv->total_pages ? 2 : 1);
	assert_int_equal(domain_audit(fake_pv), 0);
}

/* Levels of tables, and one more for the operation itself: so often a wish may be noticed before it is obeyed. */
#define WISHES_MAX 6

/*
 * A root with a good branch and one that is refused in the end; somebody
 * wants the CPU from the @after-th moment on. Giving back what was taken must
 * stop each time, at whatever level.
 */
static void refusal_is_preempted(unsigned int after)
{
	struct mmuext_op op = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = 6 };
	unsigned long args[4] = { va_of(&op), 1, 0, DOMID_SELF };
	long rc;

	for (unsigned int branch = 0; branch < 2; branch++) {
		unsigned int l3 = 7 + 2 * branch, l2 = l3 + 1;

		entry(6, branch, l3 << PAGE_SHIFT | PTE_P);
		entry(l3, 0, l2 << PAGE_SHIFT | PTE_P);
		for (unsigned int i = 0; i < 20; i++)
			entry(l2, i, 11 << PAGE_SHIFT | PTE_P);
	}
	entry(9, 1, 12 << PAGE_SHIFT | PTE_P | PTE_G);
	fake_preempt_after = after;
	do {
		fake_preempt_wishes = 0;
		rc = do_mmuext_op(fake_pv_vcpu, args[0], args[1], args[2], args[3]);
		assert_in_range(fake_preempt_wishes, 0, WISHES_MAX);
		audit_is_silent();
		memcpy(args, fake_continuation, sizeof(args));
	} while (rc == FAKE_CONTINUED);
	assert_int_equal(rc, -EINVAL);
}

static void what_was_refused_is_given_back_in_steps(void **state)
{
	for (unsigned int after = 1; after < 80; after++) {
		machine(state);
		refusal_is_preempted(after);
	}
}

/* ---- the audit ---- */

static void audit_says(const char *what)
{
	assert_true(domain_audit(fake_pv) > 0);
	if (!strstr(fake_log_text(), what))
		fail_msg("the audit says: %s", fake_log_text());
}

static void audit_finds_a_lost_reference(void **state)
{
	(void)state;
	frame_table[6].state += FRAME_REF_ONE;
	audit_says("frame 6, word");
	frame_table[6].state -= FRAME_REF_ONE;
	assert_int_equal(domain_audit(fake_pv), 0);
}

/* Of another domain's frames as well: what maps them counts. */
static void audit_finds_a_lost_foreign_reference(void **state)
{
	const uint64_t foreign = (uint64_t)FRAME_FOREIGN << PAGE_SHIFT | PTE_P | PTE_RW;

	(void)state;
	assert_int_equal(request(4UL << PAGE_SHIFT | 8, foreign, 1), 0);
	audit_is_silent();
	frame_table[FRAME_FOREIGN].state -= FRAME_REF_ONE;
	audit_says("1 references and 1 as its type, found 2 and 1");
	frame_table[FRAME_FOREIGN].state += FRAME_REF_ONE;
	entry(4, 2, foreign | PTE_US);
	audit_says("found 3 and 2");
}

static void audit_finds_a_writable_table(void **state)
{
	(void)state;
	entry(4, 1, 3UL << PAGE_SHIFT | PTE_P | PTE_RW | PTE_US);
	audit_says("frame 3 is of type 2, held as 6 by a writable mapping");
}

static void audit_finds_bad_entries(void **state)
{
	(void)state;
	entry(3, 1, 4UL << PAGE_SHIFT | PTE_P | PTE_US | PTE_PSE);
	entry(4, 1, 6UL << PAGE_SHIFT | PTE_P);
	entry(4, 2, (unsigned long)FRAME_OURS << PAGE_SHIFT | PTE_P | PTE_US);
	entry(2, 2, (unsigned long)FRAME_FOREIGN << PAGE_SHIFT | PTE_P | PTE_US);
	audit_says("bad flags");
	assert_non_null(strstr(fake_log_text(), "entry 1 of frame 3"));
	assert_non_null(strstr(fake_log_text(), "maps our frame"));
	assert_non_null(strstr(fake_log_text(), "strange table"));
}

static void audit_finds_mappings_of_free_frames(void **state)
{
	(void)state;
	entry(4, 1, (unsigned long)FRAME_RAM_LAST << PAGE_SHIFT | PTE_P | PTE_US);
	audit_says("maps the free frame");
}

static void audit_finds_words_that_cannot_be(void **state)
{
	(void)state;
	frame_table[4].state |= FRAME_LOCKED;
	audit_says("locked by nobody");
	frame_table[4].state &= ~(FRAME_LOCKED | FRAME_VALIDATED);
	audit_says("judged by nobody");
	frame_table[6].state |= FRAME_PINNED;
	audit_says("pinned but no table");
	frame_table[5].state |= FRAME_DROPPING;
	audit_says("judged and not");
}

static void audit_finds_a_broken_list(void **state)
{
	(void)state;
	fake_pv->total_pages++;
	audit_says("pages,");
	fake_pv->total_pages--;
	frame_table[6].owner = 1;
	audit_says("list is broken");
}

static void audit_is_bounded(void **state)
{
	(void)state;
	for (unsigned int i = 1; i < TABLE_ENTRIES; i++)
		entry(4, i, 6UL << PAGE_SHIFT | PTE_P);
	assert_true(domain_audit(fake_pv) >= 511);
	assert_non_null(strstr(fake_log_text(), "not shown"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sequences_agree_with_the_model),
		cmocka_unit_test_setup(no_frame_is_no_root, machine),
		cmocka_unit_test_setup(full_counts_refuse_one_more, machine),
		cmocka_unit_test_setup(writes_to_what_is_no_table_are_refused, machine),
		cmocka_unit_test_setup(a_table_may_change_its_level_meanwhile, machine),
		cmocka_unit_test_setup(owners_are_who_the_caller_may_name, machine),
		cmocka_unit_test_setup(the_m2p_is_written_for_own_frames, machine),
		cmocka_unit_test_setup(addresses_are_mapped_for_other_domains, machine),
		cmocka_unit_test(what_was_refused_is_given_back_in_steps),
		cmocka_unit_test_setup(audit_finds_a_lost_reference, machine),
		cmocka_unit_test_setup(audit_finds_a_lost_foreign_reference, machine),
		cmocka_unit_test_setup(audit_finds_a_writable_table, machine),
		cmocka_unit_test_setup(audit_finds_bad_entries, machine),
		cmocka_unit_test_setup(audit_finds_mappings_of_free_frames, machine),
		cmocka_unit_test_setup(audit_finds_words_that_cannot_be, machine),
		cmocka_unit_test_setup(audit_finds_a_broken_list, machine),
		cmocka_unit_test_setup(audit_is_bounded, machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
