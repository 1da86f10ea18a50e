/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * int $0x80 of a program whose kernel has no gate for it.
 *
 * The processor's answer to INT n through a gate that is absent, or closed to
 * the caller's ring, is #GP at the instruction with n * 8 + 2 (IDT) as error
 * code. The hypervisor's own gate is open to guests for some vectors, so that
 * it must answer in the processor's place; delivering to nowhere would end the
 * guest.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "int without a gate";

#define GATE(vector, dpl, entry) { vector, dpl, FLAT_KERNEL_CS, (unsigned long)(entry) }
#define ERROR_IDT 2

extern const char user_int80[];
__asm__(".pushsection .text; user_int80: int $0x80; ud2; .popsection");

/* The trap table has @gate alone, beside the one for #GP. */
static void gates_set(struct trap_info gate)
{
	struct trap_info table[] = {
		GATE(TRAP_GP, 0, trap_entry_13),
		gate,
		{ 0 },
	};

	expect_result("no gates", hypercall(set_trap_table, 0), 0);
	expect_result("the gates", hypercall(set_trap_table, table), 0);
}

static void expect_gp(const char *what)
{
	trap_forget();
	user_run(user_int80, 0, 0);
	expect_equal(what, trap_last.frame.vector, TRAP_GP);
	expect_equal("its error code", trap_last.frame.error, 0x80 * 8 + ERROR_IDT);
	expect_equal("its rip", trap_last.frame.rip, (unsigned long)user_int80);
	expect_equal("nothing else came", trap_count, 1);
}

static void check_absent(void)
{
	gates_set((struct trap_info){ 0 });
	expect_gp("int 0x80 without a gate");
}

static void check_closed(void)
{
	gates_set((struct trap_info)GATE(0x80, 0, trap_entry_0x80));
	expect_gp("int 0x80 through a gate of DPL 0");
}

static void check_open(void)
{
	gates_set((struct trap_info)GATE(0x80, 3, trap_entry_0x80));
	trap_forget();
	user_run(user_int80, 0, 0);
	expect_equal("int 0x80 through a gate of DPL 3", trap_last.frame.vector, TRAP_INT80);
	expect_equal("its rip", trap_last.frame.rip, (unsigned long)user_int80 + 2);
}

void test_main(void)
{
	shared_info_map();
	user_space_make();
	STEP(check_absent);
	STEP(check_closed);
	STEP(check_open);
	STEP(check_absent);
}
