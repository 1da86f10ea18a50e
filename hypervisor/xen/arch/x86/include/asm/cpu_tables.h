/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The GDT and LDT that a CPU uses. */
#ifndef ASM_CPU_TABLES_H
#define ASM_CPU_TABLES_H

#include <hv/types.h>

/* The frame of a CPU's own page of the GDT: page FIRST_RESERVED_GDT_PAGE of each window it loads. */
mfn_t cpu_gdt_mfn(unsigned int cpu);

/* Memory for the tables of a CPU that is to be started. -ENOMEM. */
int cpu_tables_alloc(unsigned int cpu) __must_check;

/* Load the GDT at @window (a vCPU's in the per-domain slot), or the one without guest pages. */
void gdt_window_load(unsigned long window);
void gdt_idle_load(unsigned int cpu);

/* @entries 0: no LDT. */
void ldt_descriptor_set(unsigned int cpu, unsigned long base, unsigned int entries);

#endif
