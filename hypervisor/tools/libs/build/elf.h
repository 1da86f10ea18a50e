/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels as 64-bit ELF files: what is loaded where, and what they ask of Xen. */
#ifndef BUILD_ELF_H
#define BUILD_ELF_H

#include "image.h"

#define ELF_MAX_SEGMENTS 64

/* Bytes of the image that go to memory, and zeros behind them. All ends are below 2^63. */
struct elf_segment {
	uint64_t offset, file_len;	/* inside the image */
	uint64_t paddr, memory_len;
};

/* What notes or the __xen_guest section say. A number counts if its has_ is set. */
struct xen_notes {
	bool present;
	bool is_legacy;			/* from __xen_guest */
	bool has_entry, has_hypercall_page, has_virt_base, has_paddr_offset, has_hv_start_low,
		has_init_p2m;
	bool mod_start_pfn;
	bool needs_symbols;		/* BSD_SYMTAB */

	uint64_t entry, virt_base, paddr_offset, hv_start_low, init_p2m;
	uint64_t hypercall_page;	/* address; of legacy kernels the page number from virt_base */

	bool has_features;
	uint32_t required_features;	/* bit n: XENFEAT_* n */

	char os[32], version[32], loader[32], interface[32];	/* "" for none */
};

struct elf_kernel {
	uint64_t entry;			/* by the ELF header */
	uint64_t paddr_start, paddr_end;	/* around all segments */
	unsigned int segment_count;
	struct elf_segment segments[ELF_MAX_SEGMENTS];
	struct xen_notes notes;
};

/*
 * Read and check the headers of an image. 0; -ENOEXEC: not ELF at all; -EINVAL: broken, or not a
 * 64-bit x86 kernel; -EOPNOTSUPP: 32 bits, or features required that xen/features.h does not name.
 */
int elf_parse(const struct image *image, struct elf_kernel *elf, struct build_why *why);

/* notes.c: add what notes of @len bytes at @bytes say; padded to @align, 4 or 8. */
int notes_read(const uint8_t *bytes, size_t len, size_t align, struct xen_notes *notes,
	       struct build_why *why);

/* legacy.c: read the text of a __xen_guest section, which need not end with a zero. */
int legacy_read(const char *text, size_t len, struct xen_notes *notes, struct build_why *why);

/* notes.c: note names separated by '|', one after a '!' is required. */
int feature_names_read(const char *text, size_t len, struct xen_notes *notes,
		       struct build_why *why);

#endif
