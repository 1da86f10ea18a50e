/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that build dom0. All of it is at boot, on one CPU. */
#ifndef PV_BUILD_DOM0_H
#define PV_BUILD_DOM0_H

#include <hv/domain.h>
#include <hv/elf.h>
#include <hv/types.h>

#include "dom0_layout.h"

struct boot_module;

struct dom0_builder {
	struct domain *d;
	struct dom0_layout layout;
	mfn_t *boot_frame;	/* of guest frames 0 to layout.boot_page_count - 1 */
};

/* ---- build_dom0_kernel.c ---- */

struct dom0_kernel {
	struct elf_image elf;
	struct xen_notes notes;
	struct page_info *unpacked;	/* of unpacked_order: to be freed; NULL: none */
	unsigned int unpacked_order;
};

/* Find the ELF file in the module, unpack it if it is packed. Panics if it is no kernel for us. */
void dom0_kernel_open(struct dom0_kernel *k, const struct boot_module *module);
void dom0_kernel_close(struct dom0_kernel *k);

/* Copy the kernel's segments to the guest's memory. */
void dom0_kernel_load(struct dom0_builder *b, const struct dom0_kernel *k);

/* A module's bytes: they are in memory in one piece. */
const void *module_bytes(const struct boot_module *module);

/* ---- build_dom0_memory.c ---- */

/*
 * Pages that dom0 is to have; sets d->max_pages. @borrowed pages are in use
 * now, but free in the end.
 */
unsigned long dom0_page_count(struct domain *d, unsigned long borrowed);

/* Allocate the frames of the boot pages. */
void dom0_boot_pages_alloc(struct dom0_builder *b);

/* Allocate all others. Fills in the p2m list of all of them, and the M2P. */
void dom0_other_pages_alloc(struct dom0_builder *b);

/* A boot page's bytes; give back with frame_unmap(). */
void *dom0_page_map(const struct dom0_builder *b, unsigned long pfn);

/* Copy to the guest-physical address @paddr, within the boot pages. */
void dom0_copy(const struct dom0_builder *b, unsigned long paddr, const void *src, size_t len);

/* ---- build_dom0_tables.c ---- */

/* Write the initial page tables; returns the root's frame. */
mfn_t dom0_tables_build(const struct dom0_builder *b);

/* ---- build_dom0_start_info.c ---- */

void dom0_start_info_write(const struct dom0_builder *b, const char *cmdline);

#endif
