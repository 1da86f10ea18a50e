/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Assembly of a tiny guest: first instruction, trap and callback entries,
 * the way into user mode and back.
 *
 * What the hypervisor pushes for a trap or callback (xen-x86_64.h and the
 * Linux side of it): rcx, r11, [error code], rip, cs with the upcall mask in
 * byte 4, rflags, rsp, ss; on the current stack if the kernel was running,
 * else on the one of stack_switch. struct trap_frame in trap.h is the layout
 * built here.
 */
#include <xen/xen.h>

	.text

/* On arrival: rsi = start info, rsp = bootstrap stack, events masked. */
	.globl	guest_entry
guest_entry:
	cld
	mov	%rsp, boot_rsp(%rip)
	lea	boot_stack_end(%rip), %rsp
	xor	%ebp, %ebp
	mov	%rsi, %rdi
	call	guest_main
	ud2

/* An entry without error code gets a 0, so that all frames look alike. */
	.macro	entry name:req, vector:req, has_error=0
	.globl	\name
\name:
	pop	%rcx
	pop	%r11
	.if	\has_error == 0
	push	$0
	.endif
	push	$\vector
	jmp	trap_common
	.endm

	.irp	n, 0,1,2,3,4,5,6,7,9,15,16,18,19,20,0x80,0x82,0x83
	entry	trap_entry_\n, \n
	.endr
	.irp	n, 8,10,11,12,13,14,17
	entry	trap_entry_\n, \n, 1
	.endr

	entry	event_entry, 0x100
	entry	syscall_entry, 0x101
	entry	syscall32_entry, 0x102
	entry	sysenter_entry, 0x103
	entry	nmi_entry, 0x104

/* Bad segment at a return to the guest: ds, es, fs, gs come before rip. */
	.globl	failsafe_entry
failsafe_entry:
	pop	%rcx
	pop	%r11
	pop	failsafe_selectors(%rip)
	pop	failsafe_selectors+8(%rip)
	pop	failsafe_selectors+16(%rip)
	pop	failsafe_selectors+24(%rip)
	push	$0
	push	$0x105
	jmp	trap_common

trap_common:
	push	%rax
	push	%rbx
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%rbp
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	cld
	mov	%rsp, %rdi
	mov	%rsp, %rbp
	and	$-16, %rsp
	call	trap_dispatch
	mov	%rbp, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rbp
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rbx
	pop	%rax
	add	$16, %rsp			/* vector, error code */

/* rip cs rflags rsp ss on the stack; rax rcx r11 live. */
iret_hypercall:
	push	$0				/* flags: restore everything */
	push	%rcx
	push	%r11
	push	%rax
	mov	$__HYPERVISOR_iret, %eax
	syscall
	ud2

/*
 * uint64_t user_enter(struct iret_context *c (rdi), uint64_t rdi, uint64_t rsi)
 *
 * Iret through *c, after saving the kernel's context. Ends when trap_dispatch()
 * calls kernel_resume(value).
 */
	.globl	user_enter
user_enter:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, kernel_resume_rsp(%rip)
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	push	8*8(%rax)
	push	7*8(%rax)
	push	6*8(%rax)
	push	5*8(%rax)
	push	4*8(%rax)
	push	3*8(%rax)
	push	2*8(%rax)
	push	1*8(%rax)
	push	0*8(%rax)
	mov	$__HYPERVISOR_iret, %eax
	syscall
	ud2

	.globl	kernel_resume
kernel_resume:
	mov	%rdi, %rax
	mov	kernel_resume_rsp(%rip), %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

/* The hypervisor fills it when the note HYPERCALL_PAGE names it. */
	.section .data
	.balign	4096
	.globl	hypercall_page
hypercall_page:
	.fill	4096, 1, 0xcc

	.bss
	.balign	4096
	.globl	boot_stack
boot_stack:
	.skip	32768
boot_stack_end:
	.globl	trap_stack, trap_stack_end
trap_stack:
	.skip	16384
trap_stack_end:
	.globl	boot_rsp, failsafe_selectors
boot_rsp:
	.skip	8
kernel_resume_rsp:
	.skip	8
failsafe_selectors:
	.skip	32

	.section .note.GNU-stack, "", @progbits
