/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypercalls by which a PV guest says where and how it is entered; parameters as in xen/xen.h. */
#ifndef ASM_PV_HYPERCALLS_H
#define ASM_PV_HYPERCALLS_H

struct vcpu;

/* Its syscall callback or kernel stack changed. */
void short_way_update(struct vcpu *v);

long do_set_callbacks(struct vcpu *v, unsigned long event, unsigned long failsafe,
		      unsigned long syscall);
long do_callback_op(struct vcpu *v, unsigned long cmd, unsigned long arg);
long do_nmi_op(struct vcpu *v, unsigned long cmd, unsigned long arg);
long do_set_trap_table(struct vcpu *v, unsigned long traps);
long do_stack_switch(struct vcpu *v, unsigned long ss, unsigned long sp);
long do_vm_assist(struct vcpu *v, unsigned long cmd, unsigned long type);

#endif
