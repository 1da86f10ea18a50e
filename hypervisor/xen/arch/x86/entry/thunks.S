/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Indirect branches of C code go through these return trampolines, so that
 * no branch predictor that a guest has trained steers them.
 */
#include "patch.inc"

	/* A prefix that changes nothing (0x40) stands in for REX.B where none is needed. */
	.macro THUNK reg, low, rex=0x40
	.globl __x86_indirect_thunk_\reg
	.type __x86_indirect_thunk_\reg, @function
__x86_indirect_thunk_\reg:
771:	call	2f
	PATCH_RECORD PATCH_THUNK_JMP, 6, \rex, 0xff, 0xe0 + \low, 0xcc, 0xcc, 0xcc
	PATCH_RECORD PATCH_THUNK_LFENCE, 6, 0x0f, 0xae, 0xe8, \rex, 0xff, 0xe0 + \low
1:	pause
	lfence
	jmp	1b
2:	mov	%\reg, (%rsp)
	ret
	.size __x86_indirect_thunk_\reg, . - __x86_indirect_thunk_\reg
	.endm

	.text
	THUNK rax, 0
	THUNK rcx, 1
	THUNK rdx, 2
	THUNK rbx, 3
	THUNK rbp, 5
	THUNK rsi, 6
	THUNK rdi, 7
	THUNK r8, 0, 0x41
	THUNK r9, 1, 0x41
	THUNK r10, 2, 0x41
	THUNK r11, 3, 0x41
	THUNK r12, 4, 0x41
	THUNK r13, 5, 0x41
	THUNK r14, 6, 0x41
	THUNK r15, 7, 0x41

	/*
	 * Overwrites the branch history of the guest, so that it selects none of our
	 * branches' targets: as many taken branches as the longest history has (Intel,
	 * "Branch History Injection", software sequence; 5 x 5). Uses ecx, r8.
	 */
	.globl clear_branch_history
clear_branch_history:
	mov	$5, %ecx
1:	call	2f
	dec	%ecx
	jnz	1b
	lfence
	ret
	.balign	32
2:	mov	$5, %r8d
3:	jmp	4f
	nop
4:	dec	%r8d
	jnz	3b
	ret
