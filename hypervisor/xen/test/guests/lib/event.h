/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-level event channels and time. events_init() masks every port and takes
 * over the upcall: what arrives is counted in event_seen[port].
 */
#ifndef GUEST_EVENT_H
#define GUEST_EVENT_H

#include "guest.h"

#include <xen/event_channel.h>

#define EVENT_PORTS 4096

extern volatile unsigned int event_seen[EVENT_PORTS];
extern volatile unsigned int event_upcalls;

void events_init(void);
void events_forget(void);

/* Let upcalls in, delivering what is pending; keep them out. */
void events_on(void);
void events_off(void);

bool port_is_pending(unsigned int port);
bool port_is_masked(unsigned int port);
void port_clear(unsigned int port);
void port_mask(unsigned int port);
/* Clears the mask bit only; EVTCHNOP_unmask is another matter. */
void port_mask_clear(unsigned int port);

/* Each returns the hypercall's result; ports come back through pointers. */
long evtchn_alloc_unbound(domid_t dom, domid_t remote, evtchn_port_t *port);
long evtchn_bind_interdomain(domid_t remote, evtchn_port_t remote_port, evtchn_port_t *local);
long evtchn_bind_virq(uint32_t virq, uint32_t vcpu, evtchn_port_t *port);
long evtchn_bind_ipi(uint32_t vcpu, evtchn_port_t *port);
long evtchn_close(evtchn_port_t port);
long evtchn_send(evtchn_port_t port);
long evtchn_unmask(evtchn_port_t port);
long evtchn_status(evtchn_port_t port, struct evtchn_status *status);

/* System time in ns from a time record, as pvclock readers compute it. */
uint64_t time_from(const struct vcpu_time_info *t);
uint64_t time_now(void);
uint64_t rdtsc(void);

/* A one-shot timer at absolute system time @ns. */
long timer_set(uint64_t ns, uint32_t flags);

#endif
