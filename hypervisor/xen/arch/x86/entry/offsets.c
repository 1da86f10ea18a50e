/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Constants for assembly, taken from the C definitions: the Makefile reads the compiler's output. */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/hypercall.h>

#include <asm/percpu.h>

#define OFFSET(name, value) __asm__ volatile("# @offset " #name " %0" : : "i"(value))
#define MEMBER(name, type, field) OFFSET(name, offsetof(type, field))

void offsets(void);

void offsets(void)
{
	MEMBER(REGS_r15, struct cpu_user_regs, r15);
	MEMBER(REGS_rax, struct cpu_user_regs, rax);
	MEMBER(REGS_rcx, struct cpu_user_regs, rcx);
	MEMBER(REGS_rdx, struct cpu_user_regs, rdx);
	MEMBER(REGS_rsi, struct cpu_user_regs, rsi);
	MEMBER(REGS_rdi, struct cpu_user_regs, rdi);
	MEMBER(REGS_r8, struct cpu_user_regs, r8);
	MEMBER(REGS_r9, struct cpu_user_regs, r9);
	MEMBER(REGS_r10, struct cpu_user_regs, r10);
	MEMBER(REGS_rbx, struct cpu_user_regs, rbx);
	MEMBER(REGS_rbp, struct cpu_user_regs, rbp);
	MEMBER(REGS_r12, struct cpu_user_regs, r12);
	MEMBER(REGS_r13, struct cpu_user_regs, r13);
	MEMBER(REGS_r14, struct cpu_user_regs, r14);
	MEMBER(REGS_r11, struct cpu_user_regs, r11);
	MEMBER(REGS_entry_vector, struct cpu_user_regs, entry_vector);
	MEMBER(REGS_error_code, struct cpu_user_regs, error_code);
	MEMBER(REGS_rip, struct cpu_user_regs, rip);
	MEMBER(REGS_cs, struct cpu_user_regs, cs);
	MEMBER(REGS_rflags, struct cpu_user_regs, rflags);
	MEMBER(REGS_rsp, struct cpu_user_regs, rsp);
	MEMBER(REGS_ss, struct cpu_user_regs, ss);
	MEMBER(REGS_es, struct cpu_user_regs, es);
	OFFSET(REGS_SIZE, sizeof(struct cpu_user_regs));

	OFFSET(CPUINFO_SIZE, sizeof(struct cpu_info));
	MEMBER(CPUINFO_current, struct cpu_info, current);
	MEMBER(CPUINFO_softirqs, struct cpu_info, softirqs);
	MEMBER(CPUINFO_scratch_rsp, struct cpu_info, scratch_rsp);
	MEMBER(CPUINFO_history_cleared, struct cpu_info, history_cleared);
	MEMBER(CPUINFO_full_cr3, struct cpu_info, full_cr3);
	MEMBER(CPUINFO_kernel_cr3, struct cpu_info, kernel_cr3);
	MEMBER(CPUINFO_guest_cr3, struct cpu_info, guest_cr3);
	MEMBER(CPUINFO_regs, struct cpu_info, guest_regs);

	MEMBER(VCPU_info, struct vcpu, info);
	MEMBER(VCPU_in_kernel, struct vcpu, arch.in_kernel);
	MEMBER(VCPU_nmi_pending, struct vcpu, arch.nmi_pending);
	MEMBER(VCPU_isolated_cr3, struct vcpu, arch.isolated_cr3);
	MEMBER(VCPU_kernel_root, struct vcpu, arch.kernel_root);
	MEMBER(VCPU_user_root, struct vcpu, arch.user_root);
	MEMBER(VCPU_short_rip, struct vcpu, arch.short_rip);
	MEMBER(VCPU_short_sp, struct vcpu, arch.short_sp);
	MEMBER(VCPU_syscall_masks, struct vcpu, arch.syscall_callback.masks_events);
	MEMBER(VCPU_was_preempted, struct vcpu, was_preempted);
	OFFSET(HYPERCALL_IRET, __HYPERVISOR_iret);
	OFFSET(HYPERCALL_LIMIT, HYPERCALL_COUNT);
	OFFSET(ERROR_ENOSYS, -ENOSYS);
	OFFSET(ERROR_EFAULT, -EFAULT);
	OFFSET(IRET_IN_SYSCALL, VGCF_in_syscall);
	OFFSET(FLAT_CS64, FLAT_RING3_CS64);
	OFFSET(FLAT_CS32, FLAT_RING3_CS32);
	OFFSET(FLAT_SS, FLAT_RING3_SS64);
	MEMBER(IRET_rax, struct iret_context, rax);
	MEMBER(IRET_r11, struct iret_context, r11);
	MEMBER(IRET_rcx, struct iret_context, rcx);
	MEMBER(IRET_flags, struct iret_context, flags);
	MEMBER(IRET_rip, struct iret_context, rip);
	MEMBER(IRET_cs, struct iret_context, cs);
	MEMBER(IRET_rflags, struct iret_context, rflags);
	MEMBER(IRET_rsp, struct iret_context, rsp);
	MEMBER(IRET_ss, struct iret_context, ss);
	MEMBER(INFO_upcall_pending, vcpu_info_t, evtchn_upcall_pending);
	MEMBER(INFO_upcall_mask, vcpu_info_t, evtchn_upcall_mask);
}
