/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels: ports, bindings, delivery. */
#ifndef HV_EVENT_CHANNEL_H
#define HV_EVENT_CHANNEL_H

#include <hv/types.h>

struct domain;
struct page_info;
struct vcpu;

/* For the audit: pages of @d that are held as writable for its event channels. */
typedef void page_visitor(void *data, const struct page_info *pg);
void evtchn_pages_visit(const struct domain *d, page_visitor *visit, void *data);

int evtchn_domain_init(struct domain *d) __must_check;
void evtchn_domain_destroy(struct domain *d);

/* All ports are closed, and it is back at the two-level ABI. -ERESTART: call again. */
int evtchn_domain_reset(struct domain *d) __must_check;

/* VIRQs. Any context, interrupts on or off. Unbound ones are dropped. */
void virq_send_vcpu(struct vcpu *v, unsigned int virq);
void virq_send_global(struct domain *d,
		      unsigned int virq); /* e.g. VIRQ_CONSOLE, VIRQ_DOM_EXC to dom0 */

/* A physical interrupt bound to @port of @d fired. Called with interrupts off. */
void evtchn_send_pirq(struct domain *d, unsigned int port);

/* EVTCHNOP_unmask; of a physical interrupt's port its EOI too. 0; -EINVAL: not in use. No locks held. */
int evtchn_unmask(struct domain *d, unsigned int port);

/* @v runs on @cpu from now on: so do interrupts of devices whose events it gets. No locks held. */
void evtchn_move_pirqs(struct vcpu *v, unsigned int cpu);

/* Does @v have an unmasked event waiting that should be delivered now? (evtchn_upcall_pending && !mask) */
bool vcpu_event_deliverable(const struct vcpu *v);

/* Is @port pending? For SCHEDOP_poll; -EINVAL: no such port. */
int evtchn_port_is_pending(struct domain *d, unsigned int port);

/* The running vCPU is about to sleep (VCPU_POLLING) until @port is pending: one port, or one of several. */
#define POLL_SEVERAL (~0U)
void evtchn_poll_begin(struct vcpu *v, unsigned int port);
/* VCPU_POLLING was cleared. Run queue's lock held. */
void evtchn_poll_end(struct vcpu *v);

/* v->info was exchanged or is new: whatever is pending is to be looked for. */
void evtchn_resync(struct vcpu *v);

long do_event_channel_op(struct vcpu *v, unsigned long cmd, unsigned long arg);
long do_event_channel_op_compat(struct vcpu *v, unsigned long op);

#endif
