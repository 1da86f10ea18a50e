/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several CPUs: starting them, having them do something, stopping them. */
#ifndef ASM_SMP_H
#define ASM_SMP_H

#include <hv/types.h>

#include <asm/cpu_mask.h>

/*
 * Boot: start what maxcpus= lets us of the MADT's CPUs. All have run queues and idle
 * when it returns; what did not start is no longer on the list of CPUs. After
 * time_init(), before the first guest's vCPU is made.
 */
void cpus_start(void);

/* CPUs that run, numbered from 0 without holes; constant after cpus_start(). */
extern unsigned int cpus_online;

/*
 * Take a CPU out of use, or back: nothing of guests runs there. VIRQ_PCPU_STATE tells dom0.
 * 0, also if it is so already; -EINVAL: no such CPU, or the boot CPU; -EBUSY: with sched=null.
 */
int cpu_take_offline(unsigned int cpu) __must_check;
int cpu_take_online(unsigned int cpu) __must_check;
bool cpu_is_in_use(unsigned int cpu);

/* Core parking: @count CPUs of our choice are out of use. -EINVAL: that would be all. */
int cpus_park(unsigned int count) __must_check;
unsigned int cpus_parked(void);

/*
 * Call @function on the CPUs of @cpus, this one left out, and wait until all have. They run it in interrupt
 * context: it takes no lock. Not from an interrupt handler, nor with a lock held that is taken with
 * interrupts off.
 */
void cpus_call(const struct cpu_mask *cpus, void (*function)(void *data), void *data);

/* Serve what is asked of this CPU; VECTOR_CALL comes here. */
void cpu_call_serve(void);

/* The machine ends: no other CPU executes anything from now on. Of two callers one goes on. */
void cpus_stop_others(void);

/* In an NMI: does another CPU end the machine? */
bool cpu_must_stop(void);

#endif
