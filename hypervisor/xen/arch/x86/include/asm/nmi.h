/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Non-maskable interrupts: errors that the chipset reports, and the watchdog. */
#ifndef ASM_NMI_H
#define ASM_NMI_H

#include <hv/abi.h>
#include <hv/types.h>

/* Errors of the system's buses, in port 0x61; both are silent after nmi_reason_take(). */
#define NMI_PARITY_OR_SERR 0x80
#define NMI_IO_CHECK	   0x40

/* ---- watchdog.c ---- */

/* Boot, after cpus_start() and time_init(): as watchdog= says. */
void watchdog_init(void);

/*
 * In an NMI: is it the watchdog's? True, and a look at all CPUs, if its timer may have sent it.
 * Does not return if this CPU is stuck.
 */
bool watchdog_nmi(const struct cpu_user_regs *regs);

/* Which CPU of @count has not moved for longer than @timeout_ns at @now_ns? -1: all have. */
int watchdog_find_stuck(const uint64_t *last_ns, unsigned int stride, unsigned int count,
			uint64_t now_ns, uint64_t timeout_ns);

#endif
