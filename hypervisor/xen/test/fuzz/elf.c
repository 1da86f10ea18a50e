/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a kernel in ELF: its headers, its notes, and loading it. */
/* sources: common/lib/elf.c */
#include <stdlib.h>
#include <string.h>

#include <hv/elf.h>

#define LOAD_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load(const struct elf_image *elf)
{
	uint64_t len = elf->paddr_end - elf->paddr_start;
	void *memory;

	if (len > LOAD_MAX)
		return;
	memory = malloc(len);
	if (!memory || elf_load(elf, memory, elf->paddr_start, len))
		abort();
	if (!elf_load(elf, memory, elf->paddr_start, len - 1))
		abort();
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_image elf;
	struct xen_notes notes;
	const char *why = NULL;

	if (elf_parse(data, size, &elf, &why)) {
		if (!why)
			abort();
		return 0;
	}
	load(&elf);
	if (elf_notes(&elf, &notes, &why))
		return 0;
	if (notes.required_features & ~notes.supported_features ||
	    strlen(notes.guest_os) >= XEN_NOTES_TEXT)
		abort();
	return 0;
}
