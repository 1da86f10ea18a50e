/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small kernels for tests: ELF files with segments, notes and sections, and bzImages around them. */
#ifndef MAKE_KERNEL_H
#define MAKE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define KERNEL_ROOM (1 << 20)

/* A file that grows at its end. */
struct kernel_file {
	uint8_t bytes[KERNEL_ROOM];
	size_t len;
	unsigned int segments;		/* program headers in use */
};

void kernel_begin(struct kernel_file *k, uint64_t entry);

/* A loadable segment whose @len bytes are pattern_byte(@paddr + i); @align of its place in the file. */
void kernel_segment(struct kernel_file *k, uint64_t paddr, size_t len, size_t memory_len,
		    size_t align);
uint8_t pattern_byte(uint64_t at);

/* All notes of a file are in one segment, so they follow each other. */
void kernel_notes_begin(struct kernel_file *k);
void kernel_note(struct kernel_file *k, uint32_t type, const void *value, uint32_t len);
void kernel_note_number(struct kernel_file *k, uint32_t type, uint64_t value);
void kernel_note_text(struct kernel_file *k, uint32_t type, const char *text);
void kernel_notes_end(struct kernel_file *k);

/* A section called __xen_guest with this text, and the section headers. */
void kernel_legacy_section(struct kernel_file *k, const char *text);

/* A kernel like Linux's: virt_base 0xffffffff80000000, p2m apart, ramdisk by frame number. */
void kernel_like_linux(struct kernel_file *k);

/* @k becomes a bzImage with @payload, followed by the unpacked size, as payload. */
void kernel_wrap(struct kernel_file *k, const void *payload, size_t len, uint32_t unpacked);

/* A file in memory with these bytes, and a path that opens it. */
int kernel_store(const struct kernel_file *k, size_t len, char path[32]);

#endif
