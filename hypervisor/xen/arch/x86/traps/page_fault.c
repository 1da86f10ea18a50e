/* SPDX-License-Identifier: GPL-2.0-or-later */
/* #PF: first what only looks like a guest's fault, then the guest's own. */
#include <asm/page_fault.h>

#include <hv/domain.h>

#include <asm/descriptor_tables.h>
#include <asm/emulate.h>
#include <asm/guest_walk.h>
#include <asm/layout.h>
#include <asm/percpu.h>
#include <asm/system.h>
#include <asm/traps.h>

/* The fault is a selector's whose descriptor the CPU could not read: the guest sees it in its own table. */
static void ldt_fault_inject(struct cpu_user_regs *regs, const struct vcpu *v, unsigned long offset)
{
	guest_inject_page_fault(regs, v->arch.ldt_base + offset, regs->error_code & ~PF_USER);
}

/* Another CPU, or we, have just made the entry valid; the TLB did not know. */
static bool is_spurious(const struct vcpu *v, unsigned long addr, uint32_t error)
{
	struct guest_walk w;

	if (!(error & PF_PRESENT) || error & (PF_RESERVED | PF_FETCH))
		return false;
	return guest_walk(v, guest_root(v), addr, &w) && w.entry & PTE_P &&
	       (w.is_writable || !(error & PF_WRITE));
}

void page_fault_from_guest(struct cpu_user_regs *regs)
{
	unsigned long addr = cr2_read();
	uint32_t error = regs->error_code;
	struct vcpu *v = cpu_info()->current;
	unsigned long offset;
	bool is_ldt;

	irq_enable();
	if (unlikely(addr >= HV_VIRT_START && addr < HV_VIRT_END)) {
		if (!(error & PF_USER)) {
			if (ldt_page_fault(v, addr, &is_ldt, &offset))
				return;
			if (is_ldt) {
				ldt_fault_inject(regs, v, offset);
				return;
			}
		}
		/* The guest must not learn which of our pages exist. */
		guest_inject_page_fault(regs, addr, error & ~PF_PRESENT);
		return;
	}
	if ((error & (PF_PRESENT | PF_WRITE | PF_RESERVED)) == (PF_PRESENT | PF_WRITE) &&
	    v->arch.in_kernel &&
	    (emulate_page_table_write(v, regs, addr) || emulate_device_store(v, regs, addr)))
		return;
	guest_inject_page_fault(regs, addr, error);
}

/*
 * We touched a guest's address for it, or loaded its selector: the LDT page
 * may be missing, or the TLB behind. Anything else is for the exception table.
 */
bool page_fault_from_hypervisor(struct cpu_user_regs *regs)
{
	unsigned long addr = cr2_read();
	struct vcpu *v = cpu_info()->current;
	unsigned long offset;
	bool is_ldt;

	if (!v || !v->domain)
		return false;
	if (addr >= HV_VIRT_START && addr < HV_VIRT_END)
		return ldt_page_fault(v, addr, &is_ldt, &offset);
	if (is_spurious(v, addr, regs->error_code)) {
		invlpg(addr);
		return true;
	}
	return false;
}
