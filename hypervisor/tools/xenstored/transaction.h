/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transactions. One works on a snapshot of the tree, writes down what it looked at (notes) and what it changed
 * (changes). At its end the notes are held against the store of that moment: if nothing that it relied on is different,
 * its changes are made there, and cannot fail; otherwise the client hears EAGAIN. Others' work elsewhere in the tree
 * is no conflict, nor are two transactions that add different children to one node.
 */
#ifndef XENSTORED_TRANSACTION_H
#define XENSTORED_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

/* Something that the transaction relies on. */
struct note {
	bool has_content; /* value and list of children matter, not only existence and permissions */
	uint64_t generation; /* 0: there was no such node */
	struct permissions *permissions; /* NULL: there was no such node */
	char *path;
};

enum change_kind {
	CHANGE_WRITE,
	CHANGE_MKDIR,
	CHANGE_REMOVE,
	CHANGE_PERMISSIONS,
};

struct change {
	enum change_kind kind;
	char *path;
	struct blob *value; /* of CHANGE_WRITE */
	struct permissions *permissions; /* of CHANGE_PERMISSIONS */
};

/* Nodes that the transaction adds to (or takes from) what a domain owns. */
struct owner_delta {
	uint16_t domid;
	int32_t nodes;
};

struct transaction {
	struct transaction *next;
	uint32_t id;
	bool is_over_quota; /* it has used more nodes than it may: it can only end */
	bool has_lost_notes; /* it came out of a snapshot: good only if nothing changed since */
	struct node *root;
	uint64_t base_generation; /* of the store at the start */
	uint64_t generation; /* inside */
	struct note *notes;
	size_t note_count, note_limit;
	size_t *note_index; /* hash table of places in notes, + 1 */
	size_t note_index_size;
	struct change *changes;
	size_t change_count, change_limit;
	struct owner_delta *deltas;
	size_t delta_count;
};

/* How a transaction ended, for the journal. */
enum commit_answer {
	COMMIT_FAILED = 1,
	COMMIT_DONE,
};

/* Positive errno: ENOSPC (quota). */
int transaction_start(struct store *s, struct client *c, uint32_t *id);
struct transaction *transaction_find(struct client *c, uint32_t id);

/* 0, EAGAIN (conflict) or ENOSPC; in any case it is gone afterwards. */
int transaction_commit(struct store *s, struct client *c, struct transaction *t);
void transaction_abort(struct store *s, struct client *c, struct transaction *t);
void transaction_end_all(struct store *s, struct client *c);

/* A transaction of a snapshot, see struct transaction. */
struct transaction *transaction_restore(struct store *s, struct client *c, uint32_t id,
					bool is_stale);

/* It relies on the node at @path being as it is in the snapshot. */
void transaction_note(struct store *s, struct client *c, struct transaction *t, const char *path,
		      bool has_content);

/* Takes over a reference of @value or @permissions. */
void transaction_record(struct transaction *t, enum change_kind kind, const char *path,
			struct blob *value, struct permissions *permissions);

void transaction_account(struct transaction *t, uint16_t domid, int32_t nodes);
int32_t transaction_delta(const struct transaction *t, uint16_t domid);

#endif
