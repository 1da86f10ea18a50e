/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages of a CPU's area (asm/layout.h), and what is made for it at start. Usable from assembly. */
#ifndef ASM_CPU_AREA_H
#define ASM_CPU_AREA_H

#define PERCPU_STUB_PAGE	0
#define PERCPU_DF_STACK_END	(3 << 12)	/* page 2 */
#define PERCPU_NMI_STACK_END	(5 << 12)	/* page 4 */
#define PERCPU_MC_STACK_END	(7 << 12)	/* page 6 */
#define PERCPU_DB_STACK_END	(8 << 12)	/* page 7 */

/* Bit per page: 2, 4, 6, 7, and 9 to 15 for the main stack. */
#define PERCPU_STACK_PAGES	0xfed4

/* Room above the main stack for struct cpu_info. */
#define CPUINFO_MAX	512

#ifndef __ASSEMBLY__

/* Write the entry code of the CPU whose area starts at @base into its stub page. */
void entry_stub_write(void *page, unsigned long base);

/* Descriptor tables, TSS, system-call MSRs, control registers of the CPU that calls. */
void cpu_tables_init(unsigned int cpu);

/* SMEP, SMAP, UMIP where there are, and the PAT of the ABI, on the CPU that calls. */
void cpu_protections_enable(void);

#endif
#endif
