/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of common/evtchn/ share.
 *
 * Locks, from outer to inner:
 *   link_lock    whoever changes channels of two domains at once; with it their
 *                two evtchn_locks may be taken in any order
 *   evtchn_lock  of each domain: which port is what
 *   (irq lines)  pirq_bind(), pirq_unbind()
 *   channel lock one channel; any context, interrupts off
 *   fifo->lock   queues of the FIFO ABI
 *   run queue
 * A channel is changed with evtchn_lock and its own lock held, so that either
 * of them is enough to read it.
 */
#ifndef EVTCHN_PRIVATE_H
#define EVTCHN_PRIVATE_H

#include <hv/domain.h>
#include <hv/event_channel.h>
#include <hv/nospec.h>
#include <hv/spinlock.h>
#include <hv/types.h>

#define CHANNELS_OF_BUCKET 64
#define BUCKETS_TWO_LEVEL  (EVTCHN_2L_NR_CHANNELS / CHANNELS_OF_BUCKET)
#define BUCKETS_FIFO	   (EVTCHN_FIFO_NR_CHANNELS / CHANNELS_OF_BUCKET)

/* clang-format off */
/* The numbers are those of EVTCHNOP_status. */
enum channel_state {
	CHANNEL_FREE	    = EVTCHNSTAT_closed,
	CHANNEL_UNBOUND	    = EVTCHNSTAT_unbound,
	CHANNEL_INTERDOMAIN = EVTCHNSTAT_interdomain,
	CHANNEL_PIRQ	    = EVTCHNSTAT_pirq,
	CHANNEL_VIRQ	    = EVTCHNSTAT_virq,
	CHANNEL_IPI	    = EVTCHNSTAT_ipi,
};
/* clang-format on */

struct channel {
	struct spinlock lock;
	uint8_t state;	      /* enum channel_state */
	uint8_t priority;     /* [a] of the FIFO ABI; written with evtchn_lock held */
	uint16_t notify_vcpu; /* [a] written with evtchn_lock held, read by senders without */
	union {
		domid_t allowed_domain; /* UNBOUND: who may bind to it */
		struct {
			struct domain *domain; /* cannot go away: it would close its end */
			evtchn_port_t port;
		} remote; /* INTERDOMAIN */
		uint32_t pirq;
		uint32_t virq;
	} u;
};

static_assert(sizeof(struct channel) == 24, "a bucket fits the heap's classes well");

struct fifo;

struct evtchn_domain {
	struct channel **bucket;  /* evtchn_lock; grows once; entries set once each, read without */
	struct fifo *fifo;	  /* private to fifo.c; NULL: two-level. Changes while no port is used */
	unsigned int port_limit;  /* evtchn_lock; all ports are below, read without */
	unsigned int poll_count;  /* [a] vCPUs in SCHEDOP_poll */
	unsigned int lowest_free; /* evtchn_lock: all ports below are in use */
	unsigned int used_count;  /* evtchn_lock: ports in use */
	struct channel *bucket_two_level[BUCKETS_TWO_LEVEL];
};

/* How many ports @d may have of the @count that an ABI has. */
static inline unsigned int evtchn_port_limit(const struct domain *d, unsigned int count)
{
	return d->max_evtchn_port < count ? d->max_evtchn_port + 1 : count;
}

/* Outermost: see above. */
extern struct spinlock evtchn_link_lock;

/* The channel of @port, the guest's word; NULL if it never was in use. */
static inline struct channel *port_channel(const struct domain *d, unsigned int port)
{
	unsigned int limit = READ_ONCE(d->evtchn->port_limit);
	struct channel **buckets, *bucket;

	if (port >= limit)
		return NULL;
	port = index_nospec(port, limit);
	buckets = __atomic_load_n(&d->evtchn->bucket, __ATOMIC_ACQUIRE);
	bucket = __atomic_load_n(&buckets[port / CHANNELS_OF_BUCKET], __ATOMIC_ACQUIRE);
	return bucket ? &bucket[port % CHANNELS_OF_BUCKET] : NULL;
}

/* Of a port that is in use, by our own books. */
static inline struct channel *port_channel_known(const struct domain *d, unsigned int port)
{
	struct channel **buckets = __atomic_load_n(&d->evtchn->bucket, __ATOMIC_ACQUIRE);

	return &buckets[port / CHANNELS_OF_BUCKET][port % CHANNELS_OF_BUCKET];
}

/* ports.c. Each is for a domain whose evtchn_lock is held. */

/*
 * A free port, with its channel; -ENOSPC all in use; -ENOMEM. It is taken only
 * when its channel gets a state.
 */
int port_find_free(struct domain *d, evtchn_port_t *port, struct channel **c)
	__must_hold(d->evtchn_lock) __must_check;
/* Make a free channel, on vCPU @notify, what @to says in state and u. */
void channel_bind(struct channel *c, const struct channel *to, unsigned int notify);
void port_free(struct domain *d, unsigned int port, struct channel *c) __must_hold(d->evtchn_lock);

/* Room for all ports of the FIFO ABI. -ENOMEM. */
int ports_extend(struct domain *d) __must_hold(d->evtchn_lock) __must_check;

/* Of the two ABIs for pending and mask bits. @vcpu: whom to notify. Called with a lock of a channel that leads to @port. */
void two_level_set_pending(struct domain *d, unsigned int port, unsigned int vcpu);
void two_level_clear_pending(struct domain *d, unsigned int port);
void two_level_unmask(struct domain *d, unsigned int port, unsigned int vcpu);
bool two_level_is_pending(const struct domain *d, unsigned int port);
/* Set the bit, tell nobody. */
void two_level_remember(struct domain *d, unsigned int port);

void fifo_set_pending(struct domain *d, unsigned int port, unsigned int vcpu);
void fifo_clear_pending(struct domain *d, unsigned int port);
void fifo_unmask(struct domain *d, unsigned int port, unsigned int vcpu);
bool fifo_is_pending(const struct domain *d, unsigned int port);

/* Back to the two-level ABI. No port is in use, nor taken into use meanwhile. */
void fifo_end(struct domain *d);
void fifo_pages_visit(const struct domain *d, page_visitor *visit, void *data);

/* An upcall for the vCPU, unless one is on its way. */
void upcall_request(struct vcpu *v);

/* poll.c: @port became pending, end polls for it. */
void poll_wake(struct domain *d, unsigned int port);

static inline void port_set_pending(struct domain *d, unsigned int port, unsigned int vcpu)
{
	if (d->evtchn->fifo)
		fifo_set_pending(d, port, vcpu);
	else
		two_level_set_pending(d, port, vcpu);
	if (unlikely(__atomic_load_n(&d->evtchn->poll_count, __ATOMIC_SEQ_CST)))
		poll_wake(d, port);
}

/* Sub-commands that more than one file needs. */
int evtchn_close(struct domain *d, unsigned int port);

/* EVTCHNOP_send and _status on the guest's structure at @arg. */
long evtchn_send_at(struct vcpu *v, unsigned long arg);
long evtchn_status_at(struct vcpu *v, unsigned long arg);

/* The sub-commands: @arg is a copy of the guest's structure, and goes back to it on success. */
union evtchn_arg {
	struct evtchn_alloc_unbound alloc_unbound;
	struct evtchn_bind_interdomain bind_interdomain;
	struct evtchn_bind_virq bind_virq;
	struct evtchn_bind_pirq bind_pirq;
	struct evtchn_bind_ipi bind_ipi;
	struct evtchn_close close;
	struct evtchn_bind_vcpu bind_vcpu;
	struct evtchn_unmask unmask;
	struct evtchn_reset reset;
	struct evtchn_init_control init_control;
	struct evtchn_expand_array expand_array;
	struct evtchn_set_priority set_priority;
};

int evtchn_op_alloc_unbound(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_bind_interdomain(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_bind_virq(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_bind_pirq(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_bind_ipi(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_bind_vcpu(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_close(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_unmask(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_reset(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_init_control(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_expand_array(struct vcpu *v, union evtchn_arg *arg);
int evtchn_op_set_priority(struct vcpu *v, union evtchn_arg *arg);

/* Does the ABI bind @virq once per vCPU (V. in xen/xen.h) or once per domain (G.)? */
static inline bool virq_is_per_vcpu(unsigned int virq)
{
	return virq == VIRQ_TIMER || virq == VIRQ_DEBUG || virq == VIRQ_XENOPROF ||
	       virq == VIRQ_XENPMU;
}

#endif
