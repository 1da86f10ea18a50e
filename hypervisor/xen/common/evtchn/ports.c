/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of a domain's ports: channels come in buckets, made when the
 * first port of them is needed and kept until the domain ends. Port 0 is
 * never given out.
 */
#include "evtchn_private.h"

#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/page_allocator.h>
#include <hv/pirq.h>
#include <hv/string.h>

struct spinlock evtchn_link_lock = SPINLOCK_INIT;

/* Ports closed by EVTCHNOP_reset between two looks whether it should pause. */
#define RESET_BATCH 64

static int bucket_add(struct evtchn_domain *ed, unsigned int index)
{
	struct channel *bucket = heap_alloc(CHANNELS_OF_BUCKET * sizeof(*bucket));

	if (!bucket)
		return -ENOMEM;
	__atomic_store_n(&ed->bucket[index], bucket, __ATOMIC_RELEASE);
	return 0;
}

int port_find_free(struct domain *d, evtchn_port_t *port, struct channel **c)
{
	struct evtchn_domain *ed = d->evtchn;
	unsigned int p;
	int rc;

	/* nothing more begins what its end would have to find */
	if (unlikely(d->is_dying))
		return -EINVAL;
	for (p = ed->lowest_free; p < ed->port_limit; p++) {
		if (!ed->bucket[p / CHANNELS_OF_BUCKET]) {
			rc = bucket_add(ed, p / CHANNELS_OF_BUCKET);
			if (rc)
				return rc;
		}
		*c = port_channel(d, p);
		if ((*c)->state == CHANNEL_FREE)
			break;
	}
	ed->lowest_free = p;
	if (p >= ed->port_limit)
		return -ENOSPC;
	*port = p;
	(*c)->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	ed->used_count++;
	return 0;
}

int ports_extend(struct domain *d)
{
	struct evtchn_domain *ed = d->evtchn;
	struct channel **more;

	if (ed->bucket != ed->bucket_two_level)
		return 0;
	more = heap_alloc(BUCKETS_FIFO * sizeof(*more));
	if (!more)
		return -ENOMEM;
	memcpy(more, ed->bucket_two_level, sizeof(ed->bucket_two_level));
	__atomic_store_n(&ed->bucket, more, __ATOMIC_RELEASE);
	return 0;
}

void channel_bind(struct channel *c, const struct channel *to, unsigned int notify)
{
	unsigned long flags = spin_lock_irqsave(&c->lock);

	c->u = to->u;
	c->state = to->state;
	WRITE_ONCE(c->notify_vcpu, notify);
	spin_unlock_irqrestore(&c->lock, flags);
}

void port_free(struct domain *d, unsigned int port, struct channel *c)
{
	unsigned long flags = spin_lock_irqsave(&c->lock);

	c->state = CHANNEL_FREE;
	WRITE_ONCE(c->notify_vcpu, 0);
	if (d->evtchn->fifo)
		fifo_clear_pending(d, port);
	else
		two_level_clear_pending(d, port);
	spin_unlock_irqrestore(&c->lock, flags);

	d->evtchn->used_count--;
	if (port < d->evtchn->lowest_free)
		d->evtchn->lowest_free = port;
}

/* The other end of @c waits for a new one. It comes first: then nobody sends to us any more. */
static void unlink_remote(struct domain *d, const struct channel *c) __no_lock_check
{
	struct domain *remote = c->u.remote.domain;
	struct channel *peer = port_channel(remote, c->u.remote.port);
	struct channel unbound = { .state = CHANNEL_UNBOUND, .u.allowed_domain = d->id };

	if (remote != d)
		spin_lock(&remote->evtchn_lock);
	channel_bind(peer, &unbound, peer->notify_vcpu);
	if (remote != d)
		spin_unlock(&remote->evtchn_lock);
}

static void unbind_virq(struct domain *d, const struct channel *c)
{
	unsigned int owner = virq_is_per_vcpu(c->u.virq) ? c->notify_vcpu : 0;

	WRITE_ONCE(d->vcpu[owner]->virq_port[c->u.virq], 0);
}

/* -EINVAL: not in use. */
static int close_locked(struct domain *d, unsigned int port) __must_hold(evtchn_link_lock)
	__must_hold(d->evtchn_lock)
{
	struct channel *c = port_channel(d, port);

	if (!c || c->state == CHANNEL_FREE)
		return -EINVAL;

	if (c->state == CHANNEL_INTERDOMAIN)
		unlink_remote(d, c);
	else if (c->state == CHANNEL_PIRQ)
		pirq_unbind(d, c->u.pirq, port);
	else if (c->state == CHANNEL_VIRQ)
		unbind_virq(d, c);
	port_free(d, port, c);
	return 0;
}

int evtchn_close(struct domain *d, unsigned int port)
{
	int rc;

	spin_lock(&evtchn_link_lock);
	spin_lock(&d->evtchn_lock);
	rc = close_locked(d, port);
	spin_unlock(&d->evtchn_lock);
	spin_unlock(&evtchn_link_lock);
	return rc;
}

/* -EINVAL: not in use. */
int evtchn_op_close(struct vcpu *v, union evtchn_arg *arg)
{
	return evtchn_close(v->domain, arg->close.port);
}

/* -ERESTART when it should pause: those closed so far will not be met again. */
static int close_all(struct domain *d)
{
	unsigned int port, closed = 0;

	for (port = 0; port < READ_ONCE(d->evtchn->port_limit); port++) {
		const struct channel *c = port_channel(d, port);

		if (!c)
			port |= CHANNELS_OF_BUCKET - 1;
		/* A look without the locks, so that those closed before take little time. */
		if (!c || READ_ONCE(c->state) == CHANNEL_FREE || evtchn_close(d, port))
			continue;
		if (++closed % RESET_BATCH == 0 && hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}

/* Nobody can be sending to a domain of which no port is in use. */
static int fifo_reset(struct domain *d)
{
	int rc = 0;

	spin_lock(&evtchn_link_lock);
	spin_lock(&d->evtchn_lock);
	if (d->evtchn->used_count)
		rc = -ERESTART;	/* taken since: once more */
	else
		fifo_end(d);
	spin_unlock(&d->evtchn_lock);
	spin_unlock(&evtchn_link_lock);
	return rc;
}

int evtchn_domain_reset(struct domain *d)
{
	int rc = close_all(d);

	if (!rc && d->evtchn->fifo)
		rc = fifo_reset(d);
	return rc;
}

/*
 * Close all ports of a domain, which then is back at the two-level ABI.
 *
 * 0; -ESRCH no such domain; -EPERM not the caller's, who is not privileged; -ERESTART.
 */
int evtchn_op_reset(struct vcpu *v, union evtchn_arg *arg)
{
	struct domain *d = domain_get(arg->reset.dom);
	int rc = -EPERM;

	if (!d)
		return -ESRCH;
	if (d == v->domain || v->domain->is_privileged)
		rc = evtchn_domain_reset(d);
	domain_put(d);
	return rc;
}

int evtchn_domain_init(struct domain *d)
{
	struct evtchn_domain *ed = heap_alloc(sizeof(*ed));

	if (!ed)
		return -ENOMEM;
	ed->lowest_free = 1;
	ed->port_limit = evtchn_port_limit(d, EVTCHN_2L_NR_CHANNELS);
	ed->bucket = ed->bucket_two_level;
	d->evtchn = ed;
	return 0;
}

/* All ports are closed already, or were never in use. */
void evtchn_domain_destroy(struct domain *d)
{
	struct evtchn_domain *ed = d->evtchn;
	unsigned int i, count = BUCKETS_TWO_LEVEL;

	if (ed->bucket != ed->bucket_two_level)
		count = BUCKETS_FIFO;
	for (i = 0; i < count; i++)
		heap_free(ed->bucket[i]);
	fifo_end(d);
	if (ed->bucket != ed->bucket_two_level)
		heap_free(ed->bucket);
	heap_free(ed);
	d->evtchn = NULL;
}

void evtchn_pages_visit(const struct domain *d, page_visitor *visit, void *data)
{
	fifo_pages_visit(d, visit, data);
}
