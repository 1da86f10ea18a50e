/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs and the clock as tests see and move them. */
#ifndef FAKE_CPU_H
#define FAKE_CPU_H

#include <hv/types.h>

#include <asm/percpu.h>

/* CPU 0, nothing running, nothing pending, time 1 second. */
void fake_cpus_init(void);

extern uint64_t fake_now_ns;		  /* what system_time_ns() says */
extern uint64_t fake_event_ns[MAX_CPUS];  /* what clock_event_set() was last told there */
extern unsigned int fake_kicks[MAX_CPUS]; /* arch_cpu_kick() of each */

#endif
