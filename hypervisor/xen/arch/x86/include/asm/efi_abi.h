/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What UEFI firmware leaves in memory and how it is called, for 64-bit
 * machines. Source: UEFI specification 2.9, chapters 4, 7, 8 and 12.
 */
#ifndef ASM_EFI_ABI_H
#define ASM_EFI_ABI_H

#include <hv/types.h>

#define EFI_ERROR(n)		(1UL << 63 | (n))
#define EFI_SUCCESS		0UL
#define EFI_INVALID_PARAMETER	EFI_ERROR(2)
#define EFI_UNSUPPORTED		EFI_ERROR(3)
#define EFI_BUFFER_TOO_SMALL	EFI_ERROR(5)
#define EFI_NOT_READY		EFI_ERROR(6)
#define EFI_OUT_OF_RESOURCES	EFI_ERROR(9)
#define EFI_NOT_FOUND		EFI_ERROR(14)

struct efi_guid {
	uint32_t data1;
	uint16_t data2, data3;
	uint8_t	 data4[8];
};

struct efi_table_header {
	uint64_t signature;
	uint32_t revision, header_size, crc32, reserved;
};

struct efi_system_table {
	struct efi_table_header header;
	uint64_t vendor;
	uint32_t firmware_revision, pad;
	uint64_t con_in_handle, con_in, con_out_handle, con_out, std_err_handle, std_err;
	uint64_t runtime_services, boot_services;
	uint64_t config_count, config_table;
};

static_assert(sizeof(struct efi_system_table) == 120, "UEFI 4.3");

/* The functions that are called, between others; each is an address. */
struct efi_boot_services {
	struct efi_table_header header;
	uint64_t unused_1[4];
	uint64_t get_memory_map;
	uint64_t unused_2[21];
	uint64_t exit_boot_services;
	uint64_t unused_3[10];
	uint64_t locate_protocol;
};

static_assert(offsetof(struct efi_boot_services, get_memory_map) == 56, "UEFI 4.4");
static_assert(offsetof(struct efi_boot_services, exit_boot_services) == 232, "UEFI 4.4");
static_assert(offsetof(struct efi_boot_services, locate_protocol) == 320, "UEFI 4.4");

struct efi_runtime_services {
	struct efi_table_header header;
	uint64_t get_time, set_time, get_wakeup_time, set_wakeup_time;
	uint64_t set_virtual_address_map, convert_pointer;
	uint64_t get_variable, get_next_variable_name, set_variable;
	uint64_t get_next_high_monotonic_count, reset_system;
	uint64_t update_capsule, query_capsule_capabilities, query_variable_info;
};

static_assert(sizeof(struct efi_runtime_services) == 136, "UEFI 4.5");

struct efi_text_output {
	uint64_t reset, output_string;
};

#define EFI_PIXEL_RGBX	0
#define EFI_PIXEL_BGRX	1
#define EFI_PIXEL_MASKS 2

struct efi_gop_info {
	uint32_t version, width, height, pixel_format;
	uint32_t red_mask, green_mask, blue_mask, reserved_mask;
	uint32_t pixels_per_line;
};

struct efi_gop_mode {
	uint32_t max_mode, mode;
	uint64_t info, info_size, framebuffer, framebuffer_size;
};

struct efi_gop {
	uint64_t query_mode, set_mode, blt;
	uint64_t mode;
};

#define EFI_MEMORY_LOADER_CODE	 1
#define EFI_MEMORY_LOADER_DATA	 2
#define EFI_MEMORY_BOOT_CODE	 3
#define EFI_MEMORY_BOOT_DATA	 4
#define EFI_MEMORY_RUNTIME_CODE	 5
#define EFI_MEMORY_RUNTIME_DATA	 6
#define EFI_MEMORY_CONVENTIONAL	 7
#define EFI_MEMORY_UNUSABLE	 8
#define EFI_MEMORY_ACPI_RECLAIM	 9
#define EFI_MEMORY_ACPI_NVS	 10
#define EFI_MEMORY_IO		 11

#define EFI_MEMORY_WB	   (1UL << 3)
#define EFI_MEMORY_XP	   (1UL << 14)
#define EFI_MEMORY_RO	   (1UL << 17)
#define EFI_MEMORY_SP	   (1UL << 18)	/* for a special purpose */
#define EFI_MEMORY_RUNTIME (1UL << 63)

/* Entries of a map are map_step bytes apart, which may be more than this. */
struct efi_memory_descriptor {
	uint32_t type, pad;
	uint64_t physical_start, virtual_start, page_count, attribute;
};

static_assert(sizeof(struct efi_memory_descriptor) == 40, "UEFI 7.2.3");

#define EFI_RESET_COLD 0
#define EFI_RESET_WARM 1

#define EFI_VARIABLE_NON_VOLATILE 1
#define EFI_VARIABLE_BOOT_ACCESS  2
#define EFI_VARIABLE_RUNTIME_ACCESS 4

/*
 * Call the firmware's @function. It must be mapped where it lies, with all
 * that it uses; its stack is ours. Returns its status.
 */
uint64_t efi_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

#endif
