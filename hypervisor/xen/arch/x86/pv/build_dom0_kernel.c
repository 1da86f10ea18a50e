/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dom0's kernel: from the boot loader's module, a bzImage or plain ELF file, to its pages. */
#include "build_dom0.h"

#include <hv/bzimage.h>
#include <hv/decompress.h>
#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/page_allocator.h>
#include <hv/panic.h>
#include <hv/printk.h>

#include <asm/boot.h>

const void *module_bytes(const struct boot_module *module)
{
	const char *first = frame_map(mfn_of_paddr(module->start));

	return first + (module->start & ~PAGE_MASK);
}

/* Unpack the payload of a bzImage to memory of the allocator's. Returns its address and length. */
static const void *unpack(struct dom0_kernel *k, const struct bzimage *image, size_t *len)
{
	unsigned int order = 0;
	const char *why;
	void *to;

	while (order < PAGE_ORDER_MAX && (PAGE_SIZE << order) < image->unpacked_size)
		order++;
	k->unpacked = pages_alloc(order, ADDRESS_BITS_ANY);
	if (!k->unpacked)
		panic("dom0 kernel: too little memory to unpack its %u KiB\n",
		      image->unpacked_size >> 10);
	k->unpacked_order = order;
	to = page_to_virt(k->unpacked);
	if (decompress(image->payload, image->payload_len, to, PAGE_SIZE << order, len, &why))
		panic("dom0 kernel: cannot be unpacked: %s\n", why);
	return to;
}

void dom0_kernel_open(struct dom0_kernel *k, const struct boot_module *module)
{
	const void *bytes = module_bytes(module);
	size_t len = module->size;
	struct bzimage image;
	const char *why;
	int rc;

	k->unpacked = NULL;
	rc = bzimage_parse(bytes, len, &image, &why);
	if (rc && rc != -ENOEXEC)
		panic("dom0 kernel: broken bzImage: %s\n", why);
	if (!rc)
		bytes = unpack(k, &image, &len);

	rc = elf_parse(bytes, len, &k->elf, &why);
	if (rc == -ENOEXEC)
		panic("dom0 kernel: the first module is not a kernel (neither bzImage nor ELF)\n");
	if (rc)
		panic("dom0 kernel: cannot be used: %s\n", why);
	if (elf_notes(&k->elf, &k->notes, &why))
		panic("dom0 kernel: bad Xen notes: %s\n", why);
}

void dom0_kernel_close(struct dom0_kernel *k)
{
	if (k->unpacked)
		pages_free(k->unpacked, k->unpacked_order);
	k->unpacked = NULL;
}

/* The pages are new, so what the file does not give is zero already. */
void dom0_kernel_load(struct dom0_builder *b, const struct dom0_kernel *k)
{
	struct elf_segment s;
	unsigned int i;

	for (i = 0; i < k->elf.phdr_count; i++)
		if (elf_segment(&k->elf, i, &s))
			dom0_copy(b, s.paddr - b->layout.paddr_offset, s.bytes, s.file_len);
}
