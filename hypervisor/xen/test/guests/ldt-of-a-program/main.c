/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LDT of a program, which only the kernel has mapped.
 *
 * MMUEXT_SET_LDT takes a linear address, and the pages behind it are looked up
 * when a selector first needs them. That may well be in user mode, whose root
 * has no business to map the table: the address is the kernel's. A page that
 * the kernel's tables do not have either is a page fault there.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "The LDT of a program";

#define FAR_VA	 0x0000123400000000UL
#define SELECTOR 7 /* entry 0 of the LDT, RPL 3 */
#define DATA	 0x00cff3000000ffffUL /* flat, DPL 3 */

extern const char user_load[];
__asm__(".pushsection .text\n"
	"user_load:\n\t"
	"xor %ecx, %ecx; mov %ecx, %es\n\t"
	"mov %edi, %es; mov %es, %eax; mov %ecx, %es; int $0x80\n"
	".popsection");

static long ldt_set(unsigned long va, unsigned long entries)
{
	return mmuext(MMUEXT_SET_LDT, va, entries);
}

static void check_load(void)
{
	expect_result("SET_LDT", ldt_set(FAR_VA, 512), 0);
	trap_forget();
	expect_equal("a program loads es from it", user_run(user_load, SELECTOR, 0), SELECTOR);
	expect_equal("by no trap but its end", trap_count, 1);
	expect_equal("which is int 0x80", trap_last.frame.vector, TRAP_INT80);
}

static void check_none(void)
{
	expect_result("no LDT", ldt_set(0, 0), 0);
	trap_forget();
	user_run(user_load, SELECTOR, 0);
	expect_equal("its use is a fault", trap_last.frame.vector, TRAP_GP);
	expect_equal("that names the selector", trap_last.frame.error, SELECTOR & ~3);
}

static void check_absent(void)
{
	expect_result("SET_LDT of an absent page", ldt_set(FAR_VA + PAGE_SIZE, 512), 0);
	trap_forget();
	user_run(user_load, SELECTOR, 0);
	expect_equal("its use is a page fault", trap_last.frame.vector, TRAP_PF);
	expect_equal("in the LDT", trap_last.cr2, FAR_VA + PAGE_SIZE);
	expect_result("no LDT", ldt_set(0, 0), 0);
}

void test_main(void)
{
	uint64_t *ldt = page_alloc();
	struct tree tree;

	ldt[0] = DATA;
	shared_info_map();
	user_space_make();
	tree = tree_make((void *)FAR_VA); /* behind the copy: the kernel's alone */
	if (make_readonly(ldt) || tree_hang(&tree, (void *)FAR_VA) ||
	    mmu_update(entry_maddr((void *)FAR_VA, 1), make_pte(virt_to_mfn(ldt), PTE_RO_PAGE)))
		test_error("the LDT cannot be mapped");
	STEP(check_load);
	STEP(check_none);
	STEP(check_absent);
	STEP(check_load);
}
