/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the files of arch/x86/time/. The system clock is the TSC times a
 * constant, measured once against a reference of known frequency.
 */
#ifndef ASM_CLOCK_H
#define ASM_CLOCK_H

#include <hv/types.h>

/* A counter of known frequency: reads wrap at mask + 1. */
struct clock_reference {
	const char *name;
	uint64_t hz;
	uint64_t mask;
	uint64_t (*read)(void);
};

/* Each: start the counter and describe it; false: this machine has none. */
bool hpet_reference(struct clock_reference *out);
bool pm_timer_reference(struct clock_reference *out);
bool pit_reference(struct clock_reference *out);

/*
 * nanoseconds = ((ticks << shift) * mul) >> 32, ticks >> -shift if it is negative:
 * the form of vcpu_time_info, so that guests compute exactly what we do.
 */
struct tsc_scale {
	uint32_t mul;
	int8_t	 shift;
};

/* The scale of a counter of @hz, from 1 MHz to 16 GHz. */
struct tsc_scale tsc_scale_make(uint64_t hz);
uint64_t tsc_scale_apply(struct tsc_scale scale, uint64_t ticks);

/* The system clock's, and the TSC at system time 0. Constant after time_init(). */
extern struct tsc_scale tsc_scale;
extern uint64_t tsc_base;

/* Ticks of the TSC in @ns, for ns below a minute. */
uint64_t tsc_ticks_of_ns(uint64_t ns);

/* Does the TSC run at the same rate whatever the CPU does? */
bool tsc_is_invariant(void);

/* Must rdtsc trap in @d? And XEN_DOMCTL_settscinfo, _gettscinfo. -EINVAL. */
struct domain;
struct vcpu;
struct xen_domctl;
bool guest_tsc_traps(const struct domain *d);
long guest_tsc_set(struct vcpu *v, struct domain *d, struct xen_domctl *op);
long guest_tsc_get(struct vcpu *v, struct domain *d, struct xen_domctl *op);

/* Boot: choose the APIC timer's mode; it counts at @timer_hz. */
void clock_event_init(uint64_t timer_hz);

/* Each other CPU, after apic_cpu_init(). */
void clock_event_cpu_init(void);

/* Boot: read the real-time clock. After the system clock runs. */
void wallclock_init(void);

/* Seconds since 1970 of a date (month 1 to 12, day 1 to 31) in the Gregorian calendar. */
uint64_t wallclock_seconds(unsigned int year, unsigned int month, unsigned int day,
			   unsigned int hour, unsigned int minute, unsigned int second);

#endif
