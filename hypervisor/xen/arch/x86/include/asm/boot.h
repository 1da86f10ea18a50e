/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot loader told us, copied out of its memory before anything else uses memory. */
#ifndef ASM_BOOT_H
#define ASM_BOOT_H

#include <hv/types.h>

#define BOOT_CMDLINE_MAX 2048
#define BOOT_MODULES_MAX 8
#define E820_MAX	 256

#define E820_RAM	1
#define E820_RESERVED	2
#define E820_ACPI	3
#define E820_NVS	4
#define E820_UNUSABLE	5
#define E820_PERSISTENT 7

struct e820_entry {	/* layout of the BIOS call and of XENMEM_machine_memory_map */
	uint64_t start;
	uint64_t size;
	uint32_t type;
} __packed;

struct boot_module {
	paddr_t	 start;
	uint64_t size;
	char	 cmdline[BOOT_CMDLINE_MAX];
};

struct boot_framebuffer {
	bool	 is_text;	/* EGA text mode 3 at 0xb8000 */
	bool	 is_linear;
	uint64_t address, bytes;
	uint32_t pitch, width, height, bits_per_pixel;
	uint8_t	 red_pos, red_size, green_pos, green_size, blue_pos, blue_size, rest_pos, rest_size;
};

struct boot_info {
	char		   loader[64];
	char		   cmdline[BOOT_CMDLINE_MAX];
	unsigned int	   module_count;
	struct boot_module module[BOOT_MODULES_MAX];
	unsigned int	   e820_count;
	struct e820_entry  e820[E820_MAX];	/* sorted, free of overlaps */
	paddr_t		   rsdp;		/* 0: search for it */
	uint8_t		   rsdp_copy[36];	/* multiboot 2 gives the table itself */
	bool		   has_rsdp_copy;
	paddr_t		   efi_system_table;	/* 0: BIOS */
	struct boot_framebuffer framebuffer;
};

extern struct boot_info boot_info;

/* What dom0 is given of the machine's map: the same, less what we hide. */
extern struct e820_entry machine_map[E820_MAX];
extern unsigned int machine_map_count;

/* Whole pages of RAM that the machine has, whoever uses them. */
unsigned long machine_ram_pages(void);

/* Boot: tell dom0 that there is something at [start, start+size), unless the map has anything there already. */
void machine_map_reserve(uint64_t start, uint64_t size);

/* Is every byte of [start, start+len) RAM in boot_info.e820? */
bool e820_all_ram(uint64_t start, uint64_t len);

#endif
