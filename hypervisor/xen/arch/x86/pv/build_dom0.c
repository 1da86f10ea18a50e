/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order in which dom0 is made. Its kernel and initrd are copied to pages
 * of its own first; then the boot loader's modules are no longer needed, and
 * their memory may become dom0's as well.
 */
#include "build_dom0.h"

#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/options.h>
#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/printk.h>
#include <hv/sched.h>

#include <asm/isolation.h>
#include <asm/boot.h>
#include <asm/boot_modules.h>
#include <asm/build_dom0.h>
#include <asm/page_types.h>
#include <asm/smp.h>
#include <asm/system.h>

#define KERNEL_MODULE 0
#define INITRD_MODULE 1

static unsigned int vcpu_count(void)
{
	unsigned int n = cpus_online;

	if (n > boot_options.dom0_max_vcpus)
		n = boot_options.dom0_max_vcpus;
	if (n < boot_options.dom0_min_vcpus)
		n = boot_options.dom0_min_vcpus;
	if (n > MAX_VCPUS)
		n = MAX_VCPUS;
	return n ? n : 1;
}

static struct domain *dom0_create(void)
{
	const struct domain_config config = {
		.max_vcpus = vcpu_count(),
		.flags = DOMAIN_PRIVILEGED | DOMAIN_HARDWARE,
		.max_evtchn_port = UINT32_MAX,
		.max_grant_frames = GRANT_FRAMES_MAX,
		.max_maptrack_frames = MAPTRACK_FRAMES_MAX,
		.max_grant_version = 2,
	};
	struct domain *d;
	unsigned int i;

	if (domain_create(0, &config, &d))
		panic("dom0: too little memory to create it\n");
	hardware_domain = d;
	for (i = 0; i < d->max_vcpus; i++)
		if (!vcpu_create(d, i))
			panic("dom0: too little memory for %u vCPUs\n", d->max_vcpus);
	return d;
}

/* Whole pages of the modules: boot_modules_release() gives these back. */
static unsigned long module_pages(void)
{
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i < boot_info.module_count; i++) {
		const struct boot_module *m = &boot_info.module[i];
		paddr_t start = ALIGN_UP(m->start, PAGE_SIZE);
		paddr_t end = ALIGN_DOWN(m->start + m->size, PAGE_SIZE);

		if (start < end)
			pages += (end - start) >> PAGE_SHIFT;
	}
	return pages;
}

static uint64_t initrd_size(void)
{
	return boot_info.module_count > INITRD_MODULE ? boot_info.module[INITRD_MODULE].size : 0;
}

static void layout_choose(struct dom0_builder *b, const struct dom0_kernel *k)
{
	unsigned long pages = dom0_page_count(
		b->d, module_pages() + (k->unpacked ? 1UL << k->unpacked_order : 0));
	struct dom0_layout *l = &b->layout;
	const char *why;

	if (dom0_layout_compute(&k->elf, &k->notes, pages, initrd_size(), l, &why))
		panic("dom0 kernel: cannot be used: %s\n", why);
	if (l->boot_page_count > pages)
		panic("dom0: %lu MiB are too little for kernel and initrd of %lu KiB (%lu MiB)\n",
		      pages >> 8, l->initrd_len >> 10, (l->boot_page_count + 255) >> 8);
}

static void log_range(const char *what, unsigned long start, unsigned long end)
{
	log_info(" %-15s %016lx->%016lx\n", what, start, end);
}

static void layout_log(const struct dom0_layout *l, const struct xen_notes *n)
{
	log_info(" Dom0 kernel: %s %s, for %s\n", n->guest_os, n->guest_version, n->xen_version);
	log_info("Dom0's linear addresses:\n");
	log_range("Loaded kernel:", l->kernel_start, l->kernel_end);
	if (l->initrd)
		log_range("Initrd:", l->initrd, l->initrd + l->initrd_len);
	else if (l->initrd_len)
		log_info(" %-15s %lu KiB from guest frame %lx\n", "Initrd:", l->initrd_len >> 10,
			 l->initrd_pfn);
	log_range("Phys-Mach map:", l->p2m, l->p2m + l->nr_pages * sizeof(unsigned long));
	log_range("Start info:", l->start_info, l->start_info + PAGE_SIZE);
	log_range("Page tables:", l->tables, l->tables + l->table_count * PAGE_SIZE);
	log_range("Boot stack:", l->stack, l->stack + PAGE_SIZE);
	log_range("All:", l->virt_base, l->end);
	log_info(" %-15s %016lx\n", "Entry point:", l->entry);
}

static void initrd_load(const struct dom0_builder *b)
{
	if (b->layout.initrd_len)
		dom0_copy(b, b->layout.initrd_pfn << PAGE_SHIFT,
			  module_bytes(&boot_info.module[INITRD_MODULE]), b->layout.initrd_len);
}

/* Registers as xen/arch-x86/xen.h and the start-of-day text of xen/xen.h have them. */
static void vcpu_start_state(struct vcpu *v, const struct dom0_layout *l)
{
	struct cpu_user_regs *r = &v->arch.regs;

	r->rip = l->entry;
	r->rsp = l->stack + PAGE_SIZE;
	r->rsi = l->start_info;
	r->rflags = EFLAGS_ONE | EFLAGS_IF;
	r->cs = FLAT_KERNEL_CS;
	r->ss = FLAT_KERNEL_SS;
	v->is_initialised = true;
}

/* One reference is the pin's, which the guest may take away, and one is the vCPU's. */
static void address_space_init(struct vcpu *v, mfn_t root)
{
	int rc = pv_pin_root(v->domain, root);

	if (!rc)
		rc = page_get_type(page_of_mfn(root), v->domain, TYPE_L4);
	if (rc)
		panic("dom0: its first page tables are refused (%d)\n", rc);
	isolation_root_set(v, true, &v->arch.kernel_root, root);
}

void dom0_build(void)
{
	const struct boot_module *module = &boot_info.module[KERNEL_MODULE];
	struct dom0_builder b = { 0 };
	struct dom0_kernel kernel;

	if (boot_info.module_count <= KERNEL_MODULE)
		panic("dom0 kernel: no module was loaded\n");

	dom0_kernel_open(&kernel, module);
	b.d = dom0_create();
	layout_choose(&b, &kernel);
	layout_log(&b.layout, &kernel.notes);

	dom0_boot_pages_alloc(&b);
	dom0_kernel_load(&b, &kernel);
	dom0_kernel_close(&kernel);
	initrd_load(&b);
	dom0_start_info_write(&b, module->cmdline);
	boot_modules_release();
	boot_only_release();

	dom0_other_pages_alloc(&b);
	address_space_init(b.d->vcpu[0], dom0_tables_build(&b));
	vcpu_start_state(b.d->vcpu[0], &b.layout);
	heap_free(b.boot_frame);
	vcpu_wake(b.d->vcpu[0], VCPU_DOWN);
}
