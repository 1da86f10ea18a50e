/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupt sources and the vectors they arrive by. A source is a line of an
 * IO-APIC (the first gsi_count ones, by number) or a message (MSI, MSI-X); it is
 * free, ours, or bound to a guest's event channel.
 *
 * An edge or message is acknowledged at once. A level line of a guest is
 * masked, acknowledged, and unmasked when the guest says that it has served
 * it: the hypervisor never waits for a guest with an interrupt in service.
 */
#ifndef ASM_IRQ_H
#define ASM_IRQ_H

#include <hv/spinlock.h>
#include <hv/types.h>

#define VECTOR_PIC_FIRST    0x20	/* to 0x2f: the silenced 8259s */
#define VECTOR_DEVICE_FIRST 0x30
#define VECTOR_DEVICE_LAST  0xdf
#define VECTOR_KICK	    0xf0	/* look for softirqs and events on the way out */
#define VECTOR_TIMER	    0xf1
#define VECTOR_CALL	    0xf2	/* cpus_call(): asm/smp.h */
#define VECTOR_APIC_ERROR   0xfe
#define VECTOR_SPURIOUS	    0xff

#define IRQ_COUNT 1024
#define GSI_MAX	  512

struct domain;
struct irq;
struct msi;

/* What the kinds of sources do. All are called with irq->lock held. */
struct irq_controller {
	void (*program)(struct irq *irq);	/* route to irq->vector, left masked */
	void (*mask)(struct irq *irq);
	void (*unmask)(struct irq *irq);
	void (*route)(struct irq *irq);		/* irq->cpu has changed; it may be firing */
};

enum irq_use {
	IRQ_UNUSED,
	IRQ_HOST,
	IRQ_GUEST,
};

/* [l] guarded by lock   [I] set when the source appears */
struct irq {
	struct spinlock lock;
	const struct irq_controller *controller; /* [I] NULL: there is no such source */
	struct msi   *msi;		/* [I] of messages */
	uint8_t	      vector;		/* [l] 0: none yet */
	bool	      is_level;		/* [l] */
	bool	      is_active_low;	/* [l] */
	bool	      is_set_up;	/* [l] dom0 has told its trigger mode */
	bool	      awaits_eoi;	/* [l] masked until the guest says EOI */
	enum irq_use  use;		/* [l] */
	unsigned int  cpu;		/* [l] the CPU that it interrupts */
	unsigned int  dispatching;	/* [a] CPUs that send the guest's event now */
	void	    (*host_handler)(void); /* [l] IRQ_HOST */
	struct domain *guest;		/* [l] IRQ_GUEST, with the two below */
	unsigned int  port;
};

/* All sources; the first gsi_count are IO-APIC lines, constant after boot. */
extern struct irq irq_table[IRQ_COUNT];
extern unsigned int gsi_count;

/* ---- vectors.c ---- */

/* A vector for @irq, or the one it has. 0, or -ENOSPC. Lock held. */
int irq_vector_assign(struct irq *irq) __must_hold(irq->lock) __must_check;

/*
 * Vectors one after the other, from a multiple of @count (a power of two) on, for @count sources that nobody knows yet. 0, or -ENOSPC.
 */
int irq_vectors_assign(struct irq *first, unsigned int count) __must_check;
void irq_vector_release(struct irq *irq) __must_hold(irq->lock);

/*
 * From now on line @gsi calls @handler, in interrupt context, acknowledged
 * afterwards. 0; -EINVAL: no such line; -EBUSY: in use; -ENOSPC.
 */
int irq_register_host(unsigned int gsi, void (*handler)(void)) __must_check;

/*
 * Interrupts become evtchn_send_pirq(d, port). 0; -EBUSY: somebody has it;
 * -ENOSPC: out of vectors.
 */
int irq_guest_bind(struct irq *irq, struct domain *d, unsigned int port) __must_check;
void irq_guest_unbind(struct irq *irq, const struct domain *d);
void irq_guest_eoi(struct irq *irq, const struct domain *d);

/*
 * Deliver @irq to @cpu from now on, in use or not, firing or not: none is lost. One that is on its way may still
 * arrive at the CPU of before. Any context. 0, or -EINVAL: that CPU is not online, or no message can name it.
 */
int irq_set_affinity(struct irq *irq, unsigned int cpu);

/* Wait until no CPU sends an event of @irq; its binding is gone. Not from interrupt context. */
void irq_synchronize(const struct irq *irq);

/* Are routes and messages remapped by IOMMUs that know APIC IDs of 32 bits? Known before apic_init(). */
bool interrupts_reach_all_ids(void);

/* ---- io_apic.c ---- */

/* Boot, after acpi_init() and apic_init(): every line masked, trigger modes as the MADT has them. */
void ioapic_init(void);

/* The line that ISA interrupt @isa_irq (0 to 15) is connected to. */
unsigned int isa_irq_to_gsi(unsigned int isa_irq);

/* The source of a line, or NULL. Any number may be asked for. */
struct irq *irq_of_gsi(unsigned int gsi);

/*
 * Have line @gsi, which nobody uses, interrupt CPU 0 as an NMI (the watchdog's timer). 0; -EINVAL: no such line;
 * -EBUSY.
 */
int ioapic_line_to_nmi(unsigned int gsi) __must_check;

/*
 * PHYSDEVOP_setup_gsi. 0; -EEXIST: it is so already; -EBUSY: in use with
 * another mode; -EINVAL: no such line.
 */
int gsi_setup(unsigned int gsi, bool is_level, bool is_active_low);

/*
 * PHYSDEVOP_apic_read, _write: a register of the IO-APIC at @address. What
 * dom0 writes is never a route; of a line not in use it may choose the trigger mode.
 * 0, or -EINVAL: no such IO-APIC or register.
 */
int ioapic_guest_read(paddr_t address, unsigned int reg, uint32_t *value);
int ioapic_guest_write(paddr_t address, unsigned int reg, uint32_t value);

/* ---- pic.c ---- */

void pic_disable(void);

#endif
