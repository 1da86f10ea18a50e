/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a domain reads the TSC (XEN_DOMCTL_settscinfo; xen-tscmode(7)): natively, unless its configuration asks for
 * emulation; then rdtsc traps, and what it gets is the machine's value all the same.
 */
#include <asm/clock.h>

#include <hv/abi.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/time.h>

/* The modes as tools number them. */
enum tsc_mode {
	TSC_DEFAULT,
	TSC_ALWAYS_EMULATE,
	TSC_NEVER_EMULATE,
	TSC_MODES,
};

bool guest_tsc_traps(const struct domain *d)
{
	return d->arch.tsc_mode == TSC_ALWAYS_EMULATE;
}

/* -EINVAL: the caller's own, or no such mode. */
long guest_tsc_set(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	if (d == v->domain || op->u.tsc_info.tsc_mode >= TSC_MODES)
		return -EINVAL;
	/* it is asked when a vCPU is loaded, so not while one is */
	domain_freeze(d);
	d->arch.tsc_mode = op->u.tsc_info.tsc_mode;
	d->arch.tsc_incarnation = op->u.tsc_info.incarnation;
	domain_thaw(d);
	return 0;
}

long guest_tsc_get(struct vcpu *v, struct domain *d, struct xen_domctl *op)
{
	(void)v;
	op->u.tsc_info.tsc_mode = d->arch.tsc_mode;
	op->u.tsc_info.gtsc_khz = (uint32_t)tsc_khz();
	op->u.tsc_info.incarnation = d->arch.tsc_incarnation;
	op->u.tsc_info.pad = 0;
	op->u.tsc_info.elapsed_nsec = system_time_ns();
	return 0;
}
