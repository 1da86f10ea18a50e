/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What evtchn_world.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/pirq.h>
#include <hv/sched.h>
#include <hv/timer.h>

#include "cpu.h"
#include "evtchn_world.h"
#include "guest.h"

struct domain *dom0, *dom1;
unsigned int kicks[8]; /* of dom0's or dom1's vCPU of that number */
int pirq_bind_result;
unsigned int pirq_bound_port, pirq_unbound, pirq_eois;
bool is_preempted;
unsigned int continuations;

void schedule(void)
{
	fail();
}

void timer_softirq(void)
{
	fail();
}

void *heap_alloc(size_t size)
{
	return calloc(1, size);
}

void heap_free(void *p)
{
	free(p);
}

void vcpu_kick(struct vcpu *v)
{
	kicks[v->id]++;
}

void vcpu_wake(struct vcpu *v, unsigned int reason)
{
	if (v->not_runnable & reason & VCPU_POLLING)
		evtchn_poll_end(v);
	v->not_runnable &= ~reason;
}

int pirq_bind(struct domain *d, unsigned int pirq, unsigned int port, bool may_share,
	      struct vcpu *v)
{
	(void)pirq;
	(void)may_share;
	assert_ptr_equal(v, d->vcpu[0]);
	pirq_bound_port = port;
	return pirq_bind_result;
}

void pirq_unbind(struct domain *d, unsigned int pirq, unsigned int port)
{
	(void)port;
	(void)d;
	(void)pirq;
	pirq_unbound++;
}

unsigned int pirq_cpu;

void pirq_set_cpu(struct domain *owner, unsigned int pirq, unsigned int cpu)
{
	(void)owner;
	(void)pirq;
	pirq_cpu = cpu;
}

void pirq_guest_eoi(struct domain *d, unsigned int pirq)
{
	(void)d;
	(void)pirq;
	pirq_eois++;
}

bool hypercall_preempt_check(void)
{
	return is_preempted;
}

long hypercall_continue(unsigned int nr, unsigned int argc, const unsigned long *args)
{
	assert_int_equal(nr, __HYPERVISOR_event_channel_op);
	assert_int_equal(argc, 2);
	continuations++;
	return do_event_channel_op(cpu_info()->current, args[0], args[1]);
}

int evtchn_world_setup(void **state)
{
	(void)state;
	fake_cpus_init();
	dom0 = fake_domain_make(0, 4);
	dom1 = fake_domain_make(1, 2);
	assert_int_equal(evtchn_domain_init(dom0), 0);
	assert_int_equal(evtchn_domain_init(dom1), 0);
	memset(kicks, 0, sizeof(kicks));
	pirq_bind_result = 0;
	pirq_unbound = pirq_eois = continuations = 0;
	is_preempted = false;
	fake_run(dom0->vcpu[0]);
	return 0;
}

long op(struct domain *d, unsigned int cmd, void *arg)
{
	fake_run(d->vcpu[0]);
	return do_event_channel_op(d->vcpu[0], cmd, va_of(arg));
}

int evtchn_world_teardown(void **state)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };

	(void)state;
	assert_int_equal(op(dom0, EVTCHNOP_reset, &reset), 0);
	assert_int_equal(op(dom1, EVTCHNOP_reset, &reset), 0);
	evtchn_domain_destroy(dom0);
	evtchn_domain_destroy(dom1);
	assert_int_equal(dom0->refs, 1);
	assert_int_equal(dom1->refs, 1);
	fake_domain_free(dom0);
	fake_domain_free(dom1);
	return 0;
}

long offer(struct domain *d, domid_t dom, domid_t remote, evtchn_port_t *port)
{
	struct evtchn_alloc_unbound req = { .dom = dom, .remote_dom = remote };
	long rc = op(d, EVTCHNOP_alloc_unbound, &req);

	if (!rc)
		*port = req.port;
	return rc;
}

long take_up(struct domain *d, domid_t remote, evtchn_port_t remote_port, evtchn_port_t *port)
{
	struct evtchn_bind_interdomain req = { .remote_dom = remote, .remote_port = remote_port };
	long rc = op(d, EVTCHNOP_bind_interdomain, &req);

	if (!rc)
		*port = req.local_port;
	return rc;
}

long bind_virq(struct domain *d, unsigned int virq, unsigned int vcpu, evtchn_port_t *port)
{
	struct evtchn_bind_virq req = { .virq = virq, .vcpu = vcpu };
	long rc = op(d, EVTCHNOP_bind_virq, &req);

	if (!rc)
		*port = req.port;
	return rc;
}

long bind_ipi(struct domain *d, unsigned int vcpu, evtchn_port_t *port)
{
	struct evtchn_bind_ipi req = { .vcpu = vcpu };
	long rc = op(d, EVTCHNOP_bind_ipi, &req);

	if (!rc)
		*port = req.port;
	return rc;
}

long bind_vcpu(struct domain *d, evtchn_port_t port, unsigned int vcpu)
{
	struct evtchn_bind_vcpu req = { .port = port, .vcpu = vcpu };

	return op(d, EVTCHNOP_bind_vcpu, &req);
}

long by_port(struct domain *d, unsigned int cmd, evtchn_port_t port)
{
	return op(d, cmd, &port);
}

struct evtchn_status status_of(struct domain *d, evtchn_port_t port)
{
	struct evtchn_status req = { .dom = DOMID_SELF, .port = port };

	assert_int_equal(op(d, EVTCHNOP_status, &req), 0);
	return req;
}

bool is_pending(const struct domain *d, unsigned int port)
{
	return d->shared->evtchn_pending[port / 64] >> port % 64 & 1;
}

void mask(struct domain *d, unsigned int port)
{
	d->shared->evtchn_mask[port / 64] |= 1UL << port % 64;
}

void upcall_done(struct domain *d, unsigned int vcpu)
{
	d->vcpu[vcpu]->info->evtchn_upcall_pending = 0;
	d->vcpu[vcpu]->info->evtchn_pending_sel = 0;
	memset(d->shared->evtchn_pending, 0, sizeof(d->shared->evtchn_pending));
}
