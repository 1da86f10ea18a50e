/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HYPERVISOR_iret: a guest's kernel returns from an entry (xen/arch-x86/xen-x86_64.h). */
#include <hv/domain.h>
#include <hv/guest_copy.h>

#include <asm/bounce.h>
#include <asm/entry.h>
#include <asm/percpu.h>
#include <asm/system.h>

/*
 * The context is on top of the guest's stack: struct iret_context. cs with RPL 3
 * returns to guest-user mode, anything else to guest-kernel mode. rflags.IF
 * becomes the event mask. With VGCF_in_syscall cs, ss, rcx and r11 are not restored.
 * Returns the guest's new rax.
 */
long do_iret(struct vcpu *v)
{
	struct cpu_user_regs *regs = &cpu_info()->guest_regs;
	struct iret_context frame;

	if (guest_read(&frame, regs->rsp)) {
		domain_crash(v->domain, "its stack cannot be read for iret");
		return 0;
	}
	if ((frame.cs & 3) == 3) {
		if (mfn_eq(v->arch.user_root, INVALID_MFN)) {
			domain_crash(v->domain,
				     "it goes to user mode without page tables for that");
			return 0;
		}
		guest_mode_toggle(v);
	}

	WRITE_ONCE(v->info->evtchn_upcall_mask, !(frame.rflags & EFLAGS_IF));
	v->arch.nmi_in_progress = false;
	if (v->arch.iopl_is_shown)
		v->arch.iopl = (frame.rflags & EFLAGS_IOPL) >> 12;

	regs->rip = frame.rip;
	regs->rflags = (frame.rflags & ~(EFLAGS_IOPL | EFLAGS_VM | EFLAGS_VIF | EFLAGS_VIP)) |
		       EFLAGS_IF | EFLAGS_ONE;
	regs->rsp = frame.rsp;
	if (frame.flags & VGCF_in_syscall) {
		regs->entry_vector = ENTRY_SYSCALL;
		regs->cs = FLAT_RING3_CS64;
		regs->ss = FLAT_RING3_SS64;
	} else {
		regs->entry_vector = 0;
		regs->cs = frame.cs | 3;
		regs->ss = frame.ss | 3;
		regs->r11 = frame.r11;
		regs->rcx = frame.rcx;
	}
	return frame.rax;
}
