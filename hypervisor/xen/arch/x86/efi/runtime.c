/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of UEFI's runtime services. They run one to one, as the firmware left
 * them, in an address space of their own beside our slots: no other has memory
 * that is both writable and executable, and this one only where the firmware
 * does not tell its code from its data (UEFI 2.9 section 4.6.4). One call at a
 * time. Guests see none of their code, and their data only to read: the tables
 * of the configuration lie there.
 */
#include <asm/efi.h>

#include <hv/printk.h>
#include <hv/spinlock.h>
#include <hv/string.h>

#include <asm/efi_abi.h>
#include <asm/emulate.h>
#include <asm/frame.h>
#include <asm/hypervisor_map.h>
#include <asm/io_memory.h>
#include <asm/iomap.h>
#include <asm/page_table.h>
#include <asm/system.h>

#define REGION_BYTES_MAX GIB(1)
#define ATTRIBUTES_MAX	 4096

#define DATA_FLAGS (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_NX)
#define CODE_FLAGS (PTE_P | PTE_RW | PTE_A | PTE_D)

/* EFI_MEMORY_ATTRIBUTES_TABLE */
struct attributes_table {
	uint32_t version, count, step, flags;
};

static const uint8_t guid_attributes[16] = {
	0x1d, 0x91, 0xfa, 0xdc, 0xeb, 0x26, 0x9f, 0x46,
	0xa2, 0x20, 0x38, 0xb7, 0xdc, 0x46, 0x12, 0x20,
};

/* Set at boot, then constant; the root's per-domain slot is what the caller's root has. */
static struct efi_runtime_services services;
static pte_t *root;

static struct spinlock call_lock = SPINLOCK_INIT;

static bool is_code_or_data(const struct efi_memory_descriptor *d)
{
	return d->type == EFI_MEMORY_RUNTIME_CODE || d->type == EFI_MEMORY_RUNTIME_DATA;
}

static uint64_t flags_of(const struct efi_memory_descriptor *d)
{
	if (d->type == EFI_MEMORY_RUNTIME_CODE)
		return CODE_FLAGS;
	return d->attribute & EFI_MEMORY_WB ? DATA_FLAGS : DATA_FLAGS | PTE_PCD | PTE_PWT;
}

static void guests_exclude(const struct efi_memory_descriptor *d, uint64_t bytes)
{
	if (d->type == EFI_MEMORY_RUNTIME_DATA)
		io_memory_read_only(d->physical_start, bytes);
	else
		io_memory_deny(d->physical_start, bytes);
}

static unsigned int regions_map(void)
{
	struct efi_memory_descriptor d;
	unsigned int count = 0;

	for (unsigned int i = 0; efi_memory_entry(i, &d); i++) {
		uint64_t bytes = d.page_count << PAGE_SHIFT;

		if (!(d.attribute & EFI_MEMORY_RUNTIME) || !bytes)
			continue;
		if (bytes > REGION_BYTES_MAX) {
			log_warning("EFI: runtime region of %lu MiB at %lx left out\n",
				    (unsigned long)(bytes >> 20), (unsigned long)d.physical_start);
			continue;
		}
		one_to_one_map(root, d.physical_start, bytes, flags_of(&d));
		guests_exclude(&d, bytes);
		count++;
	}
	return count;
}

/* Is all of @a in one region that is mapped as code or data? */
static bool attributes_fit(const struct efi_memory_descriptor *a)
{
	struct efi_memory_descriptor d;

	return is_code_or_data(a) && !(a->physical_start % PAGE_SIZE) &&
	       efi_memory_find(a->physical_start, &d) && d.attribute & EFI_MEMORY_RUNTIME &&
	       is_code_or_data(&d) && d.page_count << PAGE_SHIFT <= REGION_BYTES_MAX &&
	       a->page_count <= d.page_count &&
	       (a->physical_start - d.physical_start) >> PAGE_SHIFT <= d.page_count - a->page_count;
}

/* What is to be read only, and what is not to be executed, where the firmware says so. */
static bool attributes_apply(void)
{
	paddr_t at = efi_config_find(guid_attributes);
	struct attributes_table t;
	const char *entries;

	if (!at)
		return false;
	memcpy(&t, iomap_table(at, sizeof(t)), sizeof(t));
	if (t.step < sizeof(struct efi_memory_descriptor) || t.step > PAGE_SIZE ||
	    t.count > ATTRIBUTES_MAX)
		return false;
	entries = iomap_table(at + sizeof(t), (size_t)t.count * t.step);
	for (unsigned int i = 0; i < t.count; i++) {
		struct efi_memory_descriptor a;
		uint64_t flags = CODE_FLAGS;

		memcpy(&a, entries + (size_t)i * t.step, sizeof(a));
		if (!attributes_fit(&a))
			continue;
		if (a.attribute & EFI_MEMORY_RO)
			flags &= ~(PTE_RW | PTE_D);
		if (a.attribute & EFI_MEMORY_XP)
			flags |= PTE_NX;
		one_to_one_map(root, a.physical_start, a.page_count << PAGE_SHIFT, flags);
	}
	return true;
}

void efi_runtime_init(void)
{
	const struct efi_tables *tables = efi_tables();
	unsigned int count;
	bool is_split;

	efi_memory_keep();
	if (!tables || !tables->runtime_revision)
		return;
	memcpy(&services, iomap_table(tables->runtime_services, sizeof(services)),
	       sizeof(services));
	root = one_to_one_root_new();
	count = regions_map();
	is_split = attributes_apply();
	if (!count) {
		root = NULL;
		log_warning("EFI: no memory map, so no runtime services\n");
		return;
	}
	log_info("EFI: revision %u.%02u, runtime services in %u regions, code %s\n",
		 tables->revision >> 16, tables->revision & 0xffff, count,
		 is_split ? "read only" : "not told from data");
}

bool efi_runtime_is_there(void)
{
	return root;
}

const struct efi_runtime_services *efi_runtime_services(void)
{
	return &services;
}

/*
 * Interrupts may come, with what they need: our slots, and the descriptor table
 * of the domain that this CPU runs, found through the root it had.
 */
static uint64_t call_locked(uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
			    uint64_t e) __must_hold(call_lock)
{
	unsigned long cr3 = cr3_read();
	const pte_t *old_root = frame_map(mfn_of_paddr(cr3 & PAGE_MASK));
	uint64_t status;

	fpu_firmware_begin();
	root[PERDOMAIN_SLOT] = old_root[PERDOMAIN_SLOT];
	cr3_write(paddr_of_mfn(virt_to_mfn(root)));
	status = efi_call(function, a, b, c, d, e);
	cr3_write(cr3);
	fpu_firmware_end();
	frame_unmap(old_root);
	return status;
}

uint64_t efi_runtime_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
			  uint64_t e)
{
	uint64_t status;

	if (!root || !function)
		return EFI_UNSUPPORTED;
	spin_lock(&call_lock);
	status = call_locked(function, a, b, c, d, e);
	spin_unlock(&call_lock);
	return status;
}

uint64_t efi_runtime_call_last(uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
			       uint64_t e)
{
	uint64_t status;

	if (!root || !function)
		return EFI_UNSUPPORTED;
	if (!spin_trylock(&call_lock))
		return EFI_NOT_READY;
	status = call_locked(function, a, b, c, d, e);
	spin_unlock(&call_lock);
	return status;
}
