/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a domain, wished or not. The hardware domain's is the machine's:
 * a poweroff that reaches us has already failed to switch the machine off
 * (dom0 does that through XENPF_enter_acpi_sleep), so we stand still.
 */
#include <hv/domain.h>

#include <hv/crash_record.h>
#include <hv/event_channel.h>
#include <hv/machine.h>
#include <hv/options.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/sched.h>

#include <asm/percpu.h>

#define CRASH_DELAY_MS 5000

static void __noreturn halt(const char *why)
{
	log_info("Hardware Dom0 %s: halting machine\n", why);
	machine_halt();
}

static void __noreturn restart(const char *why, unsigned int delay_ms)
{
	log_info("Hardware Dom0 %s: rebooting machine\n", why);
	machine_restart(delay_ms);
}

static void __noreturn hardware_domain_ended(unsigned int code)
{
	switch (code) {
	case SHUTDOWN_poweroff:
		halt("halted");
	case SHUTDOWN_reboot:
		restart("shutdown", 0);
	case SHUTDOWN_crash:
		crash_record_keep("dom0 crashed");
		if (boot_options.noreboot)
			halt("crashed ('noreboot' specified)");
		restart("crashed", CRASH_DELAY_MS);
	case SHUTDOWN_watchdog:
		crash_record_keep("dom0's watchdog expired");
		restart("watchdog expired", 0);
	default:
		log_warning("Hardware Dom0 shut down with unknown reason %u\n", code);
		restart("shutdown", 0);
	}
}

void domain_shutdown(struct domain *d, unsigned int code)
{
	bool was_shut_down;

	if (d->is_hardware)
		hardware_domain_ended(code);

	spin_lock(&d->lock);
	was_shut_down = d->is_shut_down;
	if (!was_shut_down) {
		d->is_shut_down = true;
		if (!d->is_shutdown_code_latched)
			d->shutdown_code = code;
		domain_update_vcpus(d);
	}
	spin_unlock(&d->lock);
	if (!was_shut_down)
		virq_send_global(hardware_domain, VIRQ_DOM_EXC);
}

/* The registers the vCPU came in with: on its CPU they are at the top of the stack. */
static const struct cpu_user_regs *guest_regs(const struct vcpu *v)
{
	return v == current_vcpu() ? &cpu_info()->guest_regs : &v->arch.regs;
}

void domain_crash(struct domain *d, const char *why)
{
	const struct vcpu *v = current_domain() == d ? current_vcpu() : d->vcpu[0];
	const struct cpu_user_regs *r;

	/* Once: a domain that is over cannot fill the log. */
	if (READ_ONCE(d->is_shut_down))
		return;
	if (v) {
		r = guest_regs(v);
		log_warning(
			"Domain %u (vcpu#%u) crashed: %s: "
			"rip %04x:%016lx rflags %08lx rsp %016lx rax %016lx rcx %016lx rdx %016lx rdi %016lx rsi %016lx cr2 %016lx\n",
			d->id, v->id, why, r->cs, r->rip, r->rflags, r->rsp, r->rax, r->rcx, r->rdx,
			r->rdi, r->rsi, READ_ONCE(v->info->arch.cr2));
	}
	domain_shutdown(d, SHUTDOWN_crash);
}
