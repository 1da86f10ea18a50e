/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/traps/mc_log.c */
/* Records of machine checks: as many parts as fit, fetched in order, gone when acknowledged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <asm/machine_check.h>

static void make(struct mc_info *info, uint32_t apic_id)
{
	mc_info_begin(info)->mc_apicid = apic_id;
}

static uint32_t apic_id_of(const struct mc_info *info)
{
	const struct mcinfo_global *g = (const struct mcinfo_global *)(const void *)info->mi_data;

	assert_int_equal(g->common.type, MC_TYPE_GLOBAL);
	return g->mc_apicid;
}

static void test_parts(void **state)
{
	struct mcinfo_common *c;
	unsigned int banks = 0;
	struct mc_info info;

	(void)state;
	make(&info, 1);
	while (mc_info_bank(&info))
		banks++;
	assert_in_range(banks, 10, 20);
	assert_int_equal(info.mi_nentries, banks + 1);
	c = x86_mcinfo_first(&info);
	for (unsigned int i = 0; i < info.mi_nentries; i++, c = x86_mcinfo_next(c))
		assert_int_equal(c->type, i ? MC_TYPE_BANK : MC_TYPE_GLOBAL);
}

static void test_order(void **state)
{
	struct mc_info info;
	uint64_t first;

	(void)state;
	assert_int_equal(mc_log_fetch(&info), 0);
	assert_false(mc_log_acknowledge(0));
	make(&info, 10);
	assert_true(mc_log_add(&info));
	make(&info, 11);
	assert_true(mc_log_add(&info));
	first = mc_log_fetch(&info);
	assert_int_equal(apic_id_of(&info), 10);
	assert_int_equal(mc_log_fetch(&info), first);
	assert_true(mc_log_acknowledge(first));
	assert_false(mc_log_acknowledge(first));
	/* a new one takes the free place, but is younger */
	make(&info, 12);
	assert_true(mc_log_add(&info));
	assert_true(mc_log_acknowledge(mc_log_fetch(&info)));
	assert_int_equal(apic_id_of(&info), 11);
	assert_true(mc_log_acknowledge(mc_log_fetch(&info)));
	assert_int_equal(apic_id_of(&info), 12);
	assert_int_equal(mc_log_fetch(&info), 0);
}

static void test_full(void **state)
{
	unsigned int kept = 0;
	struct mc_info info;

	(void)state;
	make(&info, 0);
	while (mc_log_add(&info))
		make(&info, ++kept);
	assert_in_range(kept, 8, 64);
	assert_true(mc_log_acknowledge(mc_log_fetch(&info)));
	assert_int_equal(apic_id_of(&info), 0);
	assert_true(mc_log_add(&info));
	assert_false(mc_log_add(&info));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
