/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions that touch guest memory by the guest's addresses. They run
 * with the guest's own rights to write (CR0.WP) and may fault: the exception
 * table sends that to the error return. The caller (guest_copy.c) has kept the
 * addresses out of the hypervisor's part.
 */
#include <asm/offsets.h>

#include "../entry/registers.inc"

	.text

/*
 * int guest_copy_bytes(void *to, const void *from, size_t len): 0, or -EFAULT
 * after a fault. Words first, each read and written once, then what is left.
 */
	.globl guest_copy_bytes
guest_copy_bytes:
	STAC_IF_SMAP
	mov	%rdx, %rcx
	shr	$3, %rcx
	jz	2f
	lea	(%rsi,%rcx,8), %rsi
	lea	(%rdi,%rcx,8), %rdi
	neg	%rcx
1:	mov	(%rsi,%rcx,8), %rax
11:	mov	%rax, (%rdi,%rcx,8)
	inc	%rcx
	jnz	1b
2:	and	$7, %edx
	jnz	5f
4:	xor	%eax, %eax
	CLAC_IF_SMAP
	ret
	/* a half word, then what is left, byte by byte */
5:	test	$4, %dl
	jz	6f
51:	mov	(%rsi), %eax
52:	mov	%eax, (%rdi)
	add	$4, %rsi
	add	$4, %rdi
6:	and	$3, %edx
	jz	4b
3:	movb	(%rsi), %al
31:	movb	%al, (%rdi)
	inc	%rsi
	inc	%rdi
	dec	%edx
	jnz	3b
	jmp	4b
	.irp	at, 1b, 11b, 3b, 31b, 51b, 52b
	MAY_FAULT \at, copy_failed
	.endr

copy_failed:
	mov	$ERROR_EFAULT, %eax
	CLAC_IF_SMAP
	ret
