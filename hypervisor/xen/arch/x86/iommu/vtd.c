/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel's IOMMUs. Source: "Virtualization Technology for Directed I/O" 3.4, chapters 3, 5, 6, 9 and 11. One
 * root table, one context table that all buses share, one page table, one interrupt
 * remapping table. Caches are invalidated as a whole at boot, and entry by entry for interrupts.
 */
#include <asm/iommu.h>

#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/page_allocator.h>
#include <hv/printk.h>
#include <hv/spinlock.h>

#include <asm/acpi.h>
#include <asm/iomap.h>
#include <asm/system.h>

enum vtd_register {
	VTD_VERSION	  = 0x00,
	VTD_CAPABILITY	  = 0x08,
	VTD_EXTENDED	  = 0x10,
	VTD_COMMAND	  = 0x18,
	VTD_STATUS	  = 0x1c,
	VTD_ROOT	  = 0x20,
	VTD_CONTEXT	  = 0x28,
	VTD_FAULT_STATUS  = 0x34,
	VTD_FAULT_CONTROL = 0x38,
	VTD_QUEUE_TAIL	  = 0x88,
	VTD_QUEUE	  = 0x90,
	VTD_IRTA	  = 0xb8,
};

#define CAP_WRITE_FLUSH	    (1UL << 4)
#define CAP_LEVELS_3	    (1UL << 9)
#define CAP_LEVELS_4	    (1UL << 10)
#define CAP_LARGE_PAGES	    (1UL << 34)
#define CAP_FAULT_OFFSET(c) (((c) >> 24 & 0x3ff) * 16)
#define CAP_FAULT_COUNT(c)  (((c) >> 40 & 0xff) + 1)
#define ECAP_COHERENT	    (1UL << 0)
#define ECAP_QUEUE	    (1UL << 1)
#define ECAP_INTERRUPTS	    (1UL << 3)
#define ECAP_X2APIC	    (1UL << 4)
#define ECAP_PASSTHROUGH    (1UL << 6)
#define ECAP_IOTLB_OFFSET(e) (((e) >> 8 & 0x3ff) * 16)

#define COMMAND_TRANSLATE   (1U << 31)
#define COMMAND_SET_ROOT    (1U << 30)
#define COMMAND_WRITE_FLUSH (1U << 27)
#define COMMAND_QUEUE	    (1U << 26)
#define COMMAND_INTERRUPTS  (1U << 25)
#define COMMAND_SET_IRTA    (1U << 24)
#define STATUS_KEPT	    0x96ffffffU	/* the others are one-shot, 11.4.4 */

#define CONTEXT_INVALIDATE_ALL (1UL << 63 | 1UL << 61)
#define IOTLB_INVALIDATE_ALL   (1UL << 63 | 1UL << 60 | 1UL << 49 | 1UL << 48)

#define IRTA_X2APIC	    (1UL << 11)
#define IRTA_SIZE_256	    7UL

#define DESCRIPTOR_IRTE	    (0x4UL | 1UL << 4)	/* of one index */
#define DESCRIPTOR_WAIT	    (0x5UL | 1UL << 5)	/* and write a word */
#define QUEUE_ENTRIES	    256U

#define IRTE_PRESENT	    1UL
#define IRTE_LEVEL	    (1UL << 4)
#define IRTE_DELIVER_NMI    (4UL << 5)

#define ENTRY_READ	    1UL
#define ENTRY_WRITE	    2UL
#define ENTRY_LARGE	    (1UL << 7)

#define CONTEXT_PRESENT	    1UL
#define CONTEXT_PASSTHROUGH (2UL << 2)
#define DOMAIN_DOM0	    1UL

#define FAULT_PRESENT	    (1UL << 63)
#define FAULT_IS_READ	    (1UL << 62)
#define FAULT_OVERFLOW	    1U

#define POLLS_MAX	    1000000
#define FAULTS_SHOWN	    8

/* [I] set at boot   [q] guarded by lock */
static struct vtd_unit {
	volatile uint8_t *registers;	/* [I] */
	uint64_t     capability, extended; /* [I] */
	struct spinlock lock;
	uint64_t    *queue;		/* [q] 256 descriptors of two words */
	unsigned int tail;		/* [q] */
	uint32_t    *done;		/* [q] written by the unit */
	uint32_t     last_wait;		/* [q] */
	bool	     is_dead;		/* [q] does not answer: said once */
} units[ACPI_IOMMU_MAX];

static unsigned int unit_count;		/* [I] */
static uint64_t (*irt)[2];		/* [I] */
static bool is_coherent, irtes_name_x2apic; /* [I] */

static uint32_t read32(const struct vtd_unit *u, unsigned int reg)
{
	return *(volatile uint32_t *)(u->registers + reg);
}

static void write32(const struct vtd_unit *u, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(u->registers + reg) = value;
}

static uint64_t read64(const struct vtd_unit *u, unsigned int reg)
{
	return *(volatile uint64_t *)(u->registers + reg);
}

static void write64(const struct vtd_unit *u, unsigned int reg, uint64_t value)
{
	*(volatile uint64_t *)(u->registers + reg) = value;
}

/* Give a command and wait until the status says the same. -EIO: it never does. */
static int command(const struct vtd_unit *u, uint32_t bit)
{
	write32(u, VTD_COMMAND, (read32(u, VTD_STATUS) & STATUS_KEPT) | bit);
	for (unsigned int i = 0; i < POLLS_MAX; i++) {
		uint32_t status = read32(u, VTD_STATUS);

		/* The write buffer's bit is set while it works, the others when they are done. */
		if (bit == COMMAND_WRITE_FLUSH ? !(status & bit) : status & bit)
			return 0;
		cpu_relax();
	}
	return -EIO;
}

/* The firmware may have left something on; it must be off before tables change. */
static int switch_off(const struct vtd_unit *u, uint32_t bit)
{
	if (!(read32(u, VTD_STATUS) & bit))
		return 0;
	write32(u, VTD_COMMAND, read32(u, VTD_STATUS) & STATUS_KEPT & ~bit);
	for (unsigned int i = 0; i < POLLS_MAX; i++) {
		if (!(read32(u, VTD_STATUS) & bit))
			return 0;
		cpu_relax();
	}
	return -EIO;
}

static int unit_probe(unsigned int index, struct iommu_plan *plan)
{
	struct vtd_unit *u = &units[index];

	u->registers = iomap_device(acpi_info.iommu.unit[index], PAGE_SIZE);
	u->capability = read64(u, VTD_CAPABILITY);
	u->extended = read64(u, VTD_EXTENDED);
	spin_lock_init(&u->lock);
	if (u->capability == ~0UL || ECAP_IOTLB_OFFSET(u->extended) > PAGE_SIZE - 16 ||
	    CAP_FAULT_OFFSET(u->capability) + 16 * CAP_FAULT_COUNT(u->capability) > PAGE_SIZE)
		return -EINVAL;
	if (!(u->capability & (CAP_LEVELS_3 | CAP_LEVELS_4)))
		return -EINVAL;
	if (!(u->capability & CAP_LEVELS_4))
		plan->levels = 3;
	if (!(u->capability & CAP_LEVELS_3) && plan->levels == 3)
		return -EINVAL;
	plan->has_large_pages &= !!(u->capability & CAP_LARGE_PAGES);
	plan->is_coherent &= !!(u->extended & ECAP_COHERENT);
	plan->passthrough &= !!(u->extended & ECAP_PASSTHROUGH);
	plan->remap_interrupts &= (u->extended & ECAP_QUEUE) && (u->extended & ECAP_INTERRUPTS);
	plan->x2apic &= !!(u->extended & ECAP_X2APIC);
	unit_count = index + 1;
	log_debug("IOMMU: VT-d unit at %#lx, capabilities %016lx %016lx\n",
		  (unsigned long)acpi_info.iommu.unit[index], (unsigned long)u->capability,
		  (unsigned long)u->extended);
	return 0;
}

static void descriptor_put(struct vtd_unit *u, uint64_t low, uint64_t high) __must_hold(u->lock)
{
	uint64_t *d = u->queue + 2 * u->tail;

	d[0] = low;
	d[1] = high;
	io_table_flush(d, 16, is_coherent);
	u->tail = (u->tail + 1) % QUEUE_ENTRIES;
}

/* Wait until what is in the queue was done: at most two descriptors are ever in it. */
static void queue_run(struct vtd_unit *u) __must_hold(u->lock)
{
	descriptor_put(u, DESCRIPTOR_WAIT | (uint64_t)++u->last_wait << 32,
		       paddr_of_mfn(virt_to_mfn(u->queue)) + PAGE_SIZE);
	write64(u, VTD_QUEUE_TAIL, (uint64_t)u->tail << 4);
	if (iommu_wait(u->done, u->last_wait))
		return;
	if (!u->is_dead)
		log_error("IOMMU: VT-d unit %u does not answer, fault status %#x\n",
			  (unsigned int)(u - units), read32(u, VTD_FAULT_STATUS));
	u->is_dead = true;
}

static int queue_init(struct vtd_unit *u)
{
	if (switch_off(u, COMMAND_INTERRUPTS) || switch_off(u, COMMAND_QUEUE))
		return -EIO;
	u->queue = hv_pages_alloc(1);
	if (!u->queue)
		return -ENOMEM;
	u->done = (uint32_t *)((char *)u->queue + PAGE_SIZE);
	write64(u, VTD_QUEUE_TAIL, 0);
	write64(u, VTD_QUEUE, paddr_of_mfn(virt_to_mfn(u->queue)));
	return command(u, COMMAND_QUEUE);
}

static int unit_interrupts_enable(struct vtd_unit *u, uint64_t irta)
{
	int rc = queue_init(u);

	if (rc)
		return rc;
	write64(u, VTD_IRTA, irta);
	rc = command(u, COMMAND_SET_IRTA);
	if (rc)
		return rc;
	spin_lock(&u->lock);
	descriptor_put(u, DESCRIPTOR_IRTE & ~(1UL << 4), 0);	/* all */
	queue_run(u);
	spin_unlock(&u->lock);
	return command(u, COMMAND_INTERRUPTS);
}

static int interrupts_enable(const struct iommu_plan *plan)
{
	int rc = 0;

	is_coherent = plan->is_coherent;
	irtes_name_x2apic = plan->x2apic;
	irt = hv_pages_alloc(0);
	if (!irt)
		return -ENOMEM;
	io_table_flush(irt, PAGE_SIZE, is_coherent);
	for (unsigned int i = 0; i < unit_count && !rc; i++)
		rc = unit_interrupts_enable(&units[i], paddr_of_mfn(virt_to_mfn(irt)) |
							       IRTA_SIZE_256 |
							       (plan->x2apic ? IRTA_X2APIC : 0));
	return rc;
}

/* The word with vector and CPU is written in one piece; the other one, of sources, is always zero: any. */
static void irte_write(unsigned int index, uint8_t vector, uint32_t apic_id, bool is_level,
		       bool is_nmi)
{
	uint32_t destination = irtes_name_x2apic ? apic_id : (apic_id & 0xff) << 8;
	uint64_t entry = IRTE_PRESENT | (is_level ? IRTE_LEVEL : 0) |
			 (is_nmi ? IRTE_DELIVER_NMI : 0) | (uint64_t)vector << 16 |
			 (uint64_t)destination << 32;

	__atomic_store_n(&irt[index][0], entry, __ATOMIC_RELEASE);
	io_table_flush(irt[index], 16, is_coherent);
	for (unsigned int i = 0; i < unit_count; i++) {
		struct vtd_unit *u = &units[i];

		spin_lock(&u->lock);
		descriptor_put(u, DESCRIPTOR_IRTE | (uint64_t)index << 32, 0);
		queue_run(u);
		spin_unlock(&u->lock);
	}
}

/* Context and translation caches, by registers, which every unit has unless its queue is on. */
static int caches_invalidate(struct vtd_unit *u)
{
	unsigned int iotlb = ECAP_IOTLB_OFFSET(u->extended) + 8;

	if (u->capability & CAP_WRITE_FLUSH && command(u, COMMAND_WRITE_FLUSH))
		return -EIO;
	if (u->queue) {
		spin_lock(&u->lock);
		descriptor_put(u, 0x1UL | 1UL << 4, 0);				/* contexts */
		descriptor_put(u, 0x2UL | 1UL << 4 | 1UL << 6 | 1UL << 7, 0);	/* IOTLB */
		queue_run(u);
		spin_unlock(&u->lock);
		return u->is_dead ? -EIO : 0;
	}
	write64(u, VTD_CONTEXT, CONTEXT_INVALIDATE_ALL);
	for (unsigned int i = 0; read64(u, VTD_CONTEXT) >> 63; i++)
		if (i == POLLS_MAX)
			return -EIO;
	write64(u, iotlb, IOTLB_INVALIDATE_ALL);
	for (unsigned int i = 0; read64(u, iotlb) >> 63; i++)
		if (i == POLLS_MAX)
			return -EIO;
	return 0;
}

static int unit_translation_enable(struct vtd_unit *u, paddr_t root_table)
{
	int rc = switch_off(u, COMMAND_TRANSLATE);

	if (rc)
		return rc;
	write64(u, VTD_ROOT, root_table);
	rc = command(u, COMMAND_SET_ROOT);
	if (!rc)
		rc = caches_invalidate(u);
	return rc ? rc : command(u, COMMAND_TRANSLATE);
}

static int translation_enable(const struct iommu_plan *plan, paddr_t page_table)
{
	uint64_t *root_table = hv_pages_alloc(0), *contexts = hv_pages_alloc(0);
	uint64_t entry = CONTEXT_PRESENT | (plan->passthrough ? CONTEXT_PASSTHROUGH : page_table);
	int rc = 0;

	if (!root_table || !contexts)
		return -ENOMEM;
	is_coherent = plan->is_coherent;
	for (unsigned int i = 0; i < 256; i++) {
		root_table[2 * i] = paddr_of_mfn(virt_to_mfn(contexts)) | 1;
		contexts[2 * i] = entry;
		contexts[2 * i + 1] = (plan->levels - 2) | DOMAIN_DOM0 << 8;
	}
	io_table_flush(root_table, PAGE_SIZE, is_coherent);
	io_table_flush(contexts, PAGE_SIZE, is_coherent);
	for (unsigned int i = 0; i < unit_count && !rc; i++)
		rc = unit_translation_enable(&units[i], paddr_of_mfn(virt_to_mfn(root_table)));
	return rc;
}

static void fault_report(const struct vtd_unit *u, uint64_t low, uint64_t high)
{
	unsigned int source = high & 0xffff, reason = high >> 32 & 0xff;

	/* Reasons from 0x20 on are of interrupt requests: the "address" is an index (7.1.3). */
	log_warning("IOMMU: unit %u: %02x:%02x.%u: %s refused, address %#lx, reason %#x\n",
		    (unsigned int)(u - units), source >> 8, source >> 3 & 31, source & 7,
		    reason >= 0x20	 ? "interrupt" :
		    high & FAULT_IS_READ ? "read" :
					   "write",
		    (unsigned long)(reason >= 0x20 ? low >> 48 : low & PAGE_MASK), reason);
}

/* Called once a second: that many lines at most. Records must be read from the oldest on, or some wait. */
static void faults_report(void)
{
	for (unsigned int i = 0; i < unit_count; i++) {
		struct vtd_unit *u = &units[i];
		uint32_t status = read32(u, VTD_FAULT_STATUS);
		unsigned int shown = 0, at = CAP_FAULT_OFFSET(u->capability);

		if (!(status & 0xff))
			continue;
		for (unsigned int n = 0; n < CAP_FAULT_COUNT(u->capability); n++, at += 16) {
			uint64_t high = read64(u, at + 8);

			if (!(high & FAULT_PRESENT))
				continue;
			if (shown++ < FAULTS_SHOWN)
				fault_report(u, read64(u, at), high);
			write32(u, at + 12, FAULT_PRESENT >> 32);
		}
		write32(u, VTD_FAULT_STATUS, status);
	}
}

static uint64_t table_entry(paddr_t next, unsigned int level)
{
	(void)level;
	return next | ENTRY_READ | ENTRY_WRITE;
}

static uint64_t leaf_entry(paddr_t page, unsigned int level)
{
	return page | ENTRY_READ | ENTRY_WRITE | (level > 1 ? ENTRY_LARGE : 0);
}

/* Remappable format, with a sub-handle so that messages of one function can be several (5.1.5.2). */
static uint32_t message_address(uint8_t vector)
{
	return 0xfee00000U | (uint32_t)vector << 5 | 1U << 4 | 1U << 3;
}

static uint32_t message_data(uint8_t vector)
{
	(void)vector;
	return 0;
}

/* The low half has the same vector, for EOIs (5.1.5.1). */
static uint32_t ioapic_route(uint8_t vector, uint32_t apic_id)
{
	(void)apic_id;
	return (uint32_t)vector << 17 | 1U << 16;
}

const struct iommu_ops vtd_ops = {
	.name = "VT-d",
	.unit_probe = unit_probe,
	.interrupts_enable = interrupts_enable,
	.translation_enable = translation_enable,
	.irte_write = irte_write,
	.faults_report = faults_report,
	.table_entry = table_entry,
	.leaf_entry = leaf_entry,
	.message_address = message_address,
	.message_data = message_data,
	.ioapic_route = ioapic_route,
};
