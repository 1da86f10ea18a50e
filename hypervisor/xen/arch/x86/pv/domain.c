/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The x86 part of a PV domain's and its vCPUs' lives. */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/page_allocator.h>

#include <asm/bounce.h>
#include <asm/descriptor_tables.h>
#include <asm/emulate.h>
#include <asm/fpu.h>
#include <asm/isolation.h>
#include <asm/page_types.h>
#include <asm/pv_hypercalls.h>
#include <asm/speculation.h>
#include <asm/system.h>

int arch_domain_init(struct domain *d)
{
	d->arch.is_l1tf_judged = d->is_hardware ? speculation.l1tf_dom0 : speculation.l1tf_domu;
	return windows_domain_init(d);
}

void arch_domain_destroy(struct domain *d)
{
	windows_domain_destroy(d);
}

int arch_vcpu_init(struct vcpu *v)
{
	int rc = isolation_vcpu_init(v);

	return rc ? rc : windows_vcpu_init(v);
}

int arch_vcpu_relinquish(struct vcpu *v)
{
	if (table_drop_resume(v) || gdt_set(v, NULL, 0))
		return -ERESTART;
	ldt_drop(v);
	return pv_roots_drop(v);
}

void arch_vcpu_destroy(struct vcpu *v)
{
	isolation_vcpu_destroy(v);
	heap_free(v->arch.fpu);
}

/* Selectors of ring 3 only; what a selector leads to is checked when it is loaded. */
static void registers_set(struct vcpu *v, const vcpu_guest_context_t *c)
{
	struct cpu_user_regs *regs = &v->arch.regs;

	*regs = c->user_regs;
	regs->cs |= 3;
	regs->ss |= 3;
	regs->rflags = (regs->rflags &
			~(EFLAGS_IOPL | EFLAGS_VM | EFLAGS_VIF | EFLAGS_VIP | EFLAGS_NT)) |
		       EFLAGS_IF | EFLAGS_ONE;
	regs->entry_vector = 0;
	v->arch.iopl = (c->user_regs.rflags & EFLAGS_IOPL) >> 12;
	v->arch.ds = c->user_regs.ds;
	v->arch.es = c->user_regs.es;
	v->arch.fs = c->user_regs.fs;
	v->arch.gs = c->user_regs.gs;
	v->arch.fs_base = c->fs_base;
	v->arch.gs_base_kernel = c->gs_base_kernel;
	v->arch.gs_base_user = c->gs_base_user;
}

static void entries_set(struct vcpu *v, const vcpu_guest_context_t *c)
{
	for (unsigned int i = 0; i < 256; i++) {
		v->arch.trap[i] = c->trap_ctxt[i];
		v->arch.trap[i].vector = i;
	}
	v->arch.kernel_ss = c->kernel_ss | 3;
	v->arch.kernel_sp = c->kernel_sp;
	v->arch.event_callback = (struct guest_callback){ c->event_callback_eip, true };
	v->arch.failsafe_callback = (struct guest_callback){
		c->failsafe_callback_eip, c->flags & VGCF_failsafe_disables_events
	};
	v->arch.syscall_callback = (struct guest_callback){
		c->syscall_callback_eip, c->flags & VGCF_syscall_disables_events
	};
	short_way_update(v);
}

/* What can be refused by looking at it is tested before anything is changed. */
static int context_check(const vcpu_guest_context_t *c)
{
	if (!address_is_canonical(c->fs_base) || !address_is_canonical(c->gs_base_kernel) ||
	    !address_is_canonical(c->gs_base_user))
		return -EINVAL;
	if (!address_is_canonical(c->event_callback_eip) ||
	    !address_is_canonical(c->failsafe_callback_eip) ||
	    !address_is_canonical(c->syscall_callback_eip))
		return -EINVAL;
	if (c->gdt_ents > FIRST_RESERVED_GDT_ENTRY || c->ldt_ents > UINT32_MAX ||
	    !ldt_is_valid(c->ldt_base, c->ldt_ents))
		return -EINVAL;
	/* user mode needs a root of its own; frame 0 means none */
	if (!(c->flags & VGCF_in_kernel) && !xen_cr3_to_pfn(c->ctrlreg[1]))
		return -EINVAL;
	return 0;
}

/* What a context refers to. -EINVAL: some of it may have been taken; -ERESTART. */
static int references_take(struct vcpu *v, const vcpu_guest_context_t *c)
{
	int rc = context_check(c);

	if (rc)
		return rc;
	rc = gdt_set(v, c->gdt_frames, c->gdt_ents);
	if (rc)
		return rc;
	rc = pv_new_root(v, mfn(xen_cr3_to_pfn(c->ctrlreg[3])));
	if (rc)
		return rc;
	return c->ctrlreg[1] ? pv_new_user_root(v, mfn(xen_cr3_to_pfn(c->ctrlreg[1]))) : 0;
}

/* A vCPU that was never initialised has nothing but what the refused context gave it. */
static int references_give_back(struct vcpu *v)
{
	int rc = v->arch.context_refused;

	/* to have no GDT takes nothing, and cannot fail */
	if (gdt_set(v, NULL, 0) || pv_roots_drop(v))
		return -ERESTART;
	v->arch.context_refused = 0;
	return rc;
}

int arch_vcpu_set_context(struct vcpu *v, const vcpu_guest_context_t *c)
{
	/* Not 0: an earlier call was preempted while it gave back. */
	if (!v->arch.context_refused) {
		int rc = references_take(v, c);

		if (rc == -ERESTART)
			return rc;
		v->arch.context_refused = rc;
	}
	if (v->arch.context_refused)
		return references_give_back(v);
	registers_set(v, c);
	entries_set(v, c);
	v->arch.ldt_base = c->ldt_ents ? c->ldt_base : 0;
	v->arch.ldt_entries = c->ldt_ents;
	v->arch.in_kernel = c->flags & VGCF_in_kernel;
	v->arch.cr0_guest = 0;
	v->arch.cr4_guest = c->ctrlreg[4];
	if (c->flags & VGCF_i387_valid)
		fpu_legacy_write(v, &c->fpu_ctxt);
	for (unsigned int i = 0; i < 8; i++)
		if (i != 4 && i != 5)
			v->arch.debug_register[i] = 0;
	return 0;
}

static void registers_get(const struct vcpu *v, vcpu_guest_context_t *c)
{
	c->user_regs = v->arch.regs;
	c->user_regs.rflags |= (uint64_t)v->arch.iopl << 12;
	c->user_regs.ds = v->arch.ds;
	c->user_regs.es = v->arch.es;
	c->user_regs.fs = v->arch.fs;
	c->user_regs.gs = v->arch.gs;
	c->fs_base = v->arch.fs_base;
	c->gs_base_kernel = v->arch.gs_base_kernel;
	c->gs_base_user = v->arch.gs_base_user;
	for (unsigned int i = 0; i < 8; i++)
		c->debugreg[i] = v->arch.debug_register[i];
}

static void entries_get(const struct vcpu *v, vcpu_guest_context_t *c)
{
	for (unsigned int i = 0; i < 256; i++)
		c->trap_ctxt[i] = v->arch.trap[i];
	c->kernel_ss = v->arch.kernel_ss;
	c->kernel_sp = v->arch.kernel_sp;
	c->event_callback_eip = v->arch.event_callback.rip;
	c->failsafe_callback_eip = v->arch.failsafe_callback.rip;
	c->syscall_callback_eip = v->arch.syscall_callback.rip;
	if (v->arch.failsafe_callback.masks_events)
		c->flags |= VGCF_failsafe_disables_events;
	if (v->arch.syscall_callback.masks_events)
		c->flags |= VGCF_syscall_disables_events;
}

static unsigned long cr3_of(mfn_t root)
{
	return mfn_eq(root, INVALID_MFN) ? 0 : xen_pfn_to_cr3(mfn_raw(root));
}

static void tables_get(const struct vcpu *v, vcpu_guest_context_t *c)
{
	c->ldt_base = v->arch.ldt_base;
	c->ldt_ents = v->arch.ldt_entries;
	c->gdt_ents = v->arch.gdt_entries;
	for (unsigned int i = 0; i < GUEST_GDT_PAGES; i++)
		if (v->arch.gdt_page[i])
			c->gdt_frames[i] = mfn_raw(mfn_of_page(v->arch.gdt_page[i]));
	c->ctrlreg[0] = v->arch.cr0_guest;
	c->ctrlreg[1] = cr3_of(v->arch.user_root);
	c->ctrlreg[3] = cr3_of(v->arch.kernel_root);
	c->ctrlreg[4] = v->arch.cr4_guest;
}

void arch_vcpu_get_context(struct vcpu *v, vcpu_guest_context_t *c)
{
	c->flags = v->arch.in_kernel ? VGCF_in_kernel | VGCF_i387_valid : VGCF_i387_valid;
	if (!(READ_ONCE(v->not_runnable) & VCPU_DOWN))
		c->flags |= VGCF_online;
	fpu_legacy_read(v, &c->fpu_ctxt);
	registers_get(v, c);
	entries_get(v, c);
	tables_get(v, c);
	c->vm_assist = v->domain->vm_assist;
}
