/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernels as 64-bit x86 ELF files: where their segments go, and what their
 * Xen notes (xen/elfnote.h) ask for.
 */
#ifndef HV_ELF_H
#define HV_ELF_H

#include <hv/types.h>

/* A file that elf_parse() has accepted. Ends are exclusive. */
struct elf_image {
	const uint8_t *image;
	size_t len;
	uint64_t entry;		/* e_entry; a Xen note may say otherwise */
	uint64_t paddr_start;	/* the loadable segments, as p_paddr has them */
	uint64_t paddr_end;
	uint64_t vaddr_start;	/* by p_vaddr; Linux has a segment at 0, so of little use there */
	uint64_t vaddr_end;
	uint64_t phdr_offset;	/* of the program headers within the file, in bounds */
	unsigned int phdr_count;
};

#define XEN_NOTES_TEXT 32

/*
 * The Xen notes of a kernel. A number means something only if its has_ is set,
 * a text that is missing is empty; longer texts are cut off.
 */
struct xen_notes {
	bool present;			/* there is at least one */

	bool has_entry;
	bool has_hypercall_page;
	bool has_virt_base;
	bool has_paddr_offset;
	bool has_hv_start_low;
	bool has_init_p2m;
	bool has_phys32_entry;
	bool has_l1_mfn_valid;
	bool has_features;		/* either of the notes on features */

	bool bsd_symtab;
	bool suspend_cancel;
	bool mod_start_pfn;

	uint64_t entry;
	uint64_t hypercall_page;
	uint64_t virt_base;
	uint64_t paddr_offset;
	uint64_t hv_start_low;
	uint64_t init_p2m;
	uint64_t phys32_entry;
	struct {
		uint64_t mask;
		uint64_t value;
	} l1_mfn_valid;			/* the first pair */

	/* Bits are XENFEAT_*. What is required is also supported. */
	uint32_t supported_features;
	uint32_t required_features;

	char guest_os[XEN_NOTES_TEXT];
	char guest_version[XEN_NOTES_TEXT];
	char xen_version[XEN_NOTES_TEXT];
	char loader[XEN_NOTES_TEXT];
	char pae_mode[XEN_NOTES_TEXT];
};

/*
 * Check the headers of the file @image of @len bytes, which has to stay while
 * @elf is used. Returns 0; -ENOEXEC if it is no ELF file, -EINVAL if it is a
 * wrong or broken one, with *@why a static text.
 */
int elf_parse(const void *image, size_t len, struct elf_image *elf, const char **why) __must_check;

/*
 * A loadable segment: bytes of the file, and where they go. What is beyond
 * them up to memory_len is zero.
 */
struct elf_segment {
	const uint8_t *bytes;
	uint64_t file_len;
	uint64_t paddr;
	uint64_t memory_len;
};

/* The program header number @i, below phdr_count. False: it describes nothing to be loaded. */
bool elf_segment(const struct elf_image *elf, unsigned int i, struct elf_segment *out) __must_check;

/*
 * Copy the loadable segments to @dest, @dest_len bytes that stand for physical
 * addresses from @dest_base_paddr on. The rest of each segment is zeroed, but
 * not what lies between segments. Returns 0, or -EINVAL with nothing written
 * if a segment is not inside.
 */
int elf_load(const struct elf_image *elf, void *dest, uint64_t dest_base_paddr,
	     uint64_t dest_len) __must_check;

/*
 * Read the Xen notes: from the note segments or, if those have none, from the
 * note sections. Returns 0, also if there are none at all (!@notes->present);
 * -EINVAL if a note is malformed, -EOPNOTSUPP if the kernel requires a feature
 * that xen/features.h does not name, with *@why a static text.
 */
int elf_notes(const struct elf_image *elf, struct xen_notes *notes, const char **why) __must_check;

#endif
