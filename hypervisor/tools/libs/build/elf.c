/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF (System V ABI, chapters 4 and 5) as far as a kernel needs it. Each header
 * is read once; every offset is checked against the image's length.
 */
#include "elf.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PROGRAM_HEADERS 256
#define MAX_SECTIONS	    4096
#define MAX_NOTES	    65536	/* bytes of one segment or section */
#define ADDRESS_LIMIT	    (1ULL << 63)

static int check_header(const Elf64_Ehdr *eh, struct build_why *why)
{
	if (eh->e_ident[EI_CLASS] == ELFCLASS32)
		return fail(why, -EOPNOTSUPP, "is a 32-bit kernel; only 64-bit ones are supported");
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_machine != EM_X86_64)
		return fail(why, -EINVAL, "is not an ELF file for x86-64");
	if (eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return fail(why, -EINVAL, "is not an executable ELF file");
	if (eh->e_phnum && eh->e_phentsize != sizeof(Elf64_Phdr))
		return fail(why, -EINVAL, "has ELF program headers of a wrong size");
	if (eh->e_phnum > MAX_PROGRAM_HEADERS)
		return fail(why, -EINVAL, "has too many ELF program headers");
	return 0;
}

/* A segment that is loaded: check it, keep it, widen the kernel's range. */
static int segment_add(struct elf_kernel *elf, const Elf64_Phdr *ph, uint64_t image_len,
		       struct build_why *why)
{
	uint64_t end;

	if (elf->segment_count == ELF_MAX_SEGMENTS)
		return fail(why, -EINVAL, "has more than %d ELF segments", ELF_MAX_SEGMENTS);
	if (!is_inside(ph->p_offset, ph->p_filesz, image_len))
		return fail(why, -EINVAL, "is truncated: an ELF segment is outside the file");
	if (ph->p_filesz > ph->p_memsz)
		return fail(why, -EINVAL, "has an ELF segment larger in the file than in memory");
	if (__builtin_add_overflow(ph->p_paddr, ph->p_memsz, &end) || end > ADDRESS_LIMIT)
		return fail(why, -EINVAL, "has an ELF segment outside of memory");
	elf->segments[elf->segment_count++] = (struct elf_segment){
		.offset = ph->p_offset,
		.file_len = ph->p_filesz,
		.paddr = ph->p_paddr,
		.memory_len = ph->p_memsz,
	};
	if (ph->p_paddr < elf->paddr_start)
		elf->paddr_start = ph->p_paddr;
	if (end > elf->paddr_end)
		elf->paddr_end = end;
	return 0;
}

/* A copy of bytes of the image, with a zero behind it; the caller frees it. NULL: *@rc says why. */
static uint8_t *bytes_copy(const struct image *image, uint64_t offset, uint64_t len, int *rc,
			   struct build_why *why)
{
	uint8_t *bytes;

	if (len > MAX_NOTES) {
		*rc = fail(why, -EINVAL, "has notes of more than 64 KiB");
		return NULL;
	}
	bytes = malloc(len + 1);
	if (!bytes) {
		*rc = fail(why, -ENOMEM, "cannot be read: out of memory");
		return NULL;
	}
	*rc = image_read(image, offset, bytes, len, why);
	if (*rc) {
		free(bytes);
		return NULL;
	}
	bytes[len] = 0;
	return bytes;
}

static int notes_at(const struct image *image, uint64_t offset, uint64_t len, uint64_t align,
		    struct xen_notes *notes, struct build_why *why)
{
	int rc;
	uint8_t *bytes = bytes_copy(image, offset, len, &rc, why);

	if (!bytes)
		return rc;
	rc = notes_read(bytes, len, align == 8 ? 8 : 4, notes, why);
	free(bytes);
	return rc;
}

static int program_headers_read(const struct image *image, const Elf64_Ehdr *eh,
				struct elf_kernel *elf, struct build_why *why)
{
	Elf64_Phdr headers[MAX_PROGRAM_HEADERS];
	unsigned int i;
	int rc;

	rc = image_read(image, eh->e_phoff, headers, eh->e_phnum * sizeof(headers[0]), why);
	for (i = 0; !rc && i < eh->e_phnum; i++) {
		const Elf64_Phdr *ph = &headers[i];

		if (ph->p_type == PT_LOAD && ph->p_memsz)
			rc = segment_add(elf, ph, image->len, why);
		else if (ph->p_type == PT_NOTE)
			rc = notes_at(image, ph->p_offset, ph->p_filesz, ph->p_align, &elf->notes,
				      why);
	}
	return rc;
}

/* Is this the section that kernels had before there were notes? */
static bool is_legacy_section(const struct image *image, const Elf64_Shdr *names,
			      const Elf64_Shdr *section)
{
	static const char wanted[] = "__xen_guest";
	struct build_why ignored;
	char name[sizeof(wanted)];

	return is_inside(section->sh_name, sizeof(name), names->sh_size) &&
	       !image_read(image, names->sh_offset + section->sh_name, name, sizeof(name),
			   &ignored) &&
	       !memcmp(name, wanted, sizeof(wanted));
}

static int legacy_at(const struct image *image, const Elf64_Shdr *section, struct xen_notes *notes,
		     struct build_why *why)
{
	int rc;
	uint8_t *bytes = bytes_copy(image, section->sh_offset, section->sh_size, &rc, why);

	if (!bytes)
		return rc;
	rc = legacy_read((const char *)bytes, section->sh_size, notes, why);
	free(bytes);
	return rc;
}

/* Notes outside of any segment; and, if there are none, what came before notes. */
static int sections_read(const struct image *image, const Elf64_Ehdr *eh,
			 const Elf64_Shdr *sections, struct xen_notes *notes, struct build_why *why)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; !rc && i < eh->e_shnum; i++)
		if (sections[i].sh_type == SHT_NOTE)
			rc = notes_at(image, sections[i].sh_offset, sections[i].sh_size,
				      sections[i].sh_addralign, notes, why);
	if (notes->present || eh->e_shstrndx >= eh->e_shnum)
		return rc;
	for (i = 0; !rc && i < eh->e_shnum; i++)
		if (is_legacy_section(image, &sections[eh->e_shstrndx], &sections[i]))
			return legacy_at(image, &sections[i], notes, why);
	return rc;
}

static int section_headers_read(const struct image *image, const Elf64_Ehdr *eh,
				struct xen_notes *notes, struct build_why *why)
{
	size_t len = eh->e_shnum * sizeof(Elf64_Shdr);
	Elf64_Shdr *sections;
	int rc;

	if (!eh->e_shnum)
		return 0;
	if (eh->e_shentsize != sizeof(*sections) || eh->e_shnum > MAX_SECTIONS)
		return fail(why, -EINVAL, "has ELF section headers of a wrong size or number");
	sections = malloc(len);
	if (!sections)
		return fail(why, -ENOMEM, "cannot be read: out of memory");
	rc = image_read(image, eh->e_shoff, sections, len, why);
	if (!rc)
		rc = sections_read(image, eh, sections, notes, why);
	free(sections);
	return rc;
}

int elf_parse(const struct image *image, struct elf_kernel *elf, struct build_why *why)
{
	Elf64_Ehdr eh;
	int rc;

	memset(&eh, 0, sizeof(eh));
	if (image->len < SELFMAG || image_read(image, 0, eh.e_ident, SELFMAG, why) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG))
		return fail(why, -ENOEXEC, "is not an ELF file");
	rc = image_read(image, 0, &eh, sizeof(eh), why);
	if (!rc)
		rc = check_header(&eh, why);
	if (rc)
		return rc;
	memset(elf, 0, sizeof(*elf));
	elf->entry = eh.e_entry;
	elf->paddr_start = UINT64_MAX;
	rc = program_headers_read(image, &eh, elf, why);
	if (!rc && !elf->notes.present)
		rc = section_headers_read(image, &eh, &elf->notes, why);
	if (rc)
		return rc;
	if (!elf->segment_count)
		return fail(why, -EINVAL, "has nothing to load: no ELF segment");
	return 0;
}
