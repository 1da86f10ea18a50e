/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical interrupts as guests see them. Implemented by irq/guest_pirq.c. */
#ifndef HV_PIRQ_H
#define HV_PIRQ_H

#include <hv/types.h>

struct domain;
struct vcpu;

int pirq_domain_init(struct domain *d) __must_check;
void pirq_domain_destroy(struct domain *d);

/*
 * Called by EVTCHNOP_bind_pirq with evtchn_lock held: from now on the line's interrupts become
 * evtchn_send_pirq(d, port), on the CPU where @v is. -EINVAL no such pirq, -EPERM not allowed, -EEXIST/-EBUSY bound already and not shared.
 */
int pirq_bind(struct domain *d, unsigned int pirq, unsigned int port, bool may_share,
	      struct vcpu *v);
/* Only if it is (still) bound to @port: the pirq may have been unmapped, mapped and bound again. */
void pirq_unbind(struct domain *d, unsigned int pirq, unsigned int port);

/*
 * The vCPU that gets the event of bound @pirq runs on @cpu now: have the device interrupt that CPU. A hint: where it cannot
 * be followed the interrupt goes on arriving where it did. Any context.
 */
void pirq_set_cpu(struct domain *d, unsigned int pirq, unsigned int cpu);

/* PHYSDEVOP_eoi, EVTCHNOP_unmask of a bound port. */
void pirq_guest_eoi(struct domain *d, unsigned int pirq);

long do_physdev_op(struct vcpu *v, unsigned long cmd, unsigned long arg);
long do_physdev_op_compat(struct vcpu *v, unsigned long op);
long do_platform_op(struct vcpu *v, unsigned long op);

#endif
