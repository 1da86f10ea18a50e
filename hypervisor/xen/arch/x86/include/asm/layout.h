/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's address space: L4 slots 256 to 271, the part that the
 * 64-bit PV ABI leaves to it (xen/arch-x86/xen-x86_64.h). The slots are the
 * same in every root table but PERDOMAIN's. Usable from assembly.
 *
 *   256  machine-to-physical table, read-only, visible to guests
 *   257  the same frames, writable
 *   258  frame table
 *   259  devices and tables of the firmware, mapped on demand
 *   260  per-domain mappings: descriptor table windows of its vCPUs
 *   261  hypervisor image, per-CPU areas
 *   262  direct map of all memory (to 271)
 */
#ifndef ASM_LAYOUT_H
#define ASM_LAYOUT_H

#define L4_SLOT_BYTES	0x8000000000

#define HV_FIRST_SLOT	256
#define HV_SLOT_COUNT	16
#define HV_VIRT_START	0xffff800000000000
#define HV_VIRT_END	0xffff880000000000

#define M2P_RO_START	0xffff800000000000
#define M2P_RW_START	0xffff808000000000
#define FRAME_TABLE_START 0xffff810000000000
#define IOMAP_START	0xffff818000000000
#define IOMAP_SIZE	0x4000000	/* 64 MiB; its tables are made at boot */
#define PERDOMAIN_SLOT	260
#define PERDOMAIN_START	0xffff820000000000
#define IMAGE_START	0xffff828000000000
#define DIRECT_MAP_START 0xffff830000000000
#define DIRECT_MAP_END	0xffff880000000000

/* The image is linked at IMAGE_START plus this machine address, and loaded there or above (asm/image.h). */
#define IMAGE_PHYS	0x200000
#define IMAGE_BASE	(IMAGE_START + IMAGE_PHYS)

/*
 * Per-CPU areas of 64 KiB each, one gigabyte into the image's slot less
 * 512 MiB: reachable from the image by 32-bit displacements. In an area:
 *   page 0 entry stub, 2 #DF stack, 4 NMI, 6 #MC, 7 #DB stack, 9-15 main
 *   stack with struct cpu_info at its top; the others are guards.
 */
#define PERCPU_START	(IMAGE_START + 0x20000000)
#define PERCPU_SHIFT	16
#define PERCPU_SIZE	(1 << PERCPU_SHIFT)

/* Of a vCPU in the per-domain slot: 16 pages of GDT, then 16 of LDT. */
#define VCPU_WINDOW_SHIFT 17
#define VCPU_WINDOW_SIZE  (1 << VCPU_WINDOW_SHIFT)
#define VCPU_LDT_OFFSET	  (1 << 16)

#define MAX_CPUS	128
#define MAX_VCPUS	128	/* of one domain */

#endif
