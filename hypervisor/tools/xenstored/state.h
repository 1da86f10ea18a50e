/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives the process. It lies in memory files (memfd_create(2)) that the keeper holds open: a header, one
 * slot for each connection, and two journals of which one is valid. The daemon may be killed between any two
 * instructions, so whatever makes a difference becomes true by ONE store, marked "commits" below, and
 * everything that it makes true is written before it.
 *
 * The kernel tells how much it has received or sent by writing the msg_len of a struct mmsghdr, and does so in the same system call
 * that moves the bytes; those structures lie in the slot, so that a daemon killed right after (or in) the call
 * leaves the right number behind.
 */
#ifndef XENSTORED_STATE_H
#define XENSTORED_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <xen/io/xs_wire.h>

#define STATE_MAGIC 0x657a617a73783031ull
#define SLOT_COUNT 8192
#define MESSAGE_MAX (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)

enum slot_kind {
	SLOT_FREE,
	SLOT_SOCKET,
	SLOT_RING,
};

/* Bytes that a system call moves now: base of them before it, and what the kernel says. */
struct transfer {
	_Atomic uint32_t base_and_active; /* commits; base << 1 | a call may be under way */
	struct mmsghdr header;
	struct iovec vector;
};

struct slot {
	_Atomic uint32_t kind; /* commits */
	int fd; /* SLOT_SOCKET */
	uint32_t domid; /* SLOT_RING */
	uint32_t local_port; /* SLOT_RING */

	/* The request at in[offset] is number sequence: sequence << 32 | offset. Commits that the one before is done with. */
	_Atomic uint64_t cursor;
	/* Request sequence was carried out and its reply is the length bytes of out: sequence << 32 | length. Commits. */
	_Atomic uint64_t reply;
	uint32_t prepared_length; /* of a reply in out that the journal will commit */
	/* Events before index are in out (length bytes), or were sent: index << 32 | length. Commits. */
	_Atomic uint64_t batch;

	struct transfer received, sent; /* SLOT_SOCKET */
	/* SLOT_RING: places in the streams of bytes, as the ring counts them */
	uint32_t in_start, out_start; /* of in[0] and out[0] */
	_Atomic uint32_t in_position, out_position; /* commit */

	char in[2 * MESSAGE_MAX];
	char out[MESSAGE_MAX];
};

struct state {
	uint64_t magic;
	uint32_t slot_size;
	_Atomic uint32_t active_journal; /* commits */
	_Atomic uint64_t journal_length[2]; /* of the active one: commits */
	int journal_fd[2];
	int listen_fd;
	int evtchn_fd;
	uint32_t ended_port; /* VIRQ_DOM_EXC */
	_Atomic int stopping; /* the keeper must not start another daemon */
	struct slot slots[SLOT_COUNT];
};

/* A new, empty state in memory files, or NULL. */
struct state *state_create(int *fd);
/* The one behind @fd, or NULL: it is of another version. */
struct state *state_attach(int fd);

/* Number of bytes in in[] and, of what out[] holds, already sent. */
uint32_t slot_received(struct slot *slot);
uint32_t slot_sent(struct slot *slot);

/* What is left to be sent in out[]: reply or events. */
uint32_t slot_out_length(const struct slot *slot);

static inline uint32_t high_half(uint64_t pair)
{
	return (uint32_t)(pair >> 32);
}

static inline uint32_t low_half(uint64_t pair)
{
	return (uint32_t)pair;
}

static inline uint64_t pair_of(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

/* Makes @slot a free one ready for @kind; the caller sets what belongs to the kind, then slot_open() commits. */
void slot_prepare(struct slot *slot);
void slot_open(struct slot *slot, enum slot_kind kind);

/* Drops what was received of requests (a guest's reconnect). */
void slot_forget_input(struct slot *slot);

/* out[] is all sent, or was never used. */
void slot_out_done(struct slot *slot);

/*
 * After a restart: brings a slot to a state between two steps. @journal_sequence is the last request of it that
 * the journal holds (0: none).
 */
void slot_recover(struct slot *slot, uint32_t journal_sequence);

/* One system call each; returns what recvmmsg(2) or sendmmsg(2) does, with the bytes moved in *@moved. */
int slot_receive(struct slot *slot, uint32_t limit, uint32_t *moved);
int slot_send(struct slot *slot, uint32_t *moved);

#endif
