/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings of memory that is no RAM.
 *
 * dom0 maps devices by their machine frames: the first MiB, VGA, ACPI tables,
 * PCI windows. What drives the machine itself stays with the hypervisor: the
 * local APIC cannot be mapped, the IO-APIC not writable. RAM that belongs to
 * nobody cannot be had this way, nor frames beyond the processor's reach.
 */
#include "memory.h"
#include "trap.h"

const char test_title[] = "Mappings of device memory";

static char *window;

static long map(unsigned long ma, uint64_t flags)
{
	return map_at(window, ma >> PAGE_SHIFT, flags);
}

static void check_low_memory(void)
{
	uint16_t *vga = (void *)window;
	uint16_t before;

	expect_result("the BIOS data area", map(0x400, PTE_RW_PAGE), 0);
	expect_result("the ROM", map(0xf0000, PTE_RO_PAGE), 0);
	expect_result("the VGA's text", map(0xb8000, PTE_RW_PAGE | PTE_PCD), 0);
	before = READ_ONCE(vga[1999]);
	WRITE_ONCE(vga[1999], 0x0741);
	expect_equal("which can be written", READ_ONCE(vga[1999]), 0x0741);
	WRITE_ONCE(vga[1999], before);
}

static void check_denied(void)
{
	long rc;

	expect_refused("the local APIC, writable", map(0xfee00000, PTE_RW_PAGE | PTE_PCD));
	rc = map(0xfec00000, PTE_RW_PAGE | PTE_PCD);
	check(rc < 0 || !(*entry_of(window, 1) & PTE_RW),
	      "the IO-APIC, writable: expected to be refused or read-only, got %ld", rc);
	expect_refused("memory beyond the processor's reach", map(1UL << 45, PTE_RO_PAGE));
	expect_refused("the last frame that an entry can name",
		       map(0xffffffffff000UL, PTE_RO_PAGE));
}

/* The same addresses by mmu_update, and for I/O alone with DOMID_IO. */
static void check_domid_io(void)
{
	struct mmu_update req = { .ptr = entry_maddr(window, 1) };
	char *page = page_alloc();

	req.val = make_pte(0xb8, PTE_RW_PAGE);
	expect_result("device memory with DOMID_IO", hypercall(mmu_update, &req, 1, 0, DOMID_IO),
		      0);
	req.val = make_pte(virt_to_mfn(page), PTE_RW_PAGE);
	expect_refused("RAM with DOMID_IO", hypercall(mmu_update, &req, 1, 0, DOMID_IO));
	req.val = make_pte(0xfee00, PTE_RW_PAGE);
	expect_refused("the local APIC with DOMID_IO", hypercall(mmu_update, &req, 1, 0, DOMID_IO));
	expect_result("RAM as ourselves", make_writable(window), 0);
}

/* Device memory is no memory: no table, no descriptor page, no copy. */
static void check_uses(void)
{
	xen_pfn_t frame = 0xb8;

	expect_refused("device memory as level 1", mmuext(MMUEXT_PIN_L1_TABLE, 0xb8, 0));
	expect_refused("device memory as a root", mmuext(MMUEXT_PIN_L4_TABLE, 0xb8, 0));
	expect_refused("device memory as a GDT", hypercall(set_gdt, &frame, 512));
	expect_refused("device memory as a new root", mmuext(MMUEXT_NEW_BASEPTR, 0xb8, 0));
	expect_refused("clearing device memory", mmuext(MMUEXT_CLEAR_PAGE, 0xfee00, 0));
	expect_refused("an M2P entry of device memory",
		       mmu_update(0xfee00000UL | MMU_MACHPHYS_UPDATE, 1));
}

void test_main(void)
{
	shared_info_map();
	window = page_alloc();
	STEP(check_low_memory);
	STEP(check_denied);
	STEP(check_domid_io);
	STEP(check_uses);
}
