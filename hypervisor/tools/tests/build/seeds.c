/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seeds FOLDER: kernels for the fuzzer to begin with. */
#include "make_kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/elfnote.h>

static struct kernel_file file;

static void save(const char *folder, const char *name)
{
	char path[500];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	if (!out || fwrite(file.bytes, 1, file.len, out) != file.len || fclose(out))
		abort();
}

/* A kernel of a few hundred bytes. */
static void tiny(uint64_t base)
{
	kernel_begin(&file, base);
	kernel_segment(&file, 0, 64, 0x2100, 1);
	kernel_notes_begin(&file);
	kernel_note_text(&file, XEN_ELFNOTE_GUEST_OS, "tiny");
	kernel_note_text(&file, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	kernel_note_number(&file, XEN_ELFNOTE_VIRT_BASE, base);
}

int main(int argc, char **argv)
{
	static struct kernel_file inner;

	if (argc != 2)
		return 2;
	tiny(0);
	kernel_notes_end(&file);
	save(argv[1], "tiny");
	inner = file;
	kernel_wrap(&file, inner.bytes, inner.len, inner.len);
	save(argv[1], "bzimage");

	tiny(0xffffffff80000000);
	kernel_note_number(&file, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
	kernel_note_number(&file, XEN_ELFNOTE_MOD_START_PFN, 1);
	kernel_note_number(&file, XEN_ELFNOTE_HYPERCALL_PAGE, 0xffffffff80001000);
	kernel_note_text(&file, XEN_ELFNOTE_FEATURES, "!writable_page_tables|dom0");
	kernel_notes_end(&file);
	save(argv[1], "apart");

	kernel_begin(&file, 0x10000);
	kernel_segment(&file, 0x10000, 64, 64, 1);
	kernel_legacy_section(&file,
			      "GUEST_OS=tiny,XEN_VER=xen-3.0,VIRT_BASE=0x10000,FEATURES=!x|dom0,"
			      "HYPERCALL_PAGE=0,VIRT_ENTRY=0x10020,ELF_PADDR_OFFSET=0x10000");
	save(argv[1], "legacy");
	return 0;
}
