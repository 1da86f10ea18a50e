/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain's numbers for physical interrupts, for the physdev operations;
 * event channels see hv/pirq.h. A line's number is the line's; messages have higher ones.
 */
#ifndef ASM_GUEST_PIRQ_H
#define ASM_GUEST_PIRQ_H

#include <hv/types.h>

struct domain;
struct irq;

/*
 * Let @pirq (-1: choose) stand for @irq. 0 with *@out, also when it does already; -EEXIST: @irq has another
 * number, or the number another source; -EINVAL: no such number; -ENOSPC: all are taken.
 */
int pirq_map(struct domain *d, struct irq *irq, int pirq, unsigned int *out) __must_check;

/* The same for @count neighbours: numbers that follow each other, the first in *@out. 0, -ENOSPC, -EINVAL. */
int pirq_map_several(struct domain *d, struct irq *first, unsigned int count,
		     unsigned int *out) __must_check;

/*
 * Unbind and forget; of several messages of one function, all, by the first one's number. 0, or -EINVAL: it stands for nothing, or not for
 * the first.
 */
int pirq_unmap(struct domain *d, unsigned int pirq) __must_check;

/* A number for a message, set aside until it is mapped or unmapped. 0, -ENOSPC, -EINVAL: no interrupts for @d. */
int pirq_reserve(struct domain *d, unsigned int *out) __must_check;

/* XENIRQSTAT_* of a mapped one. 0 or -EINVAL. */
int pirq_status(struct domain *d, unsigned int pirq, uint32_t *flags) __must_check;

/*
 * Publish in frame @gmfn of @d which pirqs need an EOI (PHYSDEVOP_pirq_eoi_gmfn_v2; with @eoi_unmasks _v1, after which
 * PHYSDEVOP_eoi also unmasks the event channel). 0; -EBUSY: has one; -EINVAL: not a frame of @d that may be written.
 */
int pirq_eoi_page_set(struct domain *d, unsigned long gmfn, bool eoi_unmasks) __must_check;

/* The port that PHYSDEVOP_eoi of @pirq unmasks, or 0. */
unsigned int pirq_port_to_unmask(struct domain *d, unsigned int pirq);

/* Is @pirq mapped? For PHYSDEVOP_eoi. */
bool pirq_is_mapped(struct domain *d, unsigned int pirq);

#endif
