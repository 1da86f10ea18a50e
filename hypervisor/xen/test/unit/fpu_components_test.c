/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The extended state of processors that the emulator does not have: AVX-512, tiles, and those that make no sense. */
/* sources: arch/x86/cpu/fpu_components.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <asm/cpu_features.h>
#include <asm/fpu.h>
#include <asm/system.h>

#define X87_SSE 0x3UL
#define AVX	0x4UL
#define AVX512	0xe0UL
#define PKRU	0x200UL
#define TILES	0x60000UL

/* ---- the machine ---- */

static struct {
	uint64_t components;
	struct {
		uint32_t size, offset;
	} place[64];
} machine;

struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_result r = { 0 };

	assert_int_equal(leaf, 0xd);
	if (subleaf == 0) {
		r.eax = (uint32_t)machine.components;
		r.edx = (uint32_t)(machine.components >> 32);
	} else if (subleaf > 1 && subleaf < 64 && machine.components >> subleaf & 1) {
		r.eax = machine.place[subleaf].size;
		r.ebx = machine.place[subleaf].offset;
	}
	return r;
}

static void place(unsigned int component, uint32_t size, uint32_t offset)
{
	machine.components |= 1UL << component;
	machine.place[component].size = size;
	machine.place[component].offset = offset;
}

static int machine_reset(void **state)
{
	(void)state;
	machine.components = X87_SSE;
	return 0;
}

/* Where Intel's processors have them: SDM volume 1 chapter 13, and as seen on real ones. */
static void has_avx(void)
{
	place(2, 256, 576);
}

static void has_avx512(void)
{
	has_avx();
	place(5, 64, 1088);
	place(6, 512, 1152);
	place(7, 1024, 1664);
}

/* ---- tests ---- */

static void test_offered(void **state)
{
	(void)state;
	assert_int_equal(fpu_components_offered(), X87_SSE);
	assert_int_equal(fpu_state_size(X87_SSE), 576);

	has_avx();
	assert_int_equal(fpu_components_offered(), X87_SSE | AVX);
	assert_int_equal(fpu_state_size(X87_SSE | AVX), 832);

	has_avx512();
	assert_int_equal(fpu_components_offered(), X87_SSE | AVX | AVX512);
	assert_int_equal(fpu_state_size(X87_SSE | AVX | AVX512), 2688);
}

/* AMD's later processors have no bounds registers, and AVX-512 in their place. */
static void test_other_places(void **state)
{
	(void)state;
	has_avx();
	place(5, 64, 832);
	place(6, 512, 896);
	place(7, 1024, 1408);
	assert_int_equal(fpu_components_offered(), X87_SSE | AVX | AVX512);
	assert_int_equal(fpu_state_size(X87_SSE | AVX | AVX512), 2432);
}

/* Keys and tiles are not offered; what lies behind them would still be covered. */
static void test_not_offered(void **state)
{
	(void)state;
	has_avx512();
	place(9, 8, 2688);
	place(17, 64, 2752);
	place(18, 8192, 2816);
	assert_int_equal(fpu_components_offered(), X87_SSE | AVX | AVX512);
	assert_int_equal(fpu_state_size(X87_SSE | AVX | AVX512), 2688);
	assert_int_equal(fpu_state_size(X87_SSE | AVX | AVX512 | PKRU), 2696);
	assert_int_equal(fpu_state_size(X87_SSE | AVX | AVX512 | PKRU | TILES), 11008);
}

static void test_senseless_machines(void **state)
{
	(void)state;
	has_avx512();
	machine.components &= ~0x40UL;
	assert_int_equal(fpu_components_offered(), X87_SSE | AVX);

	machine_reset(NULL);
	has_avx512();
	machine.components &= ~AVX;
	assert_int_equal(fpu_components_offered(), X87_SSE);

	/* No size, inside the header, beyond all measure, wrapping around. */
	for (unsigned int i = 0; i < 4; i++) {
		static const uint32_t bad[][2] = {
			{ 0, 576 },
			{ 256, 512 },
			{ 256, 1 << 20 },
			{ 0xffffffff, 576 },
		};

		machine_reset(NULL);
		has_avx512();
		place(2, bad[i][0], bad[i][1]);
		assert_int_equal(fpu_components_offered(), X87_SSE);
		assert_int_equal(fpu_state_size(fpu_components_offered()), 576);
	}
}

static void test_valid(void **state)
{
	const uint64_t offered = X87_SSE | AVX | AVX512;

	(void)state;
	assert_true(fpu_components_valid(1, offered));
	assert_true(fpu_components_valid(3, offered));
	assert_true(fpu_components_valid(7, offered));
	assert_true(fpu_components_valid(offered, offered));
	assert_false(fpu_components_valid(0, offered));
	assert_false(fpu_components_valid(2, offered));
	assert_false(fpu_components_valid(5, offered));
	assert_false(fpu_components_valid(7 | 0x20, offered));
	assert_false(fpu_components_valid(7 | 0x60, offered));
	assert_false(fpu_components_valid(3 | AVX512, offered));
	assert_false(fpu_components_valid(offered | PKRU, offered));
	assert_false(fpu_components_valid(offered | TILES, offered));
	assert_false(fpu_components_valid(7, 3));
	assert_false(fpu_components_valid(~0UL, offered));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_offered, machine_reset),
		cmocka_unit_test_setup(test_other_places, machine_reset),
		cmocka_unit_test_setup(test_not_offered, machine_reset),
		cmocka_unit_test_setup(test_senseless_machines, machine_reset),
		cmocka_unit_test_setup(test_valid, machine_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
