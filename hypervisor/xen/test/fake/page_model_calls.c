/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For page_model_ops.c: arguments from bytes, hypercalls to their end, and what came of them. */
#include "page_model_private.h"

#include <hv/errno.h>

#include <asm/audit.h>
#include <asm/mmu_hypercalls.h>

#include <string.h>

#include "guest.h"

#define TRIES_MAX     6000
#define COUNT_DONE(n) (!((n)&0x7fffffff))

struct page_model_stats page_model_stats;
struct page_model_input page_model_input;

unsigned int byte(void)
{
	if (!page_model_input.left) {
		page_model_input.is_at_end = true;
		return 0;
	}
	page_model_input.left--;
	return *page_model_input.next++;
}

/* ---- arguments ---- */

/* Mostly the few frames of RAM, now and then something else. */
unsigned long any_frame(void)
{
	static const unsigned long odd[] = {
		0,
		FRAME_FOREIGN,
		FRAME_HOLE,
		FRAME_DENIED,
		FRAME_SHARED_INFO,
		FRAME_OURS,
		FRAME_COUNT,
		FRAME_IO_READ_ONLY,
		FRAME_IO_READ_ONLY + 1,
		1UL << FRAME_IO_BITS,
		(1UL << 40) - 1,
		~0UL,
	};
	unsigned int b = byte();

	return b < 232 ? 1 + b % FRAME_RAM_LAST : odd[(b - 232) % ARRAY_SIZE(odd)];
}

/* A frame of RAM or ~0, for comparisons by index; @at_least keeps callers in the array. */
bool is_known(unsigned long f)
{
	return f < FRAME_COUNT;
}

uint64_t any_entry(void)
{
	unsigned long f = any_frame();
	unsigned int b = byte();
	uint64_t e = f << 12;

	e |= (b & 15) == 15 ? 0 : E_PRESENT;
	e |= b & 16 ? E_WRITABLE : 0;
	e |= b & 32 ? E_USER | E_ACCESSED : 0;
	e |= b & 64 ? 1UL << 63 | E_DIRTY : 0;
	if ((b & 0xf) == 7)
		e |= b & 0x80 ? E_GLOBAL : E_LARGE;
	if ((b & 0xf) == 6)
		e |= 7UL << 9 | 0x7fUL << 52 | 1UL << 3;
	return e;
}

/* Instead of @old; now and then the same frame with other rights. */
uint64_t any_change(uint64_t old)
{
	unsigned int b = byte();

	if (b & 3 || !(old & E_PRESENT))
		return any_entry();
	return old ^ (b & 12 ? E_WRITABLE : 0) ^ (b & 16 ? E_ACCESSED : 0);
}

/* The level at which a frame is used in most cases, so that trees come about. */
unsigned int any_level(unsigned long f)
{
	unsigned int b = byte();

	if (b < 64 || !is_known(f))
		return 1 + b % 4;
	return f <= 2 ? 4 : f <= 4 ? 3 : f <= 6 ? 2 : 1;
}

uint64_t word_at(unsigned int f, unsigned int index)
{
	for (unsigned int k = 0; k < SLOTS; k++)
		if (slot_index[k] == index)
			return model.word[f][k];
	return 0;
}

void words_set(unsigned int f, const uint64_t *from)
{
	for (unsigned int k = 0; k < SLOTS; k++)
		model.word[f][k] = from ? from[k] : 0;
}

unsigned int type_now(unsigned int f)
{
	struct world w;

	world_make(&w, NULL, 0);
	return type_in(&w, f);
}

struct verdict verdict(bool refuse)
{
	return (struct verdict){ .refuse = refuse };
}

/* ---- hypercalls ---- */

void tables_audit(void)
{
	int differences = domain_audit(fake_pv);

	if (differences)
		differ("the audit", differences, 0, 0);
}

/* Until it is done, or given up by will or because nothing moves. @args[1] counts what is left to do. */
enum outcome call(handler_t *handler, const unsigned long *first, struct verdict v)
{
	unsigned long args[4] = { first[0], first[1], first[2], first[3] };
	bool is_done = false;
	long rc;

	for (unsigned int tries = 0; tries < TRIES_MAX; tries++) {
		rc = handler(fake_pv_vcpu, args[0], args[1], args[2], args[3]);
		if (rc != FAKE_CONTINUED) {
			if (rc == -ERESTART || rc > 0)
				differ("an odd result", rc, 0, 0);
			return rc ? REFUSED : ACCEPTED;
		}
		page_model_stats.preempted++;
		memcpy(args, fake_continuation, sizeof(args));
		is_done = COUNT_DONE(args[1]);
		if (tries < 40)
			tables_audit();
		if (page_model_input.may_abandon && fake_random() % 4 == 0) {
			model.was_abandoned = true;
			page_model_stats.abandoned++;
			return is_done ? ACCEPTED : ABANDONED;
		}
	}
	if (!v.stuck)
		differ("no end", args[0], args[1], 0);
	page_model_stats.stuck++;
	return is_done ? ACCEPTED : ABANDONED;
}

enum outcome mmuext(unsigned int cmd, unsigned long arg1, unsigned long arg2, struct verdict v)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = arg1, .arg2.src_mfn = arg2 };
	const unsigned long args[] = { va_of(&op), 1, 0, DOMID_SELF };

	return call(do_mmuext_op, args, v);
}

/* What the machine said against what the model says. True: the operation took place. */
bool judged(enum outcome o, struct verdict v, unsigned long a, unsigned long b)
{
	page_model_stats.operations++;
	if (o == ACCEPTED && (v.refuse || v.stuck))
		differ("accepted, to be refused", a, b, v.stuck);
	if (o == REFUSED && !v.refuse && !v.is_open)
		differ("refused, to be accepted", a, b, v.stuck);
	if (o == ACCEPTED)
		page_model_stats.accepted++;
	if (o == REFUSED)
		page_model_stats.refused++;
	return o == ACCEPTED;
}

/* Finish what the operation before left to be dropped: each hypercall begins so. */
void drain(void)
{
	const unsigned long nothing[] = { 0, 0, 0, DOMID_SELF };
	unsigned int rate = fake_preempt_rate;
	bool abandon = page_model_input.may_abandon;

	page_model_input.may_abandon = false;
	if (call(do_mmuext_op, nothing, verdict(false)) != ACCEPTED ||
	    fake_pv_vcpu->arch.dropping_table)
		differ("nothing to do was refused", 0, 0, 0);
	page_model_input.may_abandon = abandon;
	fake_preempt_rate = rate;
	model_compare();
}
