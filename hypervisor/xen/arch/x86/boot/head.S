/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the boot loader (multiboot 1 or 2: 32-bit protected mode, paging off,
 * interrupts off) to boot_start() in C, in 64-bit mode at the linked address.
 * On a UEFI machine a multiboot 2 loader enters in 64-bit mode, one to one, with
 * the firmware's boot services up; efi_boot() ends them first.
 *
 * A multiboot 2 loader may put the image elsewhere (in steps of 2 MiB): until
 * paging is on, %ebp is how far it is from where it was linked to be.
 *
 * The tables made here map the first 4 GiB twice with 2 MiB pages, one to one
 * and at the direct map, and the image, up to a GiB of it, at its own place.
 * hypervisor_map.c replaces them.
 */
#include <asm/cpu_area.h>
#include <asm/layout.h>

	.globl	boot_stack_end

#define PHYS(sym) ((sym) - IMAGE_START)

#define MB1_MAGIC	0x1badb002
#define MB1_FLAGS	0x00000003	/* modules on page boundaries, memory map */
#define MB2_MAGIC	0xe85250d6
#define MB2_LOADED	0x36d76289	/* in eax at the entry */

#define CR4_PCIDE	0x20000
#define CR4_CET		0x800000

	.section .text.head, "ax"
	.code32

	.align 4
	.long MB1_MAGIC
	.long MB1_FLAGS
	.long -(MB1_MAGIC + MB1_FLAGS)

	.align 8
mb2_header:
	.long MB2_MAGIC
	.long 0					/* i386 protected mode */
	.long mb2_header_end - mb2_header
	.long -(MB2_MAGIC + (mb2_header_end - mb2_header))
	/* information request: command line, modules, memory map: required */
	.align 8
	.word 1, 0
	.long 20
	.long 1, 3, 6
	/* modules on page boundaries */
	.align 8
	.word 6, 0
	.long 8
	/* relocatable: at the lowest place from IMAGE_PHYS on, on 2 MiB boundaries */
	.align 8
	.word 10, 0
	.long 24
	.long IMAGE_PHYS, 0xffffffff, 0x200000, 1
	/* do not end EFI boot services; where to enter then. A BIOS's loader may ignore both. */
	.align 8
	.word 7, 1
	.long 8
	.align 8
	.word 9, 1
	.long 12
	.long PHYS(boot_entry_efi)
	/* end */
	.align 8
	.word 0, 0
	.long 8
mb2_header_end:

	/* container.lds names this offset. In: eax = magic, ebx = information. */
	.org 0x100
	.globl boot_entry_32
boot_entry_32:
	cli
	cld
	/* There is no stack to ask where we are: the information's first word lends itself. */
	mov	(%ebx), %ecx
	lea	4(%ebx), %esp
	call	1f
1:	pop	%ebp
	mov	%ecx, (%ebx)
	sub	$PHYS(1b), %ebp
	lea	PHYS(boot_stack_end)(%ebp), %esp
	mov	%ebp, PHYS(image_load_offset)(%ebp)
	push	%eax
	mov	%ebx, %esi

	/* Long mode? */
	mov	$0x80000000, %eax
	cpuid
	cmp	$0x80000001, %eax
	jb	no_long_mode
	mov	$0x80000001, %eax
	cpuid
	bt	$29, %edx
	jnc	no_long_mode
	push	%edx				/* bit 20: NX */

	/* L2s: 4 GiB of 2 MiB pages, present and writable. */
	lea	PHYS(early_l2)(%ebp), %edi
	mov	$0x83, %eax
	xor	%edx, %edx
1:	mov	%eax, (%edi)
	mov	%edx, 4(%edi)
	add	$8, %edi
	add	$0x200000, %eax
	jnc	1b

	/* The image's L2: a GiB from where it lies on. */
	lea	PHYS(early_image_l2)(%ebp), %edi
	lea	0x83(%ebp), %eax
	mov	$512, %ecx
1:	mov	%eax, (%edi)
	mov	%edx, 4(%edi)
	add	$8, %edi
	add	$0x200000, %eax
	adc	$0, %edx
	loop	1b

	/* L3s. */
	lea	PHYS(early_image_l2) + 3(%ebp), %eax
	mov	%eax, PHYS(early_image_l3)(%ebp)
	lea	PHYS(early_l2) + 3(%ebp), %eax
	mov	%eax, PHYS(early_l3)(%ebp)
	add	$0x1000, %eax
	mov	%eax, PHYS(early_l3) + 8(%ebp)
	add	$0x1000, %eax
	mov	%eax, PHYS(early_l3) + 16(%ebp)
	add	$0x1000, %eax
	mov	%eax, PHYS(early_l3) + 24(%ebp)

	/* L4: one to one, direct map, image. */
	lea	PHYS(early_l3) + 3(%ebp), %eax
	mov	%eax, PHYS(early_l4)(%ebp)
	mov	%eax, PHYS(early_l4) + 8 * ((DIRECT_MAP_START >> 39) & 511)(%ebp)
	lea	PHYS(early_image_l3) + 3(%ebp), %eax
	mov	%eax, PHYS(early_l4) + 8 * ((IMAGE_START >> 39) & 511)(%ebp)

	lea	PHYS(early_l4)(%ebp), %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	and	$~0x1000, %eax			/* no 5-level paging */
	or	$0x20, %eax			/* PAE */
	mov	%eax, %cr4

	pop	%edi
	mov	$0xc0000080, %ecx		/* EFER: LME, SCE, NXE where there is NX */
	rdmsr
	or	$0x101, %eax
	bt	$20, %edi
	jnc	1f
	or	$0x800, %eax
1:	wrmsr

	pop	%edi				/* magic */
	mov	$0x80010033, %eax		/* PG WP NE ET MP PE */
	mov	%eax, %cr0
	lea	PHYS(boot_gdt)(%ebp), %eax
	mov	%eax, PHYS(boot_gdt_pointer) + 2(%ebp)
	lgdt	PHYS(boot_gdt_pointer)(%ebp)
	lea	PHYS(boot_entry_64)(%ebp), %eax
	push	$8
	push	%eax
	lret

no_long_mode:
	lea	PHYS(no_long_mode_text)(%ebp), %esi
	mov	$0xb8000, %edi
	mov	$0x3f8, %edx
2:	lodsb
	test	%al, %al
	jz	3f
	mov	%al, (%edi)
	movb	$0x07, 1(%edi)
	add	$2, %edi
	mov	%al, %bl
	add	$5, %edx
	mov	$0x10000, %ecx
4:	in	(%dx), %al
	test	$0x20, %al
	loopz	4b
	sub	$5, %edx
	mov	%bl, %al
	out	%al, (%dx)
	jmp	2b
3:	hlt
	jmp	3b
no_long_mode_text:
	.asciz "(XEN) This machine has no 64-bit mode: the hypervisor cannot run on it.\r\n"

	.align 8
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff		/* 64-bit code */
	.quad 0x00cf93000000ffff		/* data */
	.quad 0x00cf9b000000ffff		/* 32-bit code */
boot_gdt_pointer:
	.word 31
	.quad 0					/* filled in */

	.code64
/*
 * In: eax = magic, ebx = information, on the firmware's stack and tables. From
 * here to 32-bit mode, as other loaders leave it: one way on for all.
 */
boot_entry_efi:
	cld
	mov	%ebx, %edi
	and	$~15, %rsp
	call	efi_boot
	cli
	mov	%cr4, %rax
	and	$~(CR4_PCIDE | CR4_CET), %eax	/* neither lets paging be switched off */
	mov	%rax, %cr4
	lea	boot_gdt(%rip), %rax
	mov	%rax, boot_gdt_pointer + 2(%rip)
	lgdt	boot_gdt_pointer(%rip)
	lea	1f(%rip), %rax
	push	$24
	push	%rax
	lretq
	.code32
1:	mov	$16, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%cr0, %eax
	and	$0x7fffffff, %eax
	mov	%eax, %cr0
	mov	$0xc0000080, %ecx		/* EFER: no LME */
	rdmsr
	and	$~0x100, %eax
	wrmsr
	mov	$MB2_LOADED, %eax
	jmp	boot_entry_32

	.code64
boot_entry_64:
	mov	$16, %eax
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %fs
	mov	%eax, %gs
	movabs	$1f, %rax
	jmp	*%rax				/* to the linked address */
1:
	/* The stack's top is this CPU's struct cpu_info. */
	lea	boot_stack_end(%rip), %rsp
	mov	%edi, %edi			/* magic */
	mov	%esi, %esi			/* information, zero-extended */
	xor	%ebp, %ebp
	call	boot_start
	ud2

/*
 * void stack_switch_and_call(unsigned long sp, void (*function)(void)):
 * leave the current stack for good.
 */
	.text
	.globl stack_switch_and_call
stack_switch_and_call:
	mov	%rdi, %rsp
	mov	%rsi, %rax
	xor	%ebp, %ebp
	call	__x86_indirect_thunk_rax
	ud2

	.data
	.balign 8
	.globl image_load_offset
image_load_offset:
	.quad 0

	.section .bss.page_aligned, "aw", @nobits
	.balign PERCPU_SIZE
boot_stack:
	.skip PERCPU_SIZE - CPUINFO_MAX
boot_stack_end:
	.skip 256				/* struct cpu_info, checked in start.c */
	.balign 4096
early_l4:	.skip 4096
early_l3:	.skip 4096
early_image_l3:	.skip 4096
early_image_l2:	.skip 4096
early_l2:	.skip 4 * 4096
