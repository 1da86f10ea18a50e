/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SYSCALL and SYSENTER. Neither switches stacks: a stub in each CPU's own area
 * does, finding its stack by its own address, before anything can go wrong.
 * From guest-kernel mode a SYSCALL is a hypercall, from guest-user mode a
 * system call for the guest's kernel.
 */
#include <asm/cpu_area.h>
#include <asm/entry.h>
#include <asm/layout.h>
#include <asm/offsets.h>

#include "registers.inc"

/* TF DF IOPL NT RF VM AC VIF VIP: a kernel is entered without them. */
#define GUEST_ENTRY_FLAGS_CLEARED 0x1f7500
/* IOPL VM VIF VIP: never a guest's; IF and bit 1 always are. */
#define GUEST_FLAGS_REFUSED	  0x1a3000
#define GUEST_FLAGS_ALWAYS	  0x202

	/* CLAC touches AC alone. */
#define CLAC_FLAGS_KEPT CLAC_IF_SMAP

/* A place in the CPU's cpu_info, as seen from its stub, which stands at the start of the same area. */
#define STUB_TO_INFO(field) stub_syscall + PERCPU_SIZE - CPUINFO_SIZE + (field)

	/* The template: copied to the start of a CPU's area, its jumps aimed in C. */
	.section .rodata
	.globl stub_syscall, stub_syscall_jump, stub_syscall32, stub_syscall32_jump, stub_end
stub_syscall:
	mov	%rsp, STUB_TO_INFO(CPUINFO_scratch_rsp)(%rip)
	lea	STUB_TO_INFO(CPUINFO_regs + REGS_es)(%rip), %rsp
	.byte	0xe9			/* jmp syscall_entry */
stub_syscall_jump:
	.long	0
	.balign 16
stub_syscall32:
	mov	%rsp, STUB_TO_INFO(CPUINFO_scratch_rsp)(%rip)
	lea	STUB_TO_INFO(CPUINFO_regs + REGS_es)(%rip), %rsp
	.byte	0xe9			/* jmp syscall32_entry */
stub_syscall32_jump:
	.long	0
stub_end:

	.section .text.entry, "ax"
	/*
	 * rsp: above guest_regs.ss; rcx: the guest's rip, r11: its rflags;
	 * interrupts and direction flag off (MSR FMASK).
	 *
	 * Two things happen so often that they have a short way, without a C
	 * function and thus without a return that a guest could have predicted: a
	 * program's system call into its kernel, and the kernel's iret. Both use
	 * rax, rdi, rsi and rdx, saved in their places of the frame, and go the
	 * long way when anything is unusual.
	 */
	.globl syscall_entry
	.balign 16
syscall_entry:
	push	$FLAT_SS
	pushq	CPUINFO_scratch_rsp - CPUINFO_regs - REGS_ss(%rsp)
	push	%r11
	push	$FLAT_CS64
	push	%rcx
	sub	$REGS_rip, %rsp
	mov	%rax, REGS_rax(%rsp)
	mov	%rdi, REGS_rdi(%rsp)
	mov	%rsi, REGS_rsi(%rsp)
	mov	%rdx, REGS_rdx(%rsp)
	OWN_TABLES rdi, CPUINFO_kernel_cr3
	mov	CPUINFO_current - CPUINFO_regs(%rsp), %rdi
	mov	VCPU_info(%rdi), %rsi
	cmpb	$0, VCPU_in_kernel(%rdi)
	je	syscall_of_user
	cmp	$HYPERCALL_IRET, %rax
	jne	hypercall
	jmp	iret_of_kernel

	/*
	 * Any other hypercall, straight to its handler: rax is the number, rdi the
	 * vCPU; the registers that matter are saved. Guest values stay in none but the
	 * arguments'.
	 */
hypercall:
	SAVE_THE_REST
	movl	$ENTRY_SYSCALL, REGS_entry_vector(%rsp)
	GUEST_ENTRY_BARRIERS
	cmp	$HYPERCALL_LIMIT, %rax
	jae	hypercall_unknown
	and	$HYPERCALL_LIMIT - 1, %eax	/* no speculation beyond the table */
	lea	hypercall_table(%rip), %r8
	mov	(%r8,%rax,8), %rax
	test	%rax, %rax
	jz	hypercall_unknown
	mov	%rdi, %rbx
	movb	$0, VCPU_was_preempted(%rdi)
	mov	%rdx, %rcx
	mov	REGS_rsi(%rsp), %rdx
	mov	REGS_rdi(%rsp), %rsi
	mov	REGS_r10(%rsp), %r8
	sti
	call	__x86_indirect_thunk_rax
	cli
	/* A continuation has put its own number there. */
	cmpb	$0, VCPU_was_preempted(%rbx)
	jne	exit_to_guest
	mov	%rax, REGS_rax(%rsp)
	jmp	exit_of_vcpu

hypercall_unknown:
	mov	%rdi, %rbx
	movq	$ERROR_ENOSYS, REGS_rax(%rsp)
	jmp	exit_of_vcpu

	/*
	 * A program's system call: pv/trap_bounce.c in short. Events must be
	 * unmasked, as they are for a program; nothing else may be waiting.
	 */
syscall_of_user:
	mov	VCPU_short_sp(%rdi), %rdx
	cmpl	$0, CPUINFO_softirqs - CPUINFO_regs(%rsp)
	jne	bounce_long
	cmpl	$0, VCPU_nmi_pending(%rdi)	/* nor in progress, nor IOPL shown */
	jne	bounce_long
	cmpw	$0, INFO_upcall_pending(%rsi)	/* nor masked */
	jne	bounce_long
	test	%rdx, %rdx
	jz	bounce_long
	cmpq	$0, VCPU_short_rip(%rdi)
	je	bounce_long

	movb	$1, VCPU_in_kernel(%rdi)
	swapgs
	mov	VCPU_kernel_root(%rdi), %rax
	SKIP_UNLESS PATCH_XPTI, 2f
	/* loaded already */
	shl	$12, %rax
	mov	%rax, CPUINFO_full_cr3 - CPUINFO_regs(%rsp)
	mov	VCPU_isolated_cr3 + 8(%rdi), %rax
	mov	%rax, CPUINFO_guest_cr3 - CPUINFO_regs(%rsp)
	jmp	1f
2:	cmp	VCPU_user_root(%rdi), %rax
	je	1f
	shl	$12, %rax
	mov	%rax, %cr3
1:	sub	$7 * 8, %rdx
	STAC_IF_SMAP
11:	mov	%rcx, 0x00(%rdx)
12:	mov	%r11, 0x08(%rdx)
13:	mov	%rcx, 0x10(%rdx)
14:	movq	$FLAT_CS64, 0x18(%rdx)
15:	mov	%r11, 0x20(%rdx)
	mov	REGS_rsp(%rsp), %rax
16:	mov	%rax, 0x28(%rdx)
17:	movq	$FLAT_SS, 0x30(%rdx)
	CLAC_IF_SMAP
	mov	VCPU_syscall_masks(%rdi), %al
	mov	%al, INFO_upcall_mask(%rsi)
	mov	VCPU_short_rip(%rdi), %rcx
	and	$~GUEST_ENTRY_FLAGS_CLEARED, %r11
	mov	%rdx, REGS_rsp(%rsp)
	CLEAR_BUFFERS
	GUEST_TABLES
	mov	REGS_rax(%rsp), %rax
	mov	REGS_rdi(%rsp), %rdi
	mov	REGS_rsi(%rsp), %rsi
	mov	REGS_rdx(%rsp), %rdx
	mov	REGS_rsp(%rsp), %rsp
	sysretq

	.irp	at, 11b, 12b, 13b, 14b, 15b, 16b, 17b
	MAY_FAULT \at, bounce_failed
	.endr
	/* The kernel's stack is not there. We are in its mode already: let C try again, and say so. */
bounce_failed:
	CLAC_IF_SMAP
	movb	$0, VCPU_in_kernel(%rdi)
	swapgs
	/* user_root is loaded again only to be left: what C sees is the state of before */
	mov	VCPU_user_root(%rdi), %rax
	cmp	$-1, %rax
	je	bounce_long			/* none: the kernel's was in use */
	shl	$12, %rax
	mov	%rax, %cr3
	mov	%rax, CPUINFO_full_cr3 - CPUINFO_regs(%rsp)
	mov	VCPU_isolated_cr3(%rdi), %rax
	mov	%rax, CPUINFO_guest_cr3 - CPUINFO_regs(%rsp)
bounce_long:
	OWN_TABLES rax
	SAVE_THE_REST
	movl	$0, REGS_error_code(%rsp)
	movl	$ENTRY_SYSCALL, REGS_entry_vector(%rsp)
	GUEST_ENTRY_BARRIERS
	mov	%rsp, %rdi
	call	syscall_bounce
	jmp	exit_to_guest

	/*
	 * The kernel's iret: pv/iret.c in short, from a stack in the upper half.
	 * After a fault or for anything unusual do_iret() does it all again.
	 */
iret_of_kernel:
	cmpl	$0, CPUINFO_softirqs - CPUINFO_regs(%rsp)
	jne	iret_long
	cmpl	$0, VCPU_nmi_pending(%rdi)
	jne	iret_long
	movabs	$HV_VIRT_END, %rax
	mov	REGS_rsp(%rsp), %rdx
	cmp	%rax, %rdx
	jb	iret_long

	STAC_IF_SMAP
21:	testl	$IRET_IN_SYSCALL, IRET_flags(%rdx)
	jnz	iret_unusual
22:	mov	IRET_rflags(%rdx), %r11
	bt	$9, %r11			/* IF: events unmasked? then none may wait */
	jnc	1f
	cmpb	$0, INFO_upcall_pending(%rsi)
	jne	iret_unusual
1:
23:	mov	IRET_cs(%rdx), %rcx
24:	mov	IRET_rip(%rdx), %rax
	mov	%rax, REGS_rip(%rsp)
25:	mov	IRET_ss(%rdx), %rax
	or	$3, %eax
	mov	%ax, REGS_ss(%rsp)
26:	mov	IRET_rsp(%rdx), %rax
	mov	%rax, REGS_rsp(%rsp)
	mov	%ecx, %eax
	or	$3, %eax
	mov	%ax, REGS_cs(%rsp)
	and	$3, %ecx
	cmp	$3, %ecx
	jne	2f
	cmpq	$-1, VCPU_user_root(%rdi)
	je	iret_unusual
2:	/* rflags.IF and the mask; what a guest may not have */
	bt	$9, %r11
	setnc	%al
	mov	%al, INFO_upcall_mask(%rsi)
	and	$~GUEST_FLAGS_REFUSED, %r11
	or	$GUEST_FLAGS_ALWAYS, %r11
	mov	%r11, REGS_rflags(%rsp)
	cmp	$3, %ecx
27:	mov	IRET_rcx(%rdx), %rcx
28:	mov	IRET_r11(%rdx), %r11
29:	mov	IRET_rax(%rdx), %rdx
	CLAC_FLAGS_KEPT
	jne	3f
	/* to guest-user mode */
	movb	$0, VCPU_in_kernel(%rdi)
	swapgs
	mov	VCPU_user_root(%rdi), %rax
	SKIP_UNLESS PATCH_XPTI, 4f
	shl	$12, %rax
	mov	%rax, CPUINFO_full_cr3 - CPUINFO_regs(%rsp)
	mov	VCPU_isolated_cr3(%rdi), %rdi
	mov	%rdi, CPUINFO_guest_cr3 - CPUINFO_regs(%rsp)
	test	%rdi, %rdi
	jnz	3f			/* the guest's tables follow: ours are not needed between */
	mov	%rax, %cr3
	jmp	3f
4:	cmp	VCPU_kernel_root(%rdi), %rax
	je	3f
	shl	$12, %rax
	mov	%rax, %cr3
3:	mov	%rdx, %rax
	mov	REGS_rdx(%rsp), %rdx
	mov	REGS_rsi(%rsp), %rsi
	mov	REGS_rdi(%rsp), %rdi
	CLEAR_BUFFERS
	SKIP_UNLESS PATCH_XPTI, 5f
	mov	%rax, REGS_rax(%rsp)
	GUEST_TABLES
	mov	REGS_rax(%rsp), %rax
5:	add	$REGS_rip, %rsp
	jmp	guest_iretq

	.irp	at, 21b, 22b, 23b, 24b, 25b, 26b, 27b, 28b, 29b
	MAY_FAULT \at, iret_unusual
	.endr
iret_unusual:
	CLAC_IF_SMAP
iret_long:
	/* what the hardware would have pushed may be overwritten: only the stack pointer matters */
	mov	CPUINFO_scratch_rsp - CPUINFO_regs(%rsp), %rax
	mov	%rax, REGS_rsp(%rsp)
	movw	$FLAT_CS64, REGS_cs(%rsp)
	movw	$FLAT_SS, REGS_ss(%rsp)
	mov	REGS_rax(%rsp), %rax
	jmp	hypercall

	/* SYSCALL in compatibility mode (AMD). As above, but for a 32-bit user program. */
	.globl syscall32_entry
	.balign 16
syscall32_entry:
	push	$FLAT_SS
	pushq	CPUINFO_scratch_rsp - CPUINFO_regs - REGS_ss(%rsp)
	push	%r11
	push	$FLAT_CS32
	push	%rcx
	push	$0
	movl	$ENTRY_SYSCALL, 4(%rsp)
	SAVE_REGISTERS
	OWN_TABLES rax
	GUEST_ENTRY_BARRIERS
	mov	%rsp, %rdi
	call	syscall32_bounce
	jmp	exit_to_guest

	/*
	 * SYSENTER. The MSR gives rsp (above guest_regs.ss) and nothing is saved by
	 * the hardware: the guest's return address is its kernel's business.
	 */
	.globl sysenter_entry
	.balign 16
sysenter_entry:
	push	$FLAT_SS
	push	$0
	pushfq
	push	$3
	push	$0
	push	$0
	movl	$0x80, 4(%rsp)
	SAVE_REGISTERS
	/* no mask here: NT would make our next iretq a #GP, maybe another vCPU's */
	pushq	$2
	popfq
	OWN_TABLES rax
	GUEST_ENTRY_BARRIERS
	mov	%rsp, %rdi
	call	sysenter_bounce
	jmp	exit_to_guest
