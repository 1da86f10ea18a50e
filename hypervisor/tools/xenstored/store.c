// SPDX-License-Identifier: GPL-2.0-or-later
/* The store's clients, domains and permissions; see store.h. */
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "node_ops.h"
#include "path.h"
#include "transaction.h"
#include "watch.h"

void store_init(struct store *s, const struct store_hooks *hooks, void *world)
{
	*s = (struct store){
		.root = tree_new_root(),
		.introduce_permissions = permissions_new(1),
		.release_permissions = permissions_new(1),
		.generation = 1,
		.hooks = hooks,
		.world = world,
	};
	quota_set_defaults(&s->quota);
}

void store_destroy(struct store *s)
{
	for (size_t i = 0; i < s->client_limit; i++)
		if (s->clients[i])
			client_close(s, s->clients[i]);
	while (s->domains) {
		struct store_domain *next = s->domains->next;

		free(s->domains);
		s->domains = next;
	}
	node_put(s->root);
	permissions_put(s->introduce_permissions);
	permissions_put(s->release_permissions);
	usage_destroy(s);
	free(s->clients);
	free(s->watch_buckets);
}

struct client *client_open(struct store *s, uint32_t slot, uint16_t domid, bool is_socket)
{
	struct client *c = xs_alloc(sizeof(*c));

	if (slot >= s->client_limit) {
		size_t limit = (slot + 64) & ~63u;

		s->clients = xs_realloc(s->clients, limit * sizeof(struct client *));
		memset(s->clients + s->client_limit, 0,
		       (limit - s->client_limit) * sizeof(struct client *));
		s->client_limit = limit;
	}
	*c = (struct client){
		.id = slot,
		.domid = domid,
		.is_socket = is_socket,
		.target = -1,
	};
	c->last_event = &c->first_event;
	if (s->is_replaying && s->hooks->sent_events)
		c->sent_events = s->hooks->sent_events(s->world, slot);
	s->clients[slot] = c;
	return c;
}

void client_reset(struct store *s, struct client *c)
{
	watch_remove_all(s, c);
	transaction_end_all(s, c);
	client_events_sent(c, c->next_event);
}

void client_close(struct store *s, struct client *c)
{
	client_reset(s, c);
	s->clients[c->id] = NULL;
	free(c);
}

struct client *client_by_slot(const struct store *s, uint32_t slot)
{
	return slot < s->client_limit ? s->clients[slot] : NULL;
}

bool client_is_privileged(const struct client *c)
{
	return c->is_socket || !c->domid;
}

/* Whether the same event waits already; asked only for domains, whose memory is limited. */
static bool event_is_queued(const struct client *c, const char *payload, size_t length)
{
	const struct event *e;

	for (e = c->first_event; e; e = e->next)
		if (e->length == length && !memcmp(e->payload, payload, length))
			return true;
	return false;
}

/*
 * A domain that does not take its events gets each only once (a watch may tell of several changes at once), and none
 * beyond its quota: there it has asked for more than it can read, and its connection ends.
 */
void client_queue_event(struct store *s, struct client *c, const char *path, const char *token)
{
	size_t path_size = strlen(path) + 1, token_size = strlen(token) + 1;
	size_t length = path_size + token_size;
	uint32_t index = c->next_event++;
	struct event *e;

	if (c->is_ignored || length > XENSTORE_PAYLOAD_MAX)
		return;
	if (s->is_replaying && (int32_t)(index - c->sent_events) < 0)
		return;

	e = xs_alloc(sizeof(*e) + length);
	*e = (struct event){ .index = index, .length = (uint32_t)length };
	memcpy(e->payload, path, path_size);
	memcpy(e->payload + path_size, token, token_size);
	if (!client_is_privileged(c)) {
		if (event_is_queued(c, e->payload, length)) {
			free(e);
			return;
		}
		if (s->quota.event_bytes && c->event_bytes + length > s->quota.event_bytes) {
			free(e);
			c->is_ignored = true;
			return;
		}
	}
	c->event_bytes += (uint32_t)length;
	*c->last_event = e;
	c->last_event = &e->next;
	if (s->hooks->has_events && !s->is_replaying)
		s->hooks->has_events(s->world, c->id);
}

void client_events_sent(struct client *c, uint32_t index)
{
	struct event *e;

	while ((e = c->first_event) && (int32_t)(e->index - index) < 0) {
		c->first_event = e->next;
		c->event_bytes -= e->length;
		free(e);
	}
	if (!c->first_event)
		c->last_event = &c->first_event;
}

struct store_domain *store_domain_find(const struct store *s, uint16_t domid)
{
	struct store_domain *d;

	for (d = s->domains; d; d = d->next)
		if (d->domid == domid)
			break;
	return d;
}

bool permissions_allow(const struct permissions *p, const struct client *c, unsigned int wanted)
{
	unsigned int access = p->entry[0].access;

	if (client_is_privileged(c) || p->entry[0].domid == c->domid ||
	    p->entry[0].domid == c->target)
		return true;
	for (uint32_t i = 1; i < p->count; i++) {
		if (p->entry[i].domid == c->domid || p->entry[i].domid == c->target) {
			access = p->entry[i].access;
			break;
		}
	}
	return (access & wanted) == wanted;
}

void store_domain_ended(struct store *s, uint16_t domid, bool is_gone)
{
	struct store_domain **slot, *d;
	bool tell;

	for (slot = &s->domains; (d = *slot) && d->domid != domid; slot = &d->next)
		;
	if (!d)
		return;

	tell = is_gone || !d->is_shut_down;
	d->is_shut_down = true;
	if (is_gone) {
		struct client *c = client_by_slot(s, d->client);

		*slot = d->next;
		if (c)
			client_close(s, c);
		if (s->hooks->release && !s->is_replaying)
			s->hooks->release(s->world, d->client);
		free(d);
		node_remove_owned(s, domid);
		for (size_t i = 0; i < s->client_limit; i++)
			if (s->clients[i] && s->clients[i]->target == domid)
				s->clients[i]->target = -1;
		usage_forget(s, domid);
	}
	if (tell)
		watch_fire_special(s, "@releaseDomain", domid, s->release_permissions);
}
