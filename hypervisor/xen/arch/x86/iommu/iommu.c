/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with the IOMMUs (iommu=): interrupts are remapped where every unit can, and dom0's devices reach all
 * memory but the hypervisor's own, as far as that is known when dom0 starts. Relies on vtd.c or amd_vi.c for the
 * units, and on acpi_info for where they are.
 */
#include <asm/iommu.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/options.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/time.h>
#include <hv/timer.h>

#include <asm/acpi.h>
#include <asm/boot.h>
#include <asm/io_memory.h>
#include <asm/irq.h>
#include <asm/system.h>

#define CPUID_1_ECX_X2APIC (1U << 21)
#define INTERRUPTS_START   0xfee00000UL	/* messages: never memory */
#define INTERRUPTS_END	   0xfef00000UL
#define BELOW_4G	   0x100000000UL
#define FAULT_PERIOD_NS	   NS_PER_SECOND
#define WAIT_POLLS	   1000000

/* Set at boot, then constant. */
static const struct iommu_ops *ops;	/* NULL: no IOMMU is used */
static struct iommu_plan plan;
static bool remaps_interrupts;
static struct timer fault_timer;

bool iommu_wait(const uint32_t *done, uint32_t value)
{
	for (unsigned int i = 0; i < WAIT_POLLS; i++) {
		if (READ_ONCE(*done) == value)
			return true;
		cpu_relax();
	}
	return false;
}

static void give_up(const char *why, int rc)
{
	if (boot_options.iommu.is_required)
		panic("IOMMU: %s (%d), and iommu=required\n", why, rc);
	log_warning("IOMMU: %s (%d), not used\n", why, rc);
	ops = NULL;
}

/* The registers are ours alone; dom0's map says that there is something. */
static void units_claim(void)
{
	const struct acpi_iommu *a = &acpi_info.iommu;

	for (unsigned int i = 0; i < a->unit_count; i++)
		io_memory_deny(a->unit[i], a->kind == ACPI_IOMMU_AMD ? 4 * PAGE_SIZE : PAGE_SIZE);
}

static bool units_probe(void)
{
	for (unsigned int i = 0; i < acpi_info.iommu.unit_count; i++) {
		int rc = ops->unit_probe(i, &plan);

		if (rc) {
			give_up("a unit cannot be used", rc);
			return false;
		}
	}
	return true;
}

void iommu_init(void)
{
	const struct acpi_iommu *a = &acpi_info.iommu;
	const struct iommu_options *o = &boot_options.iommu;
	int rc;

	if (a->kind == ACPI_IOMMU_NONE) {
		if (o->is_required && o->is_on)
			panic("IOMMU: there is none, and iommu=required\n");
		return;
	}
	units_claim();
	if (!o->is_on) {
		log_info("IOMMU: present, switched off by iommu=\n");
		return;
	}
	ops = a->kind == ACPI_IOMMU_INTEL ? &vtd_ops : &amd_vi_ops;
	plan = (struct iommu_plan){
		.remap_interrupts = o->remaps_interrupts && a->may_remap_interrupts,
		.x2apic = boot_options.x2apic && !a->opts_out_of_x2apic &&
			  cpuid(1, 0).ecx & CPUID_1_ECX_X2APIC,
		.passthrough = o->passthrough,
		.levels = 4,
		.has_large_pages = o->uses_large_pages,
		.is_coherent = true,
	};
	if (!units_probe())
		return;
	plan.x2apic &= plan.remap_interrupts;
	if (plan.remap_interrupts) {
		rc = ops->interrupts_enable(&plan);
		if (rc) {
			give_up("interrupts cannot be remapped", rc);
			return;
		}
		remaps_interrupts = true;
	}
	log_info("IOMMU: %u %s unit(s), interrupts %s\n", a->unit_count, ops->name,
		 !remaps_interrupts ? "not remapped" :
		 plan.x2apic	    ? "remapped, for x2APIC" :
				      "remapped");
}

/* May dom0's devices reach it? RAM: all but what is ours now. */
static bool ram_frame_is_open(mfn_t m)
{
	const struct page_info *pg;

	if (!mfn_valid(m))
		return true;
	pg = page_of_mfn(m);
	if (pg->flags & PAGE_NOT_RAM)
		return mfn_raw(m) < MIB(1) >> PAGE_SHIFT;
	if (pg->flags & PAGE_FREE)
		return true;
	return pg->owner < OWNER_HYPERVISOR && !(pg->state & FRAME_HYPERVISOR);
}

static int ram_map(struct io_page_table *t, uint64_t start, uint64_t end)
{
	uint64_t run = start = ALIGN_UP(start, PAGE_SIZE);
	int rc = 0;

	end = ALIGN_DOWN(end, PAGE_SIZE);
	for (uint64_t pa = start; pa < end && !rc; pa += PAGE_SIZE) {
		if (ram_frame_is_open(mfn_of_paddr(pa)))
			continue;
		if (run < pa)
			rc = io_page_table_map(t, run, pa);
		run = pa + PAGE_SIZE;
	}
	return rc || run >= end ? rc : io_page_table_map(t, run, end);
}

/* Device memory below 4 GiB, less where messages go. */
static int reserved_map(struct io_page_table *t, uint64_t start, uint64_t end)
{
	int rc = 0;

	start = ALIGN_UP(start, PAGE_SIZE);
	end = ALIGN_DOWN(end < BELOW_4G ? end : BELOW_4G, PAGE_SIZE);
	if (start < INTERRUPTS_START && start < end)
		rc = io_page_table_map(t, start, end < INTERRUPTS_START ? end : INTERRUPTS_START);
	if (!rc && end > INTERRUPTS_END)
		rc = io_page_table_map(t, start > INTERRUPTS_END ? start : INTERRUPTS_END, end);
	return rc;
}

static int identity_map(struct io_page_table *t)
{
	const struct iommu_options *o = &boot_options.iommu;
	uint64_t last_end = 0;
	int rc = 0;

	for (unsigned int i = 0; i < boot_info.e820_count && !rc; i++) {
		const struct e820_entry *e = &boot_info.e820[i];

		if (o->maps_inclusive)
			rc = reserved_map(t, last_end, e->start);
		if (!rc && e->type == E820_RAM)
			rc = ram_map(t, e->start, e->start + e->size);
		else if (!rc && e->type != E820_UNUSABLE && (o->maps_reserved || o->maps_inclusive))
			rc = reserved_map(t, e->start, e->start + e->size);
		last_end = e->start + e->size;
	}
	if (!rc && o->maps_inclusive)
		rc = reserved_map(t, last_end, BELOW_4G);
	for (unsigned int i = 0; i < acpi_info.iommu.range_count && !rc; i++) {
		uint64_t start = acpi_info.iommu.range[i].start, end = acpi_info.iommu.range[i].end;

		/* Firmware's word, but not for frames of ours. */
		if (e820_all_ram(start, end - start))
			rc = ram_map(t, start, end);
		else
			rc = io_page_table_map(t, start, end);
	}
	return rc;
}

static void faults_poll(void *unused)
{
	(void)unused;
	ops->faults_report();
	timer_set(&fault_timer, system_time_ns() + FAULT_PERIOD_NS);
}

void iommu_dom0_init(void)
{
	struct io_page_table t = {
		.ops = ops,
		.levels = plan.levels,
		.has_large_pages = plan.has_large_pages,
		.is_coherent = plan.is_coherent,
	};
	paddr_t root = 0;
	int rc = 0;

	if (!ops)
		return;
	if (!plan.passthrough) {
		rc = identity_map(&t);
		if (!rc)
			root = paddr_of_mfn(virt_to_mfn(t.root));
	}
	if (!rc)
		rc = ops->translation_enable(&plan, root);
	/* Interrupts are remapped already: there is no way back. */
	if (rc)
		panic("IOMMU: dom0's devices cannot be given their memory (%d); try iommu=off\n",
		      rc);
	timer_init(&fault_timer, faults_poll, NULL, 0);
	timer_set(&fault_timer, system_time_ns());
	log_info("IOMMU: dom0's devices reach %s\n",
		 plan.passthrough ? "all memory (passthrough)" : "all memory but the hypervisor's");
}

bool iommu_remaps_interrupts(void)
{
	return remaps_interrupts;
}

bool iommu_remaps_to_x2apic(void)
{
	return remaps_interrupts && plan.x2apic;
}

void iommu_vector_route(uint8_t vector, uint32_t apic_id, bool is_level)
{
	ops->irte_write(vector, vector, apic_id, is_level, false);
}

void iommu_nmi_route(uint32_t apic_id)
{
	ops->irte_write(IRTE_NMI, 0, apic_id, false, true);
}

uint32_t iommu_message_address(uint8_t vector)
{
	return ops->message_address(vector);
}

uint32_t iommu_message_data(uint8_t vector)
{
	return ops->message_data(vector);
}

uint32_t iommu_ioapic_route(uint8_t vector, uint32_t apic_id)
{
	return ops->ioapic_route(vector, apic_id);
}
