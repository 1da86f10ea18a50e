/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which vCPU runs where; blocking and waking. */
#ifndef HV_SCHED_H
#define HV_SCHED_H

#include <hv/abi.h>
#include <hv/types.h>

#include <asm/cpu_mask.h>
#include <asm/layout.h>

struct domain;
struct vcpu;

/* A reason not to run goes away or appears (VCPU_*). */
void vcpu_wake(struct vcpu *v, unsigned int reason);	/* clear it; queue when it was the last */
void vcpu_sleep(struct vcpu *v, unsigned int reason);	/* set it; off its CPU if it runs */

/*
 * Wait until @v, which is kept from running by vcpu_sleep(), runs nowhere and all its registers are in v->arch. Not
 * for the caller's own vCPU; where it may be called from: cpus_call().
 */
void vcpu_sync(struct vcpu *v);

/*
 * An event became deliverable to @v: end its block or poll, and if it runs on
 * another CPU in guest mode, interrupt that CPU so that it looks. Any context.
 */
void vcpu_kick(struct vcpu *v);

/* The CPUs' idle vCPUs (domain NULL): set before sched_cpu_init(), then constant. */
extern struct vcpu *idle_vcpu[MAX_CPUS];

/* Boot: make the run queue of @cpu, which runs its idle vCPU now. Once for each CPU. */
void sched_cpu_init(unsigned int cpu);

/* A new domain, and a new vCPU of it (VCPU_DOWN set, not idle): weight, masks, a first CPU, timers. After sched_cpu_init() of all. */
void sched_domain_init(struct domain *d);
void sched_vcpu_init(struct vcpu *v);

/* Their end: it runs nowhere, and never will. */
void sched_domain_exit(struct domain *d);
void sched_vcpu_exit(struct vcpu *v);

/* Its watchdogs go with it. */
void watchdogs_end(struct domain *d);

/*
 * Weight and cap of a domain (XEN_DOMCTL_scheduler_op; xen/domctl.h): each vCPU that wants it gets CPU time in
 * proportion to its domain's weight; all together no more than @cap_percent of one CPU, 0: no such limit.
 * 0; -EINVAL: a weight of 0 or above SCHED_WEIGHT_MAX, a cap of more than the domain has vCPUs.
 */
int sched_share_set(struct domain *d, unsigned int weight, unsigned int cap_percent) __must_check;
void sched_share_get(const struct domain *d, unsigned int *weight, unsigned int *cap_percent);

/*
 * Where @v may run and had better run (XEN_DOMCTL_setvcpuaffinity); NULL: as before.
 * 0; -EINVAL: no active CPU among @hard; -EBUSY: its hard mask is overridden by SCHEDOP_pin_override.
 */
int sched_affinity_set(struct vcpu *v, const struct cpu_mask *hard,
		       const struct cpu_mask *soft) __must_check;
void sched_affinity_get(const struct vcpu *v, struct cpu_mask *hard, struct cpu_mask *soft);

/* CPUs that run vCPUs. */
struct cpu_mask sched_active_cpus(void);

/* SCHEDOP_pin_override: @cpu alone, until it is called with a negative one. 0, -EBUSY, -EINVAL. */
long sched_pin_override(struct vcpu *v, int cpu);

/* The one CPU where @v may run, or -1 if there are several. */
int sched_pinned_cpu(const struct vcpu *v);

/* Does @cpu run vCPUs? From now on, or no longer: then it idles soon, see sched_cpu_is_idle(). Not the last one. */
void sched_cpu_set_active(unsigned int cpu, bool is_active);
bool sched_cpu_is_idle(unsigned int cpu);

/*
 * SOFTIRQ_SCHEDULE: choose what this CPU runs and switch to it. Returns if that
 * is what it runs already; else when context_switch() does. Interrupts on, no
 * locks held.
 */
void schedule(void);

/* This CPU leaves @prev and goes on as @next; does not return for guests' vCPUs. */
void context_switch(struct vcpu *prev, struct vcpu *next);

/* Let others run first: this CPU's vCPU goes to the end of the queue. */
void vcpu_yield(void);

/* Move runstate.state to RUNSTATE_* at system time @now_ns. Run queue's lock held. */
void runstate_change(struct vcpu *v, int state, uint64_t now_ns);
/*
 * Write it to the area that the guest registered. For the running vCPU, each
 * time it is switched to, with the guest kernel's address space in use (the
 * address means nothing in the user's). -EFAULT is the guest's loss.
 */
int runstate_publish(struct vcpu *v);
/* A consistent copy with the current state's time added up. */
void runstate_read(const struct vcpu *v, vcpu_runstate_info_t *out);

/* The absolute times of the ABI are signed: a negative one lies before all others. */
static inline uint64_t guest_deadline(uint64_t ns)
{
	return (int64_t)ns < 0 ? 0 : ns;
}

long do_sched_op(struct vcpu *v, unsigned long cmd, unsigned long arg);
long do_sched_op_compat(struct vcpu *v, unsigned long cmd, unsigned long arg);
long do_vcpu_op(struct vcpu *v, unsigned long cmd, unsigned long vcpu_id, unsigned long arg);
long do_set_timer_op(struct vcpu *v, unsigned long deadline_ns);

#endif
