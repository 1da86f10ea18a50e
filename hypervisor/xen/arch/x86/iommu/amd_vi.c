/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AMD's IOMMUs. Source: "AMD I/O Virtualization Technology (IOMMU) Specification" 3.06, chapters 2 and 3. One
 * device table, whose entries are all alike, one page table, one interrupt remapping table.
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

enum amd_register {
	AMD_DEVICE_TABLE = 0x00,
	AMD_COMMANDS	 = 0x08,
	AMD_EVENTS	 = 0x10,
	AMD_CONTROL	 = 0x18,
	AMD_FEATURES	 = 0x30,
	AMD_COMMAND_HEAD = 0x2000,
	AMD_COMMAND_TAIL = 0x2008,
	AMD_EVENT_HEAD	 = 0x2010,
	AMD_EVENT_TAIL	 = 0x2018,
	AMD_STATUS	 = 0x2020,
};

#define REGISTERS_SIZE	     0x4000

#define FEATURE_X2APIC	     (1UL << 2)
#define FEATURE_INVALIDATE_ALL (1UL << 6)
#define FEATURE_WIDE_ENTRIES (1UL << 7)		/* interrupt entries of 128 bits */

#define CONTROL_ENABLE	     (1UL << 0)
#define CONTROL_EVENTS	     (1UL << 2)
#define CONTROL_COHERENT     (1UL << 10)
#define CONTROL_COMMANDS     (1UL << 12)
#define CONTROL_WIDE_ENTRIES (1UL << 17)
#define CONTROL_X2APIC	     (1UL << 50)

#define STATUS_EVENT_OVERFLOW (1UL << 0)

/* Buffers of a page: 256 entries of 16 bytes. */
#define BUFFER_LENGTH	     (8UL << 56)
#define BUFFER_MASK	     (PAGE_SIZE - 1)

#define DEVICE_COUNT	     65536UL
#define DEVICE_TABLE_ORDER   9		/* 2 MiB */

#define DTE_VALID	     (1UL << 0)
#define DTE_TRANSLATION	     (1UL << 1)
#define DTE_READ	     (1UL << 61)
#define DTE_WRITE	     (1UL << 62)
#define DTE_DOMAIN_DOM0	     1UL
#define DTE_INTERRUPTS	     (1UL << 0)
#define DTE_TABLE_256	     (8UL << 1)	/* 2^8 entries */
#define DTE_PASS_LINES	     (1UL << 56 | 1UL << 57 | 1UL << 58 | 1UL << 62 | 1UL << 63)
#define DTE_REMAP	     (2UL << 60)

#define COMMAND_WAIT	     (0x1UL << 60 | 1)
#define COMMAND_DEVICE	     (0x2UL << 60)
#define COMMAND_ALL	     (0x8UL << 60)

#define PTE_PRESENT	     1UL
#define PTE_ACCESS	     (1UL << 61 | 1UL << 62)

#define EVENTS_SHOWN	     8

/* [I] set at boot   [q] guarded by lock */
static struct amd_unit {
	volatile uint8_t *registers;	/* [I] */
	uint64_t     features;		/* [I] */
	struct spinlock lock;
	uint64_t    *commands, *events;	/* [q], events: the softirq that reports them */
	uint32_t    *done;		/* [q] written by the unit, with 0 after it */
	unsigned int tail;		/* [q] bytes */
	uint32_t     last_wait;		/* [q] */
	bool	     is_dead;		/* [q] does not answer: said once */
} units[ACPI_IOMMU_MAX];

static unsigned int unit_count;		/* [I] */
static uint64_t (*device_table)[4];	/* [I] */
static void *irt;			/* [I] */
static bool irtes_are_wide;		/* [I] */

static uint64_t read64(const struct amd_unit *u, unsigned int reg)
{
	return *(volatile uint64_t *)(u->registers + reg);
}

static void write64(const struct amd_unit *u, unsigned int reg, uint64_t value)
{
	*(volatile uint64_t *)(u->registers + reg) = value;
}

static int unit_probe(unsigned int index, struct iommu_plan *plan)
{
	struct amd_unit *u = &units[index];

	u->registers = iomap_device(acpi_info.iommu.unit[index], REGISTERS_SIZE);
	u->features = read64(u, AMD_FEATURES);
	spin_lock_init(&u->lock);
	if (u->features == ~0UL)
		return -EINVAL;
	/* Which requester has used which entry is not known: only all can be invalidated. */
	plan->remap_interrupts &= !!(u->features & FEATURE_INVALIDATE_ALL);
	plan->x2apic &= (u->features & FEATURE_X2APIC) && (u->features & FEATURE_WIDE_ENTRIES);
	unit_count = index + 1;
	log_debug("IOMMU: AMD-Vi unit at %#lx, features %016lx\n",
		  (unsigned long)acpi_info.iommu.unit[index], (unsigned long)u->features);
	return 0;
}

static void command_put(struct amd_unit *u, uint64_t low, uint64_t high) __must_hold(u->lock)
{
	u->commands[u->tail / 8] = low;
	u->commands[u->tail / 8 + 1] = high;
	u->tail = (u->tail + 16) & BUFFER_MASK;
}

/* Wait until what was put was done: two commands at most. */
static void commands_run(struct amd_unit *u) __must_hold(u->lock)
{
	command_put(u, COMMAND_WAIT | (paddr_of_mfn(virt_to_mfn(u->commands)) + 2 * PAGE_SIZE),
		    ++u->last_wait);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	write64(u, AMD_COMMAND_TAIL, u->tail);
	if (iommu_wait(u->done, u->last_wait))
		return;
	if (!u->is_dead)
		log_error("IOMMU: AMD-Vi unit %u does not answer, status %#lx\n",
			  (unsigned int)(u - units), (unsigned long)read64(u, AMD_STATUS));
	u->is_dead = true;
}

static void all_invalidate(struct amd_unit *u)
{
	spin_lock(&u->lock);
	if (u->features & FEATURE_INVALIDATE_ALL)
		command_put(u, COMMAND_ALL, 0);
	commands_run(u);
	spin_unlock(&u->lock);
}

/* Every device: the table is as large as it can be. */
static void devices_set(unsigned int word, uint64_t value)
{
	for (unsigned long i = 0; i < DEVICE_COUNT; i++)
		device_table[i][word] = value;
}

/* With nothing cached, for nothing was in use: a unit that was on is switched off first. */
static int unit_enable(struct amd_unit *u, const struct iommu_plan *plan)
{
	uint64_t control = CONTROL_COHERENT | CONTROL_COMMANDS | CONTROL_EVENTS;
	paddr_t buffers;

	u->commands = hv_pages_alloc(2);	/* commands, events, the word, nothing */
	if (!u->commands)
		return -ENOMEM;
	buffers = paddr_of_mfn(virt_to_mfn(u->commands));
	u->events = u->commands + PAGE_SIZE / 8;
	u->done = (uint32_t *)(u->commands + 2 * PAGE_SIZE / 8);

	write64(u, AMD_CONTROL, 0);
	write64(u, AMD_DEVICE_TABLE,
		paddr_of_mfn(virt_to_mfn(device_table)) | ((1UL << DEVICE_TABLE_ORDER) - 1));
	write64(u, AMD_COMMANDS, buffers | BUFFER_LENGTH);
	write64(u, AMD_EVENTS, (buffers + PAGE_SIZE) | BUFFER_LENGTH);
	write64(u, AMD_COMMAND_HEAD, 0);
	write64(u, AMD_COMMAND_TAIL, 0);
	write64(u, AMD_EVENT_HEAD, 0);
	write64(u, AMD_EVENT_TAIL, 0);
	if (irtes_are_wide)
		control |= CONTROL_WIDE_ENTRIES;
	if (plan->x2apic)
		control |= CONTROL_X2APIC;
	write64(u, AMD_CONTROL, control);
	write64(u, AMD_CONTROL, control | CONTROL_ENABLE);
	all_invalidate(u);
	return u->is_dead ? -EIO : 0;
}

static int units_enable(const struct iommu_plan *plan)
{
	int rc = 0;

	device_table = hv_pages_alloc(DEVICE_TABLE_ORDER);
	if (!device_table)
		return -ENOMEM;
	/* Until there is a page table: memory as it is. */
	devices_set(0, DTE_VALID | DTE_TRANSLATION | DTE_READ | DTE_WRITE);
	devices_set(1, DTE_DOMAIN_DOM0);
	if (irt)
		devices_set(2, DTE_INTERRUPTS | DTE_TABLE_256 | DTE_PASS_LINES | DTE_REMAP |
				       paddr_of_mfn(virt_to_mfn(irt)));
	for (unsigned int i = 0; i < unit_count && !rc; i++)
		rc = unit_enable(&units[i], plan);
	return rc;
}

static int interrupts_enable(const struct iommu_plan *plan)
{
	irtes_are_wide = true;
	for (unsigned int i = 0; i < unit_count; i++)
		irtes_are_wide &= !!(units[i].features & FEATURE_WIDE_ENTRIES);
	irt = hv_pages_alloc(0);	/* 256 entries of 16 bytes, or of 4 */
	return irt ? units_enable(plan) : -ENOMEM;
}

/* Two words of a wide entry: what changes with the CPU is, for IDs below 2^24, in the first. */
static void irte_write(unsigned int index, uint8_t vector, uint32_t apic_id, bool is_level,
		       bool is_nmi)
{
	uint64_t(*wide)[2] = irt;
	uint32_t *narrow = irt;
	uint32_t head = 1 | (is_nmi ? 4U << 2 : 0);

	(void)is_level;
	if (irtes_are_wide) {
		__atomic_store_n(&wide[index][1], (uint64_t)(apic_id >> 24) << 56 | vector,
				 __ATOMIC_RELEASE);
		__atomic_store_n(&wide[index][0], head | (uint64_t)(apic_id & 0xffffff) << 8,
				 __ATOMIC_RELEASE);
	} else {
		__atomic_store_n(&narrow[index],
				 head | (apic_id & 0xff) << 8 | (uint32_t)vector << 16,
				 __ATOMIC_RELEASE);
	}
	for (unsigned int i = 0; i < unit_count; i++)
		all_invalidate(&units[i]);
}

static int translation_enable(const struct iommu_plan *plan, paddr_t page_table)
{
	int rc;

	if (!device_table) {
		rc = units_enable(plan);
		if (rc)
			return rc;
	}
	if (plan->passthrough)
		return 0;
	/* Each entry changes in one word, from "as it is" to the table that says the same of what may be reached. */
	devices_set(0, DTE_VALID | DTE_TRANSLATION | DTE_READ | DTE_WRITE | page_table |
			       (uint64_t)plan->levels << 9);
	for (unsigned int i = 0; i < unit_count; i++) {
		struct amd_unit *u = &units[i];

		if (u->features & FEATURE_INVALIDATE_ALL) {
			all_invalidate(u);
			continue;
		}
		for (unsigned long d = 0; d < DEVICE_COUNT && !u->is_dead; d++) {
			spin_lock(&u->lock);
			command_put(u, COMMAND_DEVICE | d, 0);
			commands_run(u);
			spin_unlock(&u->lock);
		}
	}
	return 0;
}

/* Called once a second: that many lines at most; the rest of what happened is skipped. */
static void faults_report(void)
{
	for (unsigned int i = 0; i < unit_count; i++) {
		struct amd_unit *u = &units[i];
		uint64_t head = read64(u, AMD_EVENT_HEAD) & BUFFER_MASK;
		uint64_t tail = read64(u, AMD_EVENT_TAIL) & BUFFER_MASK;

		for (unsigned int n = 0; head != tail && n < EVENTS_SHOWN; n++) {
			uint64_t low = u->events[head / 8], high = u->events[head / 8 + 1];
			unsigned int source = low & 0xffff;

			log_warning(
				"IOMMU: unit %u: event %#x of %02x:%02x.%u, flags %#x, address %#lx\n",
				i, (unsigned int)(low >> 60), source >> 8, source >> 3 & 31,
				source & 7, (unsigned int)(low >> 48 & 0xfff), (unsigned long)high);
			head = (head + 16) & BUFFER_MASK;
		}
		if (head != tail || read64(u, AMD_EVENT_HEAD) != tail)
			write64(u, AMD_EVENT_HEAD, tail);
		/* Logging stops at an overflow, until it is switched on again (2.5.2). */
		if (read64(u, AMD_STATUS) & STATUS_EVENT_OVERFLOW) {
			uint64_t control = read64(u, AMD_CONTROL);

			write64(u, AMD_CONTROL, control & ~CONTROL_EVENTS);
			write64(u, AMD_STATUS, STATUS_EVENT_OVERFLOW);
			write64(u, AMD_CONTROL, control);
		}
	}
}

static uint64_t table_entry(paddr_t next, unsigned int level)
{
	return next | PTE_PRESENT | PTE_ACCESS | (uint64_t)(level - 1) << 9;
}

/* Next level 0: a page of this level's size. */
static uint64_t leaf_entry(paddr_t page, unsigned int level)
{
	(void)level;
	return page | PTE_PRESENT | PTE_ACCESS;
}

/* The entry's number is the data's low bits, where the vector is otherwise. */
static uint32_t message_address(uint8_t vector)
{
	(void)vector;
	return 0xfee00000U;
}

static uint32_t message_data(uint8_t vector)
{
	return vector;
}

static uint32_t ioapic_route(uint8_t vector, uint32_t apic_id)
{
	(void)vector;
	return apic_id << 24;	/* not looked at */
}

const struct iommu_ops amd_vi_ops = {
	.name = "AMD-Vi",
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
