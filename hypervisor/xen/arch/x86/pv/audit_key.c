/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debug builds audit dom0's memory: on 'A' at the hypervisor's console, between
 * two of its operations, and when dom0 itself asks for it by hypercall arch_7.
 */
#ifdef HV_DEBUG

#include <hv/console.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/printk.h>
#include <hv/timer.h>

#include <asm/audit.h>
#include <asm/percpu.h>

static struct timer audit_timer;	/* its lock is that of its CPU's timers */

/* A timer's function runs on the way to a guest: no hypercall is half done then. */
static void audit_now(void *unused)
{
	(void)unused;
	if (hardware_domain)
		log_error("Audit of d%u: %d differences\n", hardware_domain->id,
			  domain_audit(hardware_domain));
}

static void audit_soon(void)
{
	timer_set(&audit_timer, 0);
}

static const struct debug_key audit_key = { 'A', audit_soon, "audit dom0's page references" };

long do_audit(struct vcpu *v)
{
	return v->domain == hardware_domain ? domain_audit(v->domain) : -EPERM;
}

void audit_key_init(void)
{
	if (audit_reserve())
		log_warning("Audit: no memory to count in\n");
	timer_init(&audit_timer, audit_now, NULL, this_cpu());
	debug_key_register(&audit_key);
}

#endif
