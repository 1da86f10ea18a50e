/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uint64_t efi_call(function, a, b, c, d, e): from our calling convention to
 * UEFI's (specification 2.3.4.2): arguments in rcx, rdx, r8, r9 and above 32
 * bytes of stack that belong to the callee, which keeps rbx, rbp, rdi, rsi, r12-r15.
 */
	.text
	.globl efi_call
efi_call:
	push	%rbp
	mov	%rsp, %rbp
	sub	$48, %rsp
	and	$~15, %rsp
	mov	%r9, 32(%rsp)
	mov	%r8, %r9
	mov	%rcx, %r8
	mov	%rdi, %rax
	mov	%rsi, %rcx
	call	__x86_indirect_thunk_rax
	cld
	leave
	ret
