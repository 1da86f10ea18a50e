/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Non-maskable interrupts. The chipset's are told from others by port 0x61 and go to dom0
 * (xen/nmi.h: shared_info.arch.nmi_reason and the first vCPU's NMI), from a softirq: in here no lock may be
 * taken. Sources: ISA "NMI status and control register" as in the ICH data sheets; xen-command-line, nmi=.
 */
#include <hv/domain.h>
#include <hv/options.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/sched.h>
#include <hv/softirq.h>

#include <asm/backtrace.h>
#include <asm/nmi.h>
#include <asm/percpu.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <asm/trap_entry.h>

#define PORT_B		     0x61
#define PORT_B_KEPT	     0x03	/* timer and speaker */
#define PORT_B_SERR_OFF	     0x04
#define PORT_B_IO_CHECK_OFF  0x08
#define MESSAGES_MAX	     10

static unsigned long reasons;	/* [a] XEN_NMIREASON_*, to be reported */
static bool has_one;		/* [a] */

/* The reason, switched off: a line that stays asserted would interrupt no more, or all the time. */
static unsigned long reason_take(void)
{
	uint8_t port = inb(PORT_B), off = 0;
	unsigned long reason = 0;

	if (port & NMI_PARITY_OR_SERR) {
		reason |= XEN_NMIREASON_pci_serr;
		off |= PORT_B_SERR_OFF;
	}
	if (port & NMI_IO_CHECK) {
		reason |= XEN_NMIREASON_io_error;
		off |= PORT_B_IO_CHECK_OFF;
	}
	if (off)
		outb(PORT_B, (port & PORT_B_KEPT) | off);
	return reason ? reason : XEN_NMIREASON_unknown;
}

static const char *reason_name(unsigned long reason)
{
	if (reason & XEN_NMIREASON_pci_serr)
		return "PCI system error";
	return reason & XEN_NMIREASON_io_error ? "I/O check" : "unknown reason";
}

void nmi_handle(struct cpu_user_regs *regs)
{
	unsigned long reason;
	bool is_tick;

	if (cpu_must_stop())
		cpu_halt_forever();
	is_tick = watchdog_nmi(regs);
	if (this_cpu())
		return;
	reason = reason_take();
	if (reason == XEN_NMIREASON_unknown && is_tick)
		return;
	if (boot_options.nmi == NMI_FATAL && reason != XEN_NMIREASON_unknown) {
		crash_dump(regs);
		panic("NMI: %s\n", reason_name(reason));
	}
	__atomic_fetch_or(&reasons, reason, __ATOMIC_RELAXED);
	__atomic_store_n(&has_one, true, __ATOMIC_RELEASE);
	softirq_raise(SOFTIRQ_NMI);
}

void arch_nmi_softirq(void)
{
	static unsigned int shown;	/* this CPU alone comes here */
	struct domain *d = hardware_domain;
	unsigned long reason;

	if (!__atomic_exchange_n(&has_one, false, __ATOMIC_ACQUIRE))
		return;
	reason = __atomic_exchange_n(&reasons, 0, __ATOMIC_RELAXED);
	if (shown++ < MESSAGES_MAX)
		log_warning("NMI: %s%s\n", reason_name(reason),
			    boot_options.nmi == NMI_IGNORED ? ", ignored" : "");
	if (boot_options.nmi == NMI_IGNORED || !d || !d->vcpu[0])
		return;
	__atomic_fetch_or(&d->shared->arch.nmi_reason, reason, __ATOMIC_SEQ_CST);
	__atomic_store_n(&d->vcpu[0]->arch.nmi_pending, true, __ATOMIC_SEQ_CST);
	vcpu_kick(d->vcpu[0]);
}
