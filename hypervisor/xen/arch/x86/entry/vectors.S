/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts and exceptions. On arrival the hardware has pushed ss, rsp,
 * rflags, cs, rip and for some exceptions an error code: from a guest onto
 * the top of this CPU's main stack (so the frame is cpu_info.guest_regs), from
 * ourselves below what we were doing, and #DF, NMI, #MC, #DB onto stacks of
 * their own.
 */
#include <asm/cpu_area.h>
#include <asm/entry.h>
#include <asm/layout.h>
#include <asm/offsets.h>

#include "registers.inc"

	.section .text.entry, "ax"

	/* 16 bytes each: vector and, where the hardware pushes none, error code 0. */
	.globl vector_entries
	.balign 16
vector_entries:
	.set nr, 0
	.rept 256
	.balign 16
	.if !(nr == 8 || (nr >= 10 && nr <= 14) || nr == 17 || nr == 21 || nr == 29 || nr == 30)
	push	$0
	.endif
	movl	$nr, 4(%rsp)
	.if nr == 1 || nr == 2 || nr == 8 || nr == 18
	jmp	entry_own_stack
	.else
	jmp	entry_common
	.endif
	.set nr, nr + 1
	.endr

entry_common:
	cld
	CLAC_IF_SMAP
	SAVE_REGISTERS
	mov	%rsp, %rdi
	testb	$3, REGS_cs(%rsp)
	jz	1f
	OWN_TABLES rax
	GUEST_ENTRY_BARRIERS
	call	trap_from_guest
	jmp	exit_to_guest
1:	OWN_TABLES_NESTED
	call	trap_from_hypervisor
	OWN_TABLES_LEAVE
	/* Back to ourselves: nothing to check. */
	RESTORE_REGISTERS
	add	$8, %rsp
	iretq

	/*
	 * #DB, NMI, #DF, #MC. A #DB or NMI that interrupted a guest moves to the
	 * main stack, to be treated like any other; the rest stays where it is.
	 */
entry_own_stack:
	cld
	CLAC_IF_SMAP
	SAVE_REGISTERS
	mov	%rsp, %rdi
	testb	$3, REGS_cs(%rsp)
	jz	1f
	cmpl	$2, REGS_entry_vector(%rsp)
	ja	1f
	/* copy the frame to guest_regs; rdi = from */
	mov	%rsp, %rsi
	mov	%rsp, %rdi
	or	$(PERCPU_SIZE - 1), %rdi
	sub	$(CPUINFO_SIZE - CPUINFO_regs - 1), %rdi
	mov	%rdi, %rdx
	mov	$(REGS_es / 8), %ecx
	rep movsq
	mov	%rdx, %rsp
	OWN_TABLES rax
	GUEST_ENTRY_BARRIERS
	mov	%rsp, %rdi
	call	trap_from_guest
	jmp	exit_to_guest
1:	OWN_TABLES_NESTED
	STUFF_RETURN_STACK
	call	trap_on_own_stack
	OWN_TABLES_LEAVE
	RESTORE_REGISTERS
	add	$8, %rsp
	iretq

	.pushsection .rodata
	.balign	8
upper_half:
	.quad	HV_VIRT_END		/* all addresses from here on are canonical */
	.globl	buffer_selector
buffer_selector:
	.word	HV_DS			/* writable: what makes VERW clear */
	.popsection

	/*
	 * The way out to a guest, with rsp at cpu_info.guest_regs and a frame that
	 * C has filled. Work that came up is done first, until there is none
	 * with interrupts off.
	 */
	.globl return_to_guest
return_to_guest:
	mov	%rsp, %rax
	or	$(PERCPU_SIZE - 1), %rax
	lea	1 - CPUINFO_SIZE + CPUINFO_regs(%rax), %rsp

	.globl exit_to_guest, exit_of_vcpu
exit_to_guest:
	cli
	mov	CPUINFO_current - CPUINFO_regs(%rsp), %rbx
exit_of_vcpu:				/* rbx: the current vCPU */
	cmpl	$0, CPUINFO_softirqs - CPUINFO_regs(%rsp)
	jne	exit_work
	mov	VCPU_info(%rbx), %rax
	cmpw	$1, VCPU_nmi_pending(%rbx)	/* pending, and none in progress */
	je	exit_work
	cmpb	$0, INFO_upcall_pending(%rax)
	je	exit_restore
	cmpb	$0, INFO_upcall_mask(%rax)
	jne	exit_restore
exit_work:
	mov	%rsp, %rdi
	call	guest_exit_work		/* interrupts go on and off in there */
	jmp	exit_to_guest

exit_restore:
	cmpl	$ENTRY_SYSCALL, REGS_entry_vector(%rsp)
	jne	exit_iret
	/* SYSRET only to where it can go: canonical rip, flat selectors, no TF or RF. */
	mov	REGS_rip(%rsp), %rcx
	cmp	upper_half(%rip), %rcx
	jb	exit_restore_lower
1:	cmpw	$FLAT_CS64, REGS_cs(%rsp)
	jne	exit_iret
	mov	REGS_rflags(%rsp), %r11
	test	$0x10100, %r11d
	jne	exit_iret
	GUEST_EXIT_BARRIERS
	mov	REGS_rip(%rsp), %rcx
	RESTORE_ALL_BUT_RCX_R11_RSP
	mov	REGS_rsp(%rsp), %rsp
	sysretq

exit_restore_lower:
	bt	$47, %rcx		/* of what lies below the upper half */
	jc	exit_iret
	mov	%rcx, %rax
	shr	$48, %rax
	jz	1b

exit_iret:
	GUEST_EXIT_BARRIERS
	RESTORE_REGISTERS
	add	$8, %rsp
	.globl guest_iretq
guest_iretq:
	iretq

	/* A selector or address of the guest's that IRET refuses: traps/fixup.c comes here. */
	.pushsection .ex_table, "a"
	.balign 4
	.long	guest_iretq - .
	.long	guest_iret_failed - .
	.popsection

	/*
	 * The fault's frame lies below; all registers are the guest's, but for rip,
	 * cs, rflags, rsp, ss, which are still in guest_regs. Put the rest beside them.
	 */
guest_iret_failed:
	sub	$8, %rsp		/* error code and vector: dispatch.c has put them there */
	SAVE_REGISTERS
	OWN_TABLES rax
	GUEST_ENTRY_BARRIERS
	mov	%rsp, %rdi
	call	guest_iret_fault	/* returns with guest_regs whole again */
	jmp	return_to_guest
