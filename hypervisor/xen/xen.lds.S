/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image. Sections of different rights start on their own pages, because
 * hypervisor_map.c maps text executable, rodata read-only, data writable.
 */
#include <asm/layout.h>

ENTRY(boot_entry_32)

SECTIONS
{
	. = IMAGE_BASE;
	image_start = .;
	.text : AT(ADDR(.text) - IMAGE_START) {
		text_start = .;
		*(.text.head)
		. = ALIGN(4096);
		entry_text_start = .;
		*(.text.entry)
		. = ALIGN(4096);
		entry_text_end = .;
		*(.text .text.*)
		. = ALIGN(4096);
		text_end = .;
	}
	.rodata : AT(ADDR(.rodata) - IMAGE_START) {
		rodata_start = .;
		*(.rodata .rodata.*)
		*(.data.rel.ro .data.rel.ro.*)
		. = ALIGN(8);
		ex_table_start = .;
		*(.ex_table)
		ex_table_end = .;
		. = ALIGN(8);
		code_patch_start = .;
		*(.code_patch)
		code_patch_end = .;
		. = ALIGN(4);
		build_id_note = .;
		*(.note.gnu.build-id)
		build_id_note_end = .;
		. = ALIGN(4096);
	}
	.data : AT(ADDR(.data) - IMAGE_START) {
		rodata_end = .;
		data_start = .;
		. = ALIGN(4096);
		entry_data_start = .;
		*(.data.entry)
		. = ALIGN(4096);
		entry_data_end = .;
		*(.data .data.*)
		. = ALIGN(4096);
	}
	.bss : AT(ADDR(.bss) - IMAGE_START) {
		. = ALIGN(4096);
		boot_only_start = .;
		*(.bss.boot_only)
		. = ALIGN(4096);
		boot_only_end = .;
		*(.bss.page_aligned)
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
		data_end = .;
	}
	/* Last, so that filling it in the second pass moves nothing. */
	.symbols : AT(ADDR(.symbols) - IMAGE_START) {
		PROVIDE(symbols_section_start = .);
		*(.symbols)
		. = ALIGN(4096);
	}
	image_end = .;
	/DISCARD/ : { *(.note.GNU-stack) *(.comment) *(.eh_frame) *(.note.gnu.property) }
}
