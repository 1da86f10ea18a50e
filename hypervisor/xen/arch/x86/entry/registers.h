/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saving and restoring the general registers, in the order of struct cpu_user_regs. */

	/* All fifteen, below the error code; then no guest value is left in one. */
	.macro SAVE_REGISTERS
	push	%rdi
	push	%rsi
	push	%rdx
	push	%rcx
	push	%rax
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%ebx, %ebx
	xor	%ebp, %ebp
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	.endm

	.macro RESTORE_REGISTERS
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rax
	pop	%rcx
	pop	%rdx
	pop	%rsi
	pop	%rdi
	.endm

	/* EFLAGS.AC would open user pages to us: three bytes that start.c turns into CLAC where there is SMAP. */
	.macro CLAC_IF_SMAP
771:	.byte	0x0f, 0x1f, 0x00
	.pushsection .smap_patch, "a"
	.long	771b - .
	.long	0xca010f
	.popsection
	.endm
