/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypercalls on page tables and descriptor tables; parameters as in xen/xen.h. */
#ifndef ASM_MMU_HYPERCALLS_H
#define ASM_MMU_HYPERCALLS_H

#include <hv/abi.h>

/*
 * Our own, in the count of a continued mmu_update or mmuext_op: the guest's *pdone already counts
 * what was done before.
 */
#define COUNT_CONTINUED (1U << 31)

struct domain;
struct vcpu;

/*
 * The owner of frames that a guest names, with a reference: NULL for DOMID_IO (0 is returned). -EPERM: not the
 * caller's business; -ESRCH: no such domain.
 */
int mmu_frames_owner(struct vcpu *v, domid_t id, struct domain **d);

long do_mmu_update(struct vcpu *v, unsigned long ureqs, unsigned long count, unsigned long pdone,
		   unsigned long foreigndom);
long do_mmuext_op(struct vcpu *v, unsigned long uops, unsigned long count, unsigned long pdone,
		  unsigned long foreigndom);
long do_update_va_mapping(struct vcpu *v, unsigned long va, unsigned long value,
			  unsigned long flags);
long do_update_va_mapping_otherdomain(struct vcpu *v, unsigned long va, unsigned long value,
				      unsigned long flags, unsigned long domid);
long do_set_gdt(struct vcpu *v, unsigned long frame_list, unsigned long entries);
long do_update_descriptor(struct vcpu *v, unsigned long maddr, unsigned long descriptor);

#endif
