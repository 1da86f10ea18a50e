/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run queue, for the files of common/sched/ only. */
#ifndef SCHED_PRIVATE_H
#define SCHED_PRIVATE_H

#include <hv/domain.h>
#include <hv/spinlock.h>
#include <hv/time.h>
#include <hv/timer.h>
#include <hv/types.h>

#include <asm/percpu.h>

/* Who runs is asked again after this, if somebody waits. */
#define SLICE_NS (10 * NS_PER_MS)
/* Who runs while another vCPU wakes keeps the CPU this long at least. */
#define MIN_RUN_NS (1 * NS_PER_MS)
/* A vCPU that wakes may be behind (in weighted time) by this much: its advantage over those that never sleep. */
#define WAKE_CREDIT_NS SLICE_NS
/* Caps are kept over periods of this length. */
#define CAP_PERIOD_NS (10 * NS_PER_MS)

struct sched_cpu {
	struct vcpu *running;	  /* what the CPU runs: never NULL once initialised */
	uint64_t slice_start_ns;  /* since when */
	uint64_t slice_end_ns;	  /* from then on perhaps somebody else's turn */
	bool must_yield;	  /* ... or at once */
	struct timer slice_timer;
} __cacheline_aligned;

/* One queue for all CPUs: none idles while another has somebody waiting, and turns are fair among all. */
struct run_queue {
	struct spinlock lock;	  /* inside every lock but the timers' and the console's */
	struct vcpu *first, *last; /* waiting to run, least virtual time first */
	struct cpu_mask active;	  /* CPUs that run vCPUs */
	struct cpu_mask idle;	  /* of these: those that run none and have not been told to look */
	struct sched_cpu cpu[MAX_CPUS];
};

extern struct run_queue run_queue;

unsigned long run_queue_lock(void) __acquires(run_queue.lock);
void run_queue_unlock(unsigned long flags) __releases(run_queue.lock);

/* ---- run_queue.c; the lock held ---- */

void queue_insert(struct vcpu *v);
void queue_remove(struct vcpu *v);

/* The first that may run on @cpu now; NULL: none. */
struct vcpu *queue_best(unsigned int cpu);

/* Have @cpu choose again, now or at the time when its slice timer is to fire. */
void cpu_reschedule(unsigned int cpu);
void cpu_slice_end_by(unsigned int cpu, uint64_t end_ns);

/* ---- placement.c; the lock held ---- */

/* @v can run and does not: queue it, and find it a CPU. */
void vcpu_enqueue(struct vcpu *v, uint64_t now_ns);

/*
 * Time stood still for @v while it slept, and may have passed at another pace where it was
 * before. It starts near those that it competes with: a little behind at most, so that
 * it runs soon but not for long; and no further ahead than one slice.
 */
void vcpu_vtime_adjust(struct vcpu *v, uint64_t now_ns);

/* @v, which is queued, may take an idle CPU or that of a vCPU who had more than its share. */
void vcpu_place(const struct vcpu *v, uint64_t now_ns);
/* ... or an idle CPU only. False: there is none for it. */
bool vcpu_place_idle(const struct vcpu *v);

/* ---- share.c; the lock held ---- */

/* Account @v, which runs, for the time up to @now_ns. */
void share_charge(struct vcpu *v, uint64_t now_ns);

/* @v starts to run: its part of a cap. The time after which it must stop; UINT64_MAX: none. */
uint64_t share_start(struct vcpu *v, uint64_t now_ns);
/* ... and how it goes on, after share_charge(). */
uint64_t share_continue(struct vcpu *v, uint64_t now_ns);
/* It stops: what is left goes back to its domain. */
void share_stop(struct vcpu *v);

/* Has its domain spent what its cap allows? */
bool share_is_spent(const struct vcpu *v);

/* Virtual time of @ns for @v. */
uint64_t share_weighted(const struct vcpu *v, uint64_t ns);

/* What @v, which runs, has had by @now_ns, accounted for or not. */
uint64_t share_vtime(const struct vcpu *v, uint64_t now_ns);

/* ---- affinity.c; the lock held ---- */

/* May @v run on @cpu: by its mask, or if that has no active CPU, anywhere. */
struct cpu_mask affinity_allowed(const struct vcpu *v);
bool affinity_allows(const struct vcpu *v, unsigned int cpu);

/* sched=null: @v, which can run, gets a CPU of its own if it has none that is active and one is free; it gives it back. */
void own_cpu_take(struct vcpu *v);
void own_cpu_give(struct vcpu *v);

/* ---- */

static inline bool vcpu_is_idle(const struct vcpu *v)
{
	return !v->domain;
}

static inline bool vcpu_can_run(const struct vcpu *v)
{
	return !__atomic_load_n(&v->not_runnable, __ATOMIC_SEQ_CST);
}

/* RUNSTATE_* of a vCPU that is not on a CPU. Run queue's lock held. */
int runstate_waiting(const struct vcpu *v);

/* Single-shot, periodic and poll timers; they follow the vCPU to @cpu. */
void vcpu_timers_init(struct vcpu *v);
void vcpu_timers_move(struct vcpu *v, unsigned int cpu);

long watchdog_op(struct domain *d, unsigned int id, unsigned int timeout_s, unsigned int cpu);

#endif
