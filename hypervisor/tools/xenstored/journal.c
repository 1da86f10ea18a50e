// SPDX-License-Identifier: GPL-2.0-or-later
/* The journal, see journal.h. */
#include "journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wire.h"

#define MAP_LIMIT ((size_t)1 << 32) /* address space, not memory */
#define GROWTH ((size_t)1 << 20)
#define WORTH_COMPACTING ((size_t)1 << 20)
#define LAST_RESORT 8

static int file_map(struct journal *j, int i)
{
	off_t size = lseek(j->state->journal_fd[i], 0, SEEK_END);
	void *map = mmap(NULL, MAP_LIMIT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
			 j->state->journal_fd[i], 0);

	if (size < 0 || map == MAP_FAILED)
		return -errno;
	j->map[i] = map;
	j->map_size[i] = (size_t)size;
	return 0;
}

int journal_open(struct journal *j, struct state *st)
{
	uint32_t active = atomic_load(&st->active_journal) & 1;

	*j = (struct journal){ .state = st };
	for (int i = 0; i < 2; i++) {
		int rc = file_map(j, i);

		if (rc)
			return rc;
	}
	j->length = atomic_load(&st->journal_length[active]);
	return j->length <= j->map_size[active] ? 0 : -EINVAL;
}

void journal_close(struct journal *j)
{
	for (int i = 0; i < 2; i++)
		if (j->map[i])
			munmap(j->map[i], MAP_LIMIT);
}

/* Makes sure that file @i has @size bytes. */
static void file_grow(struct journal *j, uint32_t i, size_t size)
{
	if (size <= j->map_size[i])
		return;
	size = (size + GROWTH - 1) & ~(GROWTH - 1);
	if (size > MAP_LIMIT || ftruncate(j->state->journal_fd[i], (off_t)size)) {
		perror("xenstored: journal");
		abort();
	}
	j->map_size[i] = size;
}

/* Writes behind @length of file @i; the new length. */
static size_t record_put(struct journal *j, uint32_t i, size_t length, const struct record *head,
			 const void *const parts[], const size_t lengths[], unsigned int count)
{
	struct record *r;
	size_t payload = 0, size;
	char *at;

	for (unsigned int p = 0; p < count; p++)
		payload += lengths[p];
	size = (sizeof(*r) + payload + 7) & ~(size_t)7;
	file_grow(j, i, length + size);
	r = (struct record *)(void *)(j->map[i] + length);
	*r = *head;
	r->size = (uint32_t)size;
	r->length = (uint32_t)payload;
	at = r->payload;
	for (unsigned int p = 0; p < count; p++) {
		if (lengths[p])
			memcpy(at, parts[p], lengths[p]);
		at += lengths[p];
	}
	return length + size;
}

void journal_append(struct journal *j, enum record_kind kind, uint32_t slot, uint32_t sequence,
		    uint32_t extra, const void *head, size_t head_length, const void *body,
		    size_t body_length)
{
	const struct record r = {
		.kind = kind,
		.slot = slot,
		.sequence = sequence,
		.extra = extra,
	};
	const void *const parts[] = { head, body };
	const size_t lengths[] = { head_length, body_length };
	uint32_t active = atomic_load(&j->state->active_journal) & 1;

	j->length = record_put(j, active, j->length, &r, parts, lengths, 2);
	atomic_store(&j->state->journal_length[active], j->length);
}

/* A snapshot says less of open transactions than the requests that made them: better without. */
bool journal_is_long(const struct journal *j, const struct store *s)
{
	size_t limit = 2 * j->snapshot_length + WORTH_COMPACTING;

	return j->length > (s->open_transactions ? LAST_RESORT * limit : limit);
}

/* A snapshot under way. */
struct writer {
	struct journal *journal;
	uint32_t file;
	size_t length;
};

static void write_record(void *data, const struct record *head, const void *const parts[],
			 const size_t lengths[], unsigned int part_count)
{
	struct writer *w = data;

	w->length = record_put(w->journal, w->file, w->length, head, parts, lengths, part_count);
}

void journal_compact(struct journal *j, struct store *s)
{
	uint32_t active = atomic_load(&j->state->active_journal) & 1;
	struct writer w = { .journal = j, .file = !active };

	snapshot_write(s, write_record, &w);
	atomic_store(&j->state->journal_length[w.file], w.length);
	atomic_store(&j->state->active_journal, w.file);
	j->length = w.length;
	j->snapshot_length = w.length;
	if (!ftruncate(j->state->journal_fd[active], 0))
		j->map_size[active] = 0;
}

static int request_again(struct store *s, const struct record *r)
{
	struct client *c = client_by_slot(s, r->slot);
	struct xsd_sockmsg head;
	struct reply reply;

	if (!c || r->length < sizeof(head))
		return -EINVAL;
	memcpy(&head, r->payload, sizeof(head));
	if (head.len != r->length - sizeof(head) || head.len > XENSTORE_PAYLOAD_MAX)
		return -EINVAL;
	s->replayed_answer = r->extra;
	wire_request(s, c, &head, r->payload + sizeof(head), &reply);
	return 0;
}

static int record_again(struct store *s, const struct record *r)
{
	struct client *c = client_by_slot(s, r->slot);

	switch (r->kind) {
	case RECORD_REQUEST:
		return request_again(s, r);
	case RECORD_OPEN:
		if (c)
			return -EINVAL;
		client_open(s, r->slot, r->extra == OPEN_SOCKET ? 0 : (uint16_t)r->extra,
			    r->extra == OPEN_SOCKET);
		return 0;
	case RECORD_CLOSE:
		if (!c)
			return -EINVAL;
		client_close(s, c);
		return 0;
	case RECORD_RESET:
		if (!c)
			return -EINVAL;
		client_reset(s, c);
		return 0;
	case RECORD_ENDED:
		store_domain_ended(s, (uint16_t)r->extra, r->sequence);
		return 0;
	default:
		return snapshot_restore(s, r);
	}
}

int journal_replay(struct journal *j, struct store *s, uint32_t sequences[static SLOT_COUNT])
{
	uint32_t active = atomic_load(&j->state->active_journal) & 1;
	size_t at = 0;
	int rc = 0;

	s->is_replaying = true;
	while (!rc && at < j->length) {
		const struct record *r = (const void *)(j->map[active] + at);

		if (j->length - at < sizeof(*r) || r->size > j->length - at || r->size % 8 ||
		    r->size < sizeof(*r) || r->length > r->size - sizeof(*r) ||
		    r->slot >= SLOT_COUNT) {
			rc = -EINVAL;
			break;
		}
		if (r->kind == RECORD_REQUEST)
			sequences[r->slot] = r->sequence;
		else if (r->kind == RECORD_OPEN || r->kind == RECORD_CLIENT)
			sequences[r->slot] = 0;
		rc = record_again(s, r);
		at += r->size;
	}
	s->is_replaying = false;
	return rc;
}
