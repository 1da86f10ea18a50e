/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entering a guest's kernel at one of its entry points. */
#ifndef ASM_BOUNCE_H
#define ASM_BOUNCE_H

#include <hv/abi.h>
#include <hv/types.h>

#include <asm/traps.h>

struct vcpu;

/* The upcall for event channels: events are masked from then on. */
void guest_event_deliver(struct vcpu *v, struct cpu_user_regs *regs);

/* The registered NMI callback; false: none registered, or one is being handled. */
bool guest_nmi_deliver(struct vcpu *v, struct cpu_user_regs *regs);

/* Change between guest-kernel and guest-user mode: root table and GS bases. */
void guest_mode_toggle(struct vcpu *v);

long do_iret(struct vcpu *v);

#endif
