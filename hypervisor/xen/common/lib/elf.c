/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 64-bit ELF (System V ABI, chapters 4 and 5) as far as a kernel needs it, and
 * Xen's notes. Headers are copied out of the file before use, as nothing in it
 * need be aligned; every offset is checked against the file's length.
 */
#include <hv/abi.h>
#include <hv/elf.h>
#include <hv/errno.h>
#include <hv/string.h>

#define ELF_IDENT \
	"\x7f"    \
	"ELF\2\1\1" /* magic, 64 bit, little endian, version 1 */
#define ET_EXEC   2
#define ET_DYN	  3
#define EM_X86_64 62
#define PT_LOAD	  1
#define PT_NOTE	  4
#define SHT_NOTE  7

struct elf64_header {
	uint8_t ident[16];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t phoff;
	uint64_t shoff;
	uint32_t flags;
	uint16_t ehsize;
	uint16_t phentsize;
	uint16_t phnum;
	uint16_t shentsize;
	uint16_t shnum;
	uint16_t shstrndx;
};

struct elf64_program_header {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

struct elf64_section_header {
	uint32_t name;
	uint32_t type;
	uint64_t flags;
	uint64_t addr;
	uint64_t offset;
	uint64_t size;
	uint32_t link;
	uint32_t info;
	uint64_t addralign;
	uint64_t entsize;
};

struct elf_note_header {
	uint32_t name_len;	/* with the zero that ends it */
	uint32_t desc_len;
	uint32_t type;
};

static_assert(sizeof(struct elf64_header) == 64, "System V ABI");
static_assert(sizeof(struct elf64_program_header) == 56, "System V ABI");
static_assert(sizeof(struct elf64_section_header) == 64, "System V ABI");

/* An array, not pointers, so that the image needs no relocation for it. */
static const struct {
	char name[28];
	uint32_t bit;
} features[] = {
	{ "writable_page_tables",	XENFEAT_writable_page_tables },
	{ "writable_descriptor_tables",	XENFEAT_writable_descriptor_tables },
	{ "auto_translated_physmap",	XENFEAT_auto_translated_physmap },
	{ "supervisor_mode_kernel",	XENFEAT_supervisor_mode_kernel },
	{ "pae_pgdir_above_4gb",	XENFEAT_pae_pgdir_above_4gb },
	{ "mmu_pt_update_preserve_ad",	XENFEAT_mmu_pt_update_preserve_ad },
	{ "highmem_assist",		XENFEAT_highmem_assist },
	{ "gnttab_map_avail_bits",	XENFEAT_gnttab_map_avail_bits },
	{ "hvm_callback_vector",	XENFEAT_hvm_callback_vector },
	{ "hvm_safe_pvclock",		XENFEAT_hvm_safe_pvclock },
	{ "hvm_pirqs",			XENFEAT_hvm_pirqs },
	{ "dom0",			XENFEAT_dom0 },
	{ "memory_op_vnode_supported",	XENFEAT_memory_op_vnode_supported },
	{ "ARM_SMCCC_supported",	XENFEAT_ARM_SMCCC_supported },
	{ "linux_rsdp_unrestricted",	XENFEAT_linux_rsdp_unrestricted },
	{ "not_direct_mapped",		XENFEAT_not_direct_mapped },
	{ "direct_mapped",		XENFEAT_direct_mapped },
};

static int invalid(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

/* Is [offset, offset + len) inside [0, size)? */
static bool is_inside(uint64_t offset, uint64_t len, uint64_t size)
{
	return offset <= size && len <= size - offset;
}

static struct elf64_program_header program_header(const struct elf_image *elf, unsigned int i)
{
	struct elf64_program_header ph;

	memcpy(&ph, elf->image + elf->phdr_offset + i * sizeof(ph), sizeof(ph));
	return ph;
}

static bool is_loaded(const struct elf64_program_header *ph)
{
	return ph->type == PT_LOAD && ph->memsz;
}

/* Check one loadable segment and widen the ranges of @elf to hold it. */
static int add_segment(struct elf_image *elf, const struct elf64_program_header *ph,
		       const char **why)
{
	uint64_t paddr_end, vaddr_end;

	if (!is_inside(ph->offset, ph->filesz, elf->len))
		return invalid(why, "ELF segment is outside the file");
	if (ph->filesz > ph->memsz)
		return invalid(why, "ELF segment is larger in the file than in memory");
	if (__builtin_add_overflow(ph->paddr, ph->memsz, &paddr_end) ||
	    __builtin_add_overflow(ph->vaddr, ph->memsz, &vaddr_end))
		return invalid(why, "ELF segment wraps around the address space");
	if (ph->paddr < elf->paddr_start)
		elf->paddr_start = ph->paddr;
	if (paddr_end > elf->paddr_end)
		elf->paddr_end = paddr_end;
	if (ph->vaddr < elf->vaddr_start)
		elf->vaddr_start = ph->vaddr;
	if (vaddr_end > elf->vaddr_end)
		elf->vaddr_end = vaddr_end;
	return 0;
}

static int check_header(const struct elf64_header *eh, size_t len, const char **why)
{
	if (memcmp(eh->ident, ELF_IDENT, sizeof(ELF_IDENT) - 1))
		return invalid(why, "ELF file is not 64-bit little endian");
	if (eh->machine != EM_X86_64)
		return invalid(why, "ELF file is not for x86-64");
	if (eh->type != ET_EXEC && eh->type != ET_DYN)
		return invalid(why, "ELF file is not executable");
	if (eh->phentsize != sizeof(struct elf64_program_header))
		return invalid(why, "ELF program headers have a wrong size");
	if (!is_inside(eh->phoff, (uint64_t)eh->phnum * eh->phentsize, len))
		return invalid(why, "ELF program headers are outside the file");
	return 0;
}

int elf_parse(const void *image, size_t len, struct elf_image *elf, const char **why)
{
	struct elf64_header eh;
	int rc;

	if (len < 4 || memcmp(image, ELF_IDENT, 4)) {
		*why = "not an ELF file";
		return -ENOEXEC;
	}
	if (len < sizeof(eh))
		return invalid(why, "ELF header is truncated");
	memcpy(&eh, image, sizeof(eh));
	rc = check_header(&eh, len, why);
	if (rc)
		return rc;
	*elf = (struct elf_image){
		.image = image,
		.len = len,
		.entry = eh.entry,
		.paddr_start = UINT64_MAX,
		.vaddr_start = UINT64_MAX,
		.phdr_offset = eh.phoff,
		.phdr_count = eh.phnum,
	};
	for (unsigned int i = 0; i < elf->phdr_count; i++) {
		struct elf64_program_header ph = program_header(elf, i);

		if (!is_loaded(&ph))
			continue;
		rc = add_segment(elf, &ph, why);
		if (rc)
			return rc;
	}
	if (!elf->paddr_end)
		return invalid(why, "ELF file has no loadable segment");
	return 0;
}

bool elf_segment(const struct elf_image *elf, unsigned int i, struct elf_segment *out)
{
	struct elf64_program_header ph = program_header(elf, i);

	*out = (struct elf_segment){
		.file_len = ph.filesz,
		.paddr = ph.paddr,
		.memory_len = ph.memsz,
	};
	if (!is_loaded(&ph))
		return false;
	out->bytes = elf->image + ph.offset;	/* checked for these alone */
	return true;
}

int elf_load(const struct elf_image *elf, void *dest, uint64_t dest_base_paddr, uint64_t dest_len)
{
	uint8_t *bytes = dest;

	if (elf->paddr_start < dest_base_paddr || elf->paddr_end - dest_base_paddr > dest_len)
		return -EINVAL;
	for (unsigned int i = 0; i < elf->phdr_count; i++) {
		struct elf_segment segment;
		uint8_t *to;

		if (!elf_segment(elf, i, &segment))
			continue;
		to = bytes + (segment.paddr - dest_base_paddr);
		memcpy(to, segment.bytes, segment.file_len);
		memset(to + segment.file_len, 0, segment.memory_len - segment.file_len);
	}
	return 0;
}

/* One note that has been found to lie inside the file. */
struct note {
	uint32_t type;
	uint32_t len;
	const uint8_t *desc;
};

static int note_number(const struct note *note, uint64_t *value, const char **why)
{
	uint32_t short_value;

	if (note->len == sizeof(*value)) {
		memcpy(value, note->desc, sizeof(*value));
		return 0;
	}
	if (note->len == sizeof(short_value)) {
		memcpy(&short_value, note->desc, sizeof(short_value));
		*value = short_value;
		return 0;
	}
	return invalid(why, "Xen note holds a number of neither 4 nor 8 bytes");
}

static int note_address(const struct note *note, uint64_t *value, bool *has, const char **why)
{
	*has = true;
	return note_number(note, value, why);
}

static int note_flag(const struct note *note, bool *flag, const char **why)
{
	uint64_t value = 0;
	int rc = note_number(note, &value, why);

	*flag = value != 0;
	return rc;
}

/* Whether or not a zero ends it; what does not fit is cut off. */
static int note_text(const struct note *note, char text[XEN_NOTES_TEXT])
{
	size_t len = note->len < XEN_NOTES_TEXT ? note->len : XEN_NOTES_TEXT - 1;

	memset(text, 0, XEN_NOTES_TEXT);
	for (size_t i = 0; i < len && note->desc[i]; i++)
		text[i] = note->desc[i];
	return 0;
}

static int note_mask_and_value(const struct note *note, struct xen_notes *notes, const char **why)
{
	if (note->len < sizeof(notes->l1_mfn_valid))
		return invalid(why, "Xen note on valid L1 entries is too short");
	memcpy(&notes->l1_mfn_valid, note->desc, sizeof(notes->l1_mfn_valid));
	notes->has_l1_mfn_valid = true;
	return 0;
}

/* Returns the bit of the feature called @name, 0 if there is none. */
static uint32_t feature_mask(const uint8_t *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (strlen(features[i].name) == len && !memcmp(features[i].name, name, len))
			return 1U << features[i].bit;
	return 0;
}

/* Names separated by '|'; one that starts with '!' is required. */
static int note_feature_names(const struct note *note, struct xen_notes *notes, const char **why)
{
	const uint8_t *p = note->desc, *end = p + note->len;

	notes->has_features = true;
	while (p < end && *p) {
		bool required = *p == '!';
		const uint8_t *name = p + required;
		uint32_t mask;

		for (p = name; p < end && *p && *p != '|';)
			p++;
		mask = feature_mask(name, p - name);
		if (required && !mask) {
			*why = "kernel requires an unknown Xen feature";
			return -EOPNOTSUPP;
		}
		notes->supported_features |= mask;
		if (required)
			notes->required_features |= mask;
		if (p < end && *p == '|')
			p++;
	}
	return 0;
}

static int note_feature_bits(const struct note *note, struct xen_notes *notes, const char **why)
{
	uint64_t bits = 0;
	int rc = note_number(note, &bits, why);

	notes->has_features = true;
	notes->supported_features |= bits;
	return rc;
}

static int add_note(const struct note *note, struct xen_notes *n, const char **why)
{
	n->present = true;
	switch (note->type) {
	case XEN_ELFNOTE_ENTRY:
		return note_address(note, &n->entry, &n->has_entry, why);
	case XEN_ELFNOTE_HYPERCALL_PAGE:
		return note_address(note, &n->hypercall_page, &n->has_hypercall_page, why);
	case XEN_ELFNOTE_VIRT_BASE:
		return note_address(note, &n->virt_base, &n->has_virt_base, why);
	case XEN_ELFNOTE_PADDR_OFFSET:
		return note_address(note, &n->paddr_offset, &n->has_paddr_offset, why);
	case XEN_ELFNOTE_HV_START_LOW:
		return note_address(note, &n->hv_start_low, &n->has_hv_start_low, why);
	case XEN_ELFNOTE_INIT_P2M:
		return note_address(note, &n->init_p2m, &n->has_init_p2m, why);
	case XEN_ELFNOTE_PHYS32_ENTRY:
		return note_address(note, &n->phys32_entry, &n->has_phys32_entry, why);
	case XEN_ELFNOTE_XEN_VERSION:
		return note_text(note, n->xen_version);
	case XEN_ELFNOTE_GUEST_OS:
		return note_text(note, n->guest_os);
	case XEN_ELFNOTE_GUEST_VERSION:
		return note_text(note, n->guest_version);
	case XEN_ELFNOTE_LOADER:
		return note_text(note, n->loader);
	case XEN_ELFNOTE_PAE_MODE:
		return note_text(note, n->pae_mode);
	case XEN_ELFNOTE_FEATURES:
		return note_feature_names(note, n, why);
	case XEN_ELFNOTE_SUPPORTED_FEATURES:
		return note_feature_bits(note, n, why);
	case XEN_ELFNOTE_BSD_SYMTAB:
		n->bsd_symtab = note->len >= 3 && !memcmp(note->desc, "yes", 3);
		return 0;
	case XEN_ELFNOTE_L1_MFN_VALID:
		return note_mask_and_value(note, n, why);
	case XEN_ELFNOTE_SUSPEND_CANCEL:
		return note_flag(note, &n->suspend_cancel, why);
	case XEN_ELFNOTE_MOD_START_PFN:
		return note_flag(note, &n->mod_start_pfn, why);
	default:	/* INFO is for people, newer notes are not for us */
		return 0;
	}
}

/*
 * All notes in @len bytes at @offset of the file. Name and value are each
 * padded to @align, which is 4, or 8 in newer files.
 */
static int read_notes(const struct elf_image *elf, uint64_t offset, uint64_t len, uint64_t align,
		      struct xen_notes *notes, const char **why)
{
	struct elf_note_header nh;

	if (!is_inside(offset, len, elf->len))
		return invalid(why, "ELF notes are outside the file");
	align = align == 8 ? 8 : 4;
	for (uint64_t pos = 0; is_inside(pos, sizeof(nh), len);) {
		uint64_t name, desc;
		struct note note;
		int rc = 0;

		memcpy(&nh, elf->image + offset + pos, sizeof(nh));
		name = pos + sizeof(nh);
		desc = ALIGN_UP(name + nh.name_len, align);
		if (!is_inside(desc, nh.desc_len, len))
			return invalid(why, "ELF note is larger than its segment");
		note = (struct note){
			.type = nh.type,
			.len = nh.desc_len,
			.desc = elf->image + offset + desc,
		};
		if (nh.name_len == 4 && !memcmp(elf->image + offset + name, "Xen", 4))
			rc = add_note(&note, notes, why);
		if (rc)
			return rc;
		pos = ALIGN_UP(desc + nh.desc_len, align);
	}
	return 0;
}

static int read_note_sections(const struct elf_image *elf, struct xen_notes *notes,
			      const char **why)
{
	struct elf64_section_header sh;
	struct elf64_header eh;
	int rc;

	memcpy(&eh, elf->image, sizeof(eh));
	if (!eh.shnum)
		return 0;
	if (eh.shentsize != sizeof(sh) ||
	    !is_inside(eh.shoff, (uint64_t)eh.shnum * sizeof(sh), elf->len))
		return invalid(why, "ELF section headers are outside the file");
	for (unsigned int i = 0; i < eh.shnum; i++) {
		memcpy(&sh, elf->image + eh.shoff + i * sizeof(sh), sizeof(sh));
		if (sh.type != SHT_NOTE)
			continue;
		rc = read_notes(elf, sh.offset, sh.size, sh.addralign, notes, why);
		if (rc)
			return rc;
	}
	return 0;
}

int elf_notes(const struct elf_image *elf, struct xen_notes *notes, const char **why)
{
	memset(notes, 0, sizeof(*notes));
	for (unsigned int i = 0; i < elf->phdr_count; i++) {
		struct elf64_program_header ph = program_header(elf, i);
		int rc;

		if (ph.type != PT_NOTE)
			continue;
		rc = read_notes(elf, ph.offset, ph.filesz, ph.align, notes, why);
		if (rc)
			return rc;
	}
	return notes->present ? 0 : read_note_sections(elf, notes, why);
}
