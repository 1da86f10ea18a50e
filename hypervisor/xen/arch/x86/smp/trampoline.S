/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a CPU begins after its start-up message: real mode, cs:ip = page:0, in a
 * page below 1 MiB that this code is copied to. From there to 64-bit mode on
 * tables that map this page one to one and the hypervisor at its place, and
 * to C. start_cpus.c fills in what is marked.
 */
#define AT(label) ((label) - trampoline_start)

	.section .rodata, "a"
	.balign 16
	.globl trampoline_start, trampoline_end
	.globl trampoline_gdt_base, trampoline_jump_32, trampoline_jump_64
	.globl trampoline_cr3, trampoline_efer, trampoline_stack, trampoline_entry

	.code16
trampoline_start:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	xor	%ebx, %ebx
	mov	%ax, %bx
	shl	$4, %ebx			/* the page's address */
	lgdtl	AT(trampoline_gdt_limit)
	mov	$0x11, %eax			/* ET PE; caches on */
	mov	%eax, %cr0
	ljmpl	*AT(trampoline_jump_32)

	.code32
protected_mode:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$0x20, %eax			/* PAE */
	mov	%eax, %cr4
	mov	AT(trampoline_cr3)(%ebx), %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx		/* EFER */
	mov	AT(trampoline_efer)(%ebx), %eax
	xor	%edx, %edx
	wrmsr
	mov	$0x80010033, %eax		/* PG WP NE ET MP PE */
	mov	%eax, %cr0
	ljmpl	*AT(trampoline_jump_64)(%ebx)

	.code64
long_mode:
	mov	%ebx, %ebx
	mov	AT(trampoline_stack)(%rbx), %rsp
	mov	AT(trampoline_entry)(%rbx), %rax
	xor	%ebp, %ebp
	call	*%rax
	ud2

	.balign 8
gdt:
	.quad 0
	.quad 0x00af9b000000ffff		/* 64-bit code */
	.quad 0x00cf93000000ffff		/* data */
	.quad 0x00cf9b000000ffff		/* 32-bit code */
trampoline_gdt_limit:
	.word . - gdt - 1
trampoline_gdt_base:
	.long AT(gdt)				/* + the page's address */
trampoline_jump_32:
	.long AT(protected_mode)		/* + the page's address */
	.word 0x18
trampoline_jump_64:
	.long AT(long_mode)			/* + the page's address */
	.word 0x08
	.balign 8
trampoline_cr3:
	.quad 0					/* filled in */
trampoline_efer:
	.quad 0					/* filled in */
trampoline_stack:
	.quad 0					/* filled in */
trampoline_entry:
	.quad 0					/* filled in */
trampoline_end:
