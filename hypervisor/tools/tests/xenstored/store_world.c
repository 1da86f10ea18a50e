// SPDX-License-Identifier: GPL-2.0-or-later
/* A store for tests, see store_world.h. */
#include "store_world.h"

#include <stdio.h>
#include <string.h>

static int introduce(void *world, uint16_t domid, uint64_t gfn, uint32_t port)
{
	const struct store_world *w = world;

	(void)domid;
	(void)gfn;
	(void)port;
	return w->store.is_replaying ? (int)w->store.replayed_answer : w->next_slot;
}

static void release(void *world, uint32_t slot)
{
	struct store_world *w = world;

	(void)slot;
	w->released++;
}

static const struct store_hooks hooks = { .introduce = introduce, .release = release };

void store_world_init(struct store_world *w)
{
	memset(w, 0, sizeof(*w));
	store_init(&w->store, &hooks, w);
	client_open(&w->store, SOCKET, 0, true);
	w->next_slot = DOMAIN_1;
	ASK(w, SOCKET, XS_INTRODUCE, 0, "1\0007\0003");
	w->next_slot = DOMAIN_2;
	ASK(w, SOCKET, XS_INTRODUCE, 0, "2\0007\0003");
	w->next_slot = 3;
}

void store_world_destroy(struct store_world *w)
{
	store_destroy(&w->store);
}

const char *ask(struct store_world *w, uint32_t slot, uint32_t type, uint32_t tx, const void *body,
		size_t size)
{
	const struct xsd_sockmsg head = { .type = type, .tx_id = tx, .len = (uint32_t)size };

	wire_request(&w->store, client_by_slot(&w->store, slot), &head, body, &w->reply);
	if (w->reply.length < sizeof(w->reply.data))
		w->reply.data[w->reply.length] = '\0';
	return w->reply.type == XS_ERROR ? w->reply.data : "";
}

const char *next_event(struct store_world *w, uint32_t slot)
{
	static char text[XENSTORE_PAYLOAD_MAX + 1];
	struct client *c = client_by_slot(&w->store, slot);
	const struct event *e = c->first_event;

	if (!e)
		return "";
	snprintf(text, sizeof(text), "%s|%s", e->payload, e->payload + strlen(e->payload) + 1);
	client_events_sent(c, e->index + 1);
	return text;
}
