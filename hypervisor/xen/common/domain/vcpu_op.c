/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HYPERVISOR_vcpu_op (xen/vcpu.h): a domain starts and stops its vCPUs, asks
 * about them and tells us where it wants to read about them.
 */
#include <hv/domain.h>

#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>
#include <hv/sched.h>
#include <hv/string.h>
#include <hv/time.h>

#include <asm/apic.h>
#include <asm/traps.h>

#define PERIOD_MIN_NS (1 * NS_PER_MS)

static bool vcpu_is_down(const struct vcpu *v)
{
	return READ_ONCE(v->not_runnable) & VCPU_DOWN;
}

/* Did @v register a vcpu_info, or get one by being among the first? */
static bool has_vcpu_info(const struct vcpu *v)
{
	return v->info_page || v->id < XEN_LEGACY_MAX_VCPUS;
}

int vcpu_set_context(struct vcpu *v, const vcpu_guest_context_t *context)
{
	struct domain *d = v->domain;
	int rc;

	spin_lock(&d->lock);
	if (d->is_dying)
		rc = -EINVAL;
	else
		rc = v->is_initialised ? -EEXIST : arch_vcpu_set_context(v, context);
	if (!rc)
		v->is_initialised = true;
	spin_unlock(&d->lock);
	return rc;
}

/* -EINVAL: no vcpu_info; -EEXIST: again; -EFAULT; -ENOMEM; what arch_vcpu_set_context() says. */
static long vcpu_initialise(struct vcpu *target, unsigned long arg)
{
	vcpu_guest_context_t *context;
	long rc;

	if (!has_vcpu_info(target))
		return -EINVAL;
	context = heap_alloc(sizeof(*context));
	if (!context)
		return -ENOMEM;
	rc = guest_read(context, arg) ? -EFAULT : vcpu_set_context(target, context);
	heap_free(context);
	return rc;
}

/* -EINVAL: not initialised. */
static long vcpu_up(struct vcpu *target)
{
	struct domain *d = target->domain;
	bool is_initialised;

	spin_lock(&d->lock);
	is_initialised = target->is_initialised;
	spin_unlock(&d->lock);
	if (!is_initialised)
		return -EINVAL;
	vcpu_wake(target, VCPU_DOWN);
	return 0;
}

static bool all_down(const struct domain *d)
{
	unsigned int i;

	for (i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i] && !vcpu_is_down(d->vcpu[i]))
			return false;
	return true;
}

/* A domain whose last vCPU is down has nobody left to bring one up: it has ended. */
static long vcpu_down(struct vcpu *target)
{
	vcpu_sleep(target, VCPU_DOWN);
	if (all_down(target->domain))
		domain_shutdown(target->domain, SHUTDOWN_poweroff);
	return 0;
}

static long vcpu_get_runstate(const struct vcpu *target, unsigned long arg)
{
	vcpu_runstate_info_t copy = { 0 };

	runstate_read(target, &copy);
	return guest_write(arg, &copy);
}

/* Address 0 takes the area back. The first contents are written at once: -EFAULT is none then. */
static long vcpu_register_runstate(struct vcpu *v, struct vcpu *target, unsigned long arg)
{
	struct vcpu_register_runstate_memory_area req;
	long rc = 0;

	if (guest_read(&req, arg))
		return -EFAULT;
	WRITE_ONCE(target->runstate_guest, req.addr.p);
	if (target == v)
		rc = runstate_publish(v);
	else if (req.addr.p)
		rc = vcpu_get_runstate(target, req.addr.p);
	if (rc)
		WRITE_ONCE(target->runstate_guest, 0);
	return rc;
}

/* Another vCPU's copy is written when that one runs next. */
static long vcpu_register_time(struct vcpu *v, struct vcpu *target, unsigned long arg)
{
	struct vcpu_register_time_memory_area req;

	if (guest_read(&req, arg))
		return -EFAULT;
	WRITE_ONCE(target->time_guest, req.addr.p);
	if (target == v)
		guest_clock_update(v);
	return 0;
}

/* -EINVAL: too short or too long. */
static long vcpu_set_periodic(struct vcpu *target, unsigned long arg)
{
	struct vcpu_set_periodic_timer req;

	if (guest_read(&req, arg))
		return -EFAULT;
	if (req.period_ns < PERIOD_MIN_NS || req.period_ns > INT64_MAX)
		return -EINVAL;
	WRITE_ONCE(target->periodic_ns, req.period_ns);
	timer_set(&target->periodic_timer, system_time_ns() + req.period_ns);
	return 0;
}

static long vcpu_stop_periodic(struct vcpu *target)
{
	WRITE_ONCE(target->periodic_ns, 0);
	timer_stop(&target->periodic_timer);
	return 0;
}

/* -EINVAL: another vCPU's; -ETIME: passed already, and the guest wants to know. */
static long vcpu_set_singleshot(struct vcpu *v, struct vcpu *target, unsigned long arg)
{
	struct vcpu_set_singleshot_timer req;
	uint64_t deadline;

	if (target != v)
		return -EINVAL;
	if (guest_read(&req, arg))
		return -EFAULT;
	deadline = guest_deadline(req.timeout_abs_ns);
	if (req.flags & VCPU_SSHOTTMR_future && deadline < system_time_ns())
		return -ETIME;
	timer_set(&v->singleshot_timer, deadline);
	return 0;
}

static long vcpu_stop_singleshot(struct vcpu *v, struct vcpu *target)
{
	if (target != v)
		return -EINVAL;
	timer_stop(&v->singleshot_timer);
	return 0;
}

/* The new area starts with what the old one says; a vCPU that had none starts masked. */
static void vcpu_info_move(struct vcpu *v, struct page_info *pg, unsigned int offset)
{
	vcpu_info_t *info = (vcpu_info_t *)((char *)frame_map(mfn_of_page(pg)) + offset);

	if (has_vcpu_info(v)) {
		memcpy(info, v->info, sizeof(*info));
	} else {
		memset(info, 0, sizeof(*info));
		info->evtchn_upcall_mask = 1;
	}
	v->info_page = pg;
	__atomic_store_n(&v->info, info, __ATOMIC_SEQ_CST);

	/* who sends just now may still write to the old one */
	evtchn_resync(v);
}

/*
 * -EINVAL: misplaced in its page, a running vCPU that is not the caller, the second time, not a
 * frame of the domain's that it may write to.
 */
static long vcpu_register_info(struct vcpu *v, struct vcpu *target, unsigned long arg)
{
	struct vcpu_register_vcpu_info req;
	struct domain *d = target->domain;
	struct page_info *pg;
	long rc = -EINVAL;

	if (guest_read(&req, arg))
		return -EFAULT;
	if (req.offset > PAGE_SIZE - sizeof(vcpu_info_t) || req.offset % sizeof(xen_ulong_t))
		return -EINVAL;
	if (target != v && !vcpu_is_down(target))
		return -EINVAL;
	if (!mfn_valid(mfn(req.mfn)))
		return -EINVAL;

	pg = page_of_mfn(mfn(req.mfn));
	rc = page_get_type(pg, d, TYPE_WRITABLE);
	if (rc)
		return rc;

	spin_lock(&d->lock);
	rc = target->info_page ? -EINVAL : 0;
	if (!rc)
		vcpu_info_move(target, pg, req.offset);
	spin_unlock(&d->lock);

	if (rc)
		page_put_type(pg);
	return rc;
}

long vcpu_send_nmi(struct vcpu *target)
{
	if (!READ_ONCE(target->arch.trap[X86_NMI].address))
		return -EINVAL;
	__atomic_store_n(&target->arch.nmi_pending, true, __ATOMIC_SEQ_CST);
	vcpu_kick(target);
	return 0;
}

/* The CPU of a vCPU that is bound to one: local APIC's number, and ACPI's above it. -EINVAL: it is not bound. */
static long vcpu_get_physid(const struct vcpu *target, unsigned long arg)
{
	int cpu = sched_pinned_cpu(target);
	struct vcpu_get_physid out;

	if (cpu < 0)
		return -EINVAL;
	out.phys_id = apic_id_of_cpu[cpu] | (uint64_t)acpi_id_of_cpu[cpu] << 32;
	return guest_write(arg, &out);
}

static long vcpu_op(struct vcpu *v, unsigned int cmd, struct vcpu *target, unsigned long arg)
{
	switch (cmd) {
	case VCPUOP_initialise:
		return vcpu_initialise(target, arg);
	case VCPUOP_up:
		return vcpu_up(target);
	case VCPUOP_down:
		return vcpu_down(target);
	case VCPUOP_is_up:
		return !vcpu_is_down(target);
	case VCPUOP_get_runstate_info:
		return vcpu_get_runstate(target, arg);
	case VCPUOP_register_runstate_memory_area:
		return vcpu_register_runstate(v, target, arg);
	case VCPUOP_set_periodic_timer:
		return vcpu_set_periodic(target, arg);
	case VCPUOP_stop_periodic_timer:
		return vcpu_stop_periodic(target);
	case VCPUOP_set_singleshot_timer:
		return vcpu_set_singleshot(v, target, arg);
	case VCPUOP_stop_singleshot_timer:
		return vcpu_stop_singleshot(v, target);
	case VCPUOP_register_vcpu_info:
		return vcpu_register_info(v, target, arg);
	case VCPUOP_send_nmi:
		return vcpu_send_nmi(target);
	case VCPUOP_get_physid:
		return vcpu_get_physid(target, arg);
	case VCPUOP_register_vcpu_time_memory_area:
		return vcpu_register_time(v, target, arg);
	default:
		return -ENOSYS;
	}
}

/* -ENOENT: no such vCPU. Guests ask is_up of thousands of ids when they boot. */
long do_vcpu_op(struct vcpu *v, unsigned long cmd, unsigned long vcpu_id, unsigned long arg)
{
	unsigned long args[] = { cmd, vcpu_id, arg };
	struct vcpu *target = domain_vcpu(v->domain, vcpu_id);
	long rc;

	if (!target)
		return -ENOENT;
	rc = vcpu_op(v, cmd, target, arg);
	if (rc == -ERESTART)
		rc = hypercall_continue(__HYPERVISOR_vcpu_op, ARRAY_SIZE(args), args);
	return rc;
}
