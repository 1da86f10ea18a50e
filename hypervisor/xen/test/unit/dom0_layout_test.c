/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/pv/dom0_layout.c */
/*
 * The start-of-day layout: nothing overlaps, there are exactly as many tables
 * as it takes, bad kernels are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/abi.h>
#include <hv/errno.h>

#include "../../arch/x86/pv/dom0_layout.h"

#define LINUX_BASE 0xffffffff80000000UL

/* Debian's 6.1 kernel, as its notes are. */
static struct elf_image linux_elf(void)
{
	return (struct elf_image){ .paddr_start = 0x1000000, .paddr_end = 0x3c00000 };
}

static struct xen_notes linux_notes(void)
{
	return (struct xen_notes){
		.present = true,
		.has_entry = true,
		.entry = LINUX_BASE + 0x3000000,
		.has_virt_base = true,
		.virt_base = LINUX_BASE,
		.has_paddr_offset = true,
		.has_hv_start_low = true,
		.hv_start_low = 0xffff800000000000,
		.has_init_p2m = true,
		.init_p2m = 0x8000000000,
		.mod_start_pfn = true,
		.has_features = true,
		.supported_features = 1U << XENFEAT_dom0 | 1U << XENFEAT_writable_page_tables,
		.guest_os = "linux",
		.xen_version = "xen-3.0",
	};
}

static struct dom0_layout layout_of(const struct elf_image *elf, const struct xen_notes *notes,
				    unsigned long pages, unsigned long initrd)
{
	const char *why = "?";
	struct dom0_layout l;

	if (dom0_layout_compute(elf, notes, pages, initrd, &l, &why))
		fail_msg("refused: %s", why);
	return l;
}

/* How many different tables of each level does a walk through [start, end) meet? */
static unsigned long tables_met(unsigned long start, unsigned long end)
{
	unsigned long last[4] = { ~0UL, ~0UL, ~0UL, ~0UL }, n = 0, va;
	unsigned int level;

	for (va = start; va != end; va += 4096)
		for (level = 1; level <= 3; level++)
			if (va >> (12 + 9 * level) != last[level]) {
				last[level] = va >> (12 + 9 * level);
				n++;
			}
	return n;
}

static void check_region(const struct dom0_layout *l)
{
	assert_true(l->kernel_start >= l->virt_base);
	assert_true(l->start_info >= l->kernel_end);
	assert_int_equal(l->start_info & 4095, 0);
	assert_int_equal(l->tables, l->start_info + 4096);
	assert_int_equal(l->stack, l->tables + l->table_count * 4096);
	assert_int_equal(l->end & (MIB(4) - 1), 0);
	assert_true(l->end - (l->stack + 4096) >= KIB(512));
	assert_true(l->end - (l->stack + 4096) < KIB(512) + MIB(4));
	assert_int_equal(l->table_count, 1 + tables_met(l->virt_base, l->end));
	assert_true(l->boot_page_count >= (l->end - l->virt_base) >> 12);
}

static void test_linux(void **state)
{
	struct elf_image elf = linux_elf();
	struct xen_notes notes = linux_notes();
	struct dom0_layout l = layout_of(&elf, &notes, 0x40000, 31000001);
	unsigned long region = (l.end - l.virt_base) >> 12;

	(void)state;
	check_region(&l);
	assert_int_equal(l.kernel_start, LINUX_BASE + 0x1000000);
	assert_int_equal(l.start_info, LINUX_BASE + 0x3c00000);
	assert_true(l.p2m_is_apart);
	assert_int_equal(l.p2m, 0x8000000000);
	assert_int_equal(l.p2m_page_count, 512);
	assert_int_equal(l.p2m_table_count, tables_met(l.p2m, l.p2m + 0x200000));
	assert_int_equal(l.p2m_pfn, region);
	assert_int_equal(l.p2m_table_pfn, region + 512);
	assert_int_equal(l.initrd, 0);
	assert_int_equal(l.initrd_pfn, region + 512 + l.p2m_table_count);
	assert_int_equal(l.boot_page_count, l.initrd_pfn + (31000001 + 4095) / 4096);
}

static void test_everything_in_the_region(void **state)
{
	struct elf_image elf = { .paddr_start = 0, .paddr_end = 0x5001, .entry = 0x1234 };
	struct xen_notes notes = { .present = true, .guest_os = "tiny", .xen_version = "xen-3.0" };
	struct dom0_layout l = layout_of(&elf, &notes, 1000, 8193);

	(void)state;
	check_region(&l);
	assert_int_equal(l.entry, 0x1234);
	assert_int_equal(l.initrd, 0x6000);
	assert_int_equal(l.initrd_pfn, 6);
	assert_int_equal(l.p2m, 0x9000);
	assert_int_equal(l.p2m_pfn, 9);
	assert_int_equal(l.p2m_page_count, 2);
	assert_int_equal(l.start_info, 0xb000);
	assert_int_equal(l.boot_page_count, l.end >> 12);
	assert_int_equal(l.p2m_table_count, 0);
}

static void test_many_sizes(void **state)
{
	struct elf_image elf = linux_elf();
	struct xen_notes notes = linux_notes();
	unsigned long initrd;

	(void)state;
	notes.mod_start_pfn = false;
	notes.has_init_p2m = false;
	for (initrd = 0; initrd < MIB(700); initrd += 4096 * 1009 + 17) {
		struct dom0_layout l = layout_of(&elf, &notes, 0x40000 + initrd / 4096, initrd);

		check_region(&l);
		assert_true(!initrd || l.p2m >= l.initrd + initrd);
		assert_true(l.start_info >= l.p2m + l.nr_pages * 8);
	}
}

static void test_unaligned_base(void **state)
{
	struct elf_image elf = { .paddr_start = 0x40001000,
				 .paddr_end = 0x40050000,
				 .entry = 0x7fff12346000 };
	struct xen_notes notes = {
		.present = true,
		.guest_os = "tiny",
		.xen_version = "xen-3.0",
		.has_virt_base = true,
		.virt_base = 0x7fff12345000,
		.has_paddr_offset = true,
		.paddr_offset = 0x40000000,
	};
	struct dom0_layout l = layout_of(&elf, &notes, 4096, 0);

	(void)state;
	check_region(&l);
	assert_int_equal(l.kernel_start, 0x7fff12346000);
	assert_int_equal(dom0_layout_pfn(&l, l.start_info), 0x50 + 8);
}

static void refused(const struct elf_image *elf, const struct xen_notes *notes,
		    unsigned long initrd, const char *what)
{
	struct dom0_layout l;
	const char *why = NULL;

	assert_int_equal(dom0_layout_compute(elf, notes, 0x100000, initrd, &l, &why), -EINVAL);
	assert_non_null(why);
	if (!strstr(why, what))
		fail_msg("\"%s\" does not speak of %s", why, what);
}

static void test_refusals(void **state)
{
	struct elf_image elf = linux_elf(), e;
	struct xen_notes n;

	(void)state;
#define REFUSED(change, what) (n = linux_notes(), e = elf, (change), refused(&e, &n, 4096, what))
	REFUSED(n.present = false, "no Xen notes");
	REFUSED(n.guest_os[0] = 0, "GUEST_OS");
	REFUSED(n.xen_version[0] = 0, "XEN_VERSION");
	REFUSED(n.hv_start_low = 0xffff880000000000, "HV_START_LOW");
	REFUSED(n.virt_base = 0xffff800000000000, "VIRT_BASE");
	REFUSED(n.virt_base = 0xffff87fffff00000, "VIRT_BASE");
	REFUSED(n.virt_base = 0xffff7fffffc00000, "VIRT_BASE");
	REFUSED(n.virt_base = 0x7fffffc00000, "VIRT_BASE");
	REFUSED(n.virt_base = 0x800000000000, "VIRT_BASE");
	REFUSED(n.virt_base = 0xfffffffffd000000, "VIRT_BASE");
	REFUSED(n.virt_base += 1, "VIRT_BASE");
	REFUSED(n.init_p2m = 0xffff810000000000, "INIT_P2M");
	REFUSED(n.init_p2m = 0x7ffffffff000, "INIT_P2M");
	REFUSED(n.init_p2m = LINUX_BASE, "INIT_P2M");
	REFUSED(n.init_p2m |= 8, "INIT_P2M");
	REFUSED(n.paddr_offset = 0x1000001, "PADDR_OFFSET");
	REFUSED(e.paddr_end = GIB(100), "out of range");
	REFUSED(n.entry = LINUX_BASE, "entry point");
	REFUSED(n.required_features = 1U << XENFEAT_auto_translated_physmap, "requires");
	REFUSED(n.supported_features = 0, "dom0");
	n = linux_notes();
	n.mod_start_pfn = false;
	refused(&elf, &n, GIB(2), "do not fit");
	refused(&elf, &n, GIB(5), "initrd is larger");
	refused(&elf, &n, ~0UL, "initrd is larger");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linux),	   cmocka_unit_test(test_everything_in_the_region),
		cmocka_unit_test(test_many_sizes), cmocka_unit_test(test_unaligned_base),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
