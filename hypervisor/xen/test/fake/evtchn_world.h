/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two domains with event channels, and what of the hypervisor the event channels call: for tests of both ABIs.
 */
#ifndef FAKE_EVTCHN_WORLD_H
#define FAKE_EVTCHN_WORLD_H

#include <hv/abi.h>
#include <hv/event_channel.h>

extern struct domain *dom0, *dom1;
extern unsigned int kicks[8]; /* of dom0's or dom1's vCPU of that number */
extern int pirq_bind_result;
extern unsigned int pirq_bound_port, pirq_unbound, pirq_eois, pirq_cpu;
extern bool is_preempted;
extern unsigned int continuations;

/* For each test: dom0 with four vCPUs, dom1 with two; at the end nothing may be left. */
int evtchn_world_setup(void **state);
int evtchn_world_teardown(void **state);

/* @cmd by vCPU 0 of @d. */
long op(struct domain *d, unsigned int cmd, void *arg);

/* Single operations; what they give is stored only if they succeed. */
long offer(struct domain *d, domid_t dom, domid_t remote, evtchn_port_t *port);
long take_up(struct domain *d, domid_t remote, evtchn_port_t remote_port, evtchn_port_t *port);
long bind_virq(struct domain *d, unsigned int virq, unsigned int vcpu, evtchn_port_t *port);
long bind_ipi(struct domain *d, unsigned int vcpu, evtchn_port_t *port);
long bind_vcpu(struct domain *d, evtchn_port_t port, unsigned int vcpu);

/* close, send and unmask have the port as their only argument */
long by_port(struct domain *d, unsigned int cmd, evtchn_port_t port);
struct evtchn_status status_of(struct domain *d, evtchn_port_t port);

/* Bits of the two-level ABI. */
bool is_pending(const struct domain *d, unsigned int port);
void mask(struct domain *d, unsigned int port);

/* As a guest's upcall does: see everything, clear everything. */
void upcall_done(struct domain *d, unsigned int vcpu);

#endif
