/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entering a guest's kernel: exceptions, system calls and events find a frame
 * on the kernel's stack that looks like the hardware's with rcx and r11 on top
 * (the two registers that SYSRET destroys), so that the way there can be SYSRET.
 *
 * Frame, from the lowest address (see Linux arch/x86/xen/xen-asm.S and
 * xen/arch-x86_64.h): rcx r11 [error code] rip cs rflags rsp ss. The event
 * mask of before stands in byte 4 of the cs word; cs has RPL 0 if it was the
 * kernel that was interrupted; rflags.IF says whether events were unmasked.
 */
#include <hv/domain.h>
#include <hv/printk.h>

#include <asm/bounce.h>
#include <asm/entry.h>
#include <asm/guest_access.h>
#include <asm/isolation.h>
#include <asm/nospec.h>
#include <asm/page_table.h>
#include <asm/patch.h>
#include <asm/speculation.h>
#include <asm/system.h>
#include <asm/trap_entry.h>
#include <asm/traps.h>

/* What an entry to the kernel starts without; IF is always on in ring 3. */
#define FLAGS_CLEARED                                                                          \
	(EFLAGS_TF | EFLAGS_DF | EFLAGS_IOPL | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | EFLAGS_AC | \
	 EFLAGS_VIF | EFLAGS_VIP)

struct bounce {
	unsigned long rip;
	bool	      masks_events;
	bool	      has_error;
	bool	      has_selectors;	/* failsafe: ds es fs gs below rip */
	uint32_t      error;
};

void guest_mode_toggle(struct vcpu *v)
{
	mfn_t from = v->arch.in_kernel ? v->arch.kernel_root : v->arch.user_root;
	mfn_t to = v->arch.in_kernel ? v->arch.user_root : v->arch.kernel_root;

	v->arch.in_kernel = !v->arch.in_kernel;
	__asm__ __volatile__("swapgs" ::: "memory");
	if (!mfn_eq(v->arch.user_root, INVALID_MFN) && !mfn_eq(from, to))
		cr3_write(paddr_of_mfn(to));
	if (unlikely(speculation.patches & 1U << PATCH_XPTI))
		isolation_note(v);
}

/* ds es fs gs, below rip in the failsafe callback's frame. False: the stack is not there. */
static bool selectors_store(unsigned long sp)
{
	unsigned long ds, es, fs, gs;

	__asm__ __volatile__("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
			     : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	guest_store(sp, ds & 0xffff, failed);
	guest_store(sp + 8, es & 0xffff, failed);
	guest_store(sp + 16, fs & 0xffff, failed);
	guest_store(sp + 24, gs & 0xffff, failed);
	return true;
failed:
	return false;
}

/* The virtual IOPL is part of the frame only for guests that asked for it (xen/xen.h, VMASST_TYPE_architectural_iopl). */
static uint64_t iopl_shown(const struct vcpu *v)
{
	return unlikely(v->arch.iopl_is_shown) ? (uint64_t)v->arch.iopl << 12 : 0;
}

/* Write the frame that ends at @end; its start, or 0 if the stack is not there. */
static unsigned long frame_store(const struct vcpu *v, const struct cpu_user_regs *regs,
				 const struct bounce *b, unsigned long end, bool from_kernel)
{
	uint8_t masked = READ_ONCE(v->info->evtchn_upcall_mask);
	unsigned long bytes = 8 * (7 + b->has_error + (b->has_selectors ? 4 : 0));
	unsigned long sp = end - bytes, at = sp + 16;

	if (unlikely(!guest_range_ok(sp, bytes)))
		return 0;
	branch_barrier();
	guest_access_begin();
	guest_store(sp, regs->rcx, failed);
	guest_store(sp + 8, regs->r11, failed);
	if (b->has_error) {
		guest_store(at, (uint64_t)b->error, failed);
		at += 8;
	}
	if (unlikely(b->has_selectors)) {
		if (!selectors_store(at))
			goto failed;
		at += 32;
	}
	guest_store(at, regs->rip, failed);
	guest_store(at + 8,
		    (from_kernel ? regs->cs & ~3UL : (uint64_t)regs->cs) | (uint64_t)masked << 32,
		    failed);
	guest_store(at + 16,
		    (regs->rflags & ~(EFLAGS_IF | EFLAGS_IOPL)) | (masked ? 0 : EFLAGS_IF) |
			    iopl_shown(v),
		    failed);
	guest_store(at + 24, regs->rsp, failed);
	guest_store(at + 32, (uint64_t)regs->ss, failed);
	guest_access_end();
	return sp;
failed:
	guest_access_end();
	return 0;
}

static void bounce(struct vcpu *v, struct cpu_user_regs *regs, const struct bounce *b)
{
	bool from_kernel = v->arch.in_kernel;
	unsigned long sp = (from_kernel ? regs->rsp : v->arch.kernel_sp) & ~15UL;

	if (unlikely(!b->rip || !address_is_canonical(b->rip))) {
		domain_crash(v->domain, "an entry point that was never registered is needed");
		return;
	}
	if (!from_kernel)
		guest_mode_toggle(v);
	sp = frame_store(v, regs, b, sp, from_kernel);
	if (unlikely(!sp)) {
		domain_crash(v->domain, "its kernel stack cannot be written");
		return;
	}
	if (b->masks_events)
		WRITE_ONCE(v->info->evtchn_upcall_mask, 1);

	regs->rip = b->rip;
	regs->cs = FLAT_RING3_CS64;
	regs->ss = FLAT_RING3_SS64;
	regs->rsp = sp;
	regs->rflags = (regs->rflags & ~FLAGS_CLEARED) | EFLAGS_IF | EFLAGS_ONE;
	regs->entry_vector = ENTRY_SYSCALL;
}

static void bounce_trap(struct cpu_user_regs *regs, unsigned int vector, bool has_error,
			uint32_t error)
{
	struct vcpu *v = current_vcpu();
	const struct trap_info *t = &v->arch.trap[vector & 0xff];
	struct bounce b = {
		.rip = t->address,
		.masks_events = TI_GET_IF(t),
		.has_error = has_error,
		.error = error,
	};

	if (unlikely(!t->address)) {
		log_debug("d%uv%u: vector %u, error code %x, at %04x:%016lx has no handler\n",
			  v->domain->id, v->id, vector, error, regs->cs, regs->rip);
		domain_crash(v->domain, "an exception for which it has no handler");
		return;
	}
	bounce(v, regs, &b);
}

void guest_inject(struct cpu_user_regs *regs, unsigned int vector)
{
	bounce_trap(regs, vector, false, 0);
}

void guest_inject_error(struct cpu_user_regs *regs, unsigned int vector, uint32_t error_code)
{
	bounce_trap(regs, vector, true, error_code);
}

/* The address goes to vcpu_info, cr2 also into the frame's neighbour that the ABI names: arch.cr2. */
void guest_inject_page_fault(struct cpu_user_regs *regs, unsigned long addr, uint32_t error_code)
{
	struct vcpu *v = current_vcpu();

	WRITE_ONCE(v->info->arch.cr2, addr);
	/* Where the guest's user and kernel share ring 3, only we know which of them it was. */
	error_code &= ~PF_USER;
	if (!v->arch.in_kernel)
		error_code |= PF_USER;
	bounce_trap(regs, X86_PF, true, error_code);
}

static void bounce_callback(struct vcpu *v, struct cpu_user_regs *regs,
			    const struct guest_callback *cb)
{
	struct bounce b = { .rip = cb->rip, .masks_events = cb->masks_events };

	bounce(v, regs, &b);
}

void guest_event_deliver(struct vcpu *v, struct cpu_user_regs *regs)
{
	struct bounce b = { .rip = v->arch.event_callback.rip, .masks_events = true };

	bounce(v, regs, &b);
}

bool guest_nmi_deliver(struct vcpu *v, struct cpu_user_regs *regs)
{
	if (v->arch.nmi_in_progress)
		return false;
	__atomic_store_n(&v->arch.nmi_pending, false, __ATOMIC_RELAXED);
	if (!v->arch.trap[X86_NMI].address)
		return false;	/* nobody to tell: it is lost, as on a machine that masks it */
	v->arch.nmi_in_progress = true;
	bounce_trap(regs, X86_NMI, false, 0);
	return true;
}

/* SYSCALL of a 64-bit program. Without a handler it is what it is on a machine without SYSCALL. */
void syscall_bounce(struct cpu_user_regs *regs)
{
	struct vcpu *v = current_vcpu();

	if (unlikely(!v->arch.syscall_callback.rip)) {
		regs->rip -= 2;
		guest_inject(regs, X86_UD);
		return;
	}
	bounce_callback(v, regs, &v->arch.syscall_callback);
}

void syscall32_bounce(struct cpu_user_regs *regs)
{
	struct vcpu *v = current_vcpu();

	if (!v->arch.syscall32_callback.rip) {
		regs->rip -= 2;
		guest_inject(regs, X86_UD);
		return;
	}
	bounce_callback(v, regs, &v->arch.syscall32_callback);
}

/* SYSENTER tells neither rip nor rsp: the frame says 0, as its user expects to be resumed elsewhere. */
void sysenter_bounce(struct cpu_user_regs *regs)
{
	struct vcpu *v = current_vcpu();

	regs->rflags |= EFLAGS_IF;
	if (!v->arch.sysenter_callback.rip) {
		guest_inject_error(regs, X86_GP, 0);
		return;
	}
	bounce_callback(v, regs, &v->arch.sysenter_callback);
}

void guest_failsafe(struct cpu_user_regs *regs)
{
	struct vcpu *v = current_vcpu();
	struct bounce b = {
		.rip = v->arch.failsafe_callback.rip,
		.masks_events = v->arch.failsafe_callback.masks_events,
		.has_selectors = true,
	};

	bounce(v, regs, &b);
}

/*
 * The exception is the guest's, raised by its own IRET as far as it can tell:
 * the frame that was refused is what it interrupted.
 */
void guest_iret_fault(struct cpu_user_regs *regs)
{
	unsigned int vector = regs->entry_vector & 0xff;
	uint32_t error = regs->error_code & 0xffff;

	if (vector == X86_NP || vector == X86_SS)
		guest_inject_error(regs, vector, error);
	else
		guest_inject_error(regs, X86_GP, vector == X86_GP ? error : 0);
}
