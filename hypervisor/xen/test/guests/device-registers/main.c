/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of devices that are the hypervisor's, and that dom0 may look at.
 *
 * dom0 maps the IO-APIC, the HPET, PCI configuration space and tables of MSI-X as it maps other
 * devices. What decides where interrupts go is only read, whatever the entry asks for: a store there is lost.
 * Stores to configuration space arrive. The machine is a q35 (configuration space
 * at 0xb0000000 by QEMU's firmware) with a virtio-rng-pci at 00:05.0, whose BAR 1 is its MSI-X table.
 */
#include "memory.h"
#include "trap.h"

#include <xen/physdev.h>

const char test_title[] = "Registers of devices that are only read";

#define MMCONFIG	0xb0000000UL
#define HPET		0xfed00000UL
#define IOAPIC		0xfec00000UL
#define LOCAL_APIC	0xfee00000UL
#define RNG_DEVFN	(5U << 3)
#define CONFIG_ID	0x00
#define CONFIG_COMMAND	0x04
#define CONFIG_BAR_1	0x14
#define CONFIG_LINE	0x3c	/* a byte that software may use as it likes */
#define COMMAND_MEMORY	2U
#define ENTRY_DATA	2	/* word of an entry of the table */

static char *window;
static unsigned long table;

static uint32_t config_read(unsigned int devfn, unsigned int offset)
{
	uint32_t v;

	__asm__ volatile("outl %0, %1"
			 :
			 : "a"(0x80000000U | devfn << 8 | offset), "Nd"((uint16_t)0xcf8));
	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"((uint16_t)0xcfc));
	return v;
}

static void config_write(unsigned int devfn, unsigned int offset, uint32_t v)
{
	__asm__ volatile("outl %0, %1"
			 :
			 : "a"(0x80000000U | devfn << 8 | offset), "Nd"((uint16_t)0xcf8));
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"((uint16_t)0xcfc));
}

static bool entry_is_writable(void)
{
	return *entry_of(window, 1) & PTE_RW;
}

static void store(unsigned int offset, uint32_t v)
{
	trap_forget();
	__asm__ volatile(GUARD("movl %0, %1")
			 :
			 : "r"(v), "m"(*(uint32_t *)(window + offset))
			 : "memory");
	expect_equal("traps of a store that is lost", trap_count, 0);
}

/* Mapped as writable, it is not: refused, or an entry that only reads. */
static void expect_read_only(const char *what, unsigned long address)
{
	long rc = map_at(window, address >> PAGE_SHIFT, PTE_RW_PAGE | PTE_PCD);

	check(rc < 0 || !entry_is_writable(), "%s, writable: refused or read-only, got %ld", what,
	      rc);
	expect_result("reading", map_at(window, address >> PAGE_SHIFT, PTE_RO_PAGE | PTE_PCD), 0);
}

static void check_interrupt_registers(void)
{
	uint32_t before;

	expect_refused("the local APIC",
		       map_at(window, LOCAL_APIC >> PAGE_SHIFT, PTE_RO_PAGE | PTE_PCD));
	expect_read_only("the IO-APIC", IOAPIC);
	store(0, 1);
	expect_read_only("the HPET", HPET);
	before = READ_ONCE(*(uint32_t *)(window + 0x10));
	expect_result("mapped as if it were writable",
		      map_at(window, HPET >> PAGE_SHIFT, PTE_RW_PAGE | PTE_PCD), 0);
	store(0x10, before ^ 1);
	expect_equal("the HPET's main switch", READ_ONCE(*(uint32_t *)(window + 0x10)), before);
}

static void check_configuration_space(void)
{
	unsigned long address = MMCONFIG + (RNG_DEVFN << PAGE_SHIFT);
	uint32_t before = config_read(RNG_DEVFN, CONFIG_LINE);

	expect_result("configuration space",
		      map_at(window, address >> PAGE_SHIFT, PTE_RW_PAGE | PTE_PCD), 0);
	print("  note: its entry is %s\n", entry_is_writable() ? "writable" : "read-only");
	expect_equal("identity", READ_ONCE(*(uint32_t *)window), config_read(RNG_DEVFN, CONFIG_ID));
	WRITE_ONCE(*(uint32_t *)(window + CONFIG_LINE), before ^ 0x5a);
	expect_equal("a word", config_read(RNG_DEVFN, CONFIG_LINE) & 0xff, (before ^ 0x5a) & 0xff);
	WRITE_ONCE(*(uint8_t *)(window + CONFIG_LINE), 0x31);
	expect_equal("a byte", config_read(RNG_DEVFN, CONFIG_LINE) & 0xff, 0x31);
	WRITE_ONCE(*(uint16_t *)(window + CONFIG_LINE), 0x42);
	expect_equal("two bytes", config_read(RNG_DEVFN, CONFIG_LINE) & 0xff, 0x42);
	config_write(RNG_DEVFN, CONFIG_LINE, before);
}

static void check_table(void)
{
	struct physdev_pci_device_add add = { .devfn = RNG_DEVFN };
	struct physdev_map_pirq map = {
		.domid = DOMID_SELF,
		.type = MAP_PIRQ_TYPE_MSI_SEG,
		.index = -1,
		.pirq = -1,
		.devfn = RNG_DEVFN,
		.table_base = table,
	};
	uint32_t *data = (uint32_t *)window + ENTRY_DATA, before;

	expect_result("pci_device_add", hypercall(physdev_op, PHYSDEVOP_pci_device_add, &add), 0);
	expect_result("the table of a device that is known",
		      map_at(window, table >> PAGE_SHIFT, PTE_RW_PAGE | PTE_PCD), 0);
	print("  note: its entry is %s\n", entry_is_writable() ? "writable" : "read-only");
	/* Debian's Xen protects from map_pirq on, and only a table that is not mapped as writable then. */
	expect_result("mapped as anything else", make_writable(window), 0);
	expect_result("map_pirq", hypercall(physdev_op, PHYSDEVOP_map_pirq, &map), 0);
	expect_read_only("the table of one with an interrupt", table);
	expect_result("mapped as if it were writable",
		      map_at(window, table >> PAGE_SHIFT, PTE_RW_PAGE | PTE_PCD), 0);
	before = READ_ONCE(*data);
	check(before != 0, "there is a message");
	store(ENTRY_DATA * 4, before ^ 0xff);
	expect_equal("the message after a store", READ_ONCE(*data), before);
}

void test_main(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };

	window = page_alloc();
	expect_result("set_iopl", hypercall(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
	config_write(RNG_DEVFN, CONFIG_COMMAND,
		     config_read(RNG_DEVFN, CONFIG_COMMAND) | COMMAND_MEMORY);
	table = config_read(RNG_DEVFN, CONFIG_BAR_1) & ~15U;
	if (config_read(RNG_DEVFN, CONFIG_ID) == ~0U || !table)
		test_error("no virtio-rng-pci with a table at 00:05.0");
	STEP(check_interrupt_registers);
	STEP(check_configuration_space);
	STEP(check_table);
	expect_result("the window back", make_writable(window), 0);
}
