/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event channels, two-level form.
 *
 * A send sets the pending bit of the other end; if its mask bit is clear, the
 * bit of the word in evtchn_pending_sel and evtchn_upcall_pending too; if the
 * vCPU's upcall mask is clear, the event callback is entered. Masked edges are
 * kept as pending bits and delivered by EVTCHNOP_unmask. Binding sets the
 * local end of an interdomain channel pending. Every documented error is
 * asked for (xen/event_channel.h).
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

const char test_title[] = "Event channels";

static evtchn_port_t near_port, far_port; /* two ends of one channel to ourselves */

static void expect_status(const char *what, evtchn_port_t port, uint32_t want)
{
	struct evtchn_status s;

	expect_result(what, evtchn_status(port, &s), 0);
	expect_equal(what, s.status, want);
}

static void check_loopback(void)
{
	struct evtchn_status s;

	expect_result("alloc_unbound", evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF, &far_port), 0);
	check(far_port > 0 && far_port < EVENT_PORTS, "port in 1..4095, got %u", far_port);
	expect_result("status", evtchn_status(far_port, &s), 0);
	expect_equal("status of an unbound port", s.status, EVTCHNSTAT_unbound);
	expect_equal("its remote domain", s.u.unbound.dom, 0);
	expect_result("send to an unbound port", evtchn_send(far_port), 0);

	expect_result("bind_interdomain", evtchn_bind_interdomain(DOMID_SELF, far_port, &near_port),
		      0);
	check(near_port > 0 && near_port != far_port, "a second port, got %u", near_port);
	check(port_is_pending(near_port), "binding sets the local port pending");
	check(!port_is_pending(far_port), "binding leaves the remote port alone");
	port_clear(near_port);
	expect_result("status", evtchn_status(near_port, &s), 0);
	expect_equal("status of a bound port", s.status, EVTCHNSTAT_interdomain);
	expect_equal("its remote domain", s.u.interdomain.dom, 0);
	expect_equal("its remote port", s.u.interdomain.port, far_port);
	expect_equal("its vcpu", s.vcpu, 0);
	expect_status("status of the other end", far_port, EVTCHNSTAT_interdomain);
	expect_result("bind a bound port again",
		      evtchn_bind_interdomain(DOMID_SELF, far_port, &(evtchn_port_t){ 0 }),
		      -EINVAL);
}

static void check_masked_send(void)
{
	events_forget();
	WRITE_ONCE(vcpu_info->evtchn_upcall_pending, 0);
	WRITE_ONCE(vcpu_info->evtchn_pending_sel, 0);
	expect_result("send with the port masked", evtchn_send(near_port), 0);
	check(port_is_pending(far_port), "the remote port is pending");
	check(!port_is_pending(near_port), "the local port is not");
	expect_equal("no selector bit", vcpu_info->evtchn_pending_sel, 0);
	expect_equal("no upcall pending", vcpu_info->evtchn_upcall_pending, 0);

	expect_result("unmask", evtchn_unmask(far_port), 0);
	check(!port_is_masked(far_port), "the mask bit is cleared");
	expect_equal("selector bit", vcpu_info->evtchn_pending_sel, 1UL << far_port / 64);
	expect_equal("upcall pending", vcpu_info->evtchn_upcall_pending, 1);
	expect_equal("no upcall while the vcpu masks them", event_upcalls, 0);
	events_on();
	expect_equal("an upcall when they are let in", event_upcalls, 1);
	expect_equal("for the port", event_seen[far_port], 1);
	check(!port_is_pending(far_port), "and it is no more pending");
	expect_equal("selector afterwards", vcpu_info->evtchn_pending_sel, 0);
}

static void check_direct_send(void)
{
	events_forget();
	expect_result("send with everything open", evtchn_send(near_port), 0);
	expect_equal("upcalls", event_upcalls, 1);
	expect_equal("events", event_seen[far_port], 1);
	expect_equal("mask inside the upcall", trap_last.mask_inside, 1);
	expect_equal("saved mask", trap_last.frame.saved_mask, 0);
	expect_equal("mask afterwards", vcpu_info->evtchn_upcall_mask, 0);
	expect_equal("cs of the upcall's frame", trap_last.frame.cs, FLAT_KERNEL_CS64 & ~3);

	port_mask_clear(near_port);
	expect_result("send the other way", evtchn_send(far_port), 0);
	expect_equal("events of the near end", event_seen[near_port], 1);

	events_off();
	events_forget();
	evtchn_send(near_port);
	evtchn_send(near_port);
	events_on();
	expect_equal("two sends before the upcall are one event", event_seen[far_port], 1);
	events_off();
}

static void check_ipi_and_virq(void)
{
	evtchn_port_t ipi = 0, virq = 0, other;
	struct evtchn_status s;

	events_forget();
	expect_result("bind_ipi", evtchn_bind_ipi(0, &ipi), 0);
	expect_status("status of an ipi port", ipi, EVTCHNSTAT_ipi);
	port_mask_clear(ipi);
	events_on();
	expect_result("send to ourselves", evtchn_send(ipi), 0);
	expect_equal("ipi events", event_seen[ipi], 1);
	events_off();
	expect_result("bind_ipi to no vcpu", evtchn_bind_ipi(99, &other), -ENOENT);

	expect_result("bind_virq", evtchn_bind_virq(VIRQ_DEBUG, 0, &virq), 0);
	expect_result("status", evtchn_status(virq, &s), 0);
	expect_equal("status of a virq port", s.status, EVTCHNSTAT_virq);
	expect_equal("its virq", s.u.virq, VIRQ_DEBUG);
	expect_result("bind a virq twice", evtchn_bind_virq(VIRQ_DEBUG, 0, &other), -EEXIST);
	expect_result("bind_virq of no virq", evtchn_bind_virq(NR_VIRQS, 0, &other), -EINVAL);
	expect_result("bind_virq of no virq", evtchn_bind_virq(~0u, 0, &other), -EINVAL);
	expect_result("bind_virq to no vcpu", evtchn_bind_virq(VIRQ_TIMER, 99, &other), -ENOENT);
	expect_result("global virq on another vcpu", evtchn_bind_virq(VIRQ_DOM_EXC, 1, &other),
		      -EINVAL);
	expect_result("send to a virq port", evtchn_send(virq), -EINVAL);
	expect_result("close", evtchn_close(virq), 0);
	expect_result("bind after close", evtchn_bind_virq(VIRQ_DEBUG, 0, &virq), 0);
	expect_result("close", evtchn_close(virq), 0);
	expect_result("close", evtchn_close(ipi), 0);
}

static void check_close(void)
{
	struct evtchn_status s;

	expect_result("close one end", evtchn_close(near_port), 0);
	expect_result("status", evtchn_status(near_port, &s), 0);
	expect_equal("the closed end", s.status, EVTCHNSTAT_closed);
	expect_result("status", evtchn_status(far_port, &s), 0);
	expect_equal("the other end waits again", s.status, EVTCHNSTAT_unbound);
	expect_result("close it twice", evtchn_close(near_port), -EINVAL);
	expect_result("send through a closed port", evtchn_send(near_port), -EINVAL);
	expect_result("the other end can be bound again",
		      evtchn_bind_interdomain(DOMID_SELF, far_port, &near_port), 0);
	expect_result("close", evtchn_close(near_port), 0);
	expect_result("close", evtchn_close(far_port), 0);
}

static void check_bind_vcpu(void)
{
	evtchn_port_t port;
	struct evtchn_bind_vcpu arg;

	expect_result("alloc_unbound", evtchn_alloc_unbound(DOMID_SELF, 0, &port), 0);
	arg = (struct evtchn_bind_vcpu){ .port = port, .vcpu = 0 };
	expect_result("bind_vcpu 0", hypercall(event_channel_op, EVTCHNOP_bind_vcpu, &arg), 0);
	arg.vcpu = 99;
	expect_result("bind_vcpu 99", hypercall(event_channel_op, EVTCHNOP_bind_vcpu, &arg),
		      -ENOENT);
	arg = (struct evtchn_bind_vcpu){ .port = 4000, .vcpu = 0 };
	expect_result("bind_vcpu of no port", hypercall(event_channel_op, EVTCHNOP_bind_vcpu, &arg),
		      -EINVAL);
	expect_result("close", evtchn_close(port), 0);
	expect_result("bind_virq timer", evtchn_bind_virq(VIRQ_TIMER, 0, &port), 0);
	arg = (struct evtchn_bind_vcpu){ .port = port, .vcpu = 0 };
	expect_result("bind_vcpu of a per-vcpu virq",
		      hypercall(event_channel_op, EVTCHNOP_bind_vcpu, &arg), -EINVAL);
	expect_result("close", evtchn_close(port), 0);
}

static void check_errors(void)
{
	static const unsigned int bad_ports[] = { 0, 4000, 4095, 4096, 131071, 131072, ~0u };
	struct evtchn_status s;
	evtchn_port_t port;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad_ports); i++) {
		expect_result("send to no port", evtchn_send(bad_ports[i]), -EINVAL);
		expect_result("close of no port", evtchn_close(bad_ports[i]), -EINVAL);
		if (bad_ports[i]) /* port 0 exists, but is never used */
			expect_result("unmask of no port", evtchn_unmask(bad_ports[i]), -EINVAL);
		expect_result("bind to no port",
			      evtchn_bind_interdomain(DOMID_SELF, bad_ports[i], &port), -EINVAL);
	}
	expect_result("status of no port", evtchn_status(~0u, &s), -EINVAL);
	expect_result("alloc_unbound in no domain", evtchn_alloc_unbound(77, 0, &port), -ESRCH);
	expect_result("bind to no domain", evtchn_bind_interdomain(77, 1, &port), -ESRCH);
	expect_result("bind to DOMID_INVALID", evtchn_bind_interdomain(DOMID_INVALID, 1, &port),
		      -ESRCH);
	expect_result("unknown operation", hypercall(event_channel_op, 15, &s), -ENOSYS);
	expect_result("unknown operation", hypercall(event_channel_op, ~0u, &s), -ENOSYS);
	expect_result("bad pointer", hypercall(event_channel_op, EVTCHNOP_send, 0), -EFAULT);
	expect_result("pointer to the hypervisor",
		      hypercall(event_channel_op, EVTCHNOP_status, 0xffff830000000000UL), -EFAULT);
}

/* Ports are handed out until the limit of the two-level form: 4,095. */
static void check_limit(void)
{
	evtchn_port_t port, last = 0;
	unsigned int count = 0;
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	struct evtchn_status s;
	long rc;

	while (!(rc = evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF, &port)) && ++count < 5000)
		last = port;
	expect_result("alloc_unbound beyond the limit", rc, -ENOSPC);
	check(count >= 4000 && count <= 4095 && last == 4095, "ports up to 4095 (%u, last %u)",
	      count, last);
	expect_result("reset", hypercall(event_channel_op, EVTCHNOP_reset, &reset), 0);
	expect_result("status", evtchn_status(last, &s), 0);
	expect_equal("status after reset", s.status, EVTCHNSTAT_closed);
	expect_result("alloc_unbound after reset",
		      evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF, &port), 0);
}

void test_main(void)
{
	events_init();
	STEP(check_loopback);
	STEP(check_masked_send);
	STEP(check_direct_send);
	STEP(check_ipi_and_virq);
	STEP(check_close);
	STEP(check_bind_vcpu);
	STEP(check_errors);
	STEP(check_limit);
}
