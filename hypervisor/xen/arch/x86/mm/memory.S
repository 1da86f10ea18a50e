/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memcpy and memset by string instructions, eight bytes at a time: they take
 * the place of the weak ones of common/lib/string.c. The direction flag is
 * clear in the hypervisor.
 */
	.text

/* void *memcpy(void *to, const void *from, size_t n) */
	.globl memcpy
	.type memcpy, @function
memcpy:
	mov	%rdi, %rax
	mov	%rdx, %rcx
	shr	$3, %rcx
	rep movsq
	mov	%edx, %ecx
	and	$7, %ecx
	rep movsb
	ret
	.size memcpy, . - memcpy

/* void *memset(void *to, int byte, size_t n) */
	.globl memset
	.type memset, @function
memset:
	mov	%rdi, %r8
	movzbl	%sil, %eax
	movabs	$0x0101010101010101, %rcx
	imul	%rcx, %rax
	mov	%rdx, %rcx
	shr	$3, %rcx
	rep stosq
	mov	%edx, %ecx
	and	$7, %ecx
	rep stosb
	mov	%r8, %rax
	ret
	.size memset, . - memset
