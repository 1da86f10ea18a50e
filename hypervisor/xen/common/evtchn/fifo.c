/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FIFO ABI (xen/event_channel.h): a word for each port in pages that the
 * guest gave us, and for each vCPU sixteen queues of ports, one a priority,
 * chained through the words. We append at the tail, the guest takes from the
 * head: a word that is no longer LINKED has been taken.
 *
 * Words, heads and links are the guest's to scribble on. We keep the tails
 * and where each port was queued last, follow no link, and try again a fixed
 * number of times only: a guest that breaks its queues has lost its own events.
 *
 * Lock: fifo->lock, inside any channel's, interrupts off.
 */
#include "evtchn_private.h"

#include <hv/errno.h>
#include <hv/frame.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define ARRAY_PAGES    (EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED	(1U << EVTCHN_FIFO_MASKED)
#define LINKED	(1U << EVTCHN_FIFO_LINKED)
#define BUSY	(1U << EVTCHN_FIFO_BUSY)

/* A guest that changes a word while we link it is asked to wait (BUSY), and then given up. */
#define TRIES_FREE 4
#define TRIES_BUSY 64

struct fifo_vcpu {
	struct evtchn_fifo_control_block
		*control;	/* NULL: not given yet. Set once, read without lock */
	struct page_info *page;			   /* type reference held */
	uint32_t tail[EVTCHN_FIFO_MAX_QUEUES];	   /* lock; 0: none */
};

struct fifo {
	struct spinlock lock;
	unsigned int page_count; /* evtchn_lock; grows, read without */
	event_word_t *word[ARRAY_PAGES];
	uint16_t *queue[ARRAY_PAGES]; /* lock: vcpu << 4 | priority, where a port was queued last */
	struct page_info *page[ARRAY_PAGES]; /* type references held */
	struct fifo_vcpu vcpu[];
};

static_assert(MAX_VCPUS << 4 <= 1 << 16, "a queue's name is 16 bits");

static event_word_t *word_of(const struct fifo *f, unsigned int port)
{
	if (port / WORDS_PER_PAGE >= __atomic_load_n(&f->page_count, __ATOMIC_ACQUIRE))
		return NULL;
	return &f->word[port / WORDS_PER_PAGE][port % WORDS_PER_PAGE];
}

/* Let the word of a queue's tail lead to @port. False: the guest has taken it, the queue is empty. */
static bool tail_link(event_word_t *tail, unsigned int port)
{
	event_word_t w = READ_ONCE(*tail);

	for (unsigned int i = 0; i < TRIES_FREE + TRIES_BUSY; i++) {
		if (!(w & LINKED))
			break;
		if (i == TRIES_FREE)
			w = __atomic_or_fetch(tail, BUSY, __ATOMIC_SEQ_CST);
		if (__atomic_compare_exchange_n(tail, &w,
						(w & ~(EVTCHN_FIFO_LINK_MASK | BUSY)) | port, false,
						__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return true;
	}
	__atomic_and_fetch(tail, ~BUSY, __ATOMIC_SEQ_CST);
	return false;
}

/*
 * A port that goes to another queue than last time may still be the tail of
 * that: what comes there next must not be chained to the new place.
 */
static void queue_leave(struct fifo *f, unsigned int port, unsigned int queue) __must_hold(f->lock)
{
	uint16_t *last = &f->queue[port / WORDS_PER_PAGE][port % WORDS_PER_PAGE];

	if (*last != queue && f->vcpu[*last >> 4].tail[*last & 15] == port)
		f->vcpu[*last >> 4].tail[*last & 15] = 0;
	*last = queue;
}

/* Append the port unless it is in a queue. True: it is the first, so the vCPU is to be told. */
static bool enqueue(struct fifo *f, unsigned int port, event_word_t *word, unsigned int vcpu,
		    unsigned int priority)
{
	struct fifo_vcpu *fv = &f->vcpu[vcpu];
	uint32_t *tail = &fv->tail[priority];
	bool is_first = false;
	unsigned long flags = spin_lock_irqsave(&f->lock);

	if (!(__atomic_fetch_or(word, LINKED, __ATOMIC_SEQ_CST) & LINKED)) {
		queue_leave(f, port, vcpu << 4 | priority);
		is_first = !*tail || *tail == port || !tail_link(word_of(f, *tail), port);
		if (is_first)
			__atomic_store_n(&fv->control->head[priority], port, __ATOMIC_RELEASE);
		*tail = port;
	}
	spin_unlock_irqrestore(&f->lock, flags);
	return is_first;
}

/* Queue a port that is pending and not masked, and tell its vCPU. */
static void raise(struct domain *d, unsigned int port, event_word_t *word, unsigned int vcpu)
{
	struct fifo *f = d->evtchn->fifo;
	unsigned int priority = READ_ONCE(port_channel(d, port)->priority);
	struct evtchn_fifo_control_block *control;

	control = __atomic_load_n(&f->vcpu[vcpu].control, __ATOMIC_ACQUIRE);
	if (!control || !enqueue(f, port, word, vcpu, priority))
		return;
	if (!(__atomic_fetch_or(&control->ready, 1U << priority, __ATOMIC_SEQ_CST) &
	      1U << priority))
		upcall_request(d->vcpu[vcpu]);
}

/* What becomes pending before there is a word for it waits in the bits of the other ABI. */
void fifo_set_pending(struct domain *d, unsigned int port, unsigned int vcpu)
{
	event_word_t *word = word_of(d->evtchn->fifo, port);

	if (unlikely(!word)) {
		if (port < EVTCHN_2L_NR_CHANNELS)
			two_level_remember(d, port);
		return;
	}
	if (!(__atomic_fetch_or(word, PENDING, __ATOMIC_SEQ_CST) & (MASKED | LINKED)))
		raise(d, port, word, vcpu);
}

void fifo_clear_pending(struct domain *d, unsigned int port)
{
	event_word_t *word = word_of(d->evtchn->fifo, port);

	if (word)
		__atomic_and_fetch(word, ~PENDING, __ATOMIC_SEQ_CST);
}

void fifo_unmask(struct domain *d, unsigned int port, unsigned int vcpu)
{
	event_word_t *word = word_of(d->evtchn->fifo, port);

	if (word &&
	    (__atomic_fetch_and(word, ~MASKED, __ATOMIC_SEQ_CST) & (PENDING | LINKED)) == PENDING)
		raise(d, port, word, vcpu);
}

bool fifo_is_pending(const struct domain *d, unsigned int port)
{
	const event_word_t *word = word_of(d->evtchn->fifo, port);

	return word && READ_ONCE(*word) & PENDING;
}

/* ---- set up and taken down by the guest ---- */

/* A page of the guest's that it may write to: NULL if it is none. */
static struct page_info *page_take(struct domain *d, uint64_t gfn)
{
	struct page_info *pg = page_of_mfn(mfn(gfn));

	if (!mfn_valid(mfn(gfn)) || page_get_type(pg, d, TYPE_WRITABLE))
		return NULL;
	return pg;
}

static int fifo_begin(struct domain *d) __must_hold(d->evtchn_lock)
{
	struct evtchn_domain *ed = d->evtchn;
	struct fifo *f;
	int rc;

	rc = ports_extend(d);
	if (rc)
		return rc;
	f = heap_alloc(sizeof(*f) + d->max_vcpus * sizeof(f->vcpu[0]));
	if (!f)
		return -ENOMEM;
	spin_lock_init(&f->lock);
	__atomic_store_n(&ed->fifo, f, __ATOMIC_RELEASE);
	__atomic_store_n(&ed->port_limit, evtchn_port_limit(d, EVTCHN_FIFO_NR_CHANNELS),
			 __ATOMIC_RELEASE);
	return 0;
}

static int control_set(struct domain *d, const struct evtchn_init_control *req)
	__must_hold(d->evtchn_lock)
{
	struct fifo_vcpu *fv;
	struct page_info *pg;
	int rc = d->evtchn->fifo ? 0 : fifo_begin(d);

	if (rc)
		return rc;
	fv = &d->evtchn->fifo->vcpu[req->vcpu];
	if (fv->control)
		return -EINVAL;
	pg = page_take(d, req->control_gfn);
	if (!pg)
		return -EINVAL;
	fv->page = pg;
	__atomic_store_n(&fv->control,
			 (struct evtchn_fifo_control_block *)((char *)frame_map(mfn_of_page(pg)) +
							      req->offset),
			 __ATOMIC_RELEASE);
	return 0;
}

/*
 * The control block of one vCPU; the first one is the domain's change to this ABI. 0 and ->link_bits.
 *
 * -ENOENT no such vCPU; -EINVAL misplaced, not a page of the domain's to write to, or it has one; -ENOMEM.
 */
int evtchn_op_init_control(struct vcpu *v, union evtchn_arg *arg)
{
	struct evtchn_init_control *req = &arg->init_control;
	struct domain *d = v->domain;
	int rc;

	req->link_bits = EVTCHN_FIFO_LINK_BITS;
	if (!domain_vcpu(d, req->vcpu))
		return -ENOENT;
	if (req->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || req->offset % 8)
		return -EINVAL;
	spin_lock(&d->evtchn_lock);
	rc = control_set(d, req);
	spin_unlock(&d->evtchn_lock);
	return rc;
}

/* Ports whose words are new, and that became pending before. */
static void remembered_raise(struct domain *d, unsigned int first)
{
	for (unsigned int port = first; port < first + WORDS_PER_PAGE; port++) {
		struct channel *c = port_channel(d, port);
		unsigned long flags;

		if (!c || port >= EVTCHN_2L_NR_CHANNELS || !two_level_is_pending(d, port))
			continue;
		flags = spin_lock_irqsave(&c->lock);
		two_level_clear_pending(d, port);
		if (c->state != CHANNEL_FREE)
			fifo_set_pending(d, port, c->notify_vcpu);
		spin_unlock_irqrestore(&c->lock, flags);
	}
}

static int array_page_add(struct domain *d, uint64_t gfn) __must_hold(d->evtchn_lock)
{
	struct fifo *f = d->evtchn->fifo;
	unsigned int n;

	if (!f)
		return -EOPNOTSUPP;
	n = f->page_count;
	if (n == ARRAY_PAGES)
		return -ENOSPC;
	f->queue[n] = heap_alloc(WORDS_PER_PAGE * sizeof(*f->queue[n]));
	if (!f->queue[n])
		return -ENOMEM;
	f->page[n] = page_take(d, gfn);
	if (!f->page[n]) {
		heap_free(f->queue[n]);
		return -EINVAL;
	}
	f->word[n] = frame_map(mfn_of_page(f->page[n]));
	__atomic_store_n(&f->page_count, n + 1, __ATOMIC_RELEASE);
	remembered_raise(d, n * WORDS_PER_PAGE);
	return 0;
}

/* -EOPNOTSUPP: not in this ABI; -ENOSPC: words for all ports are there; -EINVAL: no page; -ENOMEM. */
int evtchn_op_expand_array(struct vcpu *v, union evtchn_arg *arg)
{
	struct domain *d = v->domain;
	int rc;

	spin_lock(&d->evtchn_lock);
	rc = array_page_add(d, arg->expand_array.array_gfn);
	spin_unlock(&d->evtchn_lock);
	return rc;
}

/* -EINVAL: no such port, or priority. Without this ABI it is remembered for nothing. */
int evtchn_op_set_priority(struct vcpu *v, union evtchn_arg *arg)
{
	const struct evtchn_set_priority *req = &arg->set_priority;
	struct domain *d = v->domain;
	struct channel *c;
	int rc = -EINVAL;

	spin_lock(&d->evtchn_lock);
	c = port_channel(d, req->port);
	if (!d->evtchn->fifo) {
		rc = -EOPNOTSUPP;
	} else if (c && req->priority <= EVTCHN_FIFO_PRIORITY_MIN) {
		WRITE_ONCE(c->priority, req->priority);
		rc = 0;
	}
	spin_unlock(&d->evtchn_lock);
	return rc;
}

void fifo_end(struct domain *d)
{
	struct fifo *f = d->evtchn->fifo;

	if (!f)
		return;
	d->evtchn->port_limit = evtchn_port_limit(d, EVTCHN_2L_NR_CHANNELS);
	d->evtchn->fifo = NULL;
	while (f->page_count) {
		page_put_type(f->page[--f->page_count]);
		heap_free(f->queue[f->page_count]);
	}
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (f->vcpu[i].page)
			page_put_type(f->vcpu[i].page);
	heap_free(f);
}

void fifo_pages_visit(const struct domain *d, page_visitor *visit, void *data)
{
	const struct fifo *f = d->evtchn->fifo;

	for (unsigned int i = 0; f && i < f->page_count; i++)
		visit(data, f->page[i]);
	for (unsigned int i = 0; f && i < d->max_vcpus; i++)
		if (f->vcpu[i].page)
			visit(data, f->vcpu[i].page);
}
