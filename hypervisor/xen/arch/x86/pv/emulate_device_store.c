/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stores of dom0's kernel to device memory that it asked for as writable and has read-only: of registers that are the
 * hypervisor's they are lost, as on Debian's Xen; what shares a page with a table of MSI-X gets them
 * (PCI 3.0 section 6.8.2 asks devices not to have such registers, and some do). Plain stores alone.
 */
#include <hv/domain.h>
#include <hv/frame.h>
#include <hv/pci.h>

#include <asm/emulate.h>
#include <asm/guest_walk.h>
#include <asm/io_memory.h>
#include <asm/page_fault.h>

static void store(volatile uint8_t *to, unsigned int width, uint64_t value)
{
	switch (width) {
	case 1:
		*to = value;
		break;
	case 2:
		*(volatile uint16_t *)to = value;
		break;
	case 4:
		*(volatile uint32_t *)to = value;
		break;
	default:
		*(volatile uint64_t *)to = value;
	}
}

bool emulate_device_store(struct vcpu *v, struct cpu_user_regs *regs, unsigned long addr)
{
	volatile uint8_t *page;
	struct table_write w;
	struct guest_walk at;
	paddr_t pa;

	if (!v->domain->is_hardware || !guest_walk(v, v->arch.kernel_root, addr, &at) ||
	    (at.entry & (PTE_P | PTE_RW)) != PTE_P)
		return false;
	if (mfn_valid(pte_mfn(at.entry)) && !(page_of_mfn(pte_mfn(at.entry))->flags & PAGE_NOT_RAM))
		return false;
	if (table_write_decode(regs, addr, &w) || w.op != TABLE_WRITE_STORE ||
	    (w.address ^ (w.address + w.width - 1)) & PAGE_MASK)
		return false;
	pa = paddr_of_mfn(pte_mfn(at.entry)) + (w.address & ~PAGE_MASK);
	switch (io_memory_store_judge(v->domain, pa, w.width)) {
	case IO_STORE_FAULTS:
		return false;
	case IO_STORE_ARRIVES:
		page = pci_page_map(pa);
		if (!page)
			return false;
		store(page + (pa & ~PAGE_MASK), w.width, w.operand);
		break;
	case IO_STORE_LOST:
		break;
	}
	table_write_retire(regs, &w, 0, true);
	return true;
}
