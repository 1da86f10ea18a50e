/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EVTCHNOP_status: what a port is. */
#include "evtchn_private.h"

#include <hv/errno.h>

#include <asm/guest_access.h>
#include <asm/nospec.h>

static void status_fill(struct evtchn_status *req, const struct channel *c)
{
	req->status = c->state;
	req->vcpu = c->notify_vcpu;

	switch (c->state) {
	case CHANNEL_UNBOUND:
		req->u.unbound.dom = c->u.allowed_domain;
		break;
	case CHANNEL_INTERDOMAIN:
		req->u.interdomain.dom = c->u.remote.domain->id;
		req->u.interdomain.port = c->u.remote.port;
		break;
	case CHANNEL_PIRQ:
		req->u.pirq = c->u.pirq;
		break;
	case CHANNEL_VIRQ:
		req->u.virq = c->u.virq;
		break;
	default:
		break;
	}
}

static int status_of(struct domain *d, struct evtchn_status *req)
{
	struct channel *c = port_channel(d, req->port);

	if (!c)
		return -EINVAL;
	spin_lock(&d->evtchn_lock);
	status_fill(req, c);
	spin_unlock(&d->evtchn_lock);
	return 0;
}

/*
 * 0 and ->status, ->vcpu, ->u.
 *
 * -ESRCH no such domain; -EPERM not the caller's, who is not privileged;
 * -EINVAL beyond the ports made so far.
 */
static int status_get(struct vcpu *v, struct evtchn_status *req)
{
	struct domain *d;
	int rc = -EPERM;

	/* The caller's own domain, which is nearly always meant, is held by its running. */
	if (likely(req->dom == DOMID_SELF))
		return status_of(v->domain, req);
	d = domain_get(req->dom);
	if (!d)
		return -ESRCH;
	if (d == v->domain || v->domain->is_privileged)
		rc = status_of(d, req);
	domain_put(d);
	return rc;
}

/* The structure is three words, of which only the first (domain, port) comes in. */
static __attribute__((noinline)) bool first_word_load(unsigned long arg, uint64_t *word)
{
	uint64_t w;

	guest_access_begin();
	guest_load(w, arg, failed);
	guest_access_end();
	*word = w;
	return true;
failed:
	guest_access_end();
	return false;
}

static bool words_store(unsigned long arg, const uint64_t words[3])
{
	guest_access_begin();
	guest_store(arg, words[0], failed);
	guest_store(arg + 8, words[1], failed);
	guest_store(arg + 16, words[2], failed);
	guest_access_end();
	return true;
failed:
	guest_access_end();
	return false;
}

long evtchn_status_at(struct vcpu *v, unsigned long arg)
{
	union {
		struct evtchn_status status;
		uint64_t words[3];
	} copy = { .words = { 0 } };
	int rc;

	static_assert(sizeof(copy.status) == sizeof(copy.words), "three words");
	if (!guest_range_ok(arg, sizeof(copy)))
		return -EFAULT;
	branch_barrier();
	if (!first_word_load(arg, &copy.words[0]))
		return -EFAULT;
	rc = status_get(v, &copy.status);
	if (rc)
		return rc;
	return words_store(arg, copy.words) ? 0 : -EFAULT;
}
