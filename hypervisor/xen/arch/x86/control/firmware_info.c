/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XENPF_firmware_info: what dom0 cannot ask the firmware itself. We never
 * call a BIOS, so of it we know nothing; the EFI tables are passed on.
 */
#include "firmware_info.h"

#include <hv/errno.h>
#include <hv/guest_copy.h>

#include <asm/efi.h>
#include <asm/efi_abi.h>

static int vendor_get(const struct efi_tables *efi, union xenpf_efi_info *out)
{
	size_t size = 0, max = out->vendor.bufsz & ~1U;
	static const uint16_t end;
	unsigned long to = (unsigned long)out->vendor.name.p;

	out->vendor.revision = efi->firmware_revision;
	while (efi->vendor[size / 2])
		size += 2;
	if (max < sizeof(end))
		return -EINVAL;
	if (size > max - sizeof(end))
		size = max - sizeof(end);
	if (guest_copy_to(to, efi->vendor, size) || guest_write(to + size, &end))
		return -EFAULT;
	return 0;
}

/* The region that an address lies in, from there on. */
static int memory_info_get(union xenpf_efi_info *out)
{
	struct efi_memory_descriptor d;

	if (!efi_memory_find(out->mem.addr, &d))
		return -ESRCH;
	out->mem.size = d.physical_start + (d.page_count << PAGE_SHIFT) - out->mem.addr;
	out->mem.attr = d.attribute;
	out->mem.type = d.type;
	return 0;
}

static int efi_info_get(uint32_t index, union xenpf_efi_info *out)
{
	const struct efi_tables *efi = efi_tables();

	if (!efi)
		return -ENODEV;
	switch (index) {
	case XEN_FW_EFI_VERSION:
		out->version = efi->revision;
		return 0;
	case XEN_FW_EFI_RT_VERSION:
		out->version = efi->runtime_revision;
		return 0;
	case XEN_FW_EFI_CONFIG_TABLE:
		out->cfg.addr = efi->config_table;
		out->cfg.nent = efi->config_count;
		return 0;
	case XEN_FW_EFI_VENDOR:
		return vendor_get(efi, out);
	case XEN_FW_EFI_MEM_INFO:
		return memory_info_get(out);
	case XEN_FW_EFI_PCI_ROM:
	case XEN_FW_EFI_APPLE_PROPERTIES:
		return -ENODEV;
	default:
		return -EINVAL;
	}
}

int firmware_info_get(struct xenpf_firmware_info *info)
{
	switch (info->type) {
	case XEN_FW_DISK_INFO:
	case XEN_FW_DISK_MBR_SIGNATURE:
	case XEN_FW_VBEDDC_INFO:
	case XEN_FW_KBD_SHIFT_FLAGS:
		return -ENODEV;
	case XEN_FW_EFI_INFO:
		return efi_info_get(info->index, &info->u.efi_info);
	default:
		return -EINVAL;
	}
}
