/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small hypercalls: console_io, debug registers, fpu_taskswitch,
 * vm_assist, stack_switch, set_callbacks, callback_op, nmi_op.
 *
 * Debug registers: addresses in the hypervisor's range are refused, DR7 must
 * not enable general detect; DR4 and DR5 are DR6 and DR7. fpu_taskswitch sets
 * CR0.TS: the next FPU instruction is #NM, which clears it again. Console
 * output goes to the console as it is.
 */
#include "memory.h"
#include "trap.h"

#include <xen/callback.h>
#include <xen/nmi.h>

const char test_title[] = "Small hypercalls";

uint64_t watched[2]; /* named in the assembly below */

static void check_console(void)
{
	static const char text[] = "  note: written by console_io\n";
	char in[8];

	expect_result("write", hypercall(console_io, CONSOLEIO_write, sizeof(text) - 1, text), 0);
	expect_result("write of nothing", hypercall(console_io, CONSOLEIO_write, 0, text), 0);
	expect_result("read of nothing there", hypercall(console_io, CONSOLEIO_read, 8, in), 0);
	expect_result("unknown command", hypercall(console_io, 2, 1, in), -ENOSYS);
	expect_result("write from a bad pointer", hypercall(console_io, CONSOLEIO_write, 8, 0),
		      -EFAULT);
	expect_result("write from the hypervisor",
		      hypercall(console_io, CONSOLEIO_write, 8, 0xffff830000000000UL), -EFAULT);
	expect_result("write from nowhere",
		      hypercall(console_io, CONSOLEIO_write, 8, 0x8000000000000000UL), -EFAULT);
	expect_refused("write that runs out of memory",
		       hypercall(console_io, CONSOLEIO_write, 0x7fffffff, 0xfffffffffffff000UL));
}

static long set_dr(unsigned int n, uint64_t v)
{
	return hypercall(set_debugreg, n, v);
}

static uint64_t get_dr(unsigned int n)
{
	return (uint64_t)hypercall(get_debugreg, n);
}

static void check_debug_registers(void)
{
	uint64_t at;

	expect_result("set dr0", set_dr(0, (unsigned long)&watched[0]), 0);
	expect_equal("get dr0", get_dr(0), (unsigned long)&watched[0]);
	__asm__ volatile("mov %%dr0, %0" : "=r"(at));
	expect_equal("dr0 by mov", at, (unsigned long)&watched[0]);
	expect_result("set dr7: write of 8 bytes at dr0", set_dr(7, 0x90001), 0);
	expect_equal("get dr7", get_dr(7) & 0xffff0003, 0x90001);
	trap_forget();
	set_dr(6, 0xffff0ff0UL);
	__asm__ volatile(GUARD("movq $1, watched(%%rip)") : : : "memory");
	check(trap_count == 1 && trap_last.frame.vector == TRAP_DB,
	      "#DB by the watched write, got "
	      "%u traps, vector 0x%lx",
	      trap_count, trap_last.frame.vector);
	expect_equal("dr6.B0", get_dr(6) & 0xf, 1);
	expect_equal("the write was made", watched[0], 1);
	expect_result("dr7 off", set_dr(7, 0), 0);
	trap_forget();
	__asm__ volatile(GUARD("movq $2, watched(%%rip)") : : : "memory");
	expect_no_trap("a write that is no more watched");
	expect_result("dr0 by mov, emulated", set_dr(0, 0), 0);
	trap_forget();
	__asm__ volatile(GUARD("mov %0, %%dr1") : : "r"(0x1000UL) : "memory");
	expect_no_trap("mov to dr1");
	expect_equal("get dr1", get_dr(1), 0x1000);
}

static void check_debug_errors(void)
{
	static const uint64_t bad[] = {
		0xffff800000000000UL, 0xffff830000000000UL, 0xffff87ffffffffffUL,
		0x8000000000000000UL, 0x0000800000000000UL,
	};
	unsigned int i, n;

	for (n = 0; n < 4; n++)
		for (i = 0; i < ARRAY_SIZE(bad); i++)
			expect_refused("a debug address in the hypervisor or nowhere",
				       set_dr(n, bad[i]));
	expect_refused("dr7 with general detect", set_dr(7, 0x2000));
	expect_refused("dr8", set_dr(8, 0));
	expect_refused("get dr8", (long)get_dr(8));
	expect_refused("get dr ~0", (long)get_dr(~0u));
	expect_result("io breakpoints without CR4.DE are no matter", set_dr(7, 0), 0);
	expect_result("the end of the lower half", set_dr(0, 0x00007fffffffffffUL), 0);
	expect_result("above the hypervisor", set_dr(0, 0xffff880000000000UL), 0);
	set_dr(0, 0);
	trap_forget();
	__asm__ volatile(GUARD("mov %0, %%dr2") : : "r"(0xffff830000000000UL) : "memory");
	expect_trap("mov of such an address to dr2", TRAP_GP, 0, 0);
}

static void check_fpu(void)
{
	trap_forget();
	__asm__ volatile(GUARD("fninit") : : : "memory");
	expect_no_trap("fninit");
	expect_result("fpu_taskswitch 1", hypercall(fpu_taskswitch, 1), 0);
	__asm__ volatile(GUARD("fnop") : : : "memory");
	expect_trap("an FPU instruction with TS set", TRAP_NM, 0, 0);
	__asm__ volatile(GUARD("fnop") : : : "memory");
	expect_no_trap("and again: the trap cleared TS");
	hypercall(fpu_taskswitch, 1);
	expect_result("fpu_taskswitch 0", hypercall(fpu_taskswitch, 0), 0);
	__asm__ volatile(GUARD("movups %%xmm0, %%xmm1") : : : "memory");
	expect_no_trap("an SSE instruction with TS clear");
}

/* An x87 exception that is not masked is #MF at the next waiting instruction. */
static void check_fpu_exception(void)
{
	uint16_t control = 0x037b; /* division by zero is let through */

	trap_forget();
	__asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp" : : "m"(control));
	__asm__ volatile(GUARD("fwait") : : : "memory");
	expect_trap("fwait after a division by zero", TRAP_MF, 0, 0);
	__asm__ volatile("fninit");
}

/* x87 and SSE state survives hypercalls and blocks of time. */
static void check_fpu_state(void)
{
	uint64_t in[2] = { 0x1122334455667788UL, 0x99aabbccddeeff00UL }, out[2] = { 0, 0 };
	unsigned int i;

	__asm__ volatile("movups (%0), %%xmm7" : : "r"(in) : "memory");
	for (i = 0; i < 50; i++)
		hypercall(sched_op, 0);
	__asm__ volatile("movups %%xmm7, (%0)" : : "r"(out) : "memory");
	expect_equal("xmm7 after 50 yields", out[0], in[0]);
	expect_equal("xmm7 after 50 yields", out[1], in[1]);
}

static void check_vm_assist(void)
{
	expect_result("writable_pagetables on",
		      hypercall(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
	expect_result("writable_pagetables off",
		      hypercall(vm_assist, VMASST_CMD_disable, VMASST_TYPE_writable_pagetables), 0);
	expect_result("runstate_update_flag",
		      hypercall(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
	expect_result("architectural_iopl",
		      hypercall(vm_assist, VMASST_CMD_enable, VMASST_TYPE_architectural_iopl), 0);
	expect_result("architectural_iopl off",
		      hypercall(vm_assist, VMASST_CMD_disable, VMASST_TYPE_architectural_iopl), 0);
	expect_result("m2p_strict", hypercall(vm_assist, VMASST_CMD_enable, VMASST_TYPE_m2p_strict),
		      0);
	expect_result("no such assist", hypercall(vm_assist, VMASST_CMD_enable, 63), -EINVAL);
	expect_result("no such assist", hypercall(vm_assist, VMASST_CMD_enable, 1000), -EINVAL);
	expect_refused("no such command", hypercall(vm_assist, 2, 2));
}

static void check_callbacks(void)
{
	struct callback_register cb = {
		.type = CALLBACKTYPE_event,
		.address = 0x8000000000000000UL,
	};
	struct callback_unregister un = { .type = CALLBACKTYPE_event };

	expect_result("a non-canonical callback", hypercall(callback_op, CALLBACKOP_register, &cb),
		      -EINVAL);
	cb = (struct callback_register){ .type = 99, .address = (unsigned long)event_entry };
	expect_result("a callback of no type", hypercall(callback_op, CALLBACKOP_register, &cb),
		      -ENOSYS);
	expect_result("no such operation", hypercall(callback_op, 7, &cb), -ENOSYS);
	expect_result("a bad pointer", hypercall(callback_op, CALLBACKOP_register, 0), -EFAULT);
	expect_result("the event callback cannot be unregistered",
		      hypercall(callback_op, CALLBACKOP_unregister, &un), -EINVAL);
	un.type = CALLBACKTYPE_nmi;
	expect_result("the nmi callback can", hypercall(callback_op, CALLBACKOP_unregister, &un),
		      0);
	cb = (struct callback_register){
		.type = CALLBACKTYPE_nmi,
		.address = (unsigned long)nmi_entry,
	};
	expect_result("an nmi callback", hypercall(callback_op, CALLBACKOP_register, &cb), 0);
	expect_result("set_callbacks",
		      hypercall(set_callbacks, event_entry, failsafe_entry, syscall_entry), 0);
	expect_result("stack_switch", hypercall(stack_switch, FLAT_KERNEL_SS, trap_stack_end), 0);
}

void test_main(void)
{
	shared_info_map();
	STEP(check_console);
	STEP(check_debug_registers);
	STEP(check_debug_errors);
	STEP(check_fpu);
	STEP(check_fpu_exception);
	STEP(check_fpu_state);
	STEP(check_vm_assist);
	STEP(check_callbacks);
}
