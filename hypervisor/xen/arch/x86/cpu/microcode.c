/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading microcode updates: at boot from a module or the cpio archive before an initrd (ucode=), later from dom0
 * (XENPF_microcode_update). Sources: Intel SDM volume 3 section 9.11, AMD64 manual volume 2 section 18.5 ("Microcode
 * patches"). A processor that refuses an update goes on with what it has.
 */
#include <asm/microcode.h>

#include <hv/cpio.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/options.h>
#include <hv/page_allocator.h>
#include <hv/printk.h>
#include <hv/spinlock.h>
#include <hv/string.h>

#include <asm/boot.h>
#include <asm/cpu_features.h>
#include <asm/percpu.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <asm/traps.h>

#define MSR_PLATFORM_ID	 0x17
#define MSR_INTEL_LOAD	 0x79
#define MSR_REVISION	 0x8b
#define MSR_AMD_LOAD	 0xc0010020

#define UPDATE_ORDER_MAX 8	/* 1 MiB */
#define BLOB_ORDER_MAX	 11	/* 8 MiB */

/* One for all CPUs; the lock makes them take it in turn, as siblings must not load together. */
struct update {
	struct spinlock lock;
	uint64_t address;	/* that the processor is told */
	uint32_t revision;
	bool	 allow_same;
	unsigned int loaded;	/* by the lock's holder, like the next */
	uint32_t now;		/* revision of the last CPU */
};

static uint32_t revision_read(void)
{
	uint64_t value;

	if (cpu_identity.vendor == CPU_INTEL) {
		/* Written by CPUID, if it was zero before. */
		(void)!wrmsr_safe(MSR_REVISION, 0);
		(void)cpuid(1, 0);
		return rdmsr_safe(MSR_REVISION, &value) ? 0 : value >> 32;
	}
	return rdmsr_safe(MSR_REVISION, &value) ? 0 : value;
}

static void update_load(void *data)
{
	struct update *u = data;
	bool is_intel = cpu_identity.vendor == CPU_INTEL;
	uint32_t before;

	spin_lock(&u->lock);
	before = revision_read();
	if (before < u->revision || (u->allow_same && before == u->revision)) {
		if (!wrmsr_safe(is_intel ? MSR_INTEL_LOAD : MSR_AMD_LOAD, u->address) &&
		    revision_read() == u->revision)
			u->loaded++;
	}
	u->now = revision_read();
	spin_unlock(&u->lock);
}

static const void *update_find(const void *blob, size_t len, size_t *size, uint32_t *revision)
{
	struct microcode_target t = {
		.signature = cpuid(1, 0).eax,
		.revision = revision_read(),
	};
	bool allow_same = boot_options.ucode.allow_same;
	uint64_t platform;

	switch (cpu_identity.vendor) {
	case CPU_INTEL:
		t.platform = rdmsr_safe(MSR_PLATFORM_ID, &platform) ? 0 :
								      1U << (platform >> 50 & 7);
		return microcode_find_intel(blob, len, &t, allow_same, size, revision);
	case CPU_AMD:
		return microcode_find_amd(blob, len, &t, allow_same, size, revision);
	default:
		return NULL;
	}
}

/* On all CPUs. 0; -ENOENT: none fits; -E2BIG, -ENOMEM; -EIO: no CPU took it. */
static int update_from(const void *blob, size_t len)
{
	struct update u = { .lock = SPINLOCK_INIT, .allow_same = boot_options.ucode.allow_same };
	struct cpu_mask others = { 0 };
	const void *found;
	unsigned int order = 0;
	size_t size = 0;
	char *copy;

	found = update_find(blob, len, &size, &u.revision);
	if (!found)
		return -ENOENT;
	while (PAGE_SIZE << order < size)
		if (++order > UPDATE_ORDER_MAX)
			return -E2BIG;
	copy = hv_pages_alloc(order);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, found, size);
	u.address = (unsigned long)copy +
		    (cpu_identity.vendor == CPU_INTEL ? MICROCODE_INTEL_HEADER : 0);

	update_load(&u);
	for (unsigned int cpu = 0; cpu < cpus_online; cpu++)
		if (cpu != this_cpu())
			cpu_mask_add(&others, cpu);
	cpus_call(&others, update_load, &u);
	hv_pages_free(copy, order);
	log_info("Microcode: revision %#x: loaded by %u CPUs, now %#x\n", u.revision, u.loaded,
		 u.now);
	return u.now == u.revision ? 0 : -EIO;
}

static const char *cpio_name(void)
{
	return cpu_identity.vendor == CPU_INTEL ? "kernel/x86/microcode/GenuineIntel.bin" :
						  "kernel/x86/microcode/AuthenticAMD.bin";
}

/* A module as it is, or the file in the archive that it begins with. */
static bool module_try(unsigned int index, bool is_bare)
{
	const struct boot_module *m = &boot_info.module[index];
	const char *bytes = frame_map(mfn_of_paddr(m->start));
	const void *blob = bytes + (m->start & ~PAGE_MASK);
	size_t len = m->size;
	const void *file = cpio_find(blob, len, cpio_name(), &len);
	int rc;

	if (!file && !is_bare)
		return false;
	rc = update_from(file ? file : blob, file ? len : m->size);
	if (rc && rc != -ENOENT)
		log_warning("Microcode: the update was not loaded (%d)\n", rc);
	else if (rc)
		log_info("Microcode: module %u has nothing newer for this processor\n", index);
	return true;
}

void microcode_boot(void)
{
	const struct ucode_options *o = &boot_options.ucode;
	int index = o->module < 0 ? (int)boot_info.module_count + o->module : o->module;

	log_info("Microcode: revision %#x\n", revision_read());
	if (o->module) {
		if (index <= 0 || index >= (int)boot_info.module_count)
			log_warning("Microcode: ucode=%d is no module\n", o->module);
		else
			(void)module_try(index, true);
		return;
	}
	for (unsigned int i = 1; o->is_scanned && i < boot_info.module_count; i++)
		if (module_try(i, false))
			return;
	if (o->is_scanned)
		log_info("Microcode: no module has an update\n");
}

int microcode_update_guest(unsigned long va, uint32_t len)
{
	unsigned int order = 0;
	void *blob;
	int rc;

	if (!len)
		return -EINVAL;
	while (PAGE_SIZE << order < len)
		if (++order > BLOB_ORDER_MAX)
			return -E2BIG;
	blob = hv_pages_alloc(order);
	if (!blob)
		return -ENOMEM;
	rc = guest_copy_from(blob, va, len) ? -EFAULT : update_from(blob, len);
	hv_pages_free(blob, order);
	return rc;
}
