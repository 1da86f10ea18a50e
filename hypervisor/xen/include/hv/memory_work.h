/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a preempted memory operation of a vCPU left in the middle of an extent.
 * It depends on no memory of the guest's that was read already: whichever
 * memory operation the vCPU makes next finishes it first.
 */
#ifndef HV_MEMORY_WORK_H
#define HV_MEMORY_WORK_H

#include <hv/domain_pages.h>
#include <hv/types.h>

struct domain;
struct vcpu;

/* A list of frames or heads of blocks, in the order they were added; by page_info.next. */
struct frame_list {
	uint32_t first, last;
};

enum exchange_phase {
	EXCHANGE_TAKE,		/* blocks for the output */
	EXCHANGE_SET_ASIDE,	/* the frames handed in */
	EXCHANGE_DISCARD,	/* them */
	EXCHANGE_GIVE,		/* the blocks */
	EXCHANGE_PUT_BACK,	/* all, because of rc */
	EXCHANGE_DONE,
};

/* A chunk of XENMEM_exchange: common/memory/exchange.c. */
struct exchange {
	struct domain *d;
	unsigned long in_list, out_list;	/* guest addresses of arrays of frame numbers */
	unsigned int in_order, out_order, chunk_order, address_bits;
	unsigned long chunk;			/* which */

	enum exchange_phase phase;
	struct frame_list aside, fresh;
	unsigned long count;			/* of what the phase has done */
	unsigned long frame;			/* of the extent being set aside: the first */
	struct page_block block;		/* being given, unless pg is NULL */
	int rc;
	bool is_abandoned;			/* nobody is there to be told of the blocks */
};

struct memory_work {
	struct domain *d;	/* with a reference; NULL: nothing is left */
	bool is_exchange;
	struct page_block block;
	struct exchange exchange;
};

/* Finish what is left. 0: nothing is, any more; -ERESTART. */
int memory_work_resume(struct vcpu *v) __must_check;

/* Of a vCPU that has ended: finish it without the guest's memory. 0, -ERESTART. */
int memory_work_abandon(struct vcpu *v) __must_check;

/* Leave the rest of @b, which is on its way to @d. */
void memory_work_leave_block(struct vcpu *v, struct domain *d, const struct page_block *b);

/* Leave @x. */
void memory_work_leave_exchange(struct vcpu *v, const struct exchange *x);

/* Nobody reads or writes its lists any more. */
void exchange_abandon(struct exchange *x);

/* Go on with @x until it is done, x->rc then being its result. -ERESTART: not yet. */
int exchange_run(struct exchange *x) __must_check;

#endif
