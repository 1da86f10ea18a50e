/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a guest's kernel is entered: set_callbacks, callback_op, nmi_op, set_trap_table, stack_switch; and vm_assist. */
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#include <asm/page_table.h>
#include <asm/pv_hypercalls.h>
#include <asm/traps.h>

/*
 * What the short way of a system call (entry/syscall.S) needs to know: the
 * entry point, and a stack that is all in the guest kernel's upper half. 0 in
 * either sends system calls the long way, which copes with everything.
 */
void short_way_update(struct vcpu *v)
{
	unsigned long sp = v->arch.kernel_sp & ~15UL;

	v->arch.short_sp = sp > HV_VIRT_END + PAGE_SIZE ? sp : 0;
	v->arch.short_rip = v->arch.syscall_callback.rip;
}

static int callback_set(struct guest_callback *cb, unsigned long rip, bool masks_events)
{
	if (!address_is_canonical(rip))
		return -EINVAL;
	cb->rip = rip;
	cb->masks_events = masks_events;
	return 0;
}

/* The classic form: event, failsafe and syscall entry; no flags. */
long do_set_callbacks(struct vcpu *v, unsigned long event, unsigned long failsafe,
		      unsigned long syscall)
{
	if (!address_is_canonical(event) || !address_is_canonical(failsafe) ||
	    !address_is_canonical(syscall))
		return -EINVAL;
	(void)callback_set(&v->arch.event_callback, event, true);
	(void)callback_set(&v->arch.failsafe_callback, failsafe, false);
	(void)callback_set(&v->arch.syscall_callback, syscall, false);
	short_way_update(v);
	return 0;
}

/* NULL: no such type on x86-64. */
static struct guest_callback *callback_of(struct vcpu *v, unsigned int type)
{
	switch (type) {
	case 0:		/* CALLBACKTYPE_event */
		return &v->arch.event_callback;
	case 1:		/* CALLBACKTYPE_failsafe */
		return &v->arch.failsafe_callback;
	case 2:		/* CALLBACKTYPE_syscall */
		return &v->arch.syscall_callback;
	case 3:		/* CALLBACKTYPE_sysenter_deprecated */
	case 5:		/* CALLBACKTYPE_sysenter */
		return &v->arch.sysenter_callback;
	case 7:		/* CALLBACKTYPE_syscall32 */
		return &v->arch.syscall32_callback;
	default:
		return NULL;
	}
}

/* An NMI is trap 2, by whichever call its handler came: Linux as a domU has it in its trap table alone. */
static int nmi_callback_set(struct vcpu *v, unsigned long rip, bool masks_events)
{
	struct trap_info *t = &v->arch.trap[X86_NMI];

	if (!address_is_canonical(rip))
		return -EINVAL;
	*t = (struct trap_info){ .vector = X86_NMI, .cs = FLAT_KERNEL_CS, .address = rip };
	TI_SET_IF(t, masks_events);
	return 0;
}

long do_callback_op(struct vcpu *v, unsigned long cmd, unsigned long arg)
{
	struct callback_register reg;
	struct callback_unregister unreg;
	struct guest_callback *cb;
	int rc;

	switch ((int)cmd) {
	case CALLBACKOP_register:
		if (guest_read(&reg, arg))
			return -EFAULT;
		if (reg.type == CALLBACKTYPE_nmi)
			return nmi_callback_set(v, reg.address, reg.flags & CALLBACKF_mask_events);
		cb = callback_of(v, reg.type);
		if (!cb)
			return -ENOSYS;
		rc = callback_set(cb, reg.address,
				  reg.type == CALLBACKTYPE_event ||
					  reg.flags & CALLBACKF_mask_events);
		short_way_update(v);
		return rc;
	case CALLBACKOP_unregister:
		if (guest_read(&unreg, arg))
			return -EFAULT;
		/* Without these no guest can be told anything. */
		if (unreg.type == CALLBACKTYPE_event || unreg.type == CALLBACKTYPE_failsafe ||
		    unreg.type == CALLBACKTYPE_syscall)
			return -EINVAL;
		if (unreg.type == CALLBACKTYPE_nmi)
			return nmi_callback_set(v, 0, false);
		cb = callback_of(v, unreg.type);
		return cb ? callback_set(cb, 0, false) : -ENOSYS;
	default:
		return -ENOSYS;
	}
}

long do_nmi_op(struct vcpu *v, unsigned long cmd, unsigned long arg)
{
	struct xennmi_callback cb;

	switch ((unsigned int)cmd) {
	case XENNMI_register_callback:
		/* Only of the first vCPU, by xen/nmi.h. */
		if (v->id)
			return -EINVAL;
		if (guest_read(&cb, arg))
			return -EFAULT;
		return nmi_callback_set(v, cb.handler_address, false);
	case XENNMI_unregister_callback:
		return nmi_callback_set(v, 0, false);
	default:
		return -ENOSYS;
	}
}

/* A list that ends with address 0; a NULL list forgets all. */
long do_set_trap_table(struct vcpu *v, unsigned long traps)
{
	struct trap_info t;

	if (!traps) {
		for (unsigned int i = 0; i < 256; i++)
			v->arch.trap[i] = (struct trap_info){ 0 };
		return 0;
	}
	/* Every entry names one of 256 vectors: a longer list only repeats itself. */
	for (;;) {
		if (guest_read(&t, traps))
			return -EFAULT;
		if (!t.address)
			return 0;
		if (!address_is_canonical(t.address))
			return -EINVAL;
		v->arch.trap[t.vector] = t;
		traps += sizeof(t);
		if (hypercall_preempt_check()) {
			unsigned long rest[] = { traps };

			return hypercall_continue(__HYPERVISOR_set_trap_table, 1, rest);
		}
	}
}

long do_stack_switch(struct vcpu *v, unsigned long ss, unsigned long sp)
{
	/* Checked by hand where it is used: the copy that writes the frame knows what is the guest's. */
	v->arch.kernel_ss = ss | 3;
	v->arch.kernel_sp = sp;
	short_way_update(v);
	return 0;
}

/* What x86-64 PV guests may switch on; which of them does something is said where it does. */
#define ASSISTS_KNOWN                                                                        \
	((1UL << VMASST_TYPE_4gb_segments) | (1UL << VMASST_TYPE_4gb_segments_notify) |       \
	 (1UL << VMASST_TYPE_writable_pagetables) | (1UL << VMASST_TYPE_pae_extended_cr3) |  \
	 (1UL << VMASST_TYPE_architectural_iopl) | (1UL << VMASST_TYPE_runstate_update_flag) | \
	 (1UL << VMASST_TYPE_m2p_strict))

static void iopl_show(struct domain *d, bool show)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			__atomic_store_n(&d->vcpu[i]->arch.iopl_is_shown, show, __ATOMIC_RELAXED);
}

long do_vm_assist(struct vcpu *v, unsigned long cmd, unsigned long raw_type)
{
	struct domain *d = v->domain;
	unsigned int type = raw_type;

	if (type >= 64 || !(ASSISTS_KNOWN >> type & 1))
		return -EINVAL;
	switch ((unsigned int)cmd) {
	case VMASST_CMD_enable:
		__atomic_or_fetch(&d->vm_assist, 1UL << type, __ATOMIC_RELAXED);
		if (type == VMASST_TYPE_architectural_iopl)
			iopl_show(d, true);
		return 0;
	case VMASST_CMD_disable:
		__atomic_and_fetch(&d->vm_assist, ~(1UL << type), __ATOMIC_RELAXED);
		if (type == VMASST_TYPE_architectural_iopl)
			iopl_show(d, false);
		return 0;
	default:
		return -ENOSYS;
	}
}
