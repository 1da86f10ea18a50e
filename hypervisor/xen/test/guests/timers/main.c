/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time records, the timer event, block and poll.
 *
 * System time is nanoseconds since boot, computed from the time record and
 * the TSC; it never goes back. A one-shot timer set by vcpu_op at an absolute
 * system time (or by set_timer_op) raises VIRQ_TIMER, not before. A time that
 * has passed fires at once, or is -ETIME with VCPU_SSHOTTMR_future. block
 * clears the upcall mask and returns when an event is pending; poll returns
 * when one of its ports is, or at its timeout. Tolerances are wide: TCG on a
 * busy machine is slow, but never early.
 */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/sched.h>
#include <xen/vcpu.h>

const char test_title[] = "Time, timers, block and poll";

#define MS 1000000UL

static evtchn_port_t timer_port;

static void check_time_record(void)
{
	const struct vcpu_time_info *t = &vcpu_info->time;
	uint64_t before = time_now(), last = before, now, tsc = rdtsc();
	unsigned int i, back = 0;

	for (i = 0; i < 20000; i++) {
		now = time_now();
		back += now < last;
		last = now;
	}
	expect_equal("times that system time went back", back, 0);
	check(last > before, "system time proceeds");
	check(rdtsc() > tsc, "the TSC proceeds");
	check(before > MS && before < 3600000 * MS, "system time is that since boot: %lu ns",
	      before);
	check(t->tsc_shift > -32 && t->tsc_shift < 32, "tsc_shift %d", t->tsc_shift);
	check(!(t->version & 1), "the version is even: %u", t->version);
}

static void check_wallclock(void)
{
	uint64_t seconds = shared_info->wc_sec | (uint64_t)shared_info->wc_sec_hi << 32;

	check(!(shared_info->wc_version & 1), "wc_version is even");
	check(shared_info->wc_nsec < 1000000000, "wc_nsec %u", shared_info->wc_nsec);
	check(seconds > 1600000000UL && seconds < 1UL << 33, "the wall clock is plausible: %lu",
	      seconds);
}

/* Set a timer, block until it came; returns how late it was in ns. */
static long fire(uint64_t in_ns)
{
	uint64_t at = time_now() + in_ns, end;
	long rc;

	events_forget();
	events_off();
	rc = timer_set(at, 0);
	if (!expect_result("set_singleshot_timer", rc, 0))
		return 0;
	while (!event_seen[timer_port]) {
		rc = hypercall(sched_op, SCHEDOP_block);
		if (!expect_result("block", rc, 0))
			break;
		if (time_now() > at + 5000 * MS) {
			check(false, "the timer comes within 5 s");
			break;
		}
		events_off();
	}
	end = time_now();
	return (long)(end - at);
}

static void check_singleshot(void)
{
	static const uint64_t delays[] = { 200000, 1 * MS, 5 * MS, 20 * MS, 100 * MS };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(delays); i++) {
		long late = fire(delays[i]);

		check(late >= -50000, "a timer of %lu ns is not early (%ld ns)", delays[i], late);
		check(late < (long)(1000 * MS), "a timer of %lu ns comes (%ld ns late)", delays[i],
		      late);
		expect_equal("timer events", event_seen[timer_port], 1);
	}
}

static void check_past_and_future(void)
{
	long rc;

	events_forget();
	events_off();
	expect_result("timer in the past", timer_set(time_now() - 10 * MS, 0), 0);
	hypercall(sched_op, SCHEDOP_block);
	expect_equal("it fires at once", event_seen[timer_port], 1);
	events_off();
	events_forget();
	rc = timer_set(time_now() - 10 * MS, VCPU_SSHOTTMR_future);
	check(rc == -ETIME || rc == 0,
	      "timer in the past, VCPU_SSHOTTMR_future: -ETIME, or 0 where "
	      "the flag is ignored, got %ld",
	      rc);
	expect_result("timer in the future, VCPU_SSHOTTMR_future",
		      timer_set(time_now() + 5 * MS, VCPU_SSHOTTMR_future), 0);
	hypercall(sched_op, SCHEDOP_block);
	expect_equal("it fires", event_seen[timer_port], 1);
	events_off();
}

/* A stopped timer does not fire; set_timer_op sets the same timer. */
static void check_stop(void)
{
	uint64_t at;

	events_forget();
	expect_result("set", timer_set(time_now() + 20 * MS, 0), 0);
	expect_result("stop", hypercall(vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0), 0);
	at = time_now() + 40 * MS;
	while (time_now() < at)
		hypercall(sched_op, SCHEDOP_yield);
	check(!port_is_pending(timer_port), "a stopped timer does not fire");

	at = time_now() + 5 * MS;
	expect_result("set_timer_op", hypercall(set_timer_op, at), 0);
	hypercall(sched_op, SCHEDOP_block);
	expect_equal("set_timer_op fires", event_seen[timer_port], 1);
	check(time_now() + 50000 >= at, "and not early");
	events_off();
	expect_result("set_timer_op 0 stops", hypercall(set_timer_op, 0), 0);
	expect_result("stop_periodic_timer", hypercall(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0),
		      0);
}

static void check_periodic(void)
{
	struct vcpu_set_periodic_timer arg = { .period_ns = 10 * MS };
	uint64_t start = time_now();

	events_forget();
	expect_result("set_periodic_timer", hypercall(vcpu_op, VCPUOP_set_periodic_timer, 0, &arg),
		      0);
	events_on(); /* a periodic timer need only tick while the vCPU runs */
	while (event_seen[timer_port] < 5 && time_now() < start + 5000 * MS)
		hypercall(sched_op, SCHEDOP_yield);
	events_off();
	check(event_seen[timer_port] >= 5, "five periods came, got %u", event_seen[timer_port]);
	check(time_now() - start >= 38 * MS, "and took 40 ms or more: %lu ns", time_now() - start);
	expect_result("stop_periodic_timer", hypercall(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0),
		      0);
	arg.period_ns = 1000;
	expect_result("period of a microsecond",
		      hypercall(vcpu_op, VCPUOP_set_periodic_timer, 0, &arg), -EINVAL);
	events_on();
	events_off();
	port_clear(timer_port);
}

static long poll(evtchn_port_t *ports, unsigned int n, uint64_t timeout)
{
	struct sched_poll arg = { .nr_ports = n, .timeout = timeout };

	set_xen_guest_handle(arg.ports, ports);
	return hypercall(sched_op, SCHEDOP_poll, &arg);
}

static void check_poll(void)
{
	evtchn_port_t ports[2] = { timer_port, 0 };
	uint64_t at;

	events_off();
	port_mask(timer_port);
	port_clear(timer_port);
	expect_result("alloc_unbound", evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF, &ports[1]), 0);

	timer_set(time_now() + 10 * MS, 0);
	expect_result("poll for a timer", poll(ports, 2, 0), 0);
	check(port_is_pending(timer_port), "poll returns with the port pending");
	expect_result("poll of a pending port returns at once", poll(ports, 2, 0), 0);
	expect_equal("poll leaves the upcall mask", vcpu_info->evtchn_upcall_mask, 1);
	port_clear(timer_port);

	at = time_now() + 15 * MS;
	expect_result("poll until a timeout", poll(ports, 2, at), 0);
	check(time_now() + 50000 >= at, "poll waits until its timeout");
	check(!port_is_pending(timer_port), "and nothing is pending");
	expect_result("poll with a timeout that passed", poll(ports, 2, 1), 0);

	expect_result("poll of 129 ports", poll(ports, 129, 1), -EINVAL);
	ports[0] = 0x7fffffff;
	expect_result("poll of no port", poll(ports, 2, time_now() + MS), -EINVAL);
	expect_result("poll from a bad pointer", poll((void *)0xffff830000000000UL, 2, 1), -EFAULT);
	expect_result("poll with bad arguments", hypercall(sched_op, SCHEDOP_poll, 0), -EFAULT);
	port_mask_clear(timer_port);
}

static void check_yield(void)
{
	unsigned int i;
	long rc = 0;

	for (i = 0; i < 100; i++)
		rc |= hypercall(sched_op, SCHEDOP_yield);
	expect_result("100 yields", rc, 0);
	expect_result("unknown operation", hypercall(sched_op, 99, 0), -ENOSYS);
	expect_result("shutdown with a bad pointer", hypercall(sched_op, SCHEDOP_shutdown, 0),
		      -EFAULT);
}

void test_main(void)
{
	events_init();
	if (evtchn_bind_virq(VIRQ_TIMER, 0, &timer_port))
		test_failure("VIRQ_TIMER cannot be bound");
	port_mask_clear(timer_port);
	hypercall(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	STEP(check_time_record);
	STEP(check_wallclock);
	STEP(check_singleshot);
	STEP(check_past_and_future);
	STEP(check_stop);
	STEP(check_periodic);
	STEP(check_poll);
	STEP(check_yield);
}
