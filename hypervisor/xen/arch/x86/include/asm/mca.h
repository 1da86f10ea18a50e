/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HYPERVISOR_mca; parameters as in xen/arch-x86/xen-mca.h. */
#ifndef ASM_MCA_H
#define ASM_MCA_H

struct vcpu;

long do_mca(struct vcpu *v, unsigned long arg);

#endif
