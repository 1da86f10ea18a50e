/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions that touch guest memory by the guest's addresses. They run
 * with the guest's own rights to write (CR0.WP) and may fault: the exception
 * table sends that to the error return. The caller (guest_copy.c) has kept the
 * addresses out of the hypervisor's part.
 */
#include "../entry/registers.inc"

	.text

/*
 * unsigned long guest_copy_bytes(void *to, const void *from, size_t len): 0, or
 * -1 after a fault. Words first, each read and written once, then single bytes.
 */
	.globl guest_copy_bytes
guest_copy_bytes:
	STAC_IF_SMAP
	mov	%rdx, %rcx
	shr	$3, %rcx
	jz	2f
1:	mov	(%rsi), %rax
11:	mov	%rax, (%rdi)
12:	add	$8, %rsi
	add	$8, %rdi
	dec	%rcx
	jnz	1b
2:	and	$7, %edx
	jz	4f
3:	movb	(%rsi), %al
31:	movb	%al, (%rdi)
	inc	%rsi
	inc	%rdi
	dec	%edx
	jnz	3b
4:	xor	%eax, %eax
	CLAC_IF_SMAP
	ret
	MAY_FAULT 1b, copy_failed
	MAY_FAULT 11b, copy_failed
	MAY_FAULT 3b, copy_failed
	MAY_FAULT 31b, copy_failed

copy_failed:
	mov	$-1, %rax
	CLAC_IF_SMAP
	ret
