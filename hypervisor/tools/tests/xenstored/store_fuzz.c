// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of three clients, any bytes. Besides not failing, the store must keep two promises on which its survival rests: doing
 * again what the journal would hold leads to the same store, and a snapshot restored is the same store too.
 * (A snapshot of each, byte by byte, is how two stores are compared.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "memory.h"
#include "store_world.h"

#define REQUESTS_MAX 400

struct bytes {
	char *data;
	size_t length;
};

struct done {
	uint32_t slot, answer;
	struct xsd_sockmsg head;
	const char *body;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void collect(void *data, const struct record *head, const void *const parts[],
		    const size_t lengths[], unsigned int part_count)
{
	struct bytes *b = data;
	struct record r = *head;
	size_t payload = 0, at;

	for (unsigned int i = 0; i < part_count; i++)
		payload += lengths[i];
	at = b->length;
	b->length += (sizeof(r) + payload + 7) & ~(size_t)7;
	b->data = xs_realloc(b->data, b->length);
	memset(b->data + at, 0, b->length - at);
	r.size = (uint32_t)(b->length - at);
	r.length = (uint32_t)payload;
	memcpy(b->data + at, &r, sizeof(r));
	at += sizeof(r);
	for (unsigned int i = 0; i < part_count; i++) {
		if (lengths[i])
			memcpy(b->data + at, parts[i], lengths[i]);
		at += lengths[i];
	}
}

static struct bytes snapshot(struct store *s)
{
	struct bytes b = { NULL, 0 };

	snapshot_write(s, collect, &b);
	return b;
}

static void restore(struct store_world *w, const struct bytes *b)
{
	static const struct store_hooks no_hooks;

	memset(w, 0, sizeof(*w));
	store_init(&w->store, &no_hooks, w);
	w->store.is_replaying = true;
	for (size_t at = 0; at < b->length;) {
		const struct record *r = (const void *)(b->data + at);

		if (snapshot_restore(&w->store, r)) {
			fprintf(stderr, "record of kind %u is refused\n", r->kind);
			abort();
		}
		at += r->size;
	}
	w->store.is_replaying = false;
}

/* The next record that counts: what a transaction that cannot be committed would have changed does not. */
static const struct record *next_record(const struct bytes *b, size_t *at, bool *is_stale)
{
	while (*at < b->length) {
		const struct record *r = (const void *)(b->data + *at);

		*at += r->size;
		if (r->kind == RECORD_TRANSACTION)
			*is_stale = r->extra;
		if (r->kind != RECORD_CHANGE || !*is_stale)
			return r;
	}
	return NULL;
}

static void must_be_equal(const struct bytes *a, const struct bytes *b, const char *what)
{
	bool stale_a = false, stale_b = false;
	size_t at_a = 0, at_b = 0;

	for (;;) {
		const struct record *r = next_record(a, &at_a, &stale_a);
		const struct record *q = next_record(b, &at_b, &stale_b);

		if (!r && !q)
			return;
		if (r && q && r->size == q->size && !memcmp(r, q, r->size))
			continue;
		fprintf(stderr, "%s is another store: kind %u, slot %u differs\n", what,
			r ? r->kind : q->kind, r ? r->slot : q->slot);
		abort();
	}
}

/* One request from the input; it says who, what, in which transaction, and how many bytes follow. */
static bool next_request(const uint8_t **data, size_t *size, struct done *d)
{
	size_t length;

	if (*size < 4)
		return false;
	d->slot = (*data)[0] % 3;
	d->head = (struct xsd_sockmsg){ .type = (*data)[1] % (XS_TYPE_COUNT + 1),
					.tx_id = (*data)[2] % 4 };
	length = (*data)[3];
	*data += 4;
	*size -= 4;
	length = length < *size ? length : *size;
	d->head.len = (uint32_t)length;
	d->body = (const char *)*data;
	*data += length;
	*size -= length;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct store_world live, again, restored, twice;
	static struct done done[REQUESTS_MAX];
	struct bytes a, b, c;
	size_t count = 0;

	store_world_init(&live);
	while (count < REQUESTS_MAX && next_request(&data, &size, &done[count])) {
		struct done *d = &done[count];
		struct client *client = client_by_slot(&live.store, d->slot);

		if (client && wire_request(&live.store, client, &d->head, d->body, &live.reply)) {
			d->answer = live.store.answer;
			count++;
		}
		live.next_slot = 3 + (int)count;
	}

	store_world_init(&again);
	again.store.is_replaying = true;
	for (size_t i = 0; i < count; i++) {
		again.store.replayed_answer = done[i].answer;
		wire_request(&again.store, client_by_slot(&again.store, done[i].slot),
			     &done[i].head, done[i].body, &again.reply);
	}
	a = snapshot(&live.store);
	b = snapshot(&again.store);
	must_be_equal(&a, &b, "what the journal makes");
	free(b.data);

	/* Lists come out in reverse order: twice is the same order again. */
	restore(&restored, &a);
	b = snapshot(&restored.store);
	restore(&twice, &b);
	c = snapshot(&twice.store);
	must_be_equal(&a, &c, "what a snapshot makes");

	free(a.data);
	free(b.data);
	free(c.data);
	store_world_destroy(&live);
	store_world_destroy(&again);
	store_world_destroy(&restored);
	store_world_destroy(&twice);
	return 0;
}
