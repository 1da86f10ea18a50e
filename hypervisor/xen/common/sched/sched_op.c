/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HYPERVISOR_sched_op (xen/sched.h): a guest gives up its CPU, or its life. */
#include "sched_private.h"

#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/guest_copy.h>
#include <hv/sched.h>

#define POLL_PORTS_MAX 128

/*
 * Until an event is deliverable. Upcalls are unmasked first; an event that
 * comes after the last look finds VCPU_BLOCKED set and takes it away, see
 * vcpu_kick().
 */
static long sched_block(struct vcpu *v)
{
	WRITE_ONCE(v->info->evtchn_upcall_mask, 0);
	if (vcpu_event_deliverable(v))
		return 0;

	vcpu_sleep(v, VCPU_BLOCKED);
	if (vcpu_event_deliverable(v))
		vcpu_wake(v, VCPU_BLOCKED);
	return 0;
}

/* Is one of the ports pending? -EINVAL: one does not exist. */
static int poll_any_pending(struct domain *d, const evtchn_port_t *ports, unsigned int count)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < count && !rc; i++)
		rc = evtchn_port_is_pending(d, ports[i]);
	return rc;
}

static long sched_poll(struct vcpu *v, unsigned long arg)
{
	evtchn_port_t ports[POLL_PORTS_MAX];
	struct sched_poll req;
	int rc;

	if (guest_read(&req, arg))
		return -EFAULT;
	if (req.nr_ports > POLL_PORTS_MAX)
		return -EINVAL;
	if (guest_copy_from(ports, (unsigned long)req.ports.p, req.nr_ports * sizeof(ports[0])))
		return -EFAULT;

	/* the time-out of an earlier poll may still be running */
	timer_stop(&v->poll_timer);
	evtchn_poll_begin(v, req.nr_ports == 1 ? ports[0] : POLL_SEVERAL);
	vcpu_sleep(v, VCPU_POLLING);

	rc = poll_any_pending(v->domain, ports, req.nr_ports);
	if (rc || vcpu_event_deliverable(v))
		vcpu_wake(v, VCPU_POLLING);
	else if (req.timeout)
		timer_set(&v->poll_timer, guest_deadline(req.timeout));
	return rc < 0 ? rc : 0;
}

static long sched_shutdown(struct vcpu *v, unsigned long arg)
{
	struct sched_shutdown req;

	if (guest_read(&req, arg))
		return -EFAULT;
	domain_shutdown(v->domain, (uint8_t)req.reason);
	return 0;
}

static long sched_shutdown_code(struct vcpu *v, unsigned long arg)
{
	struct domain *d = v->domain;
	struct sched_shutdown req;

	if (guest_read(&req, arg))
		return -EFAULT;

	spin_lock(&d->lock);
	if (!d->is_shut_down) {
		d->shutdown_code = (uint8_t)req.reason;
		d->is_shutdown_code_latched = true;
	}
	spin_unlock(&d->lock);
	return 0;
}

static long sched_remote_shutdown(struct vcpu *v, unsigned long arg)
{
	struct sched_remote_shutdown req;
	struct domain *d;

	if (guest_read(&req, arg))
		return -EFAULT;
	if (!v->domain->is_privileged)
		return -EPERM;
	d = domain_get(req.domain_id);
	if (!d)
		return -ESRCH;
	domain_shutdown(d, (uint8_t)req.reason);
	domain_put(d);
	return 0;
}

static long sched_watchdog(struct vcpu *v, unsigned long arg)
{
	struct sched_watchdog req;

	if (guest_read(&req, arg))
		return -EFAULT;
	return watchdog_op(v->domain, req.id, req.timeout, v->cpu);
}

/* -EPERM: not the hardware domain. */
static long sched_op_pin_override(struct vcpu *v, unsigned long arg)
{
	struct sched_pin_override req;

	if (!v->domain->is_hardware)
		return -EPERM;
	if (guest_read(&req, arg))
		return -EFAULT;
	return sched_pin_override(v, req.pcpu);
}

long do_sched_op(struct vcpu *v, unsigned long cmd, unsigned long arg)
{
	switch ((unsigned int)cmd) {
	case SCHEDOP_yield:
		vcpu_yield();
		return 0;
	case SCHEDOP_block:
		return sched_block(v);
	case SCHEDOP_shutdown:
		return sched_shutdown(v, arg);
	case SCHEDOP_poll:
		return sched_poll(v, arg);
	case SCHEDOP_remote_shutdown:
		return sched_remote_shutdown(v, arg);
	case SCHEDOP_shutdown_code:
		return sched_shutdown_code(v, arg);
	case SCHEDOP_watchdog:
		return sched_watchdog(v, arg);
	case SCHEDOP_pin_override:
		return sched_op_pin_override(v, arg);
	default:
		return -ENOSYS;
	}
}

/* As it was before Xen 3.0.2: the shutdown's reason is the argument itself. */
long do_sched_op_compat(struct vcpu *v, unsigned long cmd, unsigned long arg)
{
	switch ((unsigned int)cmd) {
	case SCHEDOP_yield:
		vcpu_yield();
		return 0;
	case SCHEDOP_block:
		return sched_block(v);
	case SCHEDOP_shutdown:
		domain_shutdown(v->domain, (uint8_t)arg);
		return 0;
	default:
		return -ENOSYS;
	}
}
