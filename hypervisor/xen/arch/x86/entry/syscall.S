/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SYSCALL and SYSENTER. Neither switches stacks: a stub in each CPU's own area
 * does, finding its stack by its own address, before anything can go wrong.
 * From guest-kernel mode a SYSCALL is a hypercall, from guest-user mode a
 * system call for the guest's kernel.
 */
#include <asm/cpu_area.h>
#include <asm/entry.h>
#include <asm/layout.h>
#include <asm/offsets.h>

#include "registers.inc"

#define FLAT_CS64 0xe033
#define FLAT_CS32 0xe023
#define FLAT_SS	  0xe02b

/* A place in the CPU's cpu_info, as seen from its stub, which stands at the start of the same area. */
#define STUB_TO_INFO(field) stub_syscall + PERCPU_SIZE - CPUINFO_SIZE + (field)

	/* The template: copied to the start of a CPU's area, its jumps aimed in C. */
	.section .rodata
	.globl stub_syscall, stub_syscall_jump, stub_syscall32, stub_syscall32_jump, stub_end
stub_syscall:
	mov	%rsp, STUB_TO_INFO(CPUINFO_scratch_rsp)(%rip)
	lea	STUB_TO_INFO(CPUINFO_regs + REGS_es)(%rip), %rsp
	.byte	0xe9			/* jmp syscall_entry */
stub_syscall_jump:
	.long	0
	.balign 16
stub_syscall32:
	mov	%rsp, STUB_TO_INFO(CPUINFO_scratch_rsp)(%rip)
	lea	STUB_TO_INFO(CPUINFO_regs + REGS_es)(%rip), %rsp
	.byte	0xe9			/* jmp syscall32_entry */
stub_syscall32_jump:
	.long	0
stub_end:

	.text
	/*
	 * rsp: above guest_regs.ss; rcx: the guest's rip, r11: its rflags;
	 * interrupts and direction flag off (MSR FMASK).
	 */
	.globl syscall_entry
	.balign 16
syscall_entry:
	push	$FLAT_SS
	pushq	CPUINFO_scratch_rsp - CPUINFO_regs - REGS_ss(%rsp)
	push	%r11
	push	$FLAT_CS64
	push	%rcx
	push	$0
	movl	$ENTRY_SYSCALL, 4(%rsp)
	SAVE_REGISTERS
	mov	CPUINFO_current - CPUINFO_regs(%rsp), %rax
	mov	%rsp, %rdi
	cmpb	$0, VCPU_in_kernel(%rax)
	je	1f
	sti
	call	hypercall_from_guest
	jmp	exit_to_guest
1:	call	syscall_bounce
	jmp	exit_to_guest

	/* SYSCALL in compatibility mode (AMD). As above, but for a 32-bit user program. */
	.globl syscall32_entry
	.balign 16
syscall32_entry:
	push	$FLAT_SS
	pushq	CPUINFO_scratch_rsp - CPUINFO_regs - REGS_ss(%rsp)
	push	%r11
	push	$FLAT_CS32
	push	%rcx
	push	$0
	movl	$ENTRY_SYSCALL, 4(%rsp)
	SAVE_REGISTERS
	mov	%rsp, %rdi
	call	syscall32_bounce
	jmp	exit_to_guest

	/*
	 * SYSENTER. The MSR gives rsp (above guest_regs.ss) and nothing is saved by
	 * the hardware: the guest's return address is its kernel's business.
	 */
	.globl sysenter_entry
	.balign 16
sysenter_entry:
	push	$FLAT_SS
	push	$0
	pushfq
	push	$3
	push	$0
	push	$0
	movl	$0x80, 4(%rsp)
	SAVE_REGISTERS
	cld
	CLAC_IF_SMAP
	mov	%rsp, %rdi
	call	sysenter_bounce
	jmp	exit_to_guest
