/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Message signalled interrupts: MSI and MSI-X of PCI functions. */
#ifndef ASM_MSI_H
#define ASM_MSI_H

#include <hv/pci.h>
#include <hv/types.h>

struct irq;

/*
 * Make a source of the function's MSI or, if @table_base is not 0, of MSI-X
 * entry @entry; it is programmed and masked. @table_base is where dom0 says that
 * the BAR with the table is: believed only if the BAR itself (of a virtual
 * function) tells nothing.
 *
 * 0 with *@out; -ENODEV: no such function or capability; -ENXIO: its memory is
 * switched off; -EINVAL: no such entry, or the table would be in RAM; -EEXIST: has
 * one already; -ENOMEM, -ENOSPC: too many.
 */
int msi_create(struct pci_address pci, unsigned int entry, uint64_t table_base,
	       struct irq **out) __must_check;

/* Masked, forgotten; not bound any more. */
void msi_destroy(struct irq *irq);

/* After a reset of the function: write its messages again. 0, or -ENODEV: not reachable. */
int msi_restore(struct pci_address pci);

#endif
