/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local APICs, and the CPUs they belong to. Source: Intel SDM volume 3 chapter 10. */
#ifndef ASM_APIC_H
#define ASM_APIC_H

#include <hv/types.h>

#include <asm/layout.h>

/*
 * The CPUs of the machine, the boot CPU first; set by apic_init(), constant after
 * cpus_start(). A CPU's number is its index here.
 */
extern unsigned int cpu_count_present;
extern uint32_t apic_id_of_cpu[MAX_CPUS];
extern uint32_t acpi_id_of_cpu[MAX_CPUS];

/* Has it been through apic_cpu_init()? Any number may be asked for. */
bool cpu_is_online(unsigned int cpu);

/*
 * Can a device's interrupt be sent to it? It is online, and its APIC ID fits the eight bits that routes and
 * messages have for it.
 */
bool apic_can_be_destination(unsigned int cpu);

/* Boot, after acpi_init(), interrupts off: map the boot CPU's, list the CPUs, silence the 8259s. */
void apic_init(void);

/* Each CPU, interrupts off: switch its APIC on, every local source masked. apic_init() does it for the first. */
void apic_cpu_init(unsigned int cpu);

void apic_eoi(void);

/* Interrupt an online CPU; any context. */
void apic_send_ipi(unsigned int cpu, unsigned int vector);

/* A non-maskable one; any context, NMI too. */
void apic_send_nmi(unsigned int cpu);

/* Reset a CPU that is present; then have it start at @page, below 1 MiB, in real mode. */
void apic_send_init(unsigned int cpu);
void apic_send_startup(unsigned int cpu, paddr_t page);

/* Boot: a CPU does not start. The later ones move up in the list. */
void apic_cpu_forget(unsigned int cpu);

/* The error status, cleared by reading. */
uint32_t apic_error_read(void);

/* ---- the timer, for time/clock_event.c and its calibration ---- */

enum apic_timer_mode {
	APIC_TIMER_MASKED,	/* counts, does not interrupt */
	APIC_TIMER_ONE_SHOT,
	APIC_TIMER_DEADLINE,	/* by MSR IA32_TSC_DEADLINE */
};

void apic_timer_mode_set(enum apic_timer_mode mode);
void apic_timer_count_set(uint32_t count);	/* 0 stops it */
uint32_t apic_timer_count_read(void);

#endif
