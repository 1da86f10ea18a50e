// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that outlives the process, see state.h. */
#include "state.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct state *state_map(int fd)
{
	struct state *st = mmap(NULL, sizeof(*st), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return st == MAP_FAILED ? NULL : st;
}

struct state *state_create(int *fd)
{
	struct state *st;

	*fd = memfd_create("xenstored-state", MFD_CLOEXEC);
	if (*fd < 0 || ftruncate(*fd, sizeof(*st)))
		return NULL;
	st = state_map(*fd);
	if (!st)
		return NULL;
	st->slot_size = sizeof(struct slot);
	st->listen_fd = -1;
	st->evtchn_fd = -1;
	for (int i = 0; i < 2; i++) {
		st->journal_fd[i] = memfd_create("xenstored-journal", MFD_CLOEXEC);
		if (st->journal_fd[i] < 0)
			return NULL;
	}
	st->magic = STATE_MAGIC;
	return st;
}

struct state *state_attach(int fd)
{
	struct state *st = state_map(fd);

	if (st && (st->magic != STATE_MAGIC || st->slot_size != sizeof(struct slot))) {
		munmap(st, sizeof(*st));
		return NULL;
	}
	return st;
}

static uint32_t transfer_moved(const struct transfer *t)
{
	uint32_t word = atomic_load(&t->base_and_active);

	return (word >> 1) + (word & 1 ? t->header.msg_len : 0);
}

uint32_t slot_received(struct slot *slot)
{
	if (slot->kind == SLOT_RING)
		return atomic_load(&slot->in_position) - slot->in_start;
	return transfer_moved(&slot->received);
}

uint32_t slot_sent(struct slot *slot)
{
	if (slot->kind == SLOT_RING)
		return atomic_load(&slot->out_position) - slot->out_start;
	return transfer_moved(&slot->sent);
}

uint32_t slot_out_length(const struct slot *slot)
{
	uint32_t reply = low_half(atomic_load(&slot->reply));

	return reply ? reply : low_half(atomic_load(&slot->batch));
}

void slot_prepare(struct slot *slot)
{
	atomic_store(&slot->cursor, pair_of(1, 0));
	atomic_store(&slot->reply, 0);
	atomic_store(&slot->batch, 0);
	atomic_store(&slot->received.base_and_active, 0);
	atomic_store(&slot->sent.base_and_active, 0);
	slot->prepared_length = 0;
	slot->in_start = slot->out_start = 0;
	atomic_store(&slot->in_position, 0);
	atomic_store(&slot->out_position, 0);
}

void slot_open(struct slot *slot, enum slot_kind kind)
{
	atomic_store(&slot->kind, kind);
}

/* Nothing is in in[] before offset 0, and what is behind is taken for nothing (offset beyond received). */
static void input_rewind(struct slot *slot)
{
	uint64_t cursor = atomic_load(&slot->cursor);

	if (slot->kind == SLOT_RING)
		slot->in_start = atomic_load(&slot->in_position);
	else
		atomic_store(&slot->received.base_and_active, 0);
	atomic_store(&slot->cursor, pair_of(high_half(cursor), 0));
}

void slot_forget_input(struct slot *slot)
{
	uint64_t cursor = atomic_load(&slot->cursor);

	atomic_store(&slot->cursor, pair_of(high_half(cursor), slot_received(slot)));
	input_rewind(slot);
}

void slot_out_done(struct slot *slot)
{
	uint64_t reply = atomic_load(&slot->reply), batch = atomic_load(&slot->batch);

	if (low_half(reply))
		atomic_store(&slot->reply, pair_of(high_half(reply), 0));
	if (low_half(batch))
		atomic_store(&slot->batch, pair_of(high_half(batch), 0));
	if (slot->kind == SLOT_RING)
		slot->out_start = atomic_load(&slot->out_position);
	else
		atomic_store(&slot->sent.base_and_active, 0);
}

void slot_recover(struct slot *slot, uint32_t journal_sequence)
{
	uint64_t cursor = atomic_load(&slot->cursor);
	uint32_t sequence = high_half(cursor), offset = low_half(cursor);

	if (journal_sequence == sequence && high_half(atomic_load(&slot->reply)) != sequence)
		atomic_store(&slot->reply, pair_of(sequence, slot->prepared_length));

	if (high_half(atomic_load(&slot->reply)) == sequence) {
		const struct xsd_sockmsg *head = (const void *)(slot->in + offset);

		atomic_store(&slot->cursor,
			     pair_of(sequence + 1, offset + sizeof(*head) + head->len));
	}
	if (low_half(atomic_load(&slot->cursor)) >= slot_received(slot))
		input_rewind(slot);
	if (!slot_out_length(slot))
		slot_out_done(slot);
}

/* Before a call: what the last one moved becomes part of the base. */
static void transfer_begin(struct transfer *t, void *base, uint32_t length)
{
	atomic_store(&t->base_and_active, transfer_moved(t) << 1);
	atomic_signal_fence(
		memory_order_seq_cst); /* being killed is like a signal: only the compiler's order counts */
	t->vector = (struct iovec){ base, length };
	t->header = (struct mmsghdr){ .msg_hdr = { .msg_iov = &t->vector, .msg_iovlen = 1 } };
	atomic_fetch_or(&t->base_and_active, 1);
}

int slot_receive(struct slot *slot, uint32_t limit, uint32_t *moved)
{
	struct transfer *t = &slot->received;
	int r;

	transfer_begin(t, slot->in + transfer_moved(t), limit);
	r = recvmmsg(slot->fd, &t->header, 1, MSG_DONTWAIT, NULL);
	*moved = t->header.msg_len;
	return r;
}

int slot_send(struct slot *slot, uint32_t *moved)
{
	struct transfer *t = &slot->sent;
	uint32_t sent = transfer_moved(t);
	int r;

	transfer_begin(t, slot->out + sent, slot_out_length(slot) - sent);
	r = sendmmsg(slot->fd, &t->header, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	*moved = t->header.msg_len;
	return r;
}
