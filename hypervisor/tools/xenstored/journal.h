/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: what has to be done again, in order, to get the store that was there when the last daemon ended. It
 * begins with a snapshot (records of nodes, clients, watches ...) and goes on with the requests since, exactly as they
 * came. Appending is writing behind its end and then moving the end: one store.
 */
#ifndef XENSTORED_JOURNAL_H
#define XENSTORED_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "state.h"
#include "store.h"

enum record_kind {
	RECORD_REQUEST =
		1,   /* number sequence of slot: header and payload; extra: the store's answer */
	RECORD_OPEN, /* a client; extra: its domid, or OPEN_SOCKET */
	RECORD_CLOSE,
	RECORD_RESET, /* of a client: watches and transactions are gone */
	RECORD_ENDED, /* a domain, extra: domid, sequence: it is gone */
	/* of snapshots */
	RECORD_QUOTA,
	RECORD_NODE,
	RECORD_SPECIAL,
	RECORD_DOMAIN,
	RECORD_CLIENT,
	RECORD_WATCH,
	RECORD_EVENT,
	RECORD_TRANSACTION,
	RECORD_CHANGE,
};

#define OPEN_SOCKET 0xffffffffu

struct record {
	uint32_t size; /* of all, a multiple of 8 */
	uint32_t kind;
	uint32_t slot;
	uint32_t sequence;
	uint32_t extra;
	uint32_t length; /* of the payload */
	char payload[];
};

/* A journal that is being written. */
struct journal {
	struct state *state;
	char *map[2];
	size_t map_size[2]; /* bytes of the files */
	size_t length; /* of the active one */
	size_t snapshot_length; /* the part that the snapshot is */
};

/* 0 or negative errno. */
int journal_open(struct journal *j, struct state *st);
void journal_close(struct journal *j);

void journal_append(struct journal *j, enum record_kind kind, uint32_t slot, uint32_t sequence,
		    uint32_t extra, const void *head, size_t head_length, const void *body,
		    size_t body_length);

/* Is it worth a new snapshot? */
bool journal_is_long(const struct journal *j, const struct store *s);

/* Replaces the journal by a snapshot of @s. */
void journal_compact(struct journal *j, struct store *s);

/*
 * Does everything again, for an empty store. @sequences gets the number of the last request of each slot. Returns 0, or
 * -EINVAL: what is there is no journal (in which case some of it may have been done).
 */
int journal_replay(struct journal *j, struct store *s, uint32_t sequences[static SLOT_COUNT]);

/* Writes a snapshot, record by record (snapshot.c). */
typedef void snapshot_sink(void *data, const struct record *head, const void *const parts[],
			   const size_t lengths[], unsigned int part_count);
void snapshot_write(struct store *s, snapshot_sink *sink, void *data);

/* Carries out one record of a snapshot. 0 or -EINVAL. */
int snapshot_restore(struct store *s, const struct record *r);

#endif
