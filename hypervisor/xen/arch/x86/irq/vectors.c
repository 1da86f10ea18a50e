/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vectors and what happens when one arrives. A vector means the same on every
 * CPU. Relies on the controllers (io_apic.c, msi.c) to route and mask.
 *
 * Locks: irq->lock, then vector_lock; both with interrupts off. Events are sent
 * with neither held: the event channel's own lock is taken before irq->lock.
 */
#include <asm/irq.h>
#include <asm/apic.h>
#include <asm/iommu.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <asm/traps.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/printk.h>
#include <hv/timer.h>

#define VECTOR_COUNT	  256
#define APIC_ERRORS_SHOWN 10

struct irq irq_table[IRQ_COUNT];
unsigned int gsi_count;

/* Entries are written under vector_lock and read by interrupts without it. */
static struct spinlock vector_lock = SPINLOCK_INIT;
static struct irq *irq_of_vector[VECTOR_COUNT];	/* [a] */
static unsigned int vector_next __guarded_by(vector_lock) = VECTOR_DEVICE_FIRST;

static unsigned int apic_error_count;	/* [a] */

static bool vector_is_usable(unsigned int vector)
{
	return vector != VECTOR_LEGACY_SYSCALL && vector != VECTOR_HYPERCALL_32 &&
	       !irq_of_vector[vector];
}

/* In turn, so that a late interrupt of a released vector seldom meets its next owner. */
int irq_vector_assign(struct irq *irq)
{
	unsigned int vector, tries = VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1;
	unsigned long flags;
	int rc = -ENOSPC;

	if (irq->vector)
		return 0;

	flags = spin_lock_irqsave(&vector_lock);
	while (tries--) {
		vector = vector_next;
		vector_next = vector == VECTOR_DEVICE_LAST ? VECTOR_DEVICE_FIRST : vector + 1;
		if (vector_is_usable(vector)) {
			irq->vector = vector;
			__atomic_store_n(&irq_of_vector[vector], irq, __ATOMIC_RELEASE);
			rc = 0;
			break;
		}
	}
	spin_unlock_irqrestore(&vector_lock, flags);
	return rc;
}

static bool block_is_usable(unsigned int vector, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (!vector_is_usable(vector + i))
			return false;
	return true;
}

int irq_vectors_assign(struct irq *first, unsigned int count)
{
	unsigned int vector = ALIGN_UP(VECTOR_DEVICE_FIRST, count);
	unsigned long flags = spin_lock_irqsave(&vector_lock);
	int rc = -ENOSPC;

	for (; vector + count - 1 <= VECTOR_DEVICE_LAST; vector += count) {
		if (!block_is_usable(vector, count))
			continue;
		for (unsigned int i = 0; i < count; i++) {
			first[i].vector = vector + i;
			__atomic_store_n(&irq_of_vector[vector + i], &first[i], __ATOMIC_RELEASE);
		}
		rc = 0;
		break;
	}
	spin_unlock_irqrestore(&vector_lock, flags);
	return rc;
}

void irq_vector_release(struct irq *irq)
{
	unsigned long flags = spin_lock_irqsave(&vector_lock);

	if (irq->vector)
		__atomic_store_n(&irq_of_vector[irq->vector], NULL, __ATOMIC_RELEASE);
	irq->vector = 0;
	spin_unlock_irqrestore(&vector_lock, flags);
}

/* Give a free source its vector, routed but masked. */
static int irq_prepare(struct irq *irq) __must_hold(irq->lock)
{
	int rc;

	if (!irq->controller)
		return -EINVAL;
	if (irq->use != IRQ_UNUSED)
		return -EBUSY;
	rc = irq_vector_assign(irq);
	if (!rc)
		irq->controller->program(irq);
	return rc;
}

int irq_register_host(unsigned int gsi, void (*handler)(void))
{
	struct irq *irq = irq_of_gsi(gsi);
	unsigned long flags;
	int rc;

	if (!irq)
		return -EINVAL;

	flags = spin_lock_irqsave(&irq->lock);
	rc = irq_prepare(irq);
	if (!rc) {
		irq->host_handler = handler;
		irq->use = IRQ_HOST;
		irq->controller->unmask(irq);
	}
	spin_unlock_irqrestore(&irq->lock, flags);
	return rc;
}

int irq_guest_bind(struct irq *irq, struct domain *d, unsigned int port)
{
	unsigned long flags = spin_lock_irqsave(&irq->lock);
	int rc = irq_prepare(irq);

	if (!rc) {
		irq->guest = d;
		irq->port = port;
		irq->awaits_eoi = false;
		irq->use = IRQ_GUEST;
		irq->controller->unmask(irq);
	}
	spin_unlock_irqrestore(&irq->lock, flags);
	return rc;
}

void irq_guest_unbind(struct irq *irq, const struct domain *d)
{
	unsigned long flags = spin_lock_irqsave(&irq->lock);

	if (irq->use == IRQ_GUEST && irq->guest == d) {
		irq->controller->mask(irq);
		irq->use = IRQ_UNUSED;
		irq->guest = NULL;
		irq->awaits_eoi = false;
	}
	spin_unlock_irqrestore(&irq->lock, flags);
}

void irq_guest_eoi(struct irq *irq, const struct domain *d)
{
	unsigned long flags = spin_lock_irqsave(&irq->lock);

	if (irq->use == IRQ_GUEST && irq->guest == d && irq->awaits_eoi) {
		irq->awaits_eoi = false;
		irq->controller->unmask(irq);
	}
	spin_unlock_irqrestore(&irq->lock, flags);
}

/*
 * Vectors mean the same on every CPU: only the destination changes, which is one word of the route, so that
 * the controller needs no masked moment in which an edge could be lost.
 */
int irq_set_affinity(struct irq *irq, unsigned int cpu)
{
	unsigned long flags;

	if (!apic_can_be_destination(cpu))
		return -EINVAL;

	flags = spin_lock_irqsave(&irq->lock);
	if (irq->cpu != cpu) {
		irq->cpu = cpu;
		if (irq->controller && irq->vector)
			irq->controller->route(irq);
	}
	spin_unlock_irqrestore(&irq->lock, flags);
	return 0;
}

bool interrupts_reach_all_ids(void)
{
	return iommu_remaps_to_x2apic();
}

void irq_synchronize(const struct irq *irq)
{
	while (__atomic_load_n(&irq->dispatching, __ATOMIC_ACQUIRE))
		cpu_relax();
}

/* What to do after irq->lock is dropped. */
struct irq_action {
	void (*host_handler)(void);
	struct domain *guest;
	unsigned int port;
};

static struct irq_action irq_accept(struct irq *irq) __must_hold(irq->lock)
{
	struct irq_action todo = { 0 };

	switch (irq->use) {
	case IRQ_HOST:
		todo.host_handler = irq->host_handler;
		break;
	case IRQ_GUEST:
		if (irq->is_level) {
			irq->controller->mask(irq);
			irq->awaits_eoi = true;
		}
		todo.guest = irq->guest;
		todo.port = irq->port;
		__atomic_fetch_add(&irq->dispatching, 1, __ATOMIC_ACQUIRE);
		break;
	case IRQ_UNUSED:
		/* Late, or a device that nobody drives: a level line would never be quiet. */
		if (irq->is_level)
			irq->controller->mask(irq);
		break;
	}
	return todo;
}

static void device_interrupt(struct irq *irq)
{
	struct irq_action todo;

	spin_lock(&irq->lock);
	todo = irq_accept(irq);
	spin_unlock(&irq->lock);

	if (todo.host_handler)
		todo.host_handler();
	apic_eoi();
	if (todo.guest) {
		evtchn_send_pirq(todo.guest, todo.port);
		__atomic_fetch_sub(&irq->dispatching, 1, __ATOMIC_RELEASE);
	}
}

static void apic_error_interrupt(void)
{
	uint32_t error = apic_error_read();

	if (__atomic_fetch_add(&apic_error_count, 1, __ATOMIC_RELAXED) < APIC_ERRORS_SHOWN)
		log_warning("APIC: error %#x\n", error);
}

/*
 * Every external interrupt. Interrupts are off; what they make us do for
 * guests is done by softirqs and event delivery on the way out.
 */
void irq_dispatch(struct cpu_user_regs *regs, unsigned int vector)
{
	struct irq *irq;

	(void)regs;
	if (vector < VECTOR_DEVICE_FIRST || vector >= VECTOR_SPURIOUS)
		return;		/* the 8259s, or spurious: nothing is in service */

	if (vector <= VECTOR_DEVICE_LAST) {
		irq = __atomic_load_n(&irq_of_vector[vector], __ATOMIC_ACQUIRE);
		if (irq) {
			device_interrupt(irq);
			return;
		}
	}
	apic_eoi();
	if (vector == VECTOR_TIMER)
		timer_interrupt();
	else if (vector == VECTOR_CALL)
		cpu_call_serve();
	else if (vector == VECTOR_APIC_ERROR)
		apic_error_interrupt();
	/* VECTOR_KICK: to have come is all. */
}
