// SPDX-License-Identifier: GPL-2.0-or-later
/* Limits and use of each domain, see quota.h. */
#include "quota.h"

#include <stdlib.h>

#include "memory.h"
#include "store.h"

void quota_set_defaults(struct quota *q)
{
	*q = (struct quota){
		.nodes = 1000,
		.watches = 128,
		.transactions = 10,
		.transaction_nodes = 1024,
		.node_size = 2048,
		.permissions = 5,
		.event_bytes = 256 * 1024,
	};
}

bool quota_entry(struct quota *q, unsigned int i, const char **name, uint32_t **value)
{
	const struct {
		const char *name;
		uint32_t *value;
	} entries[] = {
		{ "nodes", &q->nodes },
		{ "watches", &q->watches },
		{ "transactions", &q->transactions },
		{ "transaction-nodes", &q->transaction_nodes },
		{ "node-size", &q->node_size },
		{ "permissions", &q->permissions },
		{ "event-bytes", &q->event_bytes },
	};

	if (i >= sizeof(entries) / sizeof(entries[0]))
		return false;
	*name = entries[i].name;
	*value = entries[i].value;
	return true;
}

struct usage *usage_of(struct store *s, uint16_t domid)
{
	struct usage **bucket = &s->usage[domid & 0xff], *u;

	for (u = *bucket; u; u = u->next)
		if (u->domid == domid)
			return u;

	u = xs_zalloc(sizeof(*u));
	u->domid = domid;
	u->next = *bucket;
	*bucket = u;
	return u;
}

void usage_forget(struct store *s, uint16_t domid)
{
	for (struct usage **u = &s->usage[domid & 0xff]; *u; u = &(*u)->next) {
		struct usage *old = *u;

		if (old->domid != domid)
			continue;
		if (!old->nodes && !old->watches && !old->transactions) {
			*u = old->next;
			free(old);
		}
		return;
	}
}

void usage_destroy(struct store *s)
{
	for (size_t i = 0; i < sizeof(s->usage) / sizeof(s->usage[0]); i++) {
		while (s->usage[i]) {
			struct usage *next = s->usage[i]->next;

			free(s->usage[i]);
			s->usage[i] = next;
		}
	}
}
