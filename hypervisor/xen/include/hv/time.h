/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system clock (nanoseconds since boot, from the TSC) and what guests are shown of it. */
#ifndef HV_TIME_H
#define HV_TIME_H

#include <hv/types.h>

struct vcpu;
struct domain;

#define NS_PER_SECOND 1000000000UL
#define NS_PER_MS     1000000UL

/* Calibrate (HPET or PM timer), read the wall clock. After ACPI tables are known, interrupts off. */
void time_init(void);

uint64_t system_time_ns(void);
uint64_t system_time_of_tsc(uint64_t tsc);
uint64_t tsc_khz(void);

/* Ask the local APIC (TSC deadline or count) for an interrupt at system time @ns; 0 cancels. */
void clock_event_set(uint64_t ns);

/* Spin; for device set-up at boot only. */
void delay_us(unsigned int us);

/* Wall clock: UTC nanoseconds at system time 0; settable by dom0 (XENPF_settime). */
uint64_t wallclock_base_ns(void);
void wallclock_set(uint64_t seconds, uint64_t nanoseconds, uint64_t at_system_time);

/* Publish wc_sec, wc_nsec to a domain's shared info. */
void guest_wallclock_update(struct domain *d);

/* Publish vcpu_time_info (to vcpu_info and the registered area); on each switch to the vCPU when stale. */
void guest_clock_update(struct vcpu *v);

#endif
