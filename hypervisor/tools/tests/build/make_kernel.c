/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "make_kernel.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/elfnote.h>

#define HEADERS 0x400		/* where what is no header begins */

static void *room(struct kernel_file *k, size_t len)
{
	void *at = k->bytes + k->len;

	if (len > KERNEL_ROOM - k->len)
		abort();
	memset(at, 0, len);
	k->len += len;
	return at;
}

static Elf64_Phdr *program_header(struct kernel_file *k)
{
	Elf64_Ehdr *eh = (Elf64_Ehdr *)k->bytes;

	eh->e_phnum = ++k->segments;
	return (Elf64_Phdr *)(k->bytes + sizeof(*eh)) + k->segments - 1;
}

void kernel_begin(struct kernel_file *k, uint64_t entry)
{
	Elf64_Ehdr *eh = (Elf64_Ehdr *)k->bytes;

	k->len = k->segments = 0;
	room(k, HEADERS);
	memcpy(eh->e_ident, ELFMAG, SELFMAG);
	eh->e_ident[EI_CLASS] = ELFCLASS64;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_ident[EI_VERSION] = EV_CURRENT;
	eh->e_type = ET_EXEC;
	eh->e_machine = EM_X86_64;
	eh->e_version = EV_CURRENT;
	eh->e_entry = entry;
	eh->e_phoff = eh->e_ehsize = sizeof(*eh);
	eh->e_phentsize = sizeof(Elf64_Phdr);
	eh->e_shentsize = sizeof(Elf64_Shdr);
}

uint8_t pattern_byte(uint64_t at)
{
	return 1 + (at ^ at >> 8 ^ at >> 16) % 255;	/* never zero */
}

void kernel_segment(struct kernel_file *k, uint64_t paddr, size_t len, size_t memory_len,
		    size_t align)
{
	Elf64_Phdr *ph = program_header(k);
	uint8_t *at;
	size_t i;

	room(k, -k->len & (align - 1));
	*ph = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_offset = k->len,
		.p_paddr = paddr,
		.p_vaddr = paddr,
		.p_filesz = len,
		.p_memsz = memory_len,
	};
	at = room(k, len);
	for (i = 0; i < len; i++)
		at[i] = pattern_byte(paddr + i);
}

void kernel_notes_begin(struct kernel_file *k)
{
	room(k, -k->len & 7);
	*program_header(k) = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = k->len, .p_align = 4 };
}

void kernel_notes_end(struct kernel_file *k)
{
	Elf64_Phdr *ph = (Elf64_Phdr *)(k->bytes + sizeof(Elf64_Ehdr)) + k->segments - 1;

	ph->p_filesz = k->len - ph->p_offset;
}

void kernel_note(struct kernel_file *k, uint32_t type, const void *value, uint32_t len)
{
	uint32_t *head = room(k, 16);

	head[0] = 4;
	head[1] = len;
	head[2] = type;
	memcpy(head + 3, "Xen", 4);
	memcpy(room(k, (len + 3) & ~3U), value, len);
}

void kernel_note_number(struct kernel_file *k, uint32_t type, uint64_t value)
{
	kernel_note(k, type, &value, sizeof(value));
}

void kernel_note_text(struct kernel_file *k, uint32_t type, const char *text)
{
	kernel_note(k, type, text, strlen(text) + 1);
}

void kernel_legacy_section(struct kernel_file *k, const char *text)
{
	static const char names[] = "\0__xen_guest\0.names";
	Elf64_Ehdr *eh = (Elf64_Ehdr *)k->bytes;
	Elf64_Shdr *sections;
	size_t text_at, names_at;

	text_at = k->len;
	memcpy(room(k, strlen(text)), text, strlen(text));
	names_at = k->len;
	memcpy(room(k, sizeof(names)), names, sizeof(names));
	room(k, -k->len & 7);
	eh->e_shoff = k->len;
	eh->e_shnum = 3;
	eh->e_shstrndx = 2;
	sections = room(k, 3 * sizeof(*sections));
	sections[1] = (Elf64_Shdr){
		.sh_name = 1,
		.sh_type = SHT_PROGBITS,
		.sh_offset = text_at,
		.sh_size = strlen(text),
	};
	sections[2] = (Elf64_Shdr){
		.sh_name = 13,
		.sh_type = SHT_STRTAB,
		.sh_offset = names_at,
		.sh_size = sizeof(names),
	};
}

void kernel_like_linux(struct kernel_file *k)
{
	kernel_begin(k, 0x1000000);
	kernel_segment(k, 0x100000, 0x5432, 0x5432, 4096);
	kernel_segment(k, 0x106000, 0x2000, 0x9123, 4096);
	kernel_notes_begin(k);
	kernel_note_text(k, XEN_ELFNOTE_GUEST_OS, "linux");
	kernel_note_text(k, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	kernel_note_number(k, XEN_ELFNOTE_VIRT_BASE, 0xffffffff80000000);
	kernel_note_number(k, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
	kernel_note_number(k, XEN_ELFNOTE_ENTRY, 0xffffffff80106010);
	kernel_note_number(k, XEN_ELFNOTE_HYPERCALL_PAGE, 0xffffffff80101000);
	kernel_note_text(k, XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb");
	kernel_note_text(k, XEN_ELFNOTE_LOADER, "generic");
	kernel_note_number(k, XEN_ELFNOTE_MOD_START_PFN, 1);
	kernel_note_number(k, XEN_ELFNOTE_HV_START_LOW, 0xffff800000000000);
	kernel_notes_end(k);
}

void kernel_wrap(struct kernel_file *k, const void *payload, size_t len, uint32_t unpacked)
{
	const uint32_t place[2] = { 0x600, len + sizeof(unpacked) };

	k->len = 0;
	room(k, 3 * 512 + place[0]);
	k->bytes[0x1f1] = 2;
	memcpy(k->bytes + 0x1fe, "\x55\xaa", 2);
	memcpy(k->bytes + 0x202, "HdrS\x0f\x02", 6);
	memcpy(k->bytes + 0x248, place, sizeof(place));
	memcpy(room(k, len), payload, len);
	memcpy(room(k, sizeof(unpacked)), &unpacked, sizeof(unpacked));
	room(k, 100);
}

int kernel_store(const struct kernel_file *k, size_t len, char path[32])
{
	int fd = memfd_create("kernel", 0);

	if (fd < 0 || write(fd, k->bytes, len) != (ssize_t)len)
		abort();
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}
