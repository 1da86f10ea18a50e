// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations about domains: which are connected, and which act for others. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "watch.h"
#include "wire.h"

static bool domid_argument(struct arguments *a, uint16_t *domid)
{
	uint64_t value;

	if (!argument_number(argument_string(a), DOMID_LIMIT - 1, &value))
		return false;
	*domid = (uint16_t)value;
	return true;
}

/* The frame is written as a signed decimal (specification of INTRODUCE). */
static bool frame_argument(struct arguments *a, uint64_t *frame)
{
	const char *text = argument_string(a);

	if (text && *text == '-') {
		if (!argument_number(text + 1, INT64_MAX, frame))
			return false;
		*frame = (uint32_t) - *frame;
		return true;
	}
	return argument_number(text, UINT64_MAX, frame);
}

/* Again for a domain that is known: it has a new kernel on the old ring (EEXIST for a different one). */
static int introduce_again(struct operation *op, struct store_domain *d, uint64_t gfn,
			   uint32_t port)
{
	struct client *c = client_by_slot(op->store, d->client);

	if (d->gfn != gfn || d->remote_port != port || !c)
		return EINVAL;
	client_reset(op->store, c);
	return 0;
}

int wire_introduce(struct operation *op, struct arguments *a, struct reply *r)
{
	struct store *s = op->store;
	struct store_domain *d;
	uint64_t gfn, port;
	uint16_t domid;
	int slot;

	(void)r;
	if (!domid_argument(a, &domid) || !frame_argument(a, &gfn) ||
	    !argument_number(argument_string(a), UINT32_MAX, &port))
		return EINVAL;
	if (!domid)
		return EINVAL;
	d = store_domain_find(s, domid);
	if (d)
		return introduce_again(op, d, gfn, (uint32_t)port);
	if (!s->hooks->introduce)
		return ENOSYS;

	slot = s->hooks->introduce(s->world, domid, gfn, (uint32_t)port);
	if (slot < 0)
		return slot == -ENOENT ? ENOENT : slot == -EAGAIN ? EAGAIN : EINVAL;

	s->answer = (uint32_t)slot;
	d = xs_zalloc(sizeof(*d));
	d->domid = domid;
	d->gfn = gfn;
	d->remote_port = (uint32_t)port;
	d->client = (uint32_t)slot;
	d->next = s->domains;
	s->domains = d;
	client_open(s, d->client, domid, false);
	watch_fire_special(s, "@introduceDomain", domid, s->introduce_permissions);
	return 0;
}

int wire_release(struct operation *op, struct arguments *a, struct reply *r)
{
	uint16_t domid;

	(void)r;
	if (!domid_argument(a, &domid) || !argument_is_last(a) || !domid)
		return EINVAL;
	if (!store_domain_find(op->store, domid))
		return ENOENT;
	store_domain_ended(op->store, domid, true);
	return 0;
}

int wire_resume(struct operation *op, struct arguments *a, struct reply *r)
{
	struct store_domain *d;
	uint16_t domid;

	(void)r;
	if (!domid_argument(a, &domid) || !argument_is_last(a) || !domid)
		return EINVAL;
	d = store_domain_find(op->store, domid);
	if (!d)
		return ENOENT;
	d->is_shut_down = false;
	return 0;
}

int wire_is_introduced(struct operation *op, struct arguments *a, struct reply *r)
{
	uint16_t domid;

	if (!domid_argument(a, &domid) || !argument_is_last(a))
		return EINVAL;
	reply_string(r, !domid || store_domain_find(op->store, domid) ? "T" : "F");
	return 0;
}

int wire_domain_path(struct operation *op, struct arguments *a, struct reply *r)
{
	uint16_t domid;

	(void)op;
	if (!domid_argument(a, &domid) || !argument_is_last(a))
		return EINVAL;
	r->length = (uint32_t)snprintf(r->data, sizeof(r->data), "/local/domain/%u", domid) + 1;
	return 0;
}

int wire_set_target(struct operation *op, struct arguments *a, struct reply *r)
{
	struct store_domain *d;
	uint16_t domid, target;
	struct client *c;

	(void)r;
	if (!domid_argument(a, &domid) || !domid_argument(a, &target) || !argument_is_last(a))
		return EINVAL;
	d = store_domain_find(op->store, domid);
	if (!d || !store_domain_find(op->store, target))
		return ENOENT;
	c = client_by_slot(op->store, d->client);
	if (c)
		c->target = target;
	return 0;
}
