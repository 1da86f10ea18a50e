/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways the machine ends. Both stop the other CPUs; interrupts may be off. */
#ifndef HV_MACHINE_H
#define HV_MACHINE_H

#include <hv/types.h>

/* No other CPU executes anything from now on. Of two callers one goes on. */
void machine_stop_others(void);

/* Restart the machine after @delay_ms milliseconds, measured without interrupts. */
void machine_restart(unsigned int delay_ms) __noreturn;

/* Stand still until somebody resets or switches off. */
void machine_halt(void) __noreturn;

#endif
