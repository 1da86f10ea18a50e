/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INT n for every n, from kernel and user mode, with gates of every kind.
 *
 * INT n needs a gate whose DPL lets the caller through. The processor's own
 * table is the hypervisor's and is closed but for three vectors, so that INT n is
 * #GP there, to be turned into the guest's gate, or the guest's #GP, by the
 * guest's table. Without any gate, and through one of DPL 0, 1 or 3, each number
 * must come to exactly one trap of the guest, in front of the instruction or behind
 * it. (Which one is not asked: QEMU 7.2 gives a wrong error code here; int-without-gate
 * knows more.) Then the other ways to say it: int3, into, bound, icebp, ud2 with
 * what follows it.
 */
#include "memory.h"
#include "trap.h"

void traps_init(void);

const char test_title[] = "INT n of every number";

static char code[2 * PAGE_SIZE] __page_aligned;
static unsigned int traps_in_code, traps_elsewhere;

/* Whatever came, go on behind the instruction, which is followed by ret or int $0x80. */
static bool pass(struct trap_frame *f)
{
	unsigned long offset = f->rip - (unsigned long)code;

	if (offset > 2) {
		traps_elsewhere += f->vector != TRAP_INT80;
		return f->vector != TRAP_INT80;
	}
	traps_in_code++;
	f->rip = (unsigned long)code + 2;
	return true;
}

/* No number of ours is an exception with an error code, so that all frames are alike. */
static void gates_set(int dpl)
{
	static struct trap_info table[256];
	unsigned int n, used = 0;

	for (n = 0; n < 255 && dpl >= 0; n++) {
		if (n == 0x80 || n == TRAP_GP || n == TRAP_PF)
			continue;
		table[used++] = (struct trap_info){
			.vector = (uint8_t)n,
			.flags = (uint8_t)(dpl | 4),
			.cs = FLAT_KERNEL_CS,
			.address = (unsigned long)trap_entry_0x83,
		};
	}
	table[used].address = 0;
	traps_init();
	if (used && hypercall(set_trap_table, table))
		test_error("set_trap_table");
}

static void in_kernel(unsigned int n)
{
	code[2] = (char)0xc3;
	traps_in_code = traps_elsewhere = 0;
	((void (*)(void))(unsigned long)code)();
	check(traps_in_code == 1 && !traps_elsewhere,
	      "int %u in the kernel is one trap, got %u and %u elsewhere", n, traps_in_code,
	      traps_elsewhere);
}

static void in_user(unsigned int n)
{
	code[2] = (char)0xcd;
	code[3] = (char)0x80;
	traps_in_code = traps_elsewhere = 0;
	user_run(code, 0, 0);
	check(traps_in_code == 1 && !traps_elsewhere,
	      "int %u in user mode is one trap, got %u and %u elsewhere", n, traps_in_code,
	      traps_elsewhere);
}

static void check_numbers(void)
{
	int dpl;
	unsigned int n;

	trap_hook = pass;
	for (dpl = -1; dpl < 4; dpl++) {
		gates_set(dpl);
		for (n = 0; n < 256; n++) {
			code[0] = (char)0xcd;
			code[1] = (char)n;
			/* with an error code or without: the frame would tell no longer which */
			if (n == 8 || n == 10 || n == 11 || n == 12 || n == 17 || n == 13 ||
			    n == 14)
				continue;
			in_kernel(n);
			in_user(n);
		}
	}
	trap_hook = NULL;
	traps_init();
}

/* One byte each, and a second that is not looked at. */
static void check_others(void)
{
	static const struct {
		const char *what;
		uint8_t bytes[2];
		unsigned int vector;
	} others[] = {
		{ "int3", { 0xcc, 0x90 }, TRAP_BP },  { "into", { 0xce, 0x90 }, TRAP_UD },
		{ "bound", { 0x62, 0x00 }, TRAP_UD }, { "icebp", { 0xf1, 0x90 }, TRAP_DB },
		{ "ud2", { 0x0f, 0x0b }, TRAP_UD },   { "ud1", { 0x0f, 0xb9 }, TRAP_UD },
		{ "push es", { 0x06, 0x90 }, TRAP_UD },
	};
	unsigned int i;

	trap_hook = pass;
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		memcpy(code, others[i].bytes, 2);
		in_kernel(i);
		/* QEMU has no icebp */
		check(trap_last.frame.vector == others[i].vector ||
			      (others[i].vector == TRAP_DB && trap_last.frame.vector == TRAP_UD),
		      "%s is vector %u, got 0x%lx", others[i].what, others[i].vector,
		      trap_last.frame.vector);
		in_user(i);
	}
	trap_hook = NULL;
}

/* What follows ud2 may lie on a page that is not there, or be no cpuid. */
static void check_forced_prefix(void)
{
	static const char forced[] = "\x0f\x0bxen\x0f\xa2";
	char *at;
	unsigned int n;

	if (update_va(code + PAGE_SIZE, 0, UVMF_INVLPG))
		test_error("a page cannot be taken away");
	for (n = 2; n < 7; n++) {
		at = code + PAGE_SIZE - n;
		memcpy(at, forced, n);
		trap_forget();
		__asm__ volatile(GUARD("jmp *%0")
				 :
				 : "r"(at)
				 : "memory", "rax", "rbx", "rcx", "rdx");
		/* Debian's Xen says that it could not read what follows */
		check(trap_count == 1 &&
			      (trap_last.frame.vector == TRAP_UD ||
			       trap_last.frame.vector == TRAP_PF) &&
			      trap_last.frame.rip == (unsigned long)at,
		      "a prefix of %u bytes at a page's end is #UD or #PF, got vector 0x%lx rip 0x%lx",
		      n, trap_last.frame.vector, trap_last.frame.rip);
	}
	map_at(code + PAGE_SIZE, virt_to_mfn(code + PAGE_SIZE), PTE_RW_PAGE);
	at = code + PAGE_SIZE - 3;
	memcpy(at, forced, 7);
	at[7] = (char)0xc3;
	__asm__ volatile("call *%0" : : "r"(at) : "memory", "rax", "rbx", "rcx", "rdx");
	at[6] = (char)0xa1;
	trap_forget();
	__asm__ volatile(GUARD("jmp *%0") : : "r"(at) : "memory", "rax", "rbx", "rcx", "rdx");
	check(trap_count == 1 && trap_last.frame.vector == TRAP_UD,
	      "the prefix of another opcode is #UD");
	trap_forget();
}

void test_main(void)
{
	shared_info_map();
	user_space_make();
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
	STEP(check_numbers);
	STEP(check_others);
	STEP(check_forced_prefix);
}
