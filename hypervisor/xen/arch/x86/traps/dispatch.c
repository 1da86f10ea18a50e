/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vector to function. From a guest: what is ours to handle is handled, the rest
 * is the guest's exception. From ourselves: an address that is allowed to
 * fault goes on at its fixup, anything else is the end.
 */
#include <hv/domain.h>
#include <hv/event_channel.h>
#include <hv/nospec.h>
#include <hv/panic.h>
#include <hv/sched.h>
#include <hv/softirq.h>

#include <asm/backtrace.h>
#include <asm/bounce.h>
#include <asm/emulate.h>
#include <asm/entry.h>
#include <asm/fixup.h>
#include <asm/machine_check.h>
#include <asm/page_fault.h>
#include <asm/percpu.h>
#include <asm/stale_code.h>
#include <asm/system.h>
#include <asm/trap_entry.h>
#include <asm/traps.h>

#define ERROR_CODE_EXT 1
#define ERROR_CODE_IDT 2

static bool is_external(unsigned int vector)
{
	return vector >= 0x20 && vector != VECTOR_LEGACY_SYSCALL && vector != VECTOR_HYPERCALL_32;
}

/* INT n of a vector whose hardware gate is closed to ring 3: the guest's gate decides. */
static bool software_interrupt(struct cpu_user_regs *regs)
{
	unsigned int vector = (regs->error_code & 0xffff) >> 3;
	struct vcpu *v = current_vcpu();
	const struct trap_info *t;

	if (!(regs->error_code & ERROR_CODE_IDT) || regs->error_code & ERROR_CODE_EXT ||
	    vector > 255)
		return false;
	vector = index_nospec(vector, ARRAY_SIZE(v->arch.trap));
	t = &v->arch.trap[vector];
	if (!t->address || TI_GET_DPL(t) < (v->arch.in_kernel ? 1 : 3))
		return false;
	regs->rip += 2;
	guest_inject(regs, vector);
	return true;
}

/*
 * INT3, INTO, INT 0x80: their gates are open to ring 3, so that it is for us to
 * ask whether the guest has one. Of INT 0x80 its DPL counts too (xen/xen.h); the
 * others come at any DPL, as on Debian's Xen.
 */
static void open_gate(struct cpu_user_regs *regs, unsigned int vector, unsigned int length)
{
	const struct vcpu *v = current_vcpu();
	const struct trap_info *t = &v->arch.trap[vector];
	bool is_closed = vector == VECTOR_LEGACY_SYSCALL &&
			 TI_GET_DPL(t) < (v->arch.in_kernel ? 1 : 3);

	if (likely(t->address && !is_closed)) {
		guest_inject(regs, vector);
		return;
	}
	regs->rip -= length;
	guest_inject_error(regs, X86_GP, vector << 3 | ERROR_CODE_IDT);
}

static void general_protection(struct cpu_user_regs *regs)
{
	uint32_t error = regs->error_code;

	if (software_interrupt(regs))
		return;
	if (!error && emulate_privileged(current_vcpu(), regs))
		return;
	guest_inject_error(regs, X86_GP, error);
}

static void device_not_available(struct cpu_user_regs *regs)
{
	/* Only while the guest asked for it by fpu_taskswitch; delivering it clears TS, as the ABI says. */
	do_fpu_taskswitch(current_vcpu(), 0);
	guest_inject(regs, X86_NM);
}

static void __noreturn die(const struct cpu_user_regs *regs)
{
	if ((regs->entry_vector & 0xff) == X86_MC)
		machine_check_print();
	crash_dump(regs);
	panic("Fatal exception %u in the hypervisor, error code %04x, cr2 %016lx\n",
	      regs->entry_vector & 0xff, regs->error_code, cr2_read());
}

void trap_from_guest(struct cpu_user_regs *regs)
{
	unsigned int vector = regs->entry_vector & 0xff;

	/* the two that are frequent */
	if (likely(vector == X86_PF)) {
		page_fault_from_guest(regs);
		return;
	}
	if (vector == X86_GP) {
		irq_enable();
		general_protection(regs);
		return;
	}
	switch (vector) {
	case X86_NM:
		device_not_available(regs);
		break;
	case X86_UD:
		irq_enable();
		if (!emulate_forced_cpuid(regs))
			guest_inject(regs, X86_UD);
		break;
	case X86_DB:
		debug_exception_note(current_vcpu());
		guest_inject(regs, X86_DB);
		break;
	case X86_TS:
	case X86_NP:
	case X86_SS:
	case X86_AC:
		guest_inject_error(regs, vector, regs->error_code);
		break;
	case X86_DE:
	case X86_BR:
	case X86_MF:
	case X86_XM:
		guest_inject(regs, vector);
		break;
	case X86_BP:
		irq_enable();
		stale_breakpoint(current_vcpu(), regs);
		open_gate(regs, vector, 1);
		break;
	case X86_OF:
	case VECTOR_LEGACY_SYSCALL:
		open_gate(regs, vector, 2);
		break;
	case X86_NMI:
		nmi_handle(regs);
		break;
	case X86_MC:
		die(regs);
	default:
		if (!is_external(vector)) {
			crash_dump(regs);
			panic("Exception %u from a guest, which has no meaning here\n", vector);
		}
		irq_dispatch(regs, vector);
	}
}

void trap_from_hypervisor(struct cpu_user_regs *regs)
{
	unsigned int vector = regs->entry_vector & 0xff;

	if (is_external(vector)) {
		irq_dispatch(regs, vector);
		return;
	}
	if (vector == X86_PF && page_fault_from_hypervisor(regs))
		return;
	/* The guest's frame is still at the stack's top, all but what was popped. */
	if (regs->rip == (unsigned long)guest_iretq) {
		cpu_info()->guest_regs.error_code = regs->error_code;
		cpu_info()->guest_regs.entry_vector = vector;
	}
	if (fixup_apply(regs))
		return;
	die(regs);
}

void trap_on_own_stack(struct cpu_user_regs *regs)
{
	switch (regs->entry_vector & 0xff) {
	case X86_DB:
		/*
		 * A guest's breakpoint on user memory that we copied, or MOV SS before
		 * SYSCALL: it does not concern us, and TF is not set for us.
		 */
		dr6_write(0xffff0ff0);
		regs->rflags &= ~EFLAGS_TF;
		return;
	case X86_NMI:
		nmi_handle(regs);
		return;
	default:
		die(regs);
	}
}

/* Way out with something to do. Entered and left with interrupts off. */
void guest_exit_work(struct cpu_user_regs *regs)
{
	struct vcpu *v = current_vcpu();

	irq_enable();
	softirq_run();
	irq_disable();
	if (softirq_pending())
		return;
	if (v->arch.nmi_pending && guest_nmi_deliver(v, regs))
		return;
	if (vcpu_event_deliverable(v))
		guest_event_deliver(v, regs);
}
