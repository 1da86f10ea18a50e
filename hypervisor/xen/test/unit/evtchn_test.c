/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/evtchn/event_channel_op.c common/evtchn/ports.c common/evtchn/send.c */
/* sources: common/evtchn/bind_interdomain.c common/evtchn/bind_local.c common/evtchn/status.c */
/* sources: common/evtchn/two_level.c common/evtchn/fifo.c common/evtchn/poll.c common/softirq.c */
/* sources: test/fake/cpu.c test/fake/guest.c test/fake/frame.c test/fake/page_ref.c */
/* Event channel operations, their errors, and what becomes of the guest's bits. */
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
#include "guest.h"

static struct domain *dom0, *dom1;
static unsigned int kicks[8]; /* of dom0's or dom1's vCPU of that number */
static int pirq_bind_result;
static unsigned int pirq_bound_port, pirq_unbound, pirq_eois;
static bool is_preempted;
static unsigned int continuations;

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

static unsigned int pirq_cpu;

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

static int setup(void **state)
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

static long op(struct domain *d, unsigned int cmd, void *arg)
{
	fake_run(d->vcpu[0]);
	return do_event_channel_op(d->vcpu[0], cmd, va_of(arg));
}

static int teardown(void **state)
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

static long offer(struct domain *d, domid_t dom, domid_t remote, evtchn_port_t *port)
{
	struct evtchn_alloc_unbound req = { .dom = dom, .remote_dom = remote };
	long rc = op(d, EVTCHNOP_alloc_unbound, &req);

	if (!rc)
		*port = req.port;
	return rc;
}

static long take_up(struct domain *d, domid_t remote, evtchn_port_t remote_port,
		    evtchn_port_t *port)
{
	struct evtchn_bind_interdomain req = { .remote_dom = remote, .remote_port = remote_port };
	long rc = op(d, EVTCHNOP_bind_interdomain, &req);

	if (!rc)
		*port = req.local_port;
	return rc;
}

static long bind_virq(struct domain *d, unsigned int virq, unsigned int vcpu, evtchn_port_t *port)
{
	struct evtchn_bind_virq req = { .virq = virq, .vcpu = vcpu };
	long rc = op(d, EVTCHNOP_bind_virq, &req);

	if (!rc)
		*port = req.port;
	return rc;
}

static long bind_ipi(struct domain *d, unsigned int vcpu, evtchn_port_t *port)
{
	struct evtchn_bind_ipi req = { .vcpu = vcpu };
	long rc = op(d, EVTCHNOP_bind_ipi, &req);

	if (!rc)
		*port = req.port;
	return rc;
}

static long bind_vcpu(struct domain *d, evtchn_port_t port, unsigned int vcpu)
{
	struct evtchn_bind_vcpu req = { .port = port, .vcpu = vcpu };

	return op(d, EVTCHNOP_bind_vcpu, &req);
}

/* close, send and unmask have the port as their only argument */
static long by_port(struct domain *d, unsigned int cmd, evtchn_port_t port)
{
	return op(d, cmd, &port);
}

static struct evtchn_status status_of(struct domain *d, evtchn_port_t port)
{
	struct evtchn_status req = { .dom = DOMID_SELF, .port = port };

	assert_int_equal(op(d, EVTCHNOP_status, &req), 0);
	return req;
}

static bool is_pending(const struct domain *d, unsigned int port)
{
	return d->shared->evtchn_pending[port / 64] >> port % 64 & 1;
}

static void mask(struct domain *d, unsigned int port)
{
	d->shared->evtchn_mask[port / 64] |= 1UL << port % 64;
}

/* As a guest's upcall does: see everything, clear everything. */
static void upcall_done(struct domain *d, unsigned int vcpu)
{
	d->vcpu[vcpu]->info->evtchn_upcall_pending = 0;
	d->vcpu[vcpu]->info->evtchn_pending_sel = 0;
	memset(d->shared->evtchn_pending, 0, sizeof(d->shared->evtchn_pending));
}

static void test_interdomain(void **state)
{
	evtchn_port_t p0, p1, other;

	(void)state;
	assert_int_equal(offer(dom0, DOMID_SELF, 1, &p0), 0);
	assert_int_equal(p0, 1);
	assert_int_equal(status_of(dom0, p0).status, EVTCHNSTAT_unbound);
	assert_int_equal(status_of(dom0, p0).u.unbound.dom, 1);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, p0), 0);

	assert_int_equal(take_up(dom0, 0, p0, &other), -EINVAL);
	assert_int_equal(take_up(dom1, 0, p0 + 1, &other), -EINVAL);
	assert_int_equal(take_up(dom1, 3, p0, &other), -ESRCH);
	assert_int_equal(take_up(dom1, 0, p0, &p1), 0);
	assert_int_equal(take_up(dom1, 0, p0, &other), -EINVAL);
	assert_true(is_pending(dom1, p1));
	assert_int_equal(status_of(dom1, p1).u.interdomain.dom, 0);
	assert_int_equal(status_of(dom0, p0).u.interdomain.port, p1);

	upcall_done(dom1, 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, p0), 0);
	assert_true(is_pending(dom1, p1));
	assert_false(is_pending(dom0, p0));

	assert_int_equal(by_port(dom1, EVTCHNOP_close, p1), 0);
	assert_false(is_pending(dom1, p1));
	assert_int_equal(by_port(dom1, EVTCHNOP_close, p1), -EINVAL);
	assert_int_equal(status_of(dom0, p0).status, EVTCHNSTAT_unbound);
	assert_int_equal(take_up(dom1, 0, p0, &p1), 0);
}

static void test_loopback(void **state)
{
	evtchn_port_t a, b;

	(void)state;
	assert_int_equal(offer(dom1, DOMID_SELF, DOMID_SELF, &a), 0);
	assert_int_equal(take_up(dom1, DOMID_SELF, a, &b), 0);
	upcall_done(dom1, 0);
	assert_int_equal(by_port(dom1, EVTCHNOP_send, b), 0);
	assert_true(is_pending(dom1, a));
	assert_int_equal(by_port(dom1, EVTCHNOP_close, b), 0);
	assert_int_equal(status_of(dom1, a).status, EVTCHNSTAT_unbound);
}

static void test_privilege(void **state)
{
	struct evtchn_status status = { .dom = 0, .port = 1 };
	struct evtchn_reset reset = { .dom = 0 };
	evtchn_port_t p;

	(void)state;
	assert_int_equal(offer(dom1, 0, 1, &p), -EPERM);
	assert_int_equal(op(dom1, EVTCHNOP_status, &status), -EPERM);
	assert_int_equal(op(dom1, EVTCHNOP_reset, &reset), -EPERM);
	assert_int_equal(offer(dom0, 1, 0, &p), 0);
	assert_int_equal(status_of(dom1, p).status, EVTCHNSTAT_unbound);
	assert_int_equal(offer(dom0, 3, 0, &p), -ESRCH);
}

/* Selector, upcall and kick come with the first unmasked event only. */
static void test_delivery(void **state)
{
	vcpu_info_t *info = dom0->vcpu[2]->info;
	evtchn_port_t a, b;

	(void)state;
	assert_int_equal(bind_ipi(dom0, 2, &a), 0);
	assert_int_equal(bind_ipi(dom0, 2, &b), 0);
	by_port(dom0, EVTCHNOP_send, a);
	assert_int_equal(info->evtchn_pending_sel, 1);
	assert_int_equal(info->evtchn_upcall_pending, 1);
	assert_int_equal(kicks[2], 1);
	assert_true(vcpu_event_deliverable(dom0->vcpu[2]));
	info->evtchn_upcall_mask = 1;
	assert_false(vcpu_event_deliverable(dom0->vcpu[2]));
	by_port(dom0, EVTCHNOP_send, b);
	by_port(dom0, EVTCHNOP_send, a);
	assert_int_equal(kicks[2], 1);
	assert_int_equal(kicks[0], 0);

	upcall_done(dom0, 2);
	mask(dom0, a);
	by_port(dom0, EVTCHNOP_send, a);
	assert_true(is_pending(dom0, a));
	assert_int_equal(info->evtchn_upcall_pending, 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_unmask, a), 0);
	assert_int_equal(info->evtchn_upcall_pending, 1);
	assert_int_equal(dom0->shared->evtchn_mask[0], 0);
	assert_int_equal(kicks[2], 2);
}

static void test_virq(void **state)
{
	evtchn_port_t timer, console, p;

	(void)state;
	assert_int_equal(bind_virq(dom0, NR_VIRQS, 0, &p), -EINVAL);
	assert_int_equal(bind_virq(dom0, VIRQ_CONSOLE, 1, &p), -EINVAL);
	assert_int_equal(bind_virq(dom0, VIRQ_TIMER, 4, &p), -ENOENT);
	assert_int_equal(bind_virq(dom0, VIRQ_TIMER, 0x80000000, &p), -ENOENT);
	assert_int_equal(bind_virq(dom0, VIRQ_TIMER, 1, &timer), 0);
	assert_int_equal(bind_virq(dom0, VIRQ_TIMER, 1, &p), -EEXIST);
	assert_int_equal(bind_virq(dom0, VIRQ_CONSOLE, 0, &console), 0);
	assert_int_equal(status_of(dom0, timer).vcpu, 1);

	virq_send_vcpu(dom0->vcpu[0], VIRQ_TIMER);
	assert_false(is_pending(dom0, timer));
	virq_send_vcpu(dom0->vcpu[1], VIRQ_TIMER);
	assert_true(is_pending(dom0, timer));
	assert_int_equal(by_port(dom0, EVTCHNOP_send, timer), -EINVAL);

	assert_int_equal(bind_vcpu(dom0, timer, 0), -EINVAL);
	assert_int_equal(bind_vcpu(dom0, console, 3), 0);
	virq_send_global(dom0, VIRQ_CONSOLE);
	assert_int_equal(kicks[3], 1);
	virq_send_global(NULL, VIRQ_CONSOLE);

	assert_int_equal(by_port(dom0, EVTCHNOP_close, timer), 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_close, console), 0);
	upcall_done(dom0, 1);
	virq_send_vcpu(dom0->vcpu[1], VIRQ_TIMER);
	virq_send_global(dom0, VIRQ_CONSOLE);
	assert_false(is_pending(dom0, timer));
	assert_false(is_pending(dom0, console));
	assert_int_equal(bind_virq(dom0, VIRQ_TIMER, 1, &timer), 0);
	assert_int_equal(bind_virq(dom0, VIRQ_CONSOLE, 0, &console), 0);
	assert_int_equal(status_of(dom0, console).vcpu, 0);
}

static void test_bind_vcpu(void **state)
{
	evtchn_port_t p, ipi;

	(void)state;
	assert_int_equal(offer(dom0, DOMID_SELF, 1, &p), 0);
	assert_int_equal(bind_ipi(dom0, 1, &ipi), 0);
	assert_int_equal(bind_ipi(dom0, 4, &p), -ENOENT);
	assert_int_equal(bind_vcpu(dom0, p, 2), 0);
	assert_int_equal(status_of(dom0, p).vcpu, 2);
	assert_int_equal(bind_vcpu(dom0, p, 4), -ENOENT);
	assert_int_equal(bind_vcpu(dom0, ipi, 2), -EINVAL);
	assert_int_equal(bind_vcpu(dom0, 40, 2), -EINVAL);
	assert_int_equal(bind_vcpu(dom0, 4096, 2), -EINVAL);
	assert_int_equal(by_port(dom0, EVTCHNOP_close, p), 0);
	assert_int_equal(offer(dom0, DOMID_SELF, 1, &p), 0);
	assert_int_equal(status_of(dom0, p).vcpu, 0);
}

static void test_pirq(void **state)
{
	struct evtchn_bind_pirq req = { .pirq = 9 };

	(void)state;
	pirq_bind_result = -EBUSY;
	assert_int_equal(op(dom0, EVTCHNOP_bind_pirq, &req), -EBUSY);
	evtchn_send_pirq(dom0, pirq_bound_port);
	assert_false(is_pending(dom0, pirq_bound_port));

	pirq_bind_result = 0;
	assert_int_equal(op(dom0, EVTCHNOP_bind_pirq, &req), 0);
	/* the interrupt follows its event to the CPU of the vCPU that it is for */
	dom0->vcpu[2]->cpu = 7;
	assert_int_equal(bind_vcpu(dom0, req.port, 2), 0);
	assert_int_equal(pirq_cpu, 7);
	assert_int_equal(bind_vcpu(dom0, req.port, 0), 0);
	assert_int_equal(pirq_cpu, 0);
	assert_int_equal(req.port, pirq_bound_port);
	assert_int_equal(status_of(dom0, req.port).u.pirq, 9);
	evtchn_send_pirq(dom0, req.port);
	assert_true(is_pending(dom0, req.port));
	assert_int_equal(by_port(dom0, EVTCHNOP_unmask, req.port), 0);
	assert_int_equal(pirq_eois, 1);
	assert_int_equal(by_port(dom0, EVTCHNOP_close, req.port), 0);
	assert_int_equal(pirq_unbound, 1);
	evtchn_send_pirq(dom0, req.port);
	assert_false(is_pending(dom0, req.port));
}

/* Sleepers are woken by masked ports, by those they wait for. */
static void test_poll(void **state)
{
	struct vcpu *one = dom0->vcpu[1], *any = dom0->vcpu[2];
	evtchn_port_t a, b;

	(void)state;
	assert_int_equal(bind_ipi(dom0, 0, &a), 0);
	assert_int_equal(bind_ipi(dom0, 0, &b), 0);
	mask(dom0, a);
	mask(dom0, b);
	evtchn_poll_begin(one, a);
	evtchn_poll_begin(any, POLL_SEVERAL);
	one->not_runnable = any->not_runnable = VCPU_POLLING;
	by_port(dom0, EVTCHNOP_send, b);
	assert_int_equal(one->not_runnable, VCPU_POLLING);
	assert_int_equal(any->not_runnable, 0);
	assert_int_equal(evtchn_port_is_pending(dom0, b), 1);
	assert_int_equal(evtchn_port_is_pending(dom0, a), 0);
	assert_int_equal(evtchn_port_is_pending(dom0, 4096), -EINVAL);
	by_port(dom0, EVTCHNOP_send, a);
	assert_int_equal(one->not_runnable, 0);
	assert_int_equal(kicks[0], 0);
}

static void test_bad_ports(void **state)
{
	static const evtchn_port_t bad[] = { 0, 1, 63, 64, 4095, 4096, 0x7fffffff, 0xffffffff };
	unsigned int i;
	evtchn_port_t p;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(by_port(dom1, EVTCHNOP_send, bad[i]), -EINVAL);
		assert_int_equal(by_port(dom1, EVTCHNOP_close, bad[i]), -EINVAL);
		assert_int_equal(by_port(dom1, EVTCHNOP_unmask, bad[i]), -EINVAL);
		assert_int_equal(bind_vcpu(dom1, bad[i], 0), -EINVAL);
		assert_int_equal(take_up(dom1, 0, bad[i], &p), -EINVAL);
		evtchn_send_pirq(dom1, bad[i]);
	}
	assert_int_equal(do_event_channel_op(dom1->vcpu[0], EVTCHNOP_send, FAKE_BAD_ADDRESS),
			 -EFAULT);
	assert_int_equal(do_event_channel_op(dom1->vcpu[0], EVTCHNOP_bind_ipi, FAKE_BAD_ADDRESS),
			 -EFAULT);
	assert_int_equal(do_event_channel_op(dom1->vcpu[0], EVTCHNOP_set_priority + 1, va_of(&p)),
			 -ENOSYS);
	assert_int_equal(do_event_channel_op(dom1->vcpu[0], 0x7fffffff, va_of(&p)), -ENOSYS);
}

/* All 4095 ports, then -ENOSPC; the lowest free one is given out; reset pauses and ends. */
static void test_all_ports_and_reset(void **state)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	evtchn_port_t p;
	unsigned int i;

	(void)state;
	for (i = 1; i < 4096; i++) {
		assert_int_equal(bind_ipi(dom1, 0, &p), 0);
		assert_int_equal(p, i);
	}
	assert_int_equal(bind_ipi(dom1, 0, &p), -ENOSPC);
	assert_int_equal(by_port(dom1, EVTCHNOP_send, 4095), 0);
	assert_int_equal(dom1->vcpu[0]->info->evtchn_pending_sel, 1UL << 63);
	by_port(dom1, EVTCHNOP_close, 2000);
	by_port(dom1, EVTCHNOP_close, 100);
	assert_int_equal(bind_ipi(dom1, 0, &p), 0);
	assert_int_equal(p, 100);
	is_preempted = true;
	assert_int_equal(op(dom1, EVTCHNOP_reset, &reset), 0);
	assert_in_range(continuations, 10, 100);
	for (i = 1; i < 4096; i++)
		assert_int_equal(status_of(dom1, i).status, EVTCHNSTAT_closed);
}

static void test_compat(void **state)
{
	struct evtchn_op old = { .cmd = EVTCHNOP_bind_virq,
				 .u.bind_virq = { .virq = VIRQ_DEBUG, .vcpu = 1 } };

	(void)state;
	assert_int_equal(do_event_channel_op_compat(dom0->vcpu[0], va_of(&old)), 0);
	assert_int_equal(old.u.bind_virq.port, 1);
	old.cmd = EVTCHNOP_reset;
	assert_int_equal(do_event_channel_op_compat(dom0->vcpu[0], va_of(&old)), -ENOSYS);
	assert_int_equal(do_event_channel_op_compat(dom0->vcpu[0], FAKE_BAD_ADDRESS), -EFAULT);
}

/* Every link points back; an interdomain port of one side has exactly its peer on the other. */
static void check_links(void)
{
	struct domain *domains[] = { dom0, dom1 };
	unsigned int i, port;

	for (i = 0; i < 2; i++) {
		for (port = 1; port < 64; port++) {
			struct evtchn_status near = status_of(domains[i], port), far;

			if (near.status != EVTCHNSTAT_interdomain)
				continue;
			far = status_of(domains[near.u.interdomain.dom], near.u.interdomain.port);
			assert_int_equal(far.status, EVTCHNSTAT_interdomain);
			assert_int_equal(far.u.interdomain.dom, domains[i]->id);
			assert_int_equal(far.u.interdomain.port, port);
		}
	}
}

static void random_op(struct domain *d)
{
	evtchn_port_t port = (unsigned int)random() % 40, ignored;
	domid_t other = random() % 2;

	switch (random() % 10) {
	case 0:
		offer(d, DOMID_SELF, other, &ignored);
		break;
	case 1:
	case 2:
		take_up(d, other, port, &ignored);
		break;
	case 3:
		bind_virq(d, (unsigned int)random() % 30, (unsigned int)random() % 3, &ignored);
		break;
	case 4:
		if (random() % 20 == 0)
			bind_ipi(d, (unsigned int)random() % 4, &ignored);
		break;
	case 5:
		bind_vcpu(d, port, (unsigned int)random() % 4);
		break;
	case 6:
		virq_send_vcpu(d->vcpu[random() % 2], (unsigned int)random() % NR_VIRQS);
		break;
	case 7:
		by_port(d, EVTCHNOP_send, port);
		break;
	default:
		by_port(d, random() % 3 ? EVTCHNOP_close : EVTCHNOP_unmask, port);
	}
	/* the guest scribbles on its shared page */
	((unsigned long *)d->shared)[(unsigned int)random() % 512] = (unsigned long)random() *
								     0x100000001UL;
}

static void test_random(void **state)
{
	evtchn_port_t first;
	unsigned int i;

	(void)state;
	srandom(7);
	offer(dom0, DOMID_SELF, 1, &first);
	offer(dom1, DOMID_SELF, 0, &first);
	for (i = 0; i < 200000; i++) {
		random_op(random() % 2 ? dom0 : dom1);
		if (i % 64 == 0)
			check_links();
	}
}

/* ---- the FIFO ABI ---- */

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED	(1U << EVTCHN_FIFO_MASKED)
#define LINKED	(1U << EVTCHN_FIFO_LINKED)
#define BUSY	(1U << EVTCHN_FIFO_BUSY)

#define CONTROL_FRAME 100 /* and one for each further vCPU */
#define WORDS_FRAME   200

static event_word_t *words;
static struct evtchn_fifo_control_block *control[2];

static struct page_info *frame_own(struct domain *d, unsigned long n)
{
	struct page_info *pg = page_of_mfn(mfn(n));

	pg->owner = d->id;
	pg->state = FRAME_ALLOCATED | FRAME_REF_ONE;
	memset(frame_map(mfn(n)), 0, PAGE_SIZE);
	return pg;
}

static long init_control(unsigned long frame, uint32_t offset, uint32_t vcpu)
{
	struct evtchn_init_control req = { frame, offset, vcpu, 0, { 0 } };
	long rc = op(dom0, EVTCHNOP_init_control, &req);

	if (!rc)
		assert_int_equal(req.link_bits, 17);
	return rc;
}

static long expand_array(unsigned long frame)
{
	struct evtchn_expand_array req = { frame };

	return op(dom0, EVTCHNOP_expand_array, &req);
}

static long set_priority(evtchn_port_t port, uint32_t priority)
{
	struct evtchn_set_priority req = { port, priority };

	return op(dom0, EVTCHNOP_set_priority, &req);
}

static void fifo_begin(void)
{
	if (!frame_table)
		fake_frames_init();
	for (unsigned int i = 0; i < 2; i++) {
		frame_own(dom0, CONTROL_FRAME + i);
		assert_int_equal(init_control(CONTROL_FRAME + i, 16, i), 0);
		control[i] = (void *)((char *)frame_map(mfn(CONTROL_FRAME + i)) + 16);
	}
	frame_own(dom0, WORDS_FRAME);
	assert_int_equal(expand_array(WORDS_FRAME), 0);
	words = frame_map(mfn(WORDS_FRAME));
}

static unsigned int take(unsigned int vcpu, unsigned int priority)
{
	unsigned int port = control[vcpu]->head[priority];
	event_word_t was = words[port];

	words[port] &= ~(LINKED | PENDING | EVTCHN_FIFO_LINK_MASK);
	control[vcpu]->head[priority] = was & EVTCHN_FIFO_LINK_MASK;
	if (!(was & EVTCHN_FIFO_LINK_MASK))
		control[vcpu]->ready &= ~(1U << priority);
	return port;
}

static void test_fifo_refusals(void **state)
{
	evtchn_port_t port;

	(void)state;
	if (!frame_table)
		fake_frames_init();
	frame_own(dom1, 150);
	assert_int_equal(expand_array(WORDS_FRAME), -EOPNOTSUPP);
	assert_int_equal(init_control(150, 0, 0), -EINVAL); /* another's */
	assert_int_equal(init_control(~0UL, 0, 0), -EINVAL);
	assert_int_equal(init_control(CONTROL_FRAME, 4096 - 64, 0), -EINVAL);
	assert_int_equal(init_control(CONTROL_FRAME, 12, 0), -EINVAL);
	assert_int_equal(init_control(CONTROL_FRAME, 0, 4), -ENOENT);
	fifo_begin();
	assert_int_equal(init_control(CONTROL_FRAME, 0, 0), -EINVAL); /* again */
	assert_int_equal(expand_array(150), -EINVAL);
	assert_int_equal(bind_ipi(dom0, 0, &port), 0);
	assert_int_equal(set_priority(port, 16), -EINVAL);
	assert_int_equal(set_priority(131072, 0), -EINVAL);
	assert_int_equal(set_priority(port, 15), 0);
}

static void test_fifo_queues(void **state)
{
	evtchn_port_t p[4];

	(void)state;
	fifo_begin();
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(bind_ipi(dom0, i / 2, &p[i]), 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(by_port(dom0, EVTCHNOP_send, p[i]), 0);
	assert_int_equal(kicks[0], 1);
	assert_int_equal(kicks[1], 1);
	assert_int_equal(control[0]->ready, 1U << 7);
	assert_int_equal(take(0, 7), p[0]);
	assert_int_equal(take(0, 7), p[1]);
	assert_int_equal(control[0]->ready, 0);
	assert_int_equal(take(1, 7), p[2]);

	/* a port that moves on leaves nothing behind in its old queue */
	assert_int_equal(set_priority(p[3], 2), 0);
	assert_int_equal(take(1, 7), p[3]);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, p[3]), 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, p[2]), 0);
	assert_int_equal(control[1]->head[2], p[3]);
	assert_int_equal(control[1]->head[7], p[2]);
	assert_int_equal(words[p[3]], PENDING | LINKED);
	assert_int_equal(take(1, 2), p[3]);
	assert_int_equal(take(1, 7), p[2]);

	words[p[0]] = MASKED;
	assert_int_equal(by_port(dom0, EVTCHNOP_send, p[0]), 0);
	assert_int_equal(words[p[0]], MASKED | PENDING);
	assert_int_equal(by_port(dom0, EVTCHNOP_unmask, p[0]), 0);
	assert_int_equal(words[p[0]], LINKED | PENDING);
	assert_int_equal(by_port(dom0, EVTCHNOP_close, p[0]), 0);
	assert_int_equal(words[p[0]], LINKED);
}

/* What was pending in two levels, and what came while there were no words. */
static void test_fifo_migration(void **state)
{
	evtchn_port_t before, between;

	(void)state;
	if (!frame_table)
		fake_frames_init();
	frame_own(dom0, CONTROL_FRAME);
	frame_own(dom0, WORDS_FRAME);
	assert_int_equal(bind_ipi(dom0, 0, &before), 0);
	assert_int_equal(bind_ipi(dom0, 0, &between), 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, before), 0);
	assert_int_equal(init_control(CONTROL_FRAME, 0, 0), 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, between), 0);
	assert_int_equal(expand_array(WORDS_FRAME), 0);
	words = frame_map(mfn(WORDS_FRAME));
	assert_int_equal(words[before], PENDING | LINKED | between);
	assert_int_equal(words[between], PENDING | LINKED);
}

static void test_fifo_reset(void **state)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	evtchn_port_t port;

	(void)state;
	fifo_begin();
	for (unsigned int i = 0; i < 5000; i++)
		assert_int_equal(bind_ipi(dom0, 0, &port), 0);
	assert_int_equal(port, 5000);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, port), 0); /* no word: lost */
	assert_int_equal(op(dom0, EVTCHNOP_reset, &reset), 0);
	assert_int_equal(frame_type_count(page_of_mfn(mfn(WORDS_FRAME))->state), 0);
	assert_int_equal(frame_ref_count(page_of_mfn(mfn(CONTROL_FRAME))->state), 1);
	assert_int_equal(expand_array(WORDS_FRAME), -EOPNOTSUPP);
	assert_int_equal(bind_ipi(dom0, 0, &port), 0);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, port), 0);
	assert_true(dom0->shared->evtchn_pending[0] & 1UL << port);
	assert_int_equal(by_port(dom0, EVTCHNOP_send, 5000), -EINVAL);
}

/* A guest that scribbles on all it shares: nothing of ours is reached through it, and no loop is long. */
static void test_fifo_hostile(void **state)
{
	evtchn_port_t p[16];

	(void)state;
	srandom(1);
	fifo_begin();
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(bind_ipi(dom0, i % 2, &p[i]), 0);
	for (unsigned int i = 0; i < 100000; i++) {
		evtchn_port_t port = p[random() % 16];

		switch (random() % 8) {
		case 0:
			words[random() % 20] = (event_word_t)random() << 1 ^ (event_word_t)random();
			break;
		case 1:
			control[random() % 2]->head[random() % 16] = (uint32_t)random();
			break;
		case 2:
			words[port] &= ~(LINKED | MASKED);
			break;
		case 3:
			assert_int_equal(set_priority(port, (uint32_t)random() % 16), 0);
			break;
		case 4:
			assert_int_equal(by_port(dom0, EVTCHNOP_unmask, port), 0);
			break;
		default:
			assert_int_equal(by_port(dom0, EVTCHNOP_send, port), 0);
			assert_true(words[port] & PENDING);
			assert_true(words[port] & (MASKED | LINKED));
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_interdomain), TEST(test_loopback),
		TEST(test_privilege),	TEST(test_delivery),
		TEST(test_virq),	TEST(test_bind_vcpu),
		TEST(test_pirq),	TEST(test_poll),
		TEST(test_bad_ports),	TEST(test_all_ports_and_reset),
		TEST(test_compat),	TEST(test_random),
		TEST(test_fifo_refusals),  TEST(test_fifo_queues),
		TEST(test_fifo_migration), TEST(test_fifo_reset),
		TEST(test_fifo_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
