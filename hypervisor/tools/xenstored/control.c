// SPDX-License-Identifier: GPL-2.0-or-later
/* CONTROL: what xenstore-control(1) asks the daemon itself. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

static wire_operation control_help, control_check, control_print, control_quota;

static const struct {
	const char *name;
	wire_operation *carry_out;
} commands[] = {
	{ "help", control_help },
	{ "check", control_check },
	{ "print", control_print },
	{ "quota", control_quota },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void reply_append(struct reply *r, const char *text)
{
	size_t length = strlen(text);

	if (r->length + length + 1 > sizeof(r->data))
		return;
	memcpy(r->data + r->length, text, length + 1);
	r->length += (uint32_t)length;
}

int wire_control(struct operation *op, struct arguments *a, struct reply *r)
{
	const char *name = argument_string(a);

	for (size_t i = 0; name && i < COMMAND_COUNT; i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].carry_out(op, a, r);
	return EINVAL;
}

static int control_help(struct operation *op, struct arguments *a, struct reply *r)
{
	(void)op;
	(void)a;
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		reply_append(r, commands[i].name);
		reply_append(r, "\n");
	}
	r->length++;
	return 0;
}

struct tally {
	uint16_t domid;
	uint32_t nodes;
};

static bool count_owned(const struct node *child, void *data)
{
	struct tally *t = data;

	t->nodes += child->permissions->entry[0].domid == t->domid;
	return tree_each_child(child, count_owned, t);
}

/* Counts again what each domain owns. */
static int control_check(struct operation *op, struct arguments *a, struct reply *r)
{
	char line[64];

	(void)a;
	for (struct store_domain *d = op->store->domains; d; d = d->next) {
		struct tally t = { .domid = d->domid };

		tree_each_child(op->store->root, count_owned, &t);
		if (t.nodes == usage_of(op->store, d->domid)->nodes)
			continue;
		snprintf(line, sizeof(line), "domain %u: %" PRIu32 " nodes, counted %" PRIu32 "\n",
			 d->domid, usage_of(op->store, d->domid)->nodes, t.nodes);
		reply_append(r, line);
	}
	if (r->length)
		r->length++;
	return 0;
}

static int control_print(struct operation *op, struct arguments *a, struct reply *r)
{
	const char *text = argument_string(a);

	(void)r;
	if (!text)
		return EINVAL;
	if (op->store->hooks->log && !op->store->is_replaying)
		op->store->hooks->log(op->store->world, text);
	return 0;
}

static int quota_set(struct store *s, const char *name, const char *text)
{
	const char *known;
	uint32_t *limit;
	uint64_t value;

	if (!name || !argument_number(text, UINT32_MAX, &value))
		return EINVAL;
	for (unsigned int i = 0; quota_entry(&s->quota, i, &known, &limit); i++) {
		if (strcmp(name, known))
			continue;
		*limit = (uint32_t)value;
		return 0;
	}
	return EINVAL;
}

static int control_quota(struct operation *op, struct arguments *a, struct reply *r)
{
	const char *word = argument_string(a), *name;
	char line[128];
	uint32_t *limit;
	uint64_t domid;

	if (word && !strcmp(word, "set")) {
		name = argument_string(a);
		return quota_set(op->store, name, argument_string(a));
	}
	if (word) {
		const struct usage *u;

		if (!argument_number(word, DOMID_LIMIT - 1, &domid))
			return EINVAL;
		u = usage_of(op->store, (uint16_t)domid);
		snprintf(line, sizeof(line),
			 "nodes: %" PRIu32 "\nwatches: %" PRIu32 "\ntransactions: %" PRIu32 "\n",
			 u->nodes, u->watches, u->transactions);
		reply_string(r, line);
		return 0;
	}
	for (unsigned int i = 0; quota_entry(&op->store->quota, i, &name, &limit); i++) {
		snprintf(line, sizeof(line), "%s: %" PRIu32 "\n", name, *limit);
		reply_append(r, line);
	}
	r->length++;
	return 0;
}
