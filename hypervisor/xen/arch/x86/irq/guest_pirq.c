/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical interrupts as a domain numbers them (hv/pirq.h, asm/guest_pirq.h).
 * Owns the numbers; the sources behind them are irq/vectors.c's.
 *
 * Locks: evtchn_lock of the domain, then pirq_domain.lock, then irq->lock.
 * An interrupt takes irq->lock only, and sends the event with no lock held.
 */
#include <hv/pirq.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

#include <asm/guest_pirq.h>
#include <asm/irq.h>
#include <asm/msi.h>

#define PIRQ_COUNT IRQ_COUNT

static_assert(PIRQ_COUNT <= PAGE_SIZE * 8, "one bit each in the EOI page");

struct pirq {
	struct irq  *irq;		/* NULL: stands for nothing */
	unsigned int port;		/* 0: not bound */
	bool	     is_reserved;
};

struct pirq_domain {
	struct spinlock lock;
	unsigned long *eoi_map;		/* guest-writable! NULL: none registered */
	bool eoi_unmasks;		/* PHYSDEVOP_eoi, as registered by the first version */
	struct pirq  pirq[PIRQ_COUNT];
};

/* Domains without devices have no numbers, and pay nothing. */
int pirq_domain_init(struct domain *d)
{
	d->arch.pirq = NULL;
	d->arch.pirq_eoi_page = NULL;
	if (!d->is_hardware)
		return 0;

	d->arch.pirq = heap_alloc(sizeof(*d->arch.pirq));
	if (!d->arch.pirq)
		return -ENOMEM;
	spin_lock_init(&d->arch.pirq->lock);
	return 0;
}

/* The record of @pirq, or NULL if @d has no such number. */
static struct pirq *pirq_get(struct domain *d, unsigned int pirq)
{
	if (!d->arch.pirq || pirq >= PIRQ_COUNT)
		return NULL;
	/* no speculation beyond the table */
	__asm__("" : "+r"(pirq));
	return &d->arch.pirq->pirq[pirq & (PIRQ_COUNT - 1)];
}

static bool is_line(const struct irq *irq)
{
	return irq < irq_table + gsi_count;
}

/* Must the guest say EOI for it? Messages and edges are acknowledged when they come. */
static bool needs_eoi(const struct irq *irq)
{
	return READ_ONCE(irq->is_level);
}

static void eoi_bit_update(struct pirq_domain *pd, unsigned int pirq) __must_hold(pd->lock)
{
	unsigned long bit = 1UL << pirq % 64, *word;
	const struct irq *irq = pd->pirq[pirq].irq;

	if (!pd->eoi_map)
		return;
	word = &pd->eoi_map[pirq / 64];
	if (irq && needs_eoi(irq))
		__atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED);
}

/* Where a new number for @irq comes from: its own for a line, any higher one for a message. */
static int number_choose(struct pirq_domain *pd, const struct irq *irq) __must_hold(pd->lock)
{
	unsigned int line = irq ? irq - irq_table : PIRQ_COUNT;

	if (irq && is_line(irq) && !pd->pirq[line].irq && !pd->pirq[line].is_reserved)
		return line;
	for (unsigned int i = gsi_count; i < PIRQ_COUNT; i++)
		if (!pd->pirq[i].irq && !pd->pirq[i].is_reserved)
			return i;
	return -ENOSPC;
}

/* The number that stands for @irq, or -ENOENT. */
static int number_find(struct pirq_domain *pd, const struct irq *irq) __must_hold(pd->lock)
{
	for (unsigned int i = 0; i < PIRQ_COUNT; i++)
		if (pd->pirq[i].irq == irq)
			return i;
	return -ENOENT;
}

int pirq_map(struct domain *d, struct irq *irq, int pirq, unsigned int *out)
{
	struct pirq_domain *pd = d->arch.pirq;
	unsigned long flags;
	int rc;

	if (!pd || pirq < -1 || pirq >= PIRQ_COUNT)
		return -EINVAL;

	flags = spin_lock_irqsave(&pd->lock);
	rc = number_find(pd, irq);
	if (rc >= 0) {
		rc = pirq == -1 || pirq == rc ? rc : -EEXIST;
	} else {
		rc = pirq == -1 ? number_choose(pd, irq) : pirq;
		if (rc >= 0 && pd->pirq[rc].irq)
			rc = -EEXIST;
		if (rc >= 0) {
			pd->pirq[rc] = (struct pirq){ .irq = irq };
			eoi_bit_update(pd, rc);
		}
	}
	spin_unlock_irqrestore(&pd->lock, flags);
	if (rc < 0)
		return rc;
	*out = rc;
	return 0;
}

int pirq_reserve(struct domain *d, unsigned int *out)
{
	struct pirq_domain *pd = d->arch.pirq;
	unsigned long flags;
	int rc;

	if (!pd)
		return -EINVAL;
	flags = spin_lock_irqsave(&pd->lock);
	rc = number_choose(pd, NULL);
	if (rc >= 0)
		pd->pirq[rc].is_reserved = true;
	spin_unlock_irqrestore(&pd->lock, flags);
	if (rc < 0)
		return rc;
	*out = rc;
	return 0;
}

/* The first of @count free numbers for messages, one after the other. */
static int run_choose(struct pirq_domain *pd, unsigned int count) __must_hold(pd->lock)
{
	unsigned int run = 0;

	for (unsigned int i = gsi_count; i < PIRQ_COUNT; i++) {
		run = pd->pirq[i].irq || pd->pirq[i].is_reserved ? 0 : run + 1;
		if (run == count)
			return i + 1 - count;
	}
	return -ENOSPC;
}

int pirq_map_several(struct domain *d, struct irq *first, unsigned int count, unsigned int *out)
{
	struct pirq_domain *pd = d->arch.pirq;
	unsigned long flags;
	int rc;

	if (!pd)
		return -EINVAL;
	flags = spin_lock_irqsave(&pd->lock);
	rc = run_choose(pd, count);
	for (unsigned int i = 0; rc >= 0 && i < count; i++) {
		pd->pirq[rc + i] = (struct pirq){ .irq = &first[i] };
		eoi_bit_update(pd, rc + i);
	}
	spin_unlock_irqrestore(&pd->lock, flags);
	if (rc < 0)
		return rc;
	*out = rc;
	return 0;
}

static void pirq_forget(struct domain *d, unsigned int pirq) __must_hold(d->arch.pirq->lock)
{
	struct pirq *p = &d->arch.pirq->pirq[pirq];

	if (p->irq)
		irq_guest_unbind(p->irq, d);
	*p = (struct pirq){ 0 };
	eoi_bit_update(d->arch.pirq, pirq);
}

/* Of several messages all go with the first; the others cannot go alone. */
int pirq_unmap(struct domain *d, unsigned int pirq)
{
	struct pirq *p = pirq_get(d, pirq);
	unsigned int count = 1;
	unsigned long flags;
	struct irq *irq;
	int rc = 0;

	if (!p)
		return -EINVAL;

	flags = spin_lock_irqsave(&d->arch.pirq->lock);
	irq = p->irq;
	if ((!irq && !p->is_reserved) || (irq && !is_line(irq) && msi_index(irq)))
		rc = -EINVAL;
	else if (irq && !is_line(irq))
		count = msi_count(irq);
	for (unsigned int i = 0; !rc && i < count; i++)
		pirq_forget(d, pirq + i);
	spin_unlock_irqrestore(&d->arch.pirq->lock, flags);

	/* Nobody else knows the source any more. */
	if (!rc && irq && !is_line(irq))
		msi_destroy(irq);
	return rc;
}

int pirq_bind(struct domain *d, unsigned int pirq, unsigned int port, bool may_share,
	      struct vcpu *v)
{
	struct pirq *p = pirq_get(d, pirq);
	unsigned long flags;
	int rc;

	(void)may_share;	/* between domains: no other has devices */
	if (!p)
		return -EINVAL;

	flags = spin_lock_irqsave(&d->arch.pirq->lock);
	if (!p->irq) {
		rc = -EINVAL;
	} else if (p->port) {
		rc = -EEXIST;
	} else {
		/* Where the vCPU is now; a CPU that no route can name leaves it where it was. */
		(void)irq_set_affinity(p->irq, READ_ONCE(v->cpu));
		rc = irq_guest_bind(p->irq, d, port);
		if (!rc)
			p->port = port;
		eoi_bit_update(d->arch.pirq, pirq);
	}
	spin_unlock_irqrestore(&d->arch.pirq->lock, flags);
	return rc;
}

void pirq_set_cpu(struct domain *d, unsigned int pirq, unsigned int cpu)
{
	struct pirq *p = pirq_get(d, pirq);
	unsigned long flags;

	if (!p)
		return;
	flags = spin_lock_irqsave(&d->arch.pirq->lock);
	if (p->irq && p->port)
		(void)irq_set_affinity(p->irq, cpu);
	spin_unlock_irqrestore(&d->arch.pirq->lock, flags);
}

void pirq_unbind(struct domain *d, unsigned int pirq, unsigned int port)
{
	struct pirq *p = pirq_get(d, pirq);
	unsigned long flags;

	if (!p)
		return;
	flags = spin_lock_irqsave(&d->arch.pirq->lock);
	if (p->port == port) {
		if (p->irq)
			irq_guest_unbind(p->irq, d);
		p->port = 0;
	}
	spin_unlock_irqrestore(&d->arch.pirq->lock, flags);
}

void pirq_guest_eoi(struct domain *d, unsigned int pirq)
{
	struct pirq *p = pirq_get(d, pirq);
	unsigned long flags;

	if (!p)
		return;
	flags = spin_lock_irqsave(&d->arch.pirq->lock);
	if (p->irq)
		irq_guest_eoi(p->irq, d);
	spin_unlock_irqrestore(&d->arch.pirq->lock, flags);
}

bool pirq_is_mapped(struct domain *d, unsigned int pirq)
{
	struct pirq *p = pirq_get(d, pirq);

	return p && READ_ONCE(p->irq);
}

unsigned int pirq_port_to_unmask(struct domain *d, unsigned int pirq)
{
	struct pirq *p = pirq_get(d, pirq);
	unsigned int port = 0;
	unsigned long flags;

	if (!p)
		return 0;
	flags = spin_lock_irqsave(&d->arch.pirq->lock);
	if (d->arch.pirq->eoi_unmasks)
		port = p->port;
	spin_unlock_irqrestore(&d->arch.pirq->lock, flags);
	return port;
}

int pirq_status(struct domain *d, unsigned int pirq, uint32_t *out)
{
	struct pirq *p = pirq_get(d, pirq);
	unsigned long flags;
	int rc = -EINVAL;

	if (!p)
		return -EINVAL;
	flags = spin_lock_irqsave(&d->arch.pirq->lock);
	if (p->irq) {
		*out = needs_eoi(p->irq) ? XENIRQSTAT_needs_eoi : 0;
		rc = 0;
	}
	spin_unlock_irqrestore(&d->arch.pirq->lock, flags);
	return rc;
}

int pirq_eoi_page_set(struct domain *d, unsigned long gmfn, bool eoi_unmasks)
{
	struct pirq_domain *pd = d->arch.pirq;
	struct page_info *pg;
	unsigned long flags;

	if (!pd || !mfn_valid(mfn(gmfn)))
		return -EINVAL;
	pg = page_of_mfn(mfn(gmfn));
	if (page_get_type(pg, d, TYPE_WRITABLE))
		return -EINVAL;

	flags = spin_lock_irqsave(&pd->lock);
	if (pd->eoi_map) {
		spin_unlock_irqrestore(&pd->lock, flags);
		page_put_type(pg);
		return -EBUSY;
	}
	d->arch.pirq_eoi_page = pg;
	pd->eoi_unmasks = eoi_unmasks;
	pd->eoi_map = frame_map(mfn(gmfn));
	for (unsigned int i = 0; i < PIRQ_COUNT; i++)
		eoi_bit_update(pd, i);
	spin_unlock_irqrestore(&pd->lock, flags);
	return 0;
}

/* The domain does not run any more, and its event channels are closed. */
void pirq_domain_destroy(struct domain *d)
{
	struct pirq_domain *pd = d->arch.pirq;

	if (!pd)
		return;
	for (unsigned int i = 0; i < PIRQ_COUNT; i++) {
		struct irq *irq = pd->pirq[i].irq;

		if (!irq)
			continue;
		if (pirq_unmap(d, i))
			continue;
		/* The last event was sent: @d may go. */
		irq_synchronize(irq);
	}
	if (pd->eoi_map) {
		frame_unmap(pd->eoi_map);
		page_put_type(d->arch.pirq_eoi_page);
		d->arch.pirq_eoi_page = NULL;
	}
	heap_free(pd);
	d->arch.pirq = NULL;
}
