/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CR4 and the few MSRs that are a guest's own while it runs. */
#ifndef ASM_GUEST_REGISTERS_H
#define ASM_GUEST_REGISTERS_H

#include <hv/types.h>

struct vcpu;

/* Each CPU: what guests are told of its registers is made true. Called by fpu_cpu_init(). */
void guest_registers_cpu_init(void);

/* CR4 as the guest sees it. */
unsigned long guest_cr4_read(const struct vcpu *v);

/* Of the running vCPU. false: bits that a PV guest must not set. */
bool guest_cr4_write(struct vcpu *v, unsigned long value) __must_check;

/* On switching to @v: CR4.TSD and TSC_AUX of this CPU as it wants them. */
void guest_registers_load(const struct vcpu *v);

#endif
