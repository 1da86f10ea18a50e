/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Message signalled interrupts: MSI and MSI-X of PCI functions. */
#ifndef ASM_MSI_H
#define ASM_MSI_H

#include <hv/pci.h>
#include <hv/types.h>

struct irq;

#define MSI_COUNT_MAX 32	/* messages of one function; PCI 3.0 section 6.8.1.3 */

/*
 * Make a source of the function's MSI (or @count of them, a power of two: neighbours from *@out on) or, if @table_base is not 0, of MSI-X
 * entry @entry; it is programmed and masked. @table_base is where dom0 says that
 * the BAR with the table is: believed only if the BAR itself (of a virtual
 * function) tells nothing.
 *
 * 0 with *@out; -ENODEV: no such function or capability; -ENXIO: its memory is
 * switched off; -EINVAL: no such entry or number, or the table would be in RAM; -EEXIST: has
 * one already; -ENOMEM, -ENOSPC: too many.
 */
int msi_create(struct pci_address pci, unsigned int entry, uint64_t table_base, unsigned int count,
	       struct irq **out) __must_check;

/*
 * Take the function's MSI-X table, if it has one that lies somewhere, from dom0: it only reads it. @table_base as
 * above. 0; -EINVAL: it would be in RAM; -ENOSPC: too many devices.
 */
int msix_table_protect(struct pci_address pci, uint64_t table_base);

/* How many sources a message's function has, and which of them it is. */
unsigned int msi_count(const struct irq *irq);
unsigned int msi_index(const struct irq *irq);

/* Masked, forgotten, with all messages that were made with it; @irq is the first, none is bound any more. */
void msi_destroy(struct irq *irq);

/* After a reset of the function: write its messages again. 0, or -ENODEV: not reachable. */
int msi_restore(struct pci_address pci);

#endif
