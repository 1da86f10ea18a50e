/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of boot/. */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <hv/types.h>

#include <asm/boot.h>

/* Fill boot_info. False: no multiboot loader started us. */
bool multiboot_parse(uint32_t magic, uint32_t info);

/* In 64-bit mode on the firmware's tables (head.S): end its boot services. @info: multiboot 2's. */
void efi_boot(uint32_t info);

/* What it found, or a multiboot 2 loader that ended them told. */
#define EFI_MAP_BYTES 65536
struct efi_boot_result {
	struct boot_framebuffer framebuffer;
	uint64_t map_size, map_step;	/* bytes: of all, of an entry; 0: there is none */
	char	 map[EFI_MAP_BYTES];
};
extern struct efi_boot_result efi_boot_result;

/* e820_add() all of it; the boot loader gave no other map. */
void efi_memory_to_e820(void);

/* Collect the machine's memory map, then sort it and resolve overlaps. */
void e820_add(uint64_t start, uint64_t size, uint32_t type);
void e820_finish(void);
void e820_print(void);

/*
 * Memory at boot, before the page allocator has any: taken from RAM that is
 * neither the image, a module, nor the first MiB; never given back.
 */
void boot_memory_init(void);
paddr_t boot_memory_take(uint64_t size, uint64_t align, uint64_t below);

/* Never hand this out. */
void boot_memory_keep(paddr_t start, uint64_t size);

/* All RAM that was not taken goes to the page allocator. */
void boot_memory_release(void);

/* Log what neither dom0 has nor is free: tables, heap, image, and what firmware keeps of the first MiB. */
void boot_memory_report(void);

/* Build the final page tables, and the records of all frames. */
void hypervisor_map_init(void);

/* On the new tables: this CPU's area, by address of its end. */
unsigned long percpu_area_end(unsigned int cpu);
void percpu_area_map(unsigned int cpu);

#endif
