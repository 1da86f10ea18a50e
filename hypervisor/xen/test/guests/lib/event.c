/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels of two levels and the guest's clock (event.h). */
#include "event.h"
#include "memory.h"
#include "trap.h"

#include <xen/vcpu.h>

volatile unsigned int event_seen[EVENT_PORTS];
volatile unsigned int event_upcalls;

/* Atomic, because the hypervisor sets bits of the same words. */
static bool bit_test_and_clear(xen_ulong_t *words, unsigned int n)
{
	unsigned long bit = 1UL << (n % 64);

	return __atomic_fetch_and(&words[n / 64], ~bit, __ATOMIC_SEQ_CST) & bit;
}

static void collect(void)
{
	unsigned long selector;
	unsigned int w, b;

	event_upcalls++;
	WRITE_ONCE(vcpu_info->evtchn_upcall_pending, 0);
	selector = __atomic_exchange_n(&vcpu_info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	for (w = 0; w < 64; w++) {
		if (!(selector & 1UL << w))
			continue;
		for (b = 0; b < 64; b++)
			if (!port_is_masked(w * 64 + b) &&
			    bit_test_and_clear(shared_info->evtchn_pending, w * 64 + b))
				event_seen[w * 64 + b]++;
	}
}

void events_init(void)
{
	shared_info_map();
	memset(shared_info->evtchn_mask, 0xff, sizeof(shared_info->evtchn_mask));
	event_hook = collect;
}

void events_forget(void)
{
	unsigned int port;

	for (port = 0; port < EVENT_PORTS; port++)
		event_seen[port] = 0;
	event_upcalls = 0;
	trap_forget();
}

void events_on(void)
{
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 0);
	if (READ_ONCE(vcpu_info->evtchn_upcall_pending))
		hypercall(xen_version, 0, 0); /* any way out of the hypervisor delivers */
}

void events_off(void)
{
	WRITE_ONCE(vcpu_info->evtchn_upcall_mask, 1);
}

bool port_is_pending(unsigned int port)
{
	return READ_ONCE(shared_info->evtchn_pending[port / 64]) >> (port % 64) & 1;
}

bool port_is_masked(unsigned int port)
{
	return READ_ONCE(shared_info->evtchn_mask[port / 64]) >> (port % 64) & 1;
}

void port_clear(unsigned int port)
{
	bit_test_and_clear(shared_info->evtchn_pending, port);
}

void port_mask(unsigned int port)
{
	__atomic_fetch_or(&shared_info->evtchn_mask[port / 64], 1UL << (port % 64),
			  __ATOMIC_SEQ_CST);
}

void port_mask_clear(unsigned int port)
{
	bit_test_and_clear(shared_info->evtchn_mask, port);
}

long evtchn_alloc_unbound(domid_t dom, domid_t remote, evtchn_port_t *port)
{
	struct evtchn_alloc_unbound arg = { .dom = dom, .remote_dom = remote };
	long rc = hypercall(event_channel_op, EVTCHNOP_alloc_unbound, &arg);

	*port = arg.port;
	return rc;
}

long evtchn_bind_interdomain(domid_t remote, evtchn_port_t remote_port, evtchn_port_t *local)
{
	struct evtchn_bind_interdomain arg = {
		.remote_dom = remote,
		.remote_port = remote_port,
	};
	long rc = hypercall(event_channel_op, EVTCHNOP_bind_interdomain, &arg);

	*local = arg.local_port;
	return rc;
}

long evtchn_bind_virq(uint32_t virq, uint32_t vcpu, evtchn_port_t *port)
{
	struct evtchn_bind_virq arg = { .virq = virq, .vcpu = vcpu };
	long rc = hypercall(event_channel_op, EVTCHNOP_bind_virq, &arg);

	*port = arg.port;
	return rc;
}

long evtchn_bind_ipi(uint32_t vcpu, evtchn_port_t *port)
{
	struct evtchn_bind_ipi arg = { .vcpu = vcpu };
	long rc = hypercall(event_channel_op, EVTCHNOP_bind_ipi, &arg);

	*port = arg.port;
	return rc;
}

long evtchn_close(evtchn_port_t port)
{
	struct evtchn_close arg = { .port = port };

	return hypercall(event_channel_op, EVTCHNOP_close, &arg);
}

long evtchn_send(evtchn_port_t port)
{
	struct evtchn_send arg = { .port = port };

	return hypercall(event_channel_op, EVTCHNOP_send, &arg);
}

long evtchn_unmask(evtchn_port_t port)
{
	struct evtchn_unmask arg = { .port = port };

	return hypercall(event_channel_op, EVTCHNOP_unmask, &arg);
}

long evtchn_status(evtchn_port_t port, struct evtchn_status *status)
{
	status->dom = DOMID_SELF;
	status->port = port;
	return hypercall(event_channel_op, EVTCHNOP_status, status);
}

uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

uint64_t time_from(const struct vcpu_time_info *t)
{
	uint32_t version;
	uint64_t delta, ns;

	do {
		version = __atomic_load_n(&t->version, __ATOMIC_ACQUIRE);
		delta = rdtsc() - READ_ONCE(t->tsc_timestamp);
		if (READ_ONCE(t->tsc_shift) < 0)
			delta >>= -READ_ONCE(t->tsc_shift);
		else
			delta <<= READ_ONCE(t->tsc_shift);
		ns = READ_ONCE(t->system_time) +
		     (uint64_t)((unsigned __int128)delta * READ_ONCE(t->tsc_to_system_mul) >> 32);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) || version != READ_ONCE(t->version));
	return ns;
}

uint64_t time_now(void)
{
	return time_from(&vcpu_info->time);
}

long timer_set(uint64_t ns, uint32_t flags)
{
	struct vcpu_set_singleshot_timer arg = { .timeout_abs_ns = ns, .flags = flags };

	return hypercall(vcpu_op, VCPUOP_set_singleshot_timer, 0, &arg);
}
