/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: common/evtchn/event_channel_op.c common/evtchn/ports.c common/evtchn/send.c */
/* sources: common/evtchn/bind_interdomain.c common/evtchn/bind_local.c common/evtchn/status.c */
/* sources: common/evtchn/two_level.c common/evtchn/fifo.c common/evtchn/poll.c common/softirq.c */
/* sources: test/fake/cpu.c test/fake/guest.c test/fake/frame.c test/fake/page_ref.c */
/* sources: test/fake/evtchn_world.c */
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

#include "evtchn_world.h"
#include "guest.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, evtchn_world_setup, evtchn_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_interdomain), TEST(test_loopback),
		TEST(test_privilege),	TEST(test_delivery),
		TEST(test_virq),	TEST(test_bind_vcpu),
		TEST(test_pirq),	TEST(test_poll),
		TEST(test_bad_ports),	TEST(test_all_ports_and_reset),
		TEST(test_compat),	TEST(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
