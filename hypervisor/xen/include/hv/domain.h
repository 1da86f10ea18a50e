/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains and their vCPUs.
 *
 * Guarded by:  [I] set at creation, never changes   [a] atomic   [l] domain->lock
 *              [p] page_list_lock   [e] evtchn lock   [v] only by the vCPU itself or while it cannot run
 * Lock order:  domain list -> domain->lock -> evtchn_lock -> page-table lock (FRAME_LOCKED)
 *              -> page_list_lock -> allocator -> run queue -> timer -> console
 */
#ifndef HV_DOMAIN_H
#define HV_DOMAIN_H

#include <hv/abi.h>
#include <hv/memory_work.h>
#include <hv/sched_state.h>
#include <hv/spinlock.h>
#include <hv/timer.h>
#include <hv/types.h>

#include <asm/domain.h>

struct domain_map;
struct evtchn_domain;
struct grant_table;

/* Why a vCPU cannot run; it can when all are clear. [a] */
#define VCPU_DOWN    (1U << 0)	/* not initialised, or taken down by VCPUOP_down */
#define VCPU_BLOCKED (1U << 1)	/* SCHEDOP_block: until an event is pending */
#define VCPU_POLLING (1U << 2)	/* SCHEDOP_poll: until a polled port is pending, or time-out */
#define VCPU_PAUSED  (1U << 3)	/* domain paused from outside, or shut down */
#define VCPU_DYING   (1U << 4)	/* its domain is being destroyed: for ever */

struct vcpu {
	unsigned int	 id;		/* [I] */
	struct domain	*domain;	/* [I] NULL for idle vCPUs */
	unsigned int	 cpu;		/* run queue's lock: the CPU it runs on, or ran on last */
	unsigned int	 not_runnable;	/* [a] VCPU_* */
	bool is_initialised;	   /* [l] */
	bool		 is_running;	/* run queue's lock */
	struct vcpu_sched sched;	/* run queue's lock */

	vcpu_info_t	*info;		/* [v] the guest's vcpu_info, mapped: guest-writable! */
	struct page_info *info_page;	/* [v] reference held for a registered vcpu_info, else NULL */

	vcpu_runstate_info_t runstate;	/* [v] our copy */
	unsigned long runstate_guest;  /* [v] registered address, or 0 */
	unsigned long	 time_guest;	/* [v] registered vcpu_time_info address, or 0 */

	struct timer	 singleshot_timer, periodic_timer, poll_timer;
	uint64_t	 periodic_ns;	/* [v] 0: stopped */
	unsigned int	 virq_port[NR_VIRQS]; /* [e] of per-vCPU VIRQs; 0: none */
	unsigned int	 poll_port;	/* [v] the one polled port, or POLL_SEVERAL */

	bool		 was_preempted;	/* [v] the hypercall in hand is to be continued */
	bool		 in_multicall;	/* [v] */
	struct memory_work memory_work;	   /* [v] */
	struct multicall_entry
		*multicall;    /* [v] our copy of the entry in hand, while in_multicall */

	struct arch_vcpu arch;
};

/* How far the end of a domain has come. */
struct teardown {
	struct spinlock	 lock;		/* whoever goes on with it; taken by spin_trylock() alone */
	unsigned int	 stage;		/* lock */
	unsigned int	 vcpu;		/* lock: of the stage that gives back what they hold */
};

struct domain {
	domid_t		 id;		/* [I] */
	bool		 is_privileged;	/* [I] dom0: may call control and platform operations */
	bool		 is_hardware;	/* [I] owns ports, interrupts and devices */
	bool		 is_xenstore;	/* [I] */
	bool		 is_dying;	/* [l] and [p]: being destroyed, for good */
	bool		 is_dead;	/* [l] nothing of it is left but what others refer to */
	bool		 is_shut_down;	/* [l] */
	bool		 is_debugged;	/* [l] tools say so */
	bool		 has_run;	/* [l] tools let it go once */
	unsigned int	 pause_count;	/* [l] by tools */
	unsigned int	 freeze_count;	/* [l] by ourselves, see domain_freeze() */
	unsigned int	 shutdown_code;	/* [l] SHUTDOWN_* */
	struct spinlock	 lock;

	struct vcpu	*vcpu[MAX_VCPUS]; /* [I] once max_vcpus is set */
	unsigned int	 max_vcpus;	/* [I] */
	unsigned int	 refs;		/* [a] */
	struct domain	*next;		/* domain list's lock */

	struct spinlock	 page_list_lock;
	uint32_t	 page_list;	/* [p] frame number of the first, FRAME_NO_LINK: none */
	uint32_t	 given_up_list; /* [p] the same: frames of a dying domain that others still use */
	unsigned long	 total_pages;	/* [p] */
	unsigned long	 max_pages;	/* [l] */
	unsigned long	 claimed_pages;	/* lock of common/memory/claim.c */
	struct domain_map *memory_map;	/* [l] private to common/memory/domain_map.c; NULL: none */

	unsigned int	 max_evtchn_port; /* [I] */
	unsigned int	 max_grant_frames; /* [I] */
	unsigned int	 max_maptrack_frames; /* [I] */
	unsigned int	 max_grant_version; /* [I] */

	shared_info_t	*shared;	/* [I] guest-writable! */
	struct page_info *shared_page;	/* [I] */
	uint64_t	 vm_assist;	/* [l] VMASST_TYPE_* bits */

	bool		 is_shutdown_code_latched; /* [l] SCHEDOP_shutdown_code: shutdown_code is what counts */
	struct timer	 watchdog[2];	/* [l] set up when in use */
	unsigned int watchdogs_used;   /* [l] bits */

	struct spinlock	 evtchn_lock;
	struct evtchn_domain *evtchn;	/* [I] private to common/evtchn/ */
	struct grant_table *grant;	/* [I] private to common/grant/ */

	xen_domain_handle_t handle;	/* [l] what tools know it by */
	struct domain_sched sched;	/* run queue's lock */
	struct teardown	 teardown;	/* private to common/domain/destroy.c */

	uint64_t	 time_offset_s;	/* [l] wall clock: seconds added to the machine's */
	struct arch_domain arch;
};

extern struct domain *hardware_domain;

/* The vCPU this CPU runs. */
struct vcpu *current_vcpu(void);
#define current_domain() (current_vcpu()->domain)

#define DOMAIN_PRIVILEGED (1U << 0)
#define DOMAIN_HARDWARE	  (1U << 1)

/* What stays as it is for a domain's life. */
struct domain_config {
	unsigned int max_vcpus;		/* 1 to MAX_VCPUS */
	unsigned int flags;		/* DOMAIN_* */
	unsigned int max_evtchn_port;
	unsigned int max_grant_frames,
		max_maptrack_frames;	/* up to GRANT_FRAMES_MAX, MAPTRACK_FRAMES_MAX */
	unsigned int max_grant_version; /* 1 or 2 */
	bool is_paused;			/* until domain_unpause() */
	bool is_xenstore;		/* tools say so */
};

/*
 * Make a domain without memory whose vCPUs are still to be made, and put it on the list, which has one reference.
 * 0 and *@out; -ENOMEM; -EEXIST: the id is taken.
 */
int domain_create(domid_t id, const struct domain_config *config, struct domain **out) __must_check;

/*
 * The end of a domain that is not the caller's: its vCPUs stop, and all that it holds is given back. Then
 * VIRQ_DOM_EXC tells dom0. What others have of it, they keep; the rest of it goes with the last of that.
 * 0; -EINVAL: dom0; -ERESTART: call again.
 */
int domain_destroy(struct domain *d) __must_check;

/* The last reference went: its memory. Only for domain_put(). */
void domain_free(struct domain *d);

/* Make vCPU @id of @d: down, registers zero. NULL: no memory. For @id below max_vcpus, once each. */
struct vcpu *vcpu_create(struct domain *d, unsigned int id) __must_check;

/* The machine-dependent parts, in arch/x86. */
int arch_domain_init(struct domain *d) __must_check;
void arch_domain_destroy(struct domain *d);
int arch_vcpu_init(struct vcpu *v) __must_check;
/* What a vCPU that runs no more holds of its domain's memory. -ERESTART: call again. */
int arch_vcpu_relinquish(struct vcpu *v) __must_check;
void arch_vcpu_destroy(struct vcpu *v);
/* VCPUOP_initialise: judge and take over registers, tables, callbacks. 0; -EINVAL; -ERESTART: call again. */
int arch_vcpu_set_context(struct vcpu *v, const vcpu_guest_context_t *context) __must_check;

/* Its context as XEN_DOMCTL_getvcpucontext tells it; @v is held. */
void arch_vcpu_get_context(struct vcpu *v, vcpu_guest_context_t *context);

/* The owner of a frame that it still holds: so it cannot go away. NULL: nobody's. No reference is taken. */
struct domain *domain_owning(domid_t owner);

/* The domain with one more reference, or NULL. @id may be anything; DOMID_SELF is the caller's. */
struct domain *domain_get(domid_t id) __must_check;
void domain_put(struct domain *d);

/* The domain of the lowest id from @id on, likewise. */
struct domain *domain_get_from(domid_t id) __must_check;

/* Tools stop it, as often as they let it go on. -EBUSY: too often; -EINVAL: it was not stopped. */
int domain_pause(struct domain *d) __must_check;
int domain_unpause(struct domain *d) __must_check;

/* A domain that is not the caller's runs nowhere, all registers of its vCPUs being in v->arch, from here to there. */
void domain_freeze(struct domain *d);
void domain_thaw(struct domain *d);

/* What was shut down, and not destroyed, goes on (XEN_DOMCTL_resumedomain). */
void domain_resume(struct domain *d);

/* Its vCPUs run or not, as the domain's fields say that they shall. */
void domain_update_vcpus(struct domain *d) __must_hold(d->lock);

/* VCPUOP_send_nmi. -EINVAL: nothing to call. */
long vcpu_send_nmi(struct vcpu *v);

/* VCPUOP_initialise and XEN_DOMCTL_setvcpucontext. 0; -EEXIST: it has one; what arch_vcpu_set_context() says. */
int vcpu_set_context(struct vcpu *v, const vcpu_guest_context_t *context) __must_check;

/* A vCPU that was created, or NULL. @id is the guest's word. */
static inline struct vcpu *domain_vcpu(const struct domain *d, unsigned int id)
{
	if (id >= d->max_vcpus)
		return NULL;
	/* no speculation beyond the table */
	__asm__("" : "+r"(id));
	return d->vcpu[id & (MAX_VCPUS - 1)];
}

/* All vCPUs stop for good; dom0's end is the machine's. @code is SHUTDOWN_*. */
void domain_shutdown(struct domain *d, unsigned int code);

/* The guest did what cannot be reported back: one line, then SHUTDOWN_crash. */
void domain_crash(struct domain *d, const char *why);

#endif
