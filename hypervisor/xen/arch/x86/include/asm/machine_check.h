/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine checks: errors that the hardware has corrected go to dom0's log, others are the end. */
#ifndef ASM_MACHINE_CHECK_H
#define ASM_MACHINE_CHECK_H

#include <hv/abi.h>
#include <hv/types.h>

/* Each CPU: report errors of all banks. What the firmware left in them is kept for the first look. */
void machine_check_cpu_init(void);

/* Boot, when all CPUs run: look at the banks of each from now on. */
void machine_check_poll_init(void);

/* #MC, on its own stack: say what the banks have. The caller ends the machine. */
void machine_check_print(void);

/* ---- mc_log.c ---- */

/* Begin a record, with its global part; add a bank's part (NULL: full). */
struct mcinfo_global *mc_info_begin(struct mc_info *info);
struct mcinfo_bank *mc_info_bank(struct mc_info *info);

/* False: the log is full. Any context but #MC. */
bool mc_log_add(const struct mc_info *info);

/* The oldest record's number and content; 0: there is none. */
uint64_t mc_log_fetch(struct mc_info *info);

/* Forget a record. False: there is none of that number. */
bool mc_log_acknowledge(uint64_t id);

#endif
