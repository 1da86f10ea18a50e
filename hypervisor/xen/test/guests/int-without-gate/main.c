/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INT n of a program whose kernel has no gate for it, or keeps it closed.
 *
 * The processor's answer to INT n through a gate that is absent, or closed to
 * the caller's ring, is #GP at the instruction, with n * 8 + 2 (IDT) as error
 * code. The hypervisor's own gates are open to guests for int3, int 4 and int
 * 0x80, so that it must answer in the processor's place; delivering to nowhere
 * would end the guest. struct trap_info (xen.h) has the ring in bits 0 to 1 of
 * its flags; for int3 and int 4 long practice is to deliver whatever they say.
 *
 * The row with STRICT has what Debian's Xen does otherwise: it ends the guest
 * for int3 and int 4 without a gate, and int 0x80 passes a closed one.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "int without a gate";

#define ERROR_IDT 2

extern const char user_int3[], user_int4[], user_int80[], trap_entry_4[];
__asm__(".pushsection .text\n"
	"user_int3: int3; ud2\n"
	"user_int4: int $4; ud2\n"
	"user_int80: int $0x80; ud2\n"
	".popsection");

struct software_int {
	unsigned int vector, length;
	const char *program, *entry;
};
static const struct software_int int3 = { TRAP_BP, 1, user_int3, trap_entry_3 };
static const struct software_int int4 = { TRAP_OF, 2, user_int4, trap_entry_4 };
static const struct software_int int80 = { TRAP_INT80, 2, user_int80, trap_entry_0x80 };

static struct trap_info gate_make(unsigned int vector, unsigned int dpl, const char *entry)
{
	return (struct trap_info){ vector, dpl, FLAT_KERNEL_CS, (unsigned long)entry };
}

/* The trap table has @gate alone, beside the one for #GP. */
static void gates_set(struct trap_info gate)
{
	struct trap_info table[] = { gate_make(TRAP_GP, 0, trap_entry_13), gate, { 0 } };

	expect_result("no gates", hypercall(set_trap_table, 0), 0);
	expect_result("the gates", hypercall(set_trap_table, table), 0);
}

static void run(const struct software_int *n)
{
	trap_forget();
	user_run(n->program, 0, 0);
	print("  note: int 0x%x: vector 0x%lx\n", n->vector, trap_last.frame.vector);
	expect_equal("number of traps", trap_count, 1);
}

static void expect_gp(const struct software_int *n)
{
	run(n);
	expect_equal("the vector", trap_last.frame.vector, TRAP_GP);
	expect_equal("its error code", trap_last.frame.error, n->vector * 8 + ERROR_IDT);
	expect_equal("its rip", trap_last.frame.rip, (unsigned long)n->program);
}

/* Through a gate of @dpl it arrives, with rip behind the instruction. */
static void expect_delivered(const struct software_int *n, unsigned int dpl)
{
	gates_set(gate_make(n->vector, dpl, n->entry));
	run(n);
	expect_equal("the vector", trap_last.frame.vector, n->vector);
	expect_equal("its rip", trap_last.frame.rip, (unsigned long)n->program + n->length);
}

static void check_delivered(void)
{
	expect_delivered(&int3, 0);
	expect_delivered(&int3, 3);
	expect_delivered(&int4, 0);
	expect_delivered(&int4, 3);
	expect_delivered(&int80, 3);
}

static void check_absent(void)
{
	gates_set((struct trap_info){ 0 });
	expect_gp(&int80);
	if (STRICT) {
		expect_gp(&int3);
		expect_gp(&int4);
	}
}

static void check_closed(void)
{
	gates_set(gate_make(TRAP_INT80, 0, trap_entry_0x80));
	expect_gp(&int80);
}

void test_main(void)
{
	shared_info_map();
	user_space_make();
	STEP(check_absent);
	STEP(check_delivered);
	if (STRICT)
		STEP(check_closed);
	STEP(check_absent);
}
